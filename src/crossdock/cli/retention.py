"""The command about what is forgotten after a while."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from crossdock.app import Hub
from crossdock.cli.output import AsJson, answer
from crossdock.cli.session import open_hub
from crossdock.cli.tables import table
from crossdock.equipment import keep
from crossdock.operations import retention as old
from crossdock.sync.upkeep import Upkeep

commands = typer.Typer()


@commands.command()
def retention(
    now: Annotated[bool, typer.Option("--now", help="Forget it now, not only at night.")] = False,
    as_json: AsJson = False,
) -> None:
    """What is forgotten after a while, and how much of it is old enough. A worker does it every night."""
    with open_hub() as hub:
        waiting = _counts(hub)
        forgotten = Upkeep(hub.database, hub.clock, keep(hub.config)).forget() if now else {}
        kinds = old.kinds(keep(hub.config))
    document = [
        {
            "what": kind.name,
            "kept_days": kind.age.days if kind.age else None,
            "old_enough": waiting[kind.name],
            "forgotten": forgotten.get(kind.name, 0),
        }
        for kind in kinds
    ]
    rows = [
        (kind.name, _length(kind.age), waiting[kind.name], *([forgotten[kind.name]] if now else []))
        for kind in kinds
    ]
    columns = ("What", "Kept for", "Old enough", *(["Forgotten"] if now else []))
    answer(document, table("Retention", columns, rows), as_json=as_json)


def _counts(hub: Hub) -> dict[str, int]:
    with hub.database.reading() as tx:
        return {kind.name: old.count(tx, kind, hub.clock()) for kind in old.kinds(keep(hub.config))}


def _length(age: timedelta | None) -> str:
    return f"{age.days} days" if age else "ever"
