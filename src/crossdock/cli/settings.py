"""Commands about settings: every one there is, those of an integration, their changes, versions, export and import."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Annotated, Any

import typer
import yaml
from rich.console import RenderableType

from crossdock.app import Hub
from crossdock.cli.changing import Confirm, DryRun, How, change, content
from crossdock.cli.failures import CommandError, ListsByDefault
from crossdock.cli.output import AsJson, answer, moment
from crossdock.cli.session import open_hub
from crossdock.cli.tables import table
from crossdock.connectors.registry import CONNECTORS
from crossdock.connectors.settings import Described, described
from crossdock.operations.setup import integrations, settings_changes, settings_versions, spec
from crossdock.operations.setup.settings_changes import SettingsDocument
from crossdock.operations.setup.settings_versions import Version
from crossdock.operations.setup.spec import Spec
from crossdock.operations.task import HUB

commands = typer.Typer()
settings = typer.Typer(cls=ListsByDefault, no_args_is_help=False)
commands.add_typer(settings, name="settings", help="Show settings, change them, and go back to earlier ones.")

Integration = Annotated[str, typer.Argument(help="The integration.")]
HubToo = Annotated[str, typer.Argument(help="The integration; hub for the sources of truth.")]


@settings.command("list")
def list_settings(
    connector: Annotated[str, typer.Argument(help="Of one connector only.")] = "",
    integration: Annotated[str, typer.Option(help="With the values of this integration.")] = "",
    as_json: AsJson = False,
) -> None:
    """Every setting with its label, key, type, default, choices, condition and help."""
    if integration:
        show(integration, as_json=as_json)
        return
    if connector and connector not in CONNECTORS:
        raise CommandError(f"There is no connector {connector!r}; there are {', '.join(CONNECTORS)}")
    _answer([key for key in CONNECTORS if connector in ("", key)], {}, as_json=as_json)


@settings.command("show")
def show(integration: Integration, as_json: AsJson = False) -> None:
    """The settings of an integration, with their labels and present values."""
    with open_hub() as hub:
        found = hub.integration(integration)
    _answer([found.connector], found.settings, as_json=as_json)


def _answer(connectors: Sequence[str], values: Mapping[str, Any], *, as_json: bool) -> None:
    forms = {key: list(described(CONNECTORS[key].settings_type)) for key in connectors}
    document = {key: [_setting(each, values) for each in form] for key, form in forms.items()}
    shown = [_settings_table(key, form, values) for key, form in forms.items()]
    answer(document, *shown, as_json=as_json)


def _setting(each: Described, values: Mapping[str, Any]) -> dict[str, Any]:
    choices = [{"value": value, "label": label} for value, label in each.choices]
    current = {"value": values[each.key]} if each.key in values else {}
    return asdict(each) | {"choices": choices} | current


def _settings_table(connector: str, form: list[Described], values: Mapping[str, Any]) -> RenderableType:
    """With values, what is set; without, what can be set, and what each does."""
    if values:
        rows = [
            (each.key, _value(each, values.get(each.key)), each.title, _value(each, each.default))
            for each in form
        ]
        return table(connector, ("Key", "Value", "Label", "Default"), rows, gives_way=("Default",))
    rows = [(each.key, each.kind, each.title, _value(each, each.default)) for each in form]
    notes = [(each.key, _about(each)) for each in form]
    return table(
        connector, ("Key", "Type", "Label", "Default"), rows, notes=notes, gives_way=("Type", "Default")
    )


def _about(each: Described) -> str:
    choices = " | ".join(f"{value} ({label})" for value, label in each.choices)
    parts = (each.help.rstrip("."), f"only when {each.when}" if each.when else "", choices)
    return "; ".join(part for part in parts if part)


def _value(each: Described, value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if value in (None, [], (), {}):
        return ""
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {one}" for name, one in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value)
    return dict(each.choices).get(str(value), str(value))


@settings.command("set")
def set_settings(
    integration: Integration,
    changes: Annotated[
        list[str], typer.Argument(help="KEY=VALUE; the key or the label, the value as in an apply file.")
    ],
    dry_run: DryRun = False,
    confirm: Confirm = False,
    as_json: AsJson = False,
) -> None:
    """Change settings of an integration; the others stay."""
    given = dict(_pair(each) for each in changes)
    with open_hub() as hub:
        found = hub.integration(integration)
        wanted = settings_changes.with_values(found, CONNECTORS[found.connector], given)
        change(hub, wanted, How(dry_run, confirm), as_json=as_json)


def _pair(text: str) -> tuple[str, Any]:
    key, equals, value = text.partition("=")
    if not equals:
        raise CommandError(f"{text!r} sets nothing; write KEY=VALUE, such as inventory_buffer=3")
    try:
        given = yaml.safe_load(value)
    except yaml.YAMLError:
        given = value
    return key.strip(), "" if given is None else given


@settings.command()
def history(
    integration: HubToo,
    limit: Annotated[int, typer.Option(min=1, max=500, help="How many at most.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Every change of the settings, the latest first: who, when, and what."""
    with open_hub() as hub:
        _refuse_stranger(hub, integration)
        with hub.database.reading() as tx:
            found = settings_versions.versions(tx, integration, limit=limit)
    rows = [[each.id, moment(each.at), each.actor, each.summary] for each in found]
    answer(
        [asdict(each) for each in found],
        table(f"Settings of {integration}", ("Version", "When", "Who", "What"), rows),
        as_json=as_json,
    )


@settings.command()
def revert(
    integration: HubToo,
    version: Annotated[int, typer.Argument(help="The version to go back to, as `history` shows it.")],
    dry_run: DryRun = False,
    confirm: Confirm = False,
    as_json: AsJson = False,
) -> None:
    """Make the settings what they were after an earlier change. That is a change too, and can be reverted."""
    with open_hub() as hub:
        wanted = _as_of(hub, integration, _version(hub, integration, version))
        change(hub, wanted, How(dry_run, confirm, f"Back to version {version}"), as_json=as_json)


def _version(hub: Hub, integration: str, number: int) -> Version:
    _refuse_stranger(hub, integration)
    with hub.database.reading() as tx:
        found = settings_versions.version(tx, integration, number)
    if found is None:
        raise CommandError(f"{integration} has no version {number}; see crossdock settings history")
    return found


def _as_of(hub: Hub, integration: str, version: Version) -> Spec:
    if integration != HUB:
        found = hub.integration(integration)
        return settings_changes.as_of(found, CONNECTORS[found.connector], version)
    with hub.database.reading() as tx:
        others = settings_versions.at_the_time_of(tx, version)
    there = {each.name for each in hub.integrations()}
    parts = [_as_of(hub, each.integration, each) for each in others if each.integration in there]
    return settings_changes.sources_as_of(version, parts)


def _refuse_stranger(hub: Hub, integration: str) -> None:
    if integration != HUB:
        hub.integration(integration)


@settings.command()
def export(integration: Integration, as_json: AsJson = False) -> None:
    """Print the settings of an integration, without credentials, to be imported into another."""
    with open_hub() as hub:
        found = hub.integration(integration)
        document = settings_changes.exported(found, CONNECTORS[found.connector]).model_dump()
    text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True)
    answer(document, text.rstrip("\n"), as_json=as_json)


@settings.command("import")
def import_settings(
    integration: Integration,
    file: Annotated[str, typer.Argument(help="What `export` printed; - reads standard input.")],
    dry_run: DryRun = False,
    confirm: Confirm = False,
    as_json: AsJson = False,
) -> None:
    """Give an integration the settings of another of the same kind; those that the file leaves out stay."""
    document = SettingsDocument.read(content(file))
    with open_hub() as hub:
        found = hub.integration(integration)
        wanted = settings_changes.imported(found, CONNECTORS[found.connector], document)
        change(hub, wanted, How(dry_run, confirm, "Imported"), as_json=as_json)


@settings.command("sources")
def sources(  # noqa: PLR0913  # options of a command
    catalog: Annotated[str, typer.Option(help="The integration that owns the catalog, or hub.")] = "",
    inventory: Annotated[str, typer.Option(help="The integration that owns inventory, or hub.")] = "",
    override: Annotated[
        list[str] | None, typer.Option(help="Take the risk of this contradiction; none takes back all.")
    ] = None,
    dry_run: DryRun = False,
    confirm: Confirm = False,
    as_json: AsJson = False,
) -> None:
    """Show which platform owns catalog and inventory, or record it."""
    with open_hub() as hub:
        if catalog or inventory or override:
            names = None if override is None else [name for name in override if name != "none"]
            wanted = {"catalog": catalog, "inventory": inventory, "overrides": names}
            change(hub, spec.of({"sources_of_truth": wanted}), How(dry_run, confirm), as_json=as_json)
            return
        with hub.database.reading() as tx:
            truth = integrations.truth(tx)
    rows = [
        ["Catalog", truth.catalog or "not decided"],
        ["Inventory", truth.inventory or "not decided"],
        ["Overrides", ", ".join(truth.overrides) or "none"],
    ]
    answer(truth, table("Sources of truth", ("What", "Owner"), rows), as_json=as_json)
