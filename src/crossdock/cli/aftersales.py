"""Commands about what comes after a sale: cancellations and statements."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

import typer

from crossdock.app import Hub
from crossdock.cli.explaining import found
from crossdock.cli.failures import ListsByDefault
from crossdock.cli.output import After, AsJson, Limit, answer, day, moment, more
from crossdock.cli.session import acting, open_hub, refuse_unknown
from crossdock.cli.tables import table
from crossdock.cli.units import units_by_sku
from crossdock.cli.wording import about_cancellation, canceled_units, plain
from crossdock.domain.aftersales import Answer, CancellationState, CancelReason, Decision
from crossdock.domain.sync import Direction, Entity, FlowKey
from crossdock.operations.orders import cancellation_requests, cancellations
from crossdock.operations.orders.cancellations import Wish
from crossdock.operations.views import views
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
            shown = found(views.order_to_change(tx, order), f"order {order}")
        with hub.database.serial() as tx:
            cancellations.cancel(tx, acting(hub, tx, shown.integration), shown.id, wish)
            after = found(views.order(tx, shown.id), f"order {order}")
        _wake(hub, shown.integration)
    told = after.cancellations[0]
    said = f"Order {shown.number}: {after.order.status}; cancellation {told.id} is {plain(told.state)}"
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
        (c.id, c.order_number, c.origin, plain(c.state), canceled_units(c), c.deadline) for c in listed.items
    ]
    columns = ("Id", "Order", "By", "State", "Units", "Decide until")
    notes = [(c.id, about_cancellation(c)) for c in listed.items]
    shown = table("Cancellations", columns, rows, notes=notes, gives_way=("By",))
    answer(listed, shown, *more(listed.next), as_json=as_json)


@cancellation_commands.command()
def show(cancellation: CancellationId, as_json: AsJson = False) -> None:
    """One cancellation in full."""
    with open_hub() as hub, hub.database.reading() as tx:
        c = found(views.cancellation(tx, cancellation), f"cancellation {cancellation}")
    rows = [
        ("Order", f"{c.order_number} of {c.integration}"),
        ("Number there", c.channel_id),
        ("By", c.origin),
        ("State", plain(c.state)),
        ("Units", canceled_units(c)),
        ("Reason", plain(c.reason)),
        ("Note", c.note),
        ("Refunded", c.refunded),
        ("Decide until", moment(c.deadline)),
        ("Decided", f"{c.decision} by {c.decided_by}" if c.decision else ""),
        ("Said", c.message),
        ("Since", moment(c.created_at)),
    ]
    answer(c, table(f"Cancellation {c.id}", ("What", "Is"), [row for row in rows if row[1]]), as_json=as_json)


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
    said = f"The request of order {shown.order_number} is {decided.decision.done} here; {shown.integration} is told next"
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
            day(s.stated_at),
            plain(s.state),
            s.orders,
            s.revenue,
            s.fees,
            f"{s.settled} {s.currency}",
        )
        for s in listed.items
    ]
    columns = ("Id", "Integration", "Of", "State", "Orders", "Revenue", "Fees", "Settled")
    notes = [
        (s.channel_id, f"{s.unexplained} {s.currency} stand in no line of it")
        for s in listed.items
        if Decimal(s.unexplained or 0)
    ]
    shown = table("Statements", columns, rows, notes=notes, gives_way=("Orders", "State", "Integration"))
    answer(listed, shown, *more(listed.next), as_json=as_json)


def _wake(hub: Hub, integration: str) -> None:
    lease.want(hub.database, FlowKey(integration, Direction.PUSH, Entity.CANCELLATIONS))
