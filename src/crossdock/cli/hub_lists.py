"""Commands that show the hub itself: integrations, flows, runs."""

from __future__ import annotations

from typing import Annotated

import typer

from crossdock.cli.failures import CommandError
from crossdock.cli.output import After, AsJson, Limit, answer, moment, more, seconds, table
from crossdock.cli.session import open_hub, refuse_unknown
from crossdock.operations import views
from crossdock.operations.views import FlowView, IntegrationView, RunView

commands = typer.Typer()


@commands.command()
def integrations(as_json: AsJson = False) -> None:
    """The connected accounts, their status and their flows; secrets are only said to be set."""
    with open_hub() as hub, hub.database.reading() as tx:
        found = views.integrations(tx, hub.cipher)
    columns = (
        "Name",
        "Connector",
        "Status",
        "Account",
        "Market",
        "Flows on",
        "Refused",
        "Open cases",
        "Checked",
    )
    answer(found, table("Integrations", columns, [_integration(each) for each in found]), as_json=as_json)


def _integration(each: IntegrationView) -> tuple[object, ...]:
    status = f"{each.status}: {each.status_reason}" if each.status_reason else each.status
    market = " ".join(part for part in (each.region, each.currency) if part)
    flows = each.flows
    return (
        each.name,
        each.connector,
        status,
        each.account,
        market,
        flows.on,
        flows.refused,
        each.open_cases,
        moment(each.checked_at),
    )


@commands.command()
def flows(as_json: AsJson = False) -> None:
    """What is read and written, whether it runs, and how it fares."""
    with open_hub() as hub, hub.database.reading() as tx:
        found = views.flows(tx)
    columns = ("Flow", "State", "Due in", "Last success", "Failures", "Last error")
    answer(found, table("Flows", columns, [_flow(each) for each in found]), as_json=as_json)


def _flow(each: FlowView) -> tuple[object, ...]:
    state = "off" if not each.is_on else f"refused: {each.refusal}" if each.refusal else "on"
    if each.running:
        state = "running"
    due = "" if each.due_in is None else seconds(each.due_in)
    return (each.key, state, due, moment(each.last_success_at), each.failures, each.last_error)


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
    columns = ("Run", "State", "Started", "Took", "Counts", "Error")
    answer(
        found,
        table("Runs", columns, [_run(each) for each in found.items]),
        *more(found.next),
        as_json=as_json,
    )


def _run(each: RunView) -> tuple[object, ...]:
    took = seconds(each.ended_at - each.started_at) if each.ended_at else ""
    counts = ", ".join(f"{count} {name}" for name, count in each.tally.items() if count)
    return (each.id, each.state, moment(each.started_at), took, counts, each.error)
