"""The command that says why: why a SKU has its number, and why an order is in its state."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, TypeVar

import typer
from rich.console import RenderableType
from rich.text import Text

from crossdock.app import Hub
from crossdock.cli.failures import CommandError
from crossdock.cli.output import AsJson, answer, moment, table
from crossdock.cli.session import open_hub
from crossdock.operations import views
from crossdock.operations.views import (
    EventView,
    FulfillmentView,
    OrderDetail,
    ReportView,
    StockExplanation,
    ToldView,
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
    rows = [(moment(m.at), m.location, m.kind, m.on_hand, m.committed, m.reason) for m in ledger]
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
            "yes" if v.counts else f"no: {v.reason}",
        )
        for v in why.levels
    ]
    yield table("Levels", ("Location", "On hand", "Committed", "Unavailable", "Available", "Counts"), rows)
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


def _reports(reports: list[ReportView]) -> RenderableType:
    rows = [(r.owner, r.sku, r.location, r.quantity, r.state, moment(r.created_at)) for r in reports]
    return table(
        "Reports to the owner of stock", ("Owner", "SKU", "Location", "Units", "State", "Since"), rows
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
    yield Text(f"Placed {moment(o.placed_at)}, shipped by {o.fulfilled_by}, {o.total} {o.currency}")
    if o.tags:
        yield Text(f"Tags: {', '.join(o.tags)}")
    rows = [
        (
            line.sku,
            line.master_sku or "unmatched",
            line.name,
            line.quantity,
            line.quantity_canceled,
            line.quantity_shipped,
            line.unit_price,
            line.total,
        )
        for line in detail.lines
    ]
    columns = ("SKU", "Master SKU", "Name", "Units", "Canceled", "Shipped", "Unit price", "Total")
    yield table("Lines", columns, rows)
    if detail.reports:
        yield _reports(detail.reports)
    if detail.fulfillments:
        yield _fulfillments(detail)
    yield from _after_sales(detail)
    yield timeline(detail.events)


def _fulfillments(detail: OrderDetail) -> RenderableType:
    rows = [
        (
            f.id,
            f.state,
            f.source,
            shipped_lines(f),
            f"{f.carrier} {f.tracking_number}".strip(),
            moment(f.shipped_at),
            told_channels(f),
        )
        for f in detail.fulfillments
    ]
    columns = ("Id", "State", "Recorded in", "Units", "Tracking", "Shipped", "Channels")
    return table("Fulfillments", columns, rows)


def shipped_lines(shown: FulfillmentView) -> str:
    """What a fulfillment holds: 2 × TEA-1, 1 × MUG-1."""
    return ", ".join(f"{line.quantity} × {line.sku or line.master_sku}" for line in shown.lines)


def told_channels(shown: FulfillmentView) -> str:
    """Whether each channel that has to know of a fulfillment does, a line for each."""
    return "\n".join(_told(channel) for channel in shown.channels)


def _told(channel: ToldView) -> str:
    about = [", ".join(channel.parcels), channel.message, channel.fix]
    if channel.again_at is not None:
        about.append(f"again at {moment(channel.again_at)}")
    why = "; ".join(part for part in about if part)
    return f"{channel.integration}: {channel.state}{f' ({why})' if why else ''}"


def _after_sales(detail: OrderDetail) -> Iterator[RenderableType]:
    """Cancellations, returns and settlements, where there are any."""
    if detail.cancellations:
        canceled = [
            (
                c.origin,
                c.state,
                "whole order" if c.units is None else f"{c.units} units",
                c.reason,
                moment(c.deadline),
                c.message,
                c.id,
            )
            for c in detail.cancellations
        ]
        of_cancellation = ("By", "State", "What", "Reason", "Decide until", "Said", "Id")
        yield table("Cancellations", of_cancellation, canceled)
    if detail.returns:
        returned = [
            (
                r.kind,
                r.state,
                ", ".join(f"{line.quantity} × {line.name or line.line_id}" for line in r.lines),
                f"{r.refunded} {r.currency}",
                r.is_restocked,
                r.reason,
            )
            for r in detail.returns
        ]
        of_return = ("Kind", "State", "Units", "Refunded", "Restocked", "Reason")
        yield table("Returns and refunds", of_return, returned)
    if detail.settlements:
        settled = [
            (
                s.statement,
                moment(s.stated_at),
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
    rows = [(moment(e.at), e.integration, e.what, e.status, e.run_id or e.actor) for e in events]
    return table("Timeline", ("When", "Integration", "What", "Status", "By"), rows)
