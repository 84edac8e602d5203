"""Commands that show the hub itself: integrations, flows, runs."""

from __future__ import annotations

from typing import Annotated

import typer

from crossdock.cli.failures import CommandError
from crossdock.cli.output import After, AsJson, Limit, answer, more, seconds
from crossdock.cli.session import open_hub, refuse_unknown
from crossdock.cli.tables import table
from crossdock.domain.words import counted
from crossdock.operations.views import views
from crossdock.operations.views.views import FlowView, IntegrationView, RunView

commands = typer.Typer()


@commands.command()
def integrations(as_json: AsJson = False) -> None:
    """The connected accounts, their status and their flows; secrets are only said to be set."""
    with open_hub() as hub, hub.database.reading() as tx:
        found = views.integrations(tx, hub.cipher)
    columns = ("Name", "Connector", "Status", "Account", "Market", "Flows on", "Open cases", "Checked")
    rows = [_integration(each) for each in found]
    notes = [(each.name, said) for each in found for said in _notes(each)]
    answer(
        found,
        table("Integrations", columns, rows, notes=notes, gives_way=("Checked", "Market")),
        as_json=as_json,
    )


def _integration(each: IntegrationView) -> tuple[object, ...]:
    market = " ".join(part for part in (each.region, each.currency) if part)
    at = each.checked_at
    return (
        each.name,
        each.connector,
        each.status,
        each.account,
        market,
        each.flows.on,
        each.open_cases,
        at,
    )


def _notes(each: IntegrationView) -> tuple[str, ...]:
    refused = each.flows.refused
    said = f"{counted(refused, 'flow')} refused; see crossdock flows" if refused else ""
    return (each.status_reason, said)


@commands.command()
def flows(as_json: AsJson = False) -> None:
    """What is read and written, whether it runs, and how it fares."""
    with open_hub() as hub, hub.database.reading() as tx:
        found = views.flows(tx)
    columns = ("Flow", "State", "Due in", "Last success", "Failures")
    notes = [
        (each.key, said) for each in found for said in (each.refusal if each.is_on else "", each.last_error)
    ]
    shown = table("Flows", columns, [_flow(each) for each in found], notes=notes)
    answer(found, shown, as_json=as_json)


def _flow(each: FlowView) -> tuple[object, ...]:
    state = "off" if not each.is_on else "refused" if each.refusal else "on"
    if each.running:
        state = "running"
    due = "" if each.due_in is None else seconds(each.due_in)
    return (each.key, state, due, each.last_success_at, each.failures)


@commands.command()
def runs(
    flow: Annotated[str, typer.Argument(help="Of one flow or one integration only.")] = "",
    limit: Limit = 50,
    after: After = "",
    as_json: AsJson = False,
) -> None:
    """What ran, the latest first, and what it came to."""
    with open_hub() as hub:
        refuse_unknown(hub, flow.partition("/")[0])
        with hub.database.reading() as tx:
            if "/" in flow and flow not in {each.key for each in views.flows(tx)}:
                raise CommandError(f"There is no flow {flow!r}; see crossdock flows")
            found = views.runs(tx, flow=flow, after=after, limit=limit)
    columns = ("Run", "State", "Started", "Took", "Counts")
    notes = [(each.id, each.error) for each in found.items]
    shown = table(
        "Runs", columns, [_run(each) for each in found.items], notes=notes, gives_way=("Took", "Started")
    )
    answer(found, shown, *more(found.next), as_json=as_json)


def _run(each: RunView) -> tuple[object, ...]:
    took = seconds(each.ended_at - each.started_at) if each.ended_at else ""
    counts = ", ".join(f"{count} {name}" for name, count in each.tally.items() if count)
    return (each.id, each.state, each.started_at, took, counts)
