"""Commands about returns and refunds: the list, and the answers to those that wait for the seller."""

from __future__ import annotations

from typing import Annotated

import typer

from crossdock.cli.explaining import found
from crossdock.cli.failures import ListsByDefault
from crossdock.cli.output import After, AsJson, Limit, answer, moment, more, table
from crossdock.cli.session import acting, open_hub, refuse_unknown
from crossdock.domain.aftersales import ReturnAnswer, ReturnDecision
from crossdock.domain.sync import Direction, Entity, FlowKey
from crossdock.operations import return_answers, views
from crossdock.sync import lease

commands = typer.Typer()
return_commands = typer.Typer(cls=ListsByDefault)
commands.add_typer(
    return_commands, name="returns", help="Show returns and refunds, or answer those that wait for you."
)

COLUMNS = (
    "Id",
    "Number",
    "Order",
    "Integration",
    "Kind",
    "State",
    "Units",
    "Refunded",
    "Restocked",
    "Reason",
    "Asks",
    "Answer until",
    "Answered",
    "Said",
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
        (
            r.id,
            r.channel_id,
            r.order_number,
            r.integration,
            r.kind,
            r.state,
            sum(line.quantity for line in r.lines),
            f"{r.refunded} {r.currency}",
            r.is_restocked,
            r.reason,
            r.asks,
            moment(r.deadline),
            " ".join(part for part in (r.decision, r.answer_state) if part),
            r.message,
        )
        for r in listed.items
    ]
    answer(listed, table("Returns and refunds", COLUMNS, rows), *more(listed.next), as_json=as_json)


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
    said = f"The {shown.kind} of order {shown.order_number} is {decided.decision.done}; {shown.integration} is told"
    answer(after, said, as_json=as_json)
