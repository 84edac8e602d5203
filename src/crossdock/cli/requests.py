"""Commands of a warehouse: shipping requests, the pick list, packing slips, and what has left."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import RenderableType

from crossdock.cli.explaining import found
from crossdock.cli.failures import CommandError, ListsByDefault
from crossdock.cli.fulfillments import Carrier, Number, Service, Url
from crossdock.cli.moments import moment_of
from crossdock.cli.output import After, AsJson, Limit, answer, day, moment, more
from crossdock.cli.session import acting, open_hub, refuse_unknown
from crossdock.cli.tables import table
from crossdock.cli.units import units_by_sku
from crossdock.cli.wording import plain, shipped_lines, told_channels, tracking
from crossdock.domain.routing import decider
from crossdock.domain.shipping import RequestState
from crossdock.domain.sync import FlowKey
from crossdock.operations.fulfillments import fulfillment_push
from crossdock.operations.fulfillments.fulfillments import Entry, Tracking
from crossdock.operations.routing import by_hand
from crossdock.operations.routing import requests as routed_requests
from crossdock.operations.routing.requests import Ask
from crossdock.operations.task import Task
from crossdock.operations.views import views
from crossdock.operations.views.views import RequestLineView
from crossdock.operations.warehouse import packing, picking, shipping
from crossdock.operations.warehouse.picking import PickList
from crossdock.store.database import Transaction
from crossdock.sync import lease

commands = typer.Typer()
request_commands = typer.Typer(cls=ListsByDefault)
commands.add_typer(
    request_commands, name="requests", help="Show what locations are to ship, or enter what has left."
)

RequestNumber = Annotated[str, typer.Argument(help="The number of the shipping request, as 1001-1.")]
UNDECIDED = "asks to cancel, and nobody has decided: crossdock cancellations"


@request_commands.command("list")
def list_requests(  # noqa: PLR0913  # these are the filters of a list
    order: Annotated[str, typer.Option(help="Of one order, by its id or number.")] = "",
    warehouse: Annotated[str, typer.Option(help="For one warehouse integration.")] = "",
    location: Annotated[str, typer.Option(help="From one location, by its name, code or id.")] = "",
    state: Annotated[RequestState | None, typer.Option(help="In this state only.")] = None,
    limit: Limit = 50,
    after: After = "",
    as_json: AsJson = False,
) -> None:
    """What locations are to ship, the newest first."""
    filters = {"order": order, "warehouse": warehouse, "location": location, "state": state or ""}
    with open_hub() as hub:
        refuse_unknown(hub, warehouse)
        with hub.database.reading() as tx:
            listed = views.requests(tx, **filters, after=after, limit=limit)
    rows = [
        (r.number, r.order_number, r.warehouse, r.location, plain(r.state), _units(r.lines), day(r.sent_at))
        for r in listed.items
    ]
    columns = ("Number", "Order", "Warehouse", "Location", "State", "Open", "Sent")
    notes = [(r.number, r.message) for r in listed.items]
    shown = table("Shipping requests", columns, rows, notes=notes, gives_way=("Sent", "Location"))
    answer(listed, shown, *more(listed.next), as_json=as_json)


def _units(lines: list[RequestLineView]) -> str:
    return f"{sum(line.open for line in lines)} of {sum(line.quantity for line in lines)}"


@request_commands.command()
def show(number: RequestNumber, as_json: AsJson = False) -> None:
    """One shipping request, line by line, and what has left of it."""
    with open_hub() as hub, hub.database.reading() as tx:
        detail = found(views.request(tx, number), f"shipping request {number}")
    r = detail.request
    rows = [
        ("Order", f"{r.order_number} of {r.channel}"),
        ("Warehouse", r.warehouse),
        ("Location", r.location),
        ("State", plain(r.state)),
        ("Method", r.method),
        ("Decided by", decider(r.card) if r.card else r.actor),
        ("Its id there", r.channel_id),
        ("Says", r.message),
        ("Buyer", UNDECIDED if r.asks_to_cancel else ""),
        ("Again", moment(r.again_at)),
        ("Sent", moment(r.sent_at)),
    ]
    lines = [
        (line.number, line.sku, line.name, line.quantity, line.stopped, line.shipped, line.open)
        for line in r.lines
    ]
    left = [(f.id, f.state, shipped_lines(f), tracking(f), day(f.shipped_at)) for f in detail.fulfillments]
    answer(
        detail,
        table(f"Shipping request {r.number}", ("What", "Is"), [row for row in rows if row[1]]),
        table("Lines", ("Line", "SKU", "Name", "Units", "Stopped", "Shipped", "Open"), lines),
        table("Has left", ("Id", "State", "Units", "Tracking", "Shipped"), left),
        as_json=as_json,
    )


@request_commands.command()
def ship(  # noqa: PLR0913  # each is one thing that can be said of a parcel
    number: RequestNumber,
    carrier: Carrier = None,
    tracking: Number = None,
    url: Url = None,
    service: Service = None,
    line: Annotated[
        list[str] | None,
        typer.Option(
            help="SKU=QUANTITY, or the line's number, as often as needed; without it all that is open."
        ),
    ] = None,
    shipped_at: Annotated[
        str, typer.Option(help="When it left, as 2026-03-02T10:00:00+01:00, with its zone; now if not said.")
    ] = "",
    reference: Annotated[
        str, typer.Option(help="Your own id of it; given again, it is the same fulfillment.")
    ] = "",
    left_anyway: Annotated[
        bool, typer.Option("--left-anyway", help="It left although it was stopped, or its order canceled.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Enter the carrier and number under which a request, or a part of it, has left."""
    what = Tracking(carrier or "", tracking or "", url or "", service or "")
    units = units_by_sku("--line", line or ())
    at = moment_of("--shipped-at", shipped_at)
    entry = Entry(what, units, shipped_at=at, reference=reference, left_anyway=left_anyway)
    with open_hub() as hub:
        with hub.database.serial() as tx:
            asked = found(views.request(tx, number), f"shipping request {number}").request
            made = shipping.ship(tx, acting(hub, tx, asked.channel), number, entry)
            after = found(views.fulfillment(tx, made), f"fulfillment {made}")
            flows = fulfillment_push.flows_of(tx, made)
        for flow in flows:
            lease.want(hub.database, flow)
    said = [f"Fulfillment {after.id} of shipping request {number}: {shipped_lines(after)}"]
    said += (
        [f"The buyer of it {UNDECIDED}. Some channels take its shipping as the answer"]
        if asked.asks_to_cancel
        else []
    )
    said += [f"Check the tracking: {after.warning}"] if after.warning else []
    answer(after, *said, *([told_channels(after)] if after.channels else []), as_json=as_json)


@request_commands.command()
def add(
    order: Annotated[str, typer.Argument(help="The order, by its id or number.")],
    location: Annotated[
        str, typer.Option("--from", help="The location that is to ship, by its name, code or id.")
    ],
    line: Annotated[
        list[str] | None,
        typer.Option(help="SKU=QUANTITY, as often as needed; without it all that nobody was asked for."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Ask a location to ship an order, or a part of it, in place of the routing."""
    wish = Ask(location, units_by_sku("--line", line or ()))
    with open_hub() as hub:
        with hub.database.serial() as tx:
            shown = found(views.order_to_change(tx, order), f"order {order}")
            number = routed_requests.ask(tx, acting(hub, tx, shown.integration), shown.id, wish)
            made = found(views.request(tx, number), f"shipping request {number}").request
            flows = by_hand.flows_of(tx, number)
        for flow in flows:
            lease.want(hub.database, flow)
    said = (
        f"Shipping request {made.number}: {_units(made.lines)} units from {made.location} by {made.warehouse}"
    )
    answer(made, said, as_json=as_json)


@request_commands.command()
def stop(number: RequestNumber, as_json: AsJson = False) -> None:
    """Take a shipping request back; a warehouse that has it is asked not to ship."""
    _say(number, by_hand.stop, as_json=as_json)


@request_commands.command()
def stopped(number: RequestNumber, as_json: AsJson = False) -> None:
    """Say that nothing more of a shipping request will leave, whatever its warehouse has said."""
    _say(number, by_hand.stopped, as_json=as_json)


@request_commands.command()
def retry(number: RequestNumber, as_json: AsJson = False) -> None:
    """Tell a warehouse again of a request that it refused, could not stop or did not answer."""
    _say(number, by_hand.retry, as_json=as_json)


def _say(number: str, say: Callable[[Transaction, Task, str], list[FlowKey]], *, as_json: bool) -> None:
    with open_hub() as hub:
        with hub.database.serial() as tx:
            asked = found(views.request(tx, number), f"shipping request {number}").request
            flows = say(tx, acting(hub, tx, asked.channel), number)
            after = found(views.request(tx, number), f"shipping request {number}").request
        for flow in flows:
            lease.want(hub.database, flow)
    told = f". {after.message}" if after.message else ""
    answer(after, f"Shipping request {number}: {plain(after.state)}{told}", as_json=as_json)


def pick_list(
    warehouse: Annotated[str, typer.Argument(help="The warehouse integration.")],
    location: Annotated[str, typer.Option(help="Of one location, by its name, code or id.")] = "",
    as_json: AsJson = False,
) -> None:
    """What a warehouse has to take from its shelves, and what is not to be shipped after all."""
    with open_hub() as hub:
        hub.integration(warehouse)
        style = hub.rules_of(warehouse).warehouse_style
        with hub.database.reading() as tx:
            lists = picking.pick_lists(tx, warehouse, now=hub.clock(), by=style.picks_by, location=location)
    shown = [part for each in lists for part in _shown(each)]
    answer(lists, *(shown or [f"{warehouse} has nothing to pick."]), as_json=as_json)


def _shown(one: PickList) -> list[RenderableType]:
    rows = [
        (
            pick.quantity,
            pick.sku,
            pick.name,
            ", ".join(pick.options),
            ", ".join(f"{share.quantity} × {share.request}" for share in pick.shares),
        )
        for pick in one.picks
    ]
    columns = ("Units", "SKU", "Name", "Options", "For")
    parts: list[RenderableType] = [table(f"To pick at {one.location}", columns, rows, gives_way=("Options",))]
    if one.asked_to_cancel:
        parts.append(f"Not to leave yet: {', '.join(one.asked_to_cancel)}. The buyer {UNDECIDED}")
    if one.take_out:
        out = [(each.quantity, each.sku, each.request, each.since) for each in one.take_out]
        parts.append(table("Not to be shipped after all", ("Units", "SKU", "Request", "Since"), out))
    return parts


def packing_slip(
    numbers: Annotated[list[str], typer.Argument(help="The numbers of the shipping requests.")],
    out: Annotated[Path, typer.Option(help="The PDF file to write.")],
    as_json: AsJson = False,
) -> None:
    """Write the packing slips of shipping requests into one PDF, without prices."""
    from crossdock.documents.packing_slip import packing_slips  # here: other commands load faster

    with open_hub() as hub:
        with hub.database.reading() as tx:
            names = packing.warehouses(tx, numbers)
        styles = {name: hub.rules_of(name).warehouse_style for name in names}
        with hub.database.reading() as tx:
            slips = packing.slips(tx, numbers, hub.cipher, styles)
    try:
        out.write_bytes(packing_slips(slips))
    except OSError as error:
        raise CommandError(f"--out: {out} cannot be written: {error.strerror}") from None
    written = {"file": str(out), "requests": [slip.request for slip in slips]}
    answer(written, f"{out}: {', '.join(slip.request for slip in slips)}", as_json=as_json)


commands.command("pick-list")(pick_list)
commands.command("packing-slip")(packing_slip)
