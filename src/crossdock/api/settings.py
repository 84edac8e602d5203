"""Routes about settings: those there are, their values, changes, versions, export and import."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from crossdock.api.access import Reader, Writer
from crossdock.api.changing import How, changed, stored
from crossdock.api.desk import ApiDesk, Desk
from crossdock.api.forms import Changed, Confirm, DryRun, Limit, SettingValue
from crossdock.api.problems import documented, not_found
from crossdock.connectors.contract import Connector
from crossdock.connectors.settings import described
from crossdock.operations.setup import integrations as accounts
from crossdock.operations.setup import settings_changes, settings_versions
from crossdock.operations.setup.settings_changes import SettingsDocument
from crossdock.operations.setup.settings_versions import Version
from crossdock.operations.setup.spec import Sources, Spec
from crossdock.operations.task import HUB

router = APIRouter(tags=["Settings"], responses=documented(401, 403, 422))
SOME = {"content": {"application/json": {"example": {"inventory": True, "inventory_buffer": 2}}}}


@router.get(
    "/settings/{connector}",
    summary="Every setting of a connector, with its default",
    responses=documented(404),
)
def describe_settings(_: Reader, desk: Desk, connector: str) -> list[SettingValue]:
    kind = desk.connectors.get(connector)
    if kind is None:
        raise not_found(f"connector {connector!r}; there are: {', '.join(desk.connectors)}")
    return _settings(kind, {})


@router.get("/integrations/{name}/settings", summary="The settings of an account", responses=documented(404))
def get_settings(_: Reader, desk: Desk, name: str) -> list[SettingValue]:
    found = stored(desk, name)
    return _settings(desk.connectors[found.connector], found.settings)


@router.patch(
    "/integrations/{name}/settings",
    summary="Change some settings; the others stay",
    responses=documented(404, 409),
    openapi_extra={"requestBody": SOME},
)
def change_settings(  # noqa: PLR0913  # what a request may say
    key: Writer,
    desk: Desk,
    name: str,
    changes: dict[str, Any],
    dry_run: DryRun = False,
    confirm: Confirm = False,
) -> Changed:
    """Keys may be labels. What has to be confirmed is a problem 409 that says what would happen."""
    return changed(desk, _with(desk, name, changes), How(key.name, dry_run, confirm))


@router.post(
    "/integrations/{name}/settings/preview",
    summary="What changing some settings would do",
    responses=documented(404),
    openapi_extra={"requestBody": SOME},
)
def preview_settings(key: Writer, desk: Desk, name: str, changes: dict[str, Any]) -> Changed:
    """Nothing is changed; a catalog that was never read is read for it."""
    return changed(desk, _with(desk, name, changes), How(key.name, is_dry_run=True, is_confirmed=False))


@router.get(
    "/integrations/{name}/settings/versions",
    summary="Every change of the settings, the latest first; `hub` has those of the sources of truth",
    responses=documented(404),
)
def list_setting_versions(_: Reader, desk: Desk, name: str, limit: Limit = 50) -> list[Version]:
    if name != HUB:
        stored(desk, name)
    with desk.database.reading() as tx:
        return settings_versions.versions(tx, name, limit=limit)


@router.post(
    "/integrations/{name}/settings/versions/{version}/revert",
    summary="Make the settings what they were after an earlier change",
    responses=documented(404, 409),
)
def revert_settings(  # noqa: PLR0913  # what a request may say
    key: Writer, desk: Desk, name: str, version: int, dry_run: DryRun = False, confirm: Confirm = False
) -> Changed:
    how = How(key.name, dry_run, confirm, f"Back to version {version}")
    with desk.database.reading() as tx:
        found = settings_versions.version(tx, name, version)
        if found is None:
            raise not_found(f"version {version} of {name!r}")
        others = settings_versions.at_the_time_of(tx, found) if name == HUB else []
        there = {each.name for each in accounts.every(tx)}
    if name == HUB:
        parts = [_as_of(desk, each) for each in others if each.integration in there]
        return changed(desk, settings_changes.sources_as_of(found, parts), how)
    return changed(desk, _as_of(desk, found), how)


def _as_of(desk: ApiDesk, version: Version) -> Spec:
    integration = stored(desk, version.integration)
    return settings_changes.as_of(integration, desk.connectors[integration.connector], version)


@router.get(
    "/integrations/{name}/settings/export",
    summary="The settings of an account, without credentials, for others of its kind",
    responses=documented(404),
)
def export_settings(_: Reader, desk: Desk, name: str) -> SettingsDocument:
    found = stored(desk, name)
    return settings_changes.exported(found, desk.connectors[found.connector])


@router.post(
    "/integrations/{name}/settings/import",
    summary="Take over the settings that another account exported",
    responses=documented(404, 409),
)
def import_settings(  # noqa: PLR0913  # what a request may say
    key: Writer,
    desk: Desk,
    name: str,
    document: SettingsDocument,
    dry_run: DryRun = False,
    confirm: Confirm = False,
) -> Changed:
    """Settings that the document leaves out stay."""
    found = stored(desk, name)
    wanted = settings_changes.imported(found, desk.connectors[found.connector], document)
    return changed(desk, wanted, How(key.name, dry_run, confirm, "Imported"))


@router.get("/sources-of-truth", summary="Which integration owns the catalog, and which one stock")
def get_sources(_: Reader, desk: Desk) -> Sources:
    with desk.database.reading() as tx:
        truth = accounts.truth(tx)
    return Sources(catalog=truth.catalog, inventory=truth.inventory, overrides=list(truth.overrides))


@router.put(
    "/sources-of-truth",
    summary="Record who owns catalog and inventory; what is left out stays",
    responses=documented(409),
)
def set_sources(
    key: Writer, desk: Desk, sources: Sources, dry_run: DryRun = False, confirm: Confirm = False
) -> Changed:
    return changed(desk, Spec(sources_of_truth=sources), How(key.name, dry_run, confirm))


def _with(desk: ApiDesk, name: str, changes: dict[str, Any]) -> Spec:
    found = stored(desk, name)
    return settings_changes.with_values(found, desk.connectors[found.connector], changes)


def _settings(kind: type[Connector], values: dict[str, Any]) -> list[SettingValue]:
    return [
        SettingValue(
            key=each.key,
            title=each.title,
            group=each.group,
            kind=each.kind,
            value=values.get(each.key, each.default),
            default=each.default,
            help=each.help,
            choices=list(each.choices),
            when=each.when,
        )
        for each in described(kind.settings_type)
    ]
