"""Commands about drift: what channels show otherwise than they had answered for, and looking for it now."""

from __future__ import annotations

from typing import Annotated

import typer

from crossdock.app import Hub
from crossdock.cli.failures import CommandError
from crossdock.cli.output import After, AsJson, Limit, answer, moment, more
from crossdock.cli.rounds import Round, engine_of
from crossdock.cli.session import open_hub, refuse_unknown
from crossdock.cli.sync import progress, results_table
from crossdock.cli.tables import table
from crossdock.domain.sync import Direction, Entity, FlowKey
from crossdock.operations import drift as book
from crossdock.operations.views import views
from crossdock.operations.views.views import DriftView
from crossdock.sync.drift_rounds import Rounds
from crossdock.sync.work import position

commands = typer.Typer()

COLUMNS = ("Id", "Integration", "SKU", "Field", "Location", "Expected", "Shown", "Found", "State")


@commands.command()
def drift(
    integration: Annotated[str, typer.Option(help="Of one integration only.")] = "",
    is_all: Annotated[
        bool, typer.Option("--all/--open", help="What is right again as well, or only what still drifts.")
    ] = False,
    limit: Limit = 50,
    after: After = "",
    as_json: AsJson = False,
) -> None:
    """What channels show otherwise than they had answered for, the latest first, with cause and repair."""
    with open_hub() as hub:
        refuse_unknown(hub, integration)
        with hub.database.reading() as tx:
            is_open = None if is_all else True
            found = views.drifts(tx, integration=integration, is_open=is_open, after=after, limit=limit)
    rows = [_row(each) for each in found.items]
    notes = [(each.id, _why(each)) for each in found.items]
    shown = table("Drift", COLUMNS, rows, notes=notes, gives_way=("Found", "Location"))
    answer(found, shown, *more(found.next), as_json=as_json)


@commands.command()
def reconcile(
    integration: Annotated[
        str, typer.Argument(help="One integration; all that are pushed to if left out.")
    ] = "",
    full: Annotated[bool, typer.Option("--full", help="Everything, not only the next records.")] = False,
    as_json: AsJson = False,
) -> None:
    """Look now whether channels show what they were told, and set right what they do not."""
    with open_hub() as hub:
        refuse_unknown(hub, integration)
        chosen = watched(hub, integration)
        if not chosen:
            raise CommandError("Nothing is pushed there that could drift; see crossdock flows")
        with hub.database.serial() as tx:
            for flow in chosen:
                book.ask(tx, flow, now=hub.clock(), is_full=full)
        with progress("Looking") as watch, engine_of(hub) as engine:
            round_ = Round(hub, engine, _with_pushes(hub, chosen), watch)
            results = round_.run()
            while is_under_way(hub, chosen):
                results = round_.run()
        with hub.database.reading() as tx:
            left = views.drifts(tx, integration=integration, limit=200)
    rows = [_row(each) for each in left.items]
    notes = [(each.id, _why(each)) for each in left.items]
    still = table("Still drifting", COLUMNS, rows, notes=notes, gives_way=("Found", "Location"))
    answer({"flows": results, "drift": left.items}, results_table(results), still, as_json=as_json)


def watched(hub: Hub, integration: str) -> list[FlowKey]:
    """The flows that look for drift and are on, of one integration or of all."""
    names = [each.name for each in hub.integrations() if integration in ("", each.name)]
    flows = [FlowKey(name, Direction.PULL, Entity.DRIFT) for name in names]
    with hub.database.reading() as tx:
        on = {each.key for each in views.flows(tx) if each.is_on and not each.refusal}
    return [flow for flow in flows if str(flow) in on]


def is_under_way(hub: Hub, flows: list[FlowKey]) -> bool:
    """Whether a full reading of one of these has yet to come to its end."""
    with hub.database.reading() as tx:
        places = [place for flow in flows if (place := position(tx, flow)) is not None]
    return any(Rounds.of(place.cursor, now=hub.clock()).full for place in places)


def _with_pushes(hub: Hub, chosen: list[FlowKey]) -> list[FlowKey]:
    """Together with the pushes that set right what is found."""
    names = {flow.integration for flow in chosen}
    pushed = (Entity.INVENTORY, Entity.PRODUCTS)
    return [
        *chosen,
        *(
            flow
            for flow in hub.flows()
            if flow.integration in names and flow.direction is Direction.PUSH and flow.entity in pushed
        ),
    ]


def _row(each: DriftView) -> tuple[object, ...]:
    about = each.sku or each.title
    state = "right again" if each.repaired_at else "left" if each.left_because else "to be set right"
    return (
        each.id,
        each.integration,
        about,
        each.field,
        each.location,
        each.expected,
        each.shown or "nothing",
        each.found_at,
        state,
    )


def _why(each: DriftView) -> str:
    said = f"{each.explanation}. {each.evidence}".rstrip()
    if each.left_because:
        said += f". Left so: {each.left_because}"
    return f"{said}. Right again: {each.repair}" if each.repaired_at else said


def told(each: DriftView) -> str:
    """In one line."""
    repaired = (
        f"right again at {moment(each.repaired_at)}: {each.repair}" if each.repaired_at else "not right yet"
    )
    shown = each.shown or "nothing"
    return (
        f"{shown} shown instead of {each.expected} at {moment(each.found_at)}, {each.explanation}; {repaired}"
    )
