"""Commands that set a hub up: apply, connect, settings, config."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import parse_qs, urlsplit

import typer
import yaml
from rich.text import Text

from crossdock.app import Hub
from crossdock.cli.failures import FAILED, CommandError, ListsByDefault
from crossdock.cli.output import AsJson, answer, table
from crossdock.cli.session import open_hub
from crossdock.config import Config
from crossdock.connectors.registry import CONNECTORS
from crossdock.connectors.settings import Described, described
from crossdock.operations import spec, views
from crossdock.operations.connecting import Connection
from crossdock.operations.integrations import Status
from crossdock.operations.spec import Difference, Spec

commands = typer.Typer()
settings = typer.Typer(cls=ListsByDefault, no_args_is_help=False)
commands.add_typer(settings, name="settings", help="Show every setting, or change one.")


@commands.command()
def apply(
    file: Annotated[str, typer.Argument(help="The file that describes the hub; - reads standard input.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the differences and change nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Bring integrations, settings, sources of truth and locations to what a file says."""
    wanted = spec.read(_content(file))
    with open_hub() as hub:
        if not dry_run:
            _apply(hub, wanted, as_json=as_json)
            return
        found = hub.differences(wanted)
    document = {"applied": False, "differences": [asdict(each) for each in found]}
    answer(document, _shown("Would change", found), as_json=as_json)


def _apply(hub: Hub, wanted: Spec, *, as_json: bool) -> None:
    """Apply, and say at once what was switched on and cannot run."""
    found = hub.apply(wanted)
    names = {part.name for part in wanted.integrations}
    with hub.database.reading() as tx:
        refused = [
            each for each in views.flows(tx) if each.integration in names and each.is_on and each.refusal
        ]
    document = {
        "applied": True,
        "differences": [asdict(each) for each in found],
        "refused": [{"flow": each.key, "reason": each.refusal} for each in refused],
    }
    told = [Text(f"{each.key} does not run: {each.refusal}") for each in refused]
    answer(document, _shown("Changed", found), *told, as_json=as_json)


def _content(file: str) -> str:
    if file == "-":
        return sys.stdin.read()
    try:
        return Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{file} cannot be read: {error}") from None


def _shown(title: str, found: list[Difference]) -> Any:
    if not found:
        return "Nothing to change: the hub is as the file says."
    return table(
        title, ("Where", "What", "Before", "After"), [(d.where, d.what, d.before, d.after) for d in found]
    )


@commands.command()
def connect(
    name: Annotated[str, typer.Argument(help="The integration.")],
    code: Annotated[str, typer.Option(help="The code of a consent, or the whole return address.")] = "",
    state: Annotated[str, typer.Option(help="The state of the consent, beside a bare code.")] = "",
    as_json: AsJson = False,
) -> None:
    """Check the connection of an integration, or start it: prints where its owner has to consent."""
    with open_hub() as hub:
        connection = hub.connect(name, **returned(code, state))
    answer(_described(connection), *_told(connection), as_json=as_json)
    if _has_failed(connection, is_answer=bool(code)):
        raise typer.Exit(FAILED)


def _has_failed(connection: Connection, *, is_answer: bool) -> bool:
    """A consent that is not accepted has failed, even where an earlier one still holds."""
    if is_answer:
        return connection.status is not Status.CONNECTED or bool(connection.reason)
    return connection.status not in (Status.CONNECTED, Status.CONNECTING)


def returned(code: str, state: str = "") -> dict[str, str]:
    """Code and state of a consent, out of the address that the browser was sent to where that was given whole."""
    if "://" not in code:
        return {"code": code, "state": state}
    query = parse_qs(urlsplit(code).query)
    if "code" not in query:
        reason = query.get("error", ["it holds no code"])[0]
        raise CommandError(f"This return address grants nothing ({reason}); start again with connect")
    return {"code": query["code"][0], "state": query.get("state", [state])[0]}


def _described(connection: Connection) -> dict[str, Any]:
    account = connection.account
    known = (
        {"id": account.channel_id, "name": account.name, "currency": account.currency} if account else None
    )
    return {
        "integration": connection.integration,
        "status": connection.status,
        "reason": connection.reason,
        "authorize_link": connection.authorize_link,
        "account": known and known | {"region": account.region if account else ""},
        "missing_access": list(account.missing_access) if account else [],
    }


def _told(connection: Connection) -> list[Text]:
    lines = [Text.assemble((connection.integration, "bold"), f": {connection.status}")]
    if connection.reason:
        lines.append(Text(connection.reason))
    if (account := connection.account) is not None:
        lines.append(Text(f"{account.name} ({account.channel_id}), {account.region}, {account.currency}"))
        lines += [Text(f"No access to {area}") for area in account.missing_access]
    if connection.authorize_link:
        lines.append(Text("The owner of the account has to open this link and consent:"))
        lines.append(Text(connection.authorize_link))
        lines.append(
            Text(f"Then: crossdock connect {connection.integration} --code 'THE ADDRESS IT RETURNED TO'")
        )
    return lines


@settings.command("list")
def list_settings(
    connector: Annotated[str, typer.Argument(help="Of one connector only.")] = "",
    integration: Annotated[str, typer.Option(help="With the values of this integration.")] = "",
    as_json: AsJson = False,
) -> None:
    """Every setting with its label, key, type, default, choices, condition and help."""
    values: dict[str, Any] = {}
    if integration:
        with open_hub() as hub:
            found = hub.integration(integration)
        connector, values = found.connector, found.settings
    if connector and connector not in CONNECTORS:
        raise CommandError(f"There is no connector {connector!r}; there are {', '.join(CONNECTORS)}")
    chosen = {key: kind for key, kind in CONNECTORS.items() if connector in ("", key)}
    forms = {key: list(described(kind.settings_type)) for key, kind in chosen.items()}
    document = {key: [_setting(each, values) for each in form] for key, form in forms.items()}
    shown = [_settings_table(key, form, values) for key, form in forms.items()]
    answer(document, *shown, as_json=as_json)


def _setting(each: Described, values: dict[str, Any]) -> dict[str, Any]:
    choices = [{"value": value, "label": label} for value, label in each.choices]
    current = {"value": values[each.key]} if each.key in values else {}
    return asdict(each) | {"choices": choices} | current


def _settings_table(connector: str, form: list[Described], values: dict[str, Any]) -> Any:
    columns = ["Key", "Label", "Type", "Default", "Choices", "Only when", "What it does"]
    rows = [
        [each.key, each.title, each.kind, _value(each.default), _choices(each), each.when, each.help]
        for each in form
    ]
    if values:
        columns.insert(3, "Value")
        for row in rows:
            row.insert(3, _value(values.get(row[0])))
    return table(connector, columns, rows)


def _choices(each: Described) -> str:
    return "\n".join(f"{value}: {label}" for value, label in each.choices)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return "" if value in (None, [], (), {}) else str(value)


@settings.command("set")
def set_setting(
    integration: Annotated[str, typer.Argument(help="The integration.")],
    key: Annotated[str, typer.Argument(help="The key or the exact label of the setting.")],
    value: Annotated[str, typer.Argument(help="The new value, as it would stand in an apply file.")],
    as_json: AsJson = False,
) -> None:
    """Change one setting of an integration; the others stay."""
    with open_hub() as hub:
        _apply(hub, _with_setting(hub, integration, key, value), as_json=as_json)


def _with_setting(hub: Hub, name: str, key: str, value: str) -> Spec:
    """The hub as it is, but for this setting."""
    try:
        given = yaml.safe_load(value)
    except yaml.YAMLError:
        given = value
    integration = hub.integration(name)
    form = CONNECTORS[integration.connector].settings_type
    titles = {(info.title or "").casefold(): field for field, info in form.model_fields.items()}
    changed = integration.settings | {titles.get(key.casefold(), key): "" if given is None else given}
    part = {"connector": integration.connector, "settings": changed}
    return Spec.model_validate({"integrations": {name: part}})


@commands.command()
def config(as_json: AsJson = False) -> None:
    """Every CROSSDOCK_ variable of the environment with its meaning and default."""
    rows = [
        (f"CROSSDOCK_{name}".upper(), info.description or "", str(info.default) if info.default else "")
        for name, info in Config.model_fields.items()
    ]
    document = [dict(zip(("variable", "meaning", "default"), row, strict=True)) for row in rows]
    answer(document, table("Environment", ("Variable", "Meaning", "Default"), rows), as_json=as_json)
