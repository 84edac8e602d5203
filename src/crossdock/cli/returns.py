"""Commands about returns and refunds: the list, and the answers to those that wait for the seller."""

from __future__ import annotations

from typing import Annotated

import typer

from crossdock.cli.explaining import found
from crossdock.cli.failures import ListsByDefault
from crossdock.cli.output import After, AsJson, Limit, answer, moment, more
from crossdock.cli.session import acting, open_hub, refuse_unknown
from crossdock.cli.tables import table
from crossdock.cli.wording import about_return, answered, asked_for, plain, refunded, returned_lines
from crossdock.domain.aftersales import ReturnAnswer, ReturnDecision
from crossdock.domain.sync import Direction, Entity, FlowKey
from crossdock.operations.orders import return_answers
from crossdock.operations.views import views
from crossdock.sync import lease

commands = typer.Typer()
return_commands = typer.Typer(cls=ListsByDefault)
commands.add_typer(
    return_commands, name="returns", help="Show returns and refunds, or answer those that wait for you."
)

ReturnId = Annotated[str, typer.Argument(help="The return, by its id or its number on the channel.")]


@return_commands.command("list")
def list_returns(
    integration: Annotated[str, typer.Option(help="Of one integration only.")] = "",
    waiting: Annotated[
        bool, typer.Option("--waiting", help="Only those that wait for the seller's answer.")
    ] = False,
    limit: Limit = 50,
    after: After = "",
    as_json: AsJson = False,
) -> None:
    """Returns and refunds, the newest first; what waits for you with the time until which to answer."""
    with open_hub() as hub:
        refuse_unknown(hub, integration)
        with hub.database.reading() as tx:
            listed = views.returns(tx, integration=integration, waiting=waiting, after=after, limit=limit)
    rows = [
        (r.id, r.order_number, r.kind, plain(r.state), sum(line.quantity for line in r.lines), refunded(r))
        for r in listed.items
    ]
    columns = ("Id", "Order", "Kind", "State", "Units", "Refunded")
    notes = [(r.id, about_return(r)) for r in listed.items]
    shown = table("Returns and refunds", columns, rows, notes=notes, gives_way=("Units", "Kind"))
    answer(listed, shown, *more(listed.next), as_json=as_json)


@return_commands.command()
def show(which: ReturnId, as_json: AsJson = False) -> None:
    """One return or refund in full."""
    with open_hub() as hub, hub.database.reading() as tx:
        r = found(views.one_return(tx, which), f"return {which}")
    rows = [
        ("Order", f"{r.order_number} of {r.integration}"),
        ("Number there", r.channel_id),
        ("Kind", r.kind),
        ("State", f"{plain(r.state)} ({r.channel_status})"),
        ("Units", returned_lines(r)),
        ("Reason", r.reason),
        ("Asked for", asked_for(r)),
        ("Refunded", refunded(r)),
        ("Restocked", "yes" if r.is_restocked else "no"),
        ("Sent back with", r.tracking),
        ("Waits for you", r.asks if not r.answer_state else ""),
        ("Answer until", moment(r.deadline)),
        ("Can be answered", ", ".join(plain(each) for each in r.answers)),
        ("Answered", answered(r)),
        ("Said", r.message),
    ]
    answer(r, table(f"Return {r.id}", ("What", "Is"), [row for row in rows if row[1]]), as_json=as_json)


@return_commands.command()
def approve(
    which: ReturnId,
    keep: Annotated[
        bool, typer.Option("--keep", help="The buyer gets the money and keeps the goods.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Approve a return, or the goods that came back: what it asks says which of both."""
    decision = ReturnDecision.LET_KEEP if keep else ReturnDecision.APPROVE
    _decide(which, ReturnAnswer(decision), as_json=as_json)


@return_commands.command()
def reject(
    which: ReturnId,
    reason: Annotated[str, typer.Option(help="The channel's name or text of the reason.")],
    note: Annotated[str, typer.Option(help="What the buyer is told beside it.")] = "",
    as_json: AsJson = False,
) -> None:
    """Reject a return, or the goods that came back."""
    _decide(which, ReturnAnswer(ReturnDecision.REJECT, reason, note), as_json=as_json)


def _decide(which: str, decided: ReturnAnswer, *, as_json: bool) -> None:
    with open_hub() as hub:
        with hub.database.reading() as tx:
            shown = found(views.one_return(tx, which), f"return {which}")
        with hub.database.serial() as tx:
            return_answers.decide(tx, acting(hub, tx, shown.integration), shown.id, decided)
            after = found(views.one_return(tx, shown.id), f"return {which}")
        lease.want(hub.database, FlowKey(shown.integration, Direction.PUSH, Entity.RETURNS))
    done = f"{decided.decision.done} here; {shown.integration} is told next"
    said = f"The {shown.kind} of order {shown.order_number} is {done}"
    answer(after, said, as_json=as_json)
