"""The command that says why: why a SKU has its number, and why an order is in its state."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, TypeVar

import typer
from rich.console import RenderableType
from rich.text import Text

from crossdock.app import Hub
from crossdock.cli.drifting import told
from crossdock.cli.failures import CommandError
from crossdock.cli.order_way import way
from crossdock.cli.output import AsJson, answer, day, moment
from crossdock.cli.session import open_hub
from crossdock.cli.tables import table
from crossdock.cli.wording import (
    about_cancellation,
    about_return,
    canceled_units,
    plain,
    refunded,
    returned_lines,
    shipped_by,
    shipped_lines,
    told_channels,
    tracking,
)
from crossdock.operations.views import views
from crossdock.operations.views.views import (
    EventView,
    LineView,
    OrderDetail,
    ReportView,
    StockExplanation,
)

commands = typer.Typer()

T = TypeVar("T")


class Explained(StrEnum):
    """What can be explained."""

    SKU = "sku"
    ORDER = "order"


@commands.command()
def explain(
    kind: Annotated[Explained, typer.Argument(help="What to explain.")],
    name: Annotated[str, typer.Argument(help="The SKU, or the id or number of the order.")],
    as_json: AsJson = False,
) -> None:
    """Why a SKU is offered with its number, or why an order is in its state."""
    with open_hub() as hub:
        if kind is Explained.SKU:
            _explain_sku(hub, name, as_json=as_json)
        else:
            _explain_order(hub, name, as_json=as_json)


def _explain_sku(hub: Hub, sku: str, *, as_json: bool) -> None:
    with hub.database.reading() as tx:
        why = found(views.explain_sku(tx, sku, hub.rules_of), f"SKU {sku!r}")
        ledger = views.ledger(tx, sku)
    rows = [(m.at, m.location, m.kind, m.on_hand, m.committed, m.reason) for m in ledger]
    columns = ("When", "Location", "Kind", "On hand", "Committed", "Reason")
    document = {"explanation": why, "ledger": ledger}
    answer(document, *_why(why), table("Ledger", columns, rows), as_json=as_json)


def _why(why: StockExplanation) -> Iterator[RenderableType]:
    yield Text.assemble((why.sku, "bold"), f"  {why.title}; stock is owned by {why.owner or 'nobody yet'}")
    rows = [
        (
            v.location,
            v.on_hand,
            v.committed,
            v.unavailable,
            v.available,
            v.counts,
        )
        for v in why.levels
    ]
    columns = ("Location", "On hand", "Committed", "Unavailable", "Available", "Counts")
    notes = [(v.location, f"does not count: {v.reason}") for v in why.levels if not v.counts]
    yield table("Levels", columns, rows, notes=notes, gives_way=("Unavailable",))
    if why.commitments:
        promised = [(c.number, c.integration, c.location, c.units) for c in why.commitments]
        yield table("Promised to orders", ("Order", "Integration", "Location", "Units"), promised)
    if why.reports:
        yield _reports(why.reports)
    for channel in why.channels:
        offered = "nothing" if channel.offered is None else str(channel.offered)
        yield Text.assemble((channel.integration, "bold"), f": {offered} to be offered ({channel.state})")
        yield from (Text(f"  {step}") for step in channel.steps)
        if channel.reason:
            yield Text(f"  {channel.reason}. {channel.fix}".rstrip())
        if channel.confirmed is not None:
            yield Text(f"  Last confirmed: {channel.confirmed} at {moment(channel.confirmed_at)}")
        if channel.looked_at is not None:
            yield Text(f"  Last looked at: {moment(channel.looked_at)}")
        if channel.drift is not None:
            yield Text(f"  Last drift: {told(channel.drift)}")


def _reports(reports: list[ReportView]) -> RenderableType:
    rows = [(r.owner, r.sku, r.location, r.quantity, plain(r.state), r.created_at) for r in reports]
    return table(
        "Reports to the owner of stock",
        ("Owner", "SKU", "Location", "Units", "State", "Since"),
        rows,
        gives_way=("Since",),
    )


def _explain_order(hub: Hub, name: str, *, as_json: bool) -> None:
    with hub.database.reading() as tx:
        detail = found(views.order(tx, name, hub.cipher), f"order {name}")
    answer(detail, *_order(detail), as_json=as_json)


def _order(detail: OrderDetail) -> Iterator[RenderableType]:
    o = detail.order
    yield Text.assemble(
        (f"Order {o.number}", "bold"), f"  {o.id}, {o.integration}: {o.status} ({o.channel_status})"
    )
    yield Text(
        f"Placed {moment(o.placed_at)}, shipped by {shipped_by(o.fulfilled_by)}, {o.total} {o.currency}"
    )
    if o.tags:
        yield Text(f"Tags: {', '.join(o.tags)}")
    rows = [
        (
            line.sku,
            line.name,
            line.quantity,
            line.quantity_canceled,
            line.quantity_shipped,
            line.unit_price,
            line.total,
        )
        for line in detail.lines
    ]
    columns = ("SKU", "Name", "Units", "Canceled", "Shipped", "Unit price", "Total")
    notes = [(line.sku, _product_of(line)) for line in detail.lines if line.master_sku != line.sku]
    yield table("Lines", columns, rows, notes=notes, gives_way=("Unit price", "Name"))
    yield from way(detail)
    if detail.reports:
        yield _reports(detail.reports)
    if detail.fulfillments:
        yield _fulfillments(detail)
    yield from _after_sales(detail)
    yield timeline(detail.events)


def _product_of(line: LineView) -> str:
    return f"the product {line.master_sku}" if line.master_sku else "no product has this SKU"


def _fulfillments(detail: OrderDetail) -> RenderableType:
    rows = [
        (f.id, f.state, f.source, shipped_lines(f), tracking(f), day(f.shipped_at))
        for f in detail.fulfillments
    ]
    columns = ("Id", "State", "Recorded in", "Units", "Tracking", "Shipped")
    notes = [(f.id, told_channels(f)) for f in detail.fulfillments]
    return table("Fulfillments", columns, rows, notes=notes, gives_way=("Recorded in", "Shipped"))


def _after_sales(detail: OrderDetail) -> Iterator[RenderableType]:
    """Cancellations, returns and settlements, where there are any."""
    if detail.cancellations:
        canceled = [
            (c.id, c.origin, plain(c.state), canceled_units(c), c.deadline) for c in detail.cancellations
        ]
        of_cancellation = ("Id", "By", "State", "Units", "Decide until")
        notes = [(c.id, about_cancellation(c)) for c in detail.cancellations]
        yield table("Cancellations", of_cancellation, canceled, notes=notes)
    if detail.returns:
        returned = [
            (r.id, r.kind, plain(r.state), returned_lines(r), refunded(r), r.is_restocked)
            for r in detail.returns
        ]
        of_return = ("Id", "Kind", "State", "Units", "Refunded", "Restocked")
        notes = [(r.id, about_return(r)) for r in detail.returns]
        yield table("Returns and refunds", of_return, returned, notes=notes)
    if detail.settlements:
        settled = [
            (
                s.statement,
                day(s.stated_at),
                s.kind,
                s.revenue,
                s.fees,
                f"{s.settled} {s.currency}",
                s.state,
            )
            for s in detail.settlements
        ]
        of_settlement = ("Statement", "Of", "Kind", "Revenue", "Fees", "Settled", "State")
        yield table("Settlement", of_settlement, settled)


def found(detail: T | None, what: str) -> T:
    """The record asked for. Raises CommandError when there is none."""
    if detail is None:
        raise CommandError(f"There is no {what}")
    return detail


def timeline(events: list[EventView]) -> RenderableType:
    """What happened to a record, the latest first."""
    rows = [(e.at, e.integration, e.what, e.status, e.run_id or e.actor) for e in events]
    return table(
        "Timeline", ("When", "Integration", "What", "Status", "By"), rows, gives_way=("By", "Integration")
    )
