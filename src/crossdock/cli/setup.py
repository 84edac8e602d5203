"""Commands that set a hub up: apply, connectors, connect, config."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any
from urllib.parse import parse_qs, urlsplit

import typer
from rich.text import Text

from crossdock.cli.changing import Confirm, DryRun, How, change, content
from crossdock.cli.failures import FAILED, CommandError
from crossdock.cli.output import AsJson, answer
from crossdock.cli.session import open_hub
from crossdock.cli.tables import table
from crossdock.config import Config
from crossdock.connectors.describing import entry
from crossdock.connectors.registry import CONNECTORS
from crossdock.domain.channel import Account
from crossdock.operations.setup import spec
from crossdock.operations.setup.connecting import Connection
from crossdock.operations.setup.integrations import Status

commands = typer.Typer()


@commands.command()
def apply(
    file: Annotated[str, typer.Argument(help="The file that describes the hub; - reads standard input.")],
    dry_run: DryRun = False,
    confirm: Confirm = False,
    as_json: AsJson = False,
) -> None:
    """Bring integrations, settings, sources of truth and locations to what a file says."""
    wanted = spec.read(content(file))
    with open_hub() as hub:
        change(hub, wanted, How(dry_run, confirm), as_json=as_json)


@commands.command("connectors")
def list_connectors(as_json: AsJson = False) -> None:
    """The kinds of integration there are, in the order in which they are connected."""
    found = [entry(kind, step=step) for step, kind in enumerate(CONNECTORS.values(), start=1)]
    rows = [
        [each.step, each.key, each.title, each.guidance, [field.title for field in each.credentials]]
        for each in found
    ]
    shown = table("Connectors", ("Step", "Key", "Platform", "Where its credentials are", "Credentials"), rows)
    answer([asdict(each) for each in found], shown, as_json=as_json)


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
        "hint": connection.hint,
        "authorize_link": connection.authorize_link,
        "account": known and known | {"region": account.region if account else ""},
        "missing_access": list(account.missing_access) if account else [],
    }


def named(account: Account) -> str:
    """All that is known of it, in one line."""
    name = account.name if account.name == account.channel_id else f"{account.name} ({account.channel_id})"
    return ", ".join(part for part in (name, account.region, account.currency) if part)


def _told(connection: Connection) -> list[Text]:
    lines = [Text.assemble((connection.integration, "bold"), f": {connection.status}")]
    if connection.reason:
        lines.append(Text(connection.reason))
    if connection.hint:
        lines.append(Text(connection.hint))
    if (account := connection.account) is not None:
        lines.append(Text(named(account)))
        lines += [Text(f"No access to {area}") for area in account.missing_access]
    if connection.authorize_link:
        lines.append(Text("The owner of the account has to open this link and consent:"))
        lines.append(Text(connection.authorize_link))
        lines.append(
            Text(f"Then: crossdock connect {connection.integration} --code 'THE ADDRESS IT RETURNED TO'")
        )
    return lines


@commands.command()
def config(as_json: AsJson = False) -> None:
    """Every CROSSDOCK_ variable of the environment with its meaning and default."""
    rows = [
        (f"CROSSDOCK_{name}".upper(), info.description or "", str(info.default) if info.default else "")
        for name, info in Config.model_fields.items()
    ]
    document = [dict(zip(("variable", "meaning", "default"), row, strict=True)) for row in rows]
    answer(document, table("Environment", ("Variable", "Meaning", "Default"), rows), as_json=as_json)
