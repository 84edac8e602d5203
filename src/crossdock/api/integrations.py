"""Routes about connected accounts: their list, settings, credentials and connection."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter
from pydantic import SecretStr

from crossdock.api.access import Reader, Writer
from crossdock.api.desk import ApiDesk, Desk
from crossdock.api.forms import (
    Changed,
    Connected,
    ConnectForm,
    ConnectorView,
    CredentialField,
    DryRun,
    NewIntegration,
    SettingValue,
)
from crossdock.api.problems import ProblemError, documented, not_found
from crossdock.connectors.contract import Connector
from crossdock.connectors.settings import described
from crossdock.operations import integrations as accounts
from crossdock.operations import views
from crossdock.operations.integrations import Integration
from crossdock.operations.spec import IntegrationSpec, Sources, Spec
from crossdock.operations.views import IntegrationView

router = APIRouter(tags=["Integrations"], responses=documented(401, 403, 422))


@router.get("/connectors", summary="The kinds of integration there are")
def list_connectors(_: Reader, desk: Desk) -> list[ConnectorView]:
    return [
        ConnectorView(key=kind.key, title=kind.title, credentials=list(_credential_fields(kind)))
        for kind in desk.connectors.values()
    ]


def _credential_fields(kind: type[Connector]) -> Iterator[CredentialField]:
    for name, info in kind.credentials_type.model_fields.items():
        yield CredentialField(
            key=name,
            title=info.title or name,
            help=info.description or "",
            is_secret="SecretStr" in str(info.annotation) or info.annotation is SecretStr,
            is_required=info.is_required(),
        )


@router.get(
    "/settings/{connector}",
    summary="Every setting of a connector, with its default",
    responses=documented(404),
)
def describe_settings(_: Reader, desk: Desk, connector: str) -> list[SettingValue]:
    return _settings(_kind(desk, connector), {})


@router.get("/integrations", summary="The connected accounts, without their secrets")
def list_integrations(_: Reader, desk: Desk) -> list[IntegrationView]:
    with desk.database.reading() as tx:
        return views.integrations(tx, desk.hub.cipher)


@router.get("/integrations/{name}", summary="One account", responses=documented(404))
def get_integration(_: Reader, desk: Desk, name: str) -> IntegrationView:
    return _view(desk, name)


@router.post(
    "/integrations",
    status_code=201,
    summary="Add an account; it is not connected yet",
    responses=documented(409),
)
def add_integration(_: Writer, desk: Desk, form: NewIntegration) -> IntegrationView:
    with desk.database.reading() as tx:
        if accounts.get(tx, form.name) is not None:
            raise ProblemError(409, f"There is an integration {form.name!r} already; choose another name")
    _kind(desk, form.connector, status=422)
    part = form.model_dump(include={"name", "connector", "credentials", "settings"})
    desk.hub.apply(Spec(integrations=[IntegrationSpec(**part)], sources_of_truth=form.sources_of_truth))
    return _view(desk, form.name)


@router.put(
    "/integrations/{name}/credentials",
    summary="Replace the credentials; they are never read back",
    responses=documented(404),
)
def replace_credentials(_: Writer, desk: Desk, name: str, credentials: dict[str, Any]) -> IntegrationView:
    found = _found(desk, name)
    desk.connectors[found.connector].credentials_type.parse(credentials)
    desk.hub.apply(_spec(found, credentials=credentials, settings=found.settings))
    return _view(desk, name)


@router.get("/integrations/{name}/settings", summary="The settings of an account", responses=documented(404))
def get_settings(_: Reader, desk: Desk, name: str) -> list[SettingValue]:
    found = _found(desk, name)
    return _settings(_kind(desk, found.connector), found.settings)


@router.patch(
    "/integrations/{name}/settings",
    summary="Change some settings; the others stay",
    responses=documented(404),
    openapi_extra={
        "requestBody": {
            "content": {"application/json": {"example": {"inventory": True, "inventory_buffer": 2}}}
        }
    },
)
def change_settings(
    _: Writer, desk: Desk, name: str, changes: dict[str, Any], dry_run: DryRun = False
) -> Changed:
    found = _found(desk, name)
    form = desk.connectors[found.connector].settings_type
    # What is given is checked by itself first, so that labels and values of either spelling are known by field.
    given = form.parse(changes)
    wanted = found.settings | {key: given.as_values()[key] for key in given.model_fields_set}
    return applied(desk, _spec(found, credentials={}, settings=wanted), is_dry_run=dry_run)


@router.post(
    "/integrations/{name}/connect", summary="Check or start the connection", responses=documented(404)
)
def connect_integration(_: Writer, desk: Desk, name: str, form: ConnectForm | None = None) -> Connected:
    _found(desk, name)
    given = form or ConnectForm(code="", state="")
    return Connected.of(desk.hub.connect(name, code=given.code, state=given.state))


@router.get("/sources-of-truth", summary="Which integration owns the catalog, and which one stock")
def get_sources(_: Reader, desk: Desk) -> Sources:
    with desk.database.reading() as tx:
        truth = accounts.truth(tx)
    return Sources(catalog=truth.catalog, inventory=truth.inventory)


@router.post("/apply", summary="Bring the hub to what a declaration says")
def apply_spec(_: Writer, desk: Desk, spec: Spec, dry_run: DryRun = False) -> Changed:
    """The same declaration as the file of `crossdock apply`, as JSON. `${NAME}` is not replaced here."""
    return applied(desk, spec, is_dry_run=dry_run)


def applied(desk: ApiDesk, spec: Spec, *, is_dry_run: bool) -> Changed:
    found = desk.hub.differences(spec) if is_dry_run else desk.hub.apply(spec)
    return Changed(is_dry_run=is_dry_run, differences=found)


def _found(desk: ApiDesk, name: str) -> Integration:
    with desk.database.reading() as tx:
        found = accounts.get(tx, name)
    if found is None:
        raise not_found(f"integration {name!r}")
    return found


def _view(desk: ApiDesk, name: str) -> IntegrationView:
    with desk.database.reading() as tx:
        found = next((view for view in views.integrations(tx, desk.hub.cipher) if view.name == name), None)
    if found is None:
        raise not_found(f"integration {name!r}")
    return found


def _kind(desk: ApiDesk, connector: str, *, status: int = 404) -> type[Connector]:
    kind = desk.connectors.get(connector)
    if kind is None:
        raise ProblemError(
            status, f"There is no connector {connector!r}; there are: {', '.join(desk.connectors)}"
        )
    return kind


def _spec(found: Integration, *, credentials: dict[str, Any], settings: dict[str, Any]) -> Spec:
    part = IntegrationSpec(
        name=found.name, connector=found.connector, credentials=credentials, settings=settings
    )
    return Spec(integrations=[part])


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
