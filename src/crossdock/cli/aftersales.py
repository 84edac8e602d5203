"""Commands about what comes after a sale: cancellations and statements."""

from __future__ import annotations

from typing import Annotated

import typer

from crossdock.app import Hub
from crossdock.cli.explaining import found
from crossdock.cli.failures import ListsByDefault
from crossdock.cli.output import After, AsJson, Limit, answer, moment, more, table
from crossdock.cli.session import acting, open_hub, refuse_unknown
from crossdock.cli.units import units_by_sku
from crossdock.domain.aftersales import Answer, CancellationState, CancelReason, Decision
from crossdock.domain.sync import Direction, Entity, FlowKey
from crossdock.operations import cancellation_requests, cancellations, views
from crossdock.operations.cancellations import Wish
from crossdock.sync import lease

commands = typer.Typer()
cancellation_commands = typer.Typer(cls=ListsByDefault)
commands.add_typer(
    cancellation_commands, name="cancellations", help="Show cancellations, or answer buyers who ask for one."
)

Integration = Annotated[str, typer.Option(help="Of one integration only.")]
CancellationId = Annotated[str, typer.Argument(help="The id of the cancellation.")]


def cancel(  # noqa: PLR0913  # each is one thing that can be decided
    order: Annotated[str, typer.Argument(help="The order, by its id or number.")],
    line: Annotated[
        list[str] | None, typer.Option(help="SKU=QUANTITY, as often as needed; without it the whole order.")
    ] = None,
    restock: Annotated[bool, typer.Option(help="Whether the units go back on sale.")] = True,
    reason: Annotated[CancelReason, typer.Option(help="Why.")] = CancelReason.OTHER,
    note: Annotated[str, typer.Option(help="More about why, for people.")] = "",
    as_json: AsJson = False,
) -> None:
    """Cancel an order, whole or in part; its channel is told where the settings say so."""
    wish = Wish(units_by_sku("--line", line or ()), reason=reason, note=note, restocks=restock)
    with open_hub() as hub:
        with hub.database.reading() as tx:
            shown = found(views.order(tx, order), f"order {order}").order
        with hub.database.serial() as tx:
            cancellations.cancel(tx, acting(hub, tx, shown.integration), shown.id, wish)
            after = found(views.order(tx, shown.id), f"order {order}")
        _wake(hub, shown.integration)
    told = after.cancellations[0]
    said = f"Order {shown.number}: {after.order.status}; cancellation {told.id} is {told.state}"
    answer(after, said, as_json=as_json)


@cancellation_commands.command("list")
def list_cancellations(
    integration: Integration = "",
    state: Annotated[CancellationState | None, typer.Option(help="In this state only.")] = None,
    limit: Limit = 50,
    after: After = "",
    as_json: AsJson = False,
) -> None:
    """Cancellations, the newest first; a buyer's request with the time until which it must be decided."""
    with open_hub() as hub:
        refuse_unknown(hub, integration)
        with hub.database.reading() as tx:
            listed = views.cancellations(
                tx, integration=integration, state=state or "", after=after, limit=limit
            )
    rows = [
        (
            c.id,
            c.order_number,
            c.integration,
            c.origin,
            c.state,
            "whole order" if c.units is None else f"{c.units} units",
            c.reason,
            moment(c.deadline),
            c.decision,
            c.message,
        )
        for c in listed.items
    ]
    columns = (
        "Id",
        "Order",
        "Integration",
        "By",
        "State",
        "What",
        "Reason",
        "Decide until",
        "Decided",
        "Said",
    )
    answer(listed, table("Cancellations", columns, rows), *more(listed.next), as_json=as_json)


@cancellation_commands.command()
def approve(cancellation: CancellationId, as_json: AsJson = False) -> None:
    """Approve a buyer's request: the order, or its units, are canceled."""
    _decide(cancellation, Answer(Decision.APPROVE), as_json=as_json)


@cancellation_commands.command()
def reject(
    cancellation: CancellationId,
    reason: Annotated[
        str, typer.Option(help="The channel's name of the reason; empty for its usual one.")
    ] = "",
    note: Annotated[str, typer.Option(help="What the buyer is told beside it.")] = "",
    as_json: AsJson = False,
) -> None:
    """Reject a buyer's request: the order goes on."""
    _decide(cancellation, Answer(Decision.REJECT, reason, note), as_json=as_json)


def _decide(cancellation: str, decided: Answer, *, as_json: bool) -> None:
    with open_hub() as hub:
        with hub.database.reading() as tx:
            shown = found(views.cancellation(tx, cancellation), f"cancellation {cancellation}")
        with hub.database.serial() as tx:
            task = acting(hub, tx, shown.integration)
            cancellation_requests.decide(tx, task, cancellation, decided)
            after = found(views.cancellation(tx, cancellation), f"cancellation {cancellation}")
        _wake(hub, shown.integration)
    said = (
        f"The request of order {shown.order_number} is {decided.decision.done}; {shown.integration} is told"
    )
    answer(after, said, as_json=as_json)


@commands.command()
def statements(
    integration: Integration = "", limit: Limit = 50, after: After = "", as_json: AsJson = False
) -> None:
    """What the channels settled, the newest first."""
    with open_hub() as hub:
        refuse_unknown(hub, integration)
        with hub.database.reading() as tx:
            listed = views.statements(tx, integration=integration, after=after, limit=limit)
    rows = [
        (
            s.channel_id,
            s.integration,
            moment(s.stated_at),
            s.state,
            s.orders,
            s.revenue,
            s.fees,
            s.shipping,
            s.adjustment,
            f"{s.settled} {s.currency}",
            s.unexplained,
        )
        for s in listed.items
    ]
    columns = (
        "Id",
        "Integration",
        "Of",
        "State",
        "Orders",
        "Revenue",
        "Fees",
        "Shipping",
        "Adjusted",
        "Settled",
    )
    answer(listed, table("Statements", (*columns, "In no line"), rows), *more(listed.next), as_json=as_json)


def _wake(hub: Hub, integration: str) -> None:
    lease.want(hub.database, FlowKey(integration, Direction.PUSH, Entity.CANCELLATIONS))
