"""The command that syncs: once until nothing is due, or as a worker until it is interrupted."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from crossdock import stopping
from crossdock.app import Hub
from crossdock.cli.cases import cause_and_fix
from crossdock.cli.failures import CASES_OPEN, FAILED, CommandError
from crossdock.cli.listening import listening
from crossdock.cli.output import AsJson, answer, say, seconds, to_errors
from crossdock.cli.rounds import FlowResult, Round, Watch, engine_of
from crossdock.cli.session import open_hub
from crossdock.cli.tables import table
from crossdock.operations.task import HUB
from crossdock.operations.views import views
from crossdock.operations.views.views import CaseView
from crossdock.telemetry import spans

commands = typer.Typer()
CASES_SHOWN = 10
STOPPING = "Stopping: what runs leaves at its next call. Once more to end at once."


@commands.command()
def sync(
    flows: Annotated[
        list[str] | None,
        typer.Argument(
            help="Integrations (my-store) or single flows (my-store/pull-orders); all that are on if left out."
        ),
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="Until nothing is due, then leave.")] = False,
    as_json: AsJson = False,
) -> None:
    """Run what is due. With --once: 0 when all is well, 3 when exception cases are open, 1 when a flow failed."""
    with open_hub() as hub:
        chosen = hub.flows(flows or None)
        if all(flow.integration == HUB for flow in chosen) and not flows:
            raise CommandError(
                "No flow is on. Describe integrations with `crossdock apply FILE`, then connect them"
            )
        if not once:
            work_until_told(hub)
            return
        with progress() as watch, engine_of(hub) as engine:
            results = Round(hub, engine, chosen, watch).run()
        cases = open_cases(hub)
    document = {"flows": [asdict(each) for each in results], "open_cases": [asdict(case) for case in cases]}
    answer(document, results_table(results), *_cases(cases), as_json=as_json)
    if any(each.has_failed for each in results):
        raise typer.Exit(FAILED)
    if cases:
        raise typer.Exit(CASES_OPEN)


def work_until_told(hub: Hub) -> None:
    """Be a worker until SIGTERM or Ctrl-C. Raises WorkerRunningError where the database has room for one only."""
    # Before the engine's threads start, so that the signal waits for us in whichever moment it comes.
    stopping.hold()
    told = stopping.Stopping()
    with monitored(hub, told), hub.engine(works=True):
        to_errors().print("Working. Ctrl-C stops.")
        told.wait()
        say(to_errors(), STOPPING)


@contextmanager
def monitored(hub: Hub, told: stopping.Stopping) -> Iterator[None]:
    """With the figures and probes of a worker at a port of their own, where one is configured."""
    if not hub.config.metrics_port:
        yield
        return
    from crossdock.monitor import monitor  # here: only a worker that is watched needs a web server

    with listening(hub.config.host, hub.config.metrics_port) as listener, monitor(hub, listener, told):
        yield


@contextmanager
def traced(role: str) -> Iterator[None]:
    """Spans go to where the environment says, and the last of them before this process ends."""
    end = spans.start(role)
    try:
        yield
    finally:
        end()


def results_table(results: list[FlowResult]) -> Any:
    columns = ("Flow", "Read", "Written", "Unchanged", "Confirmed", "Rejected", "Duration", "Result")
    rows = [
        (
            r.flow,
            r.read,
            r.written,
            r.unchanged,
            r.confirmed,
            r.rejected,
            seconds(r.seconds),
            r.state or "not run",
        )
        for r in results
    ]
    notes = [(r.flow, r.error) for r in results]
    return table("Flows", columns, rows, notes=notes, gives_way=("Unchanged", "Duration"))


def open_cases(hub: Hub) -> list[CaseView]:
    with hub.database.reading() as tx:
        return views.exceptions(tx, state="open", limit=200).items


def _cases(cases: list[CaseView]) -> Iterator[Any]:
    if not cases:
        return
    shown = cases[:CASES_SHOWN]
    rows = [(case.id, case.kind, case.integration, case.about) for case in shown]
    columns = ("Id", "Kind", "Integration", "About")
    yield table("Open exception cases", columns, rows, notes=cause_and_fix(shown), gives_way=("Integration",))
    if len(cases) > CASES_SHOWN:
        yield f"… and {len(cases) - CASES_SHOWN} more: crossdock exceptions"


@contextmanager
def progress(what: str = "Syncing") -> Iterator[Watch]:
    """Shows how far long work is, where a person watches."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=to_errors(), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield _describing(bar, task, what)


def _describing(bar: Progress, task: Any, what: str) -> Callable[[str], None]:
    def describe(text: str) -> None:
        bar.update(task, description=f"{what} {text}"[:100])

    return describe
