"""Commands about exception cases: what a person must know or do."""

from __future__ import annotations

import getpass
from collections.abc import Iterable
from typing import Annotated, Literal

import typer

from crossdock.cli.failures import CommandError, ListsByDefault
from crossdock.cli.output import After, AsJson, Limit, answer, more
from crossdock.cli.session import acting, open_hub, refuse_unknown
from crossdock.cli.tables import table
from crossdock.cli.wording import mended
from crossdock.operations import exceptions, retrying
from crossdock.operations.views import views
from crossdock.operations.views.views import CaseView
from crossdock.sync import lease

commands = typer.Typer()
cases = typer.Typer(cls=ListsByDefault)
commands.add_typer(cases, name="exceptions", help="Show what a person must resolve, or close a case.")

State = Literal["open", "resolved", "dismissed", "all"]
CaseId = Annotated[int, typer.Argument(help="The number of the case.")]


@cases.command("list")
def list_cases(  # noqa: PLR0913  # these are the filters of a list
    state: Annotated[State, typer.Option(help="Those in this state only.")] = "open",
    kind: Annotated[str, typer.Option(help="Of one kind only.")] = "",
    integration: Annotated[str, typer.Option(help="Of one integration only.")] = "",
    limit: Limit = 50,
    after: After = "",
    as_json: AsJson = False,
) -> None:
    """Exception cases, the latest first, with cause and fix."""
    with open_hub() as hub:
        refuse_unknown(hub, integration)
        with hub.database.reading() as tx:
            found = views.exceptions(
                tx,
                state="" if state == "all" else state,
                kind=kind,
                integration=integration,
                after=after,
                limit=limit,
            )
    rows = [(c.id, c.kind, c.integration, c.about, c.opened_at) for c in found.items]
    columns = ("Id", "Kind", "Integration", "About", "Opened")
    shown = table(
        "Exception cases",
        columns,
        rows,
        notes=cause_and_fix(found.items),
        gives_way=("Opened", "Integration"),
    )
    answer(found, shown, *more(found.next), as_json=as_json)


def cause_and_fix(cases: Iterable[CaseView]) -> list[tuple[int, str]]:
    """What stands below a table of cases, in whole lines, so that a command in a fix can be copied."""
    return [(case.id, mended(case.cause, case.fix)) for case in cases]


@cases.command()
def resolve(case: CaseId, as_json: AsJson = False) -> None:
    """Say that a case has been dealt with."""
    _close(case, "resolved", as_json=as_json)


@cases.command()
def dismiss(case: CaseId, as_json: AsJson = False) -> None:
    """Say that a case needs nothing done."""
    _close(case, "dismissed", as_json=as_json)


@cases.command()
def retry(case: CaseId, as_json: AsJson = False) -> None:
    """Try again what a case held back; it closes itself when that helped."""
    with open_hub() as hub:
        with hub.database.reading() as tx:
            found = views.exception(tx, case)
        if found is None or found.state != "open":
            raise CommandError(f"There is no open case {case}; see crossdock exceptions")
        with hub.database.serial() as tx:
            task = acting(hub, tx, found.integration)
            flows = retrying.retry(tx, task, found, by=task.actor)
        for flow in flows:
            lease.want(hub.database, flow)
    names = [str(flow) for flow in flows]
    answer(
        {"id": case, "flows": names},
        f"Case {case}: due now: {', '.join(names) or 'nothing'}",
        as_json=as_json,
    )


def _close(case: int, state: str, *, as_json: bool) -> None:
    with open_hub() as hub, hub.database.transaction() as tx:
        if not exceptions.close_by_person(tx, case, state=state, now=hub.clock(), by=getpass.getuser()):
            raise CommandError(f"There is no open case {case}; see crossdock exceptions")
    answer({"id": case, "state": state}, f"Case {case} is {state}.", as_json=as_json)
