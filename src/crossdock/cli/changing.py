"""How commands change what is set up: the effect is shown, and what has to be confirmed is."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import RenderableType
from rich.text import Text

from crossdock.app import Hub
from crossdock.cli.failures import CommandError
from crossdock.cli.output import AsJson as AsJson
from crossdock.cli.output import answer
from crossdock.cli.tables import table
from crossdock.connectors.registry import CONNECTORS
from crossdock.operations.setup.configuring import Proposal
from crossdock.operations.setup.effects import CatalogMove, Effect
from crossdock.operations.setup.integrations import Status
from crossdock.operations.setup.spec import Difference, Spec
from crossdock.operations.views import views

DryRun = Annotated[bool, typer.Option("--dry-run", help="Show the differences and change nothing.")]
Confirm = Annotated[
    bool, typer.Option("--confirm", "--yes", help="Go on where a change has to be confirmed.")
]


@dataclass(frozen=True)
class How:
    """How a change is to be made."""

    is_dry_run: bool
    is_confirmed: bool
    reason: str = ""


def change(hub: Hub, wanted: Spec, how: How, *, as_json: bool) -> None:
    """Make the change, or only say what it would do; answers with what follows from it."""
    if how.is_dry_run:
        proposal, refused, unconnected = hub.preview(wanted), {}, list[str]()
    else:
        proposal = hub.apply(wanted, actor=getpass.getuser(), confirm=how.is_confirmed, reason=how.reason)
        refused = _refused(hub, [part.name for part in wanted.integrations])
        unconnected = _unconnected(hub, [part.name for part in wanted.integrations])
    document = {
        "applied": not how.is_dry_run,
        "differences": [asdict(each) for each in proposal.differences],
        "effect": asdict(proposal.effect),
        "refused": [{"flow": flow, "reason": reason} for flow, reason in refused.items()],
        "to_connect": unconnected,
    }
    told = [Text(f"{flow} does not run: {reason}") for flow, reason in refused.items()]
    told += [Text(f"Not connected yet: crossdock connect {name}") for name in unconnected]
    answer(document, *_shown(proposal, is_dry_run=how.is_dry_run), *told, as_json=as_json)


def content(file: str) -> str:
    """What is in a file, or comes through standard input. Raises CommandError."""
    if file == "-":
        return sys.stdin.read()
    try:
        return Path(file).read_text(encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise CommandError(f"{file} cannot be read: it is not UTF-8, at byte {error.start}") from None


def _refused(hub: Hub, names: Sequence[str]) -> dict[str, str]:
    """What is switched on and cannot run."""
    with hub.database.reading() as tx:
        return {
            each.key: each.refusal
            for each in views.flows(tx)
            if each.integration in names and each.is_on and each.refusal
        }


def _unconnected(hub: Hub, names: Sequence[str]) -> list[str]:
    """What is to be connected next, in the order in which that is done."""
    kinds = list(CONNECTORS)
    waiting = [
        each for each in hub.integrations() if each.name in names and each.status is not Status.CONNECTED
    ]
    return [each.name for each in sorted(waiting, key=lambda each: kinds.index(each.connector))]


def _shown(proposal: Proposal, *, is_dry_run: bool) -> list[RenderableType]:
    if not proposal.differences:
        return ["Nothing to change: the hub is as it is asked for."]
    shown: list[RenderableType] = [
        _differences("Would change" if is_dry_run else "Changed", proposal.differences)
    ]
    return shown + _effect(proposal.effect, is_dry_run=is_dry_run)


def _differences(title: str, found: Sequence[Difference]) -> RenderableType:
    rows: list[list[Any]] = [[d.where, d.what, d.before, d.after] for d in found]
    return table(title, ("Where", "What", "Before", "After"), rows)


def _effect(effect: Effect, *, is_dry_run: bool) -> list[RenderableType]:
    named = (("Starts", effect.starts), ("Stops", effect.stops), ("Done again once", effect.resyncs))
    lines = [f"{title}: {', '.join(flows)}" for title, flows in named if flows]
    lines += effect.consequences
    if effect.confirmations and is_dry_run:
        lines += [f"Needs confirmation (--confirm): {each}." for each in effect.confirmations]
    shown: list[RenderableType] = [Text(line) for line in lines]
    return shown + [part for move in effect.catalog for part in _move(move)]


def _move(move: CatalogMove) -> list[RenderableType]:
    found = move.preview
    rows = [
        ["linked", found.linked, list(found.linked_samples)],
        ["created", found.created, list(found.created_samples)],
        ["held back in doubt (SKUs)", len(found.held), list(found.held)],
        ["without a SKU, left out", found.without_sku, []],
        [f"only on {move.target}, left as they are", found.only_on_target, []],
    ]
    shown: list[RenderableType] = [
        table(f"Catalog from {move.source} to {move.target}", ("Products", "How many", "Such as"), rows)
    ]
    return shown + [Text(f"{name} was not read yet: connect it, to know more") for name in move.unread]
