"""Commands about what has left: show fulfillments, record, correct or take one back, and send an order to be shipped."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer
from rich.text import Text

from crossdock.app import Hub
from crossdock.cli.explaining import found
from crossdock.cli.failures import ListsByDefault
from crossdock.cli.moments import moment_of
from crossdock.cli.output import After, AsJson, Limit, answer, day, moment, more
from crossdock.cli.session import acting, open_hub, refuse_unknown
from crossdock.cli.tables import table
from crossdock.cli.units import units_by_sku
from crossdock.cli.wording import mended, plain, shipped_lines, told_channels, tracking
from crossdock.domain.fulfillment import FulfillmentState
from crossdock.domain.sync import FlowKey
from crossdock.operations.fulfillments import fulfillment_push, fulfillments
from crossdock.operations.fulfillments.fulfillments import Entry, Tracking
from crossdock.operations.orders import sending
from crossdock.operations.task import Task
from crossdock.operations.views import views
from crossdock.operations.views.views import FulfillmentView
from crossdock.store.database import Transaction
from crossdock.sync import lease

commands = typer.Typer()
fulfillment_commands = typer.Typer(cls=ListsByDefault)
commands.add_typer(
    fulfillment_commands,
    name="fulfillments",
    help="Show what has left of orders, or record, correct and take back a fulfillment.",
)

FulfillmentId = Annotated[str, typer.Argument(help="The id of the fulfillment.")]
Order = Annotated[str, typer.Argument(help="The order, by its id or number.")]
Carrier = Annotated[str | None, typer.Option(help="The carrier's name, such as UPS.")]
Number = Annotated[str | None, typer.Option("--tracking", help="The tracking number.")]
Url = Annotated[str | None, typer.Option(help="Where the buyer can follow the parcel.")]
Service = Annotated[str | None, typer.Option(help="The carrier's service, such as Ground.")]


@fulfillment_commands.command("list")
def list_fulfillments(  # noqa: PLR0913  # these are the filters of a list
    integration: Annotated[
        str, typer.Option(help="Of the orders of one integration, or recorded there.")
    ] = "",
    order: Annotated[str, typer.Option(help="Of one order, by its id or number.")] = "",
    state: Annotated[FulfillmentState | None, typer.Option(help="In this state only.")] = None,
    search: Annotated[str, typer.Option(help="Part of a carrier, a tracking or order number.")] = "",
    limit: Limit = 50,
    after: After = "",
    as_json: AsJson = False,
) -> None:
    """What has left, the newest first, and which channels know of it."""
    filters = {"integration": integration, "order": order, "state": state or "", "search": search}
    with open_hub() as hub:
        refuse_unknown(hub, integration)
        with hub.database.reading() as tx:
            listed = views.fulfillments(tx, **filters, after=after, limit=limit)
    rows = [
        (
            f.id,
            f.order_number,
            f.state,
            sum(line.quantity for line in f.lines),
            tracking(f),
            day(f.shipped_at),
        )
        for f in listed.items
    ]
    columns = ("Id", "Order", "State", "Units", "Tracking", "Shipped")
    notes = [(f.id, told_channels(f)) for f in listed.items]
    shown = table("Fulfillments", columns, rows, notes=notes, gives_way=("Shipped", "Units"))
    answer(listed, shown, *more(listed.next), as_json=as_json)


@fulfillment_commands.command()
def show(fulfillment: FulfillmentId, as_json: AsJson = False) -> None:
    """One fulfillment, and what each channel has on record of it."""
    with open_hub() as hub, hub.database.reading() as tx:
        shown = _shown(tx, fulfillment)
    rows = [
        ("Order", f"{shown.order_number} of {shown.integration}"),
        ("Recorded in", f"{shown.source} {shown.channel_id}".strip()),
        ("State", shown.state),
        ("Units", shipped_lines(shown)),
        ("Carrier", shown.carrier),
        ("Tracking", shown.tracking_number),
        ("Address", shown.tracking_url),
        ("Service", shown.service),
        ("Shipping request", shown.request),
        ("Check the tracking", shown.warning),
        ("Shipped", moment(shown.shipped_at)),
    ]
    told = [
        (c.integration, plain(c.state), c.parcels, moment(c.again_at), moment(c.told_at))
        for c in shown.channels
    ]
    said = [(c.integration, mended(c.message, c.fix)) for c in shown.channels]
    answer(
        shown,
        table(f"Fulfillment {shown.id}", ("What", "Is"), [row for row in rows if row[1]]),
        table(
            "Channels that have to know", ("Channel", "State", "Its ids", "Again", "Told"), told, notes=said
        ),
        as_json=as_json,
    )


@fulfillment_commands.command()
def label(fulfillment: FulfillmentId, as_json: AsJson = False) -> None:
    """Where the platform's own label can be fetched, for orders that a location packs and their platform ships.

    The address works for about a day and is kept nowhere; asking again buys nothing.
    """
    with open_hub() as hub:
        found = hub.shipping_labels(fulfillment)
    notes = [(one.parcel, one.url) for one in found]
    rows = [(one.parcel, one.tracking_number) for one in found]
    answer(found, table("Labels", ("Parcel", "Tracking"), rows, notes=notes), as_json=as_json)


@fulfillment_commands.command()
def add(  # noqa: PLR0913  # each is one thing that can be said of a parcel
    order: Order,
    carrier: Carrier = None,
    tracking: Number = None,
    url: Url = None,
    service: Service = None,
    line: Annotated[
        list[str] | None, typer.Option(help="SKU=QUANTITY, as often as needed; without it all that is open.")
    ] = None,
    shipped_at: Annotated[
        str, typer.Option(help="When it left, as 2026-03-02T10:00:00+01:00, with its zone; now if not said.")
    ] = "",
    reference: Annotated[
        str, typer.Option(help="Your own id of it; given again, it is the same fulfillment.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Record what has left of an order; every channel that has the order is told where its settings say so."""
    what = Tracking(carrier or "", tracking or "", url or "", service or "")
    units = units_by_sku("--line", line or ())
    entry = Entry(what, units, shipped_at=moment_of("--shipped-at", shipped_at), reference=reference)
    with open_hub() as hub:
        with hub.database.reading() as tx:
            shown = found(views.order_to_change(tx, order), f"order {order}")
        with hub.database.serial() as tx:
            made = fulfillments.enter(tx, acting(hub, tx, shown.integration), shown.id, entry)
            after, flows = _shown(tx, made), fulfillment_push.flows_of(tx, made)
        _wake(hub, flows)
    said = f"Fulfillment {after.id} of order {after.order_number}: {shipped_lines(after)}"
    answer(after, said, *_doubts(after), *_channels(after), as_json=as_json)


@fulfillment_commands.command()
def correct(  # noqa: PLR0913  # each is one thing that can be corrected
    fulfillment: FulfillmentId,
    carrier: Carrier = None,
    tracking: Number = None,
    url: Url = None,
    service: Service = None,
    as_json: AsJson = False,
) -> None:
    """Correct the tracking of a fulfillment recorded here; what is not named stays, an address only with its number."""

    def with_other(tx: Transaction, task: Task, was: FulfillmentView) -> None:
        before = Tracking(was.carrier, was.tracking_number, was.tracking_url, was.service)
        now = before.corrected(carrier=carrier, number=tracking, url=url, service=service)
        fulfillments.correct(tx, task, was.id, now)

    _change(fulfillment, with_other, "corrected", as_json=as_json)


@fulfillment_commands.command()
def void(fulfillment: FulfillmentId, as_json: AsJson = False) -> None:
    """Take back a fulfillment that was recorded here: its units are open again."""

    def taken_back(tx: Transaction, task: Task, was: FulfillmentView) -> None:
        fulfillments.void(tx, task, was.id)

    _change(fulfillment, taken_back, "taken back", as_json=as_json)


def sent(order: Order, as_json: AsJson = False) -> None:
    """Say that an order was sent to a location to be shipped; its channel shows that where its settings say so."""
    with open_hub() as hub:
        with hub.database.serial() as tx:
            shown = found(views.order_to_change(tx, order), f"order {order}")
            sending.mark_sent(tx, acting(hub, tx, shown.integration), shown.id)
            after = found(views.order(tx, shown.id), f"order {order}")
            flows = sending.flows_of(tx, shown.id)
        _wake(hub, flows)
    answer(after, f"Order {shown.number}: {after.order.status}", as_json=as_json)


def _change(
    fulfillment: str,
    change: Callable[[Transaction, Task, FulfillmentView], None],
    done: str,
    *,
    as_json: bool,
) -> None:
    with open_hub() as hub:
        with hub.database.serial() as tx:
            was = _shown(tx, fulfillment)
            change(tx, acting(hub, tx, was.integration), was)
            after, flows = _shown(tx, fulfillment), fulfillment_push.flows_of(tx, fulfillment)
        _wake(hub, flows)
    said = f"Fulfillment {after.id} of order {after.order_number} is {done}"
    answer(after, said, *_doubts(after), *_channels(after), as_json=as_json)


def _shown(tx: Transaction, fulfillment: str) -> FulfillmentView:
    return found(views.fulfillment(tx, fulfillment), f"fulfillment {fulfillment}")


def _doubts(shown: FulfillmentView) -> list[str]:
    return [f"Check the tracking: {shown.warning}"] if shown.warning else []


def _channels(shown: FulfillmentView) -> list[Text]:
    return [Text(told_channels(shown))] if shown.channels else []


def _wake(hub: Hub, flows: list[FlowKey]) -> None:
    for flow in flows:
        lease.want(hub.database, flow)
