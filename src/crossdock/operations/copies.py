"""Orders of one channel written into another, known by our reference so that they are never read back as new."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import sqlalchemy as sa

from crossdock.domain.channel import Address, ChannelId, ChannelOrder, ChannelOrderLine, OrderTotals
from crossdock.domain.inventory import ReportState
from crossdock.domain.order import FulfilledBy, OrderStatus
from crossdock.operations.events import Event, Subject, record
from crossdock.operations.orders import order_id
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.codec import pack, unpack
from crossdock.store.database import Transaction
from crossdock.store.query import select_in, upsert

ORDER = tables.order
LINE = tables.order_line
LISTING = tables.listing


class Buyer(msgspec.Struct, frozen=True):
    """The personal part of an order, as it lies encrypted in its row."""

    shipping: Address | None = None
    billing: Address | None = None


@dataclass(frozen=True, slots=True)
class Copy:
    """An order to be created, and for each line the product and variant it has on the target."""

    original_id: str
    order: ChannelOrder
    lines: dict[ChannelId, tuple[ChannelId, ChannelId]]


def draft(tx: Transaction, task: Task, original: str) -> Copy | None:
    """What creating this order on the task's integration would send; None when it is not wanted any more."""
    row = tx.execute(sa.select(ORDER).where(ORDER.c.id == original)).first()
    if row is None or row.status == OrderStatus.CANCELED:
        return None
    lines = tx.execute(sa.select(LINE).where(LINE.c.order_id == original).order_by(LINE.c.id)).all()
    linked = {
        found.variant_id: found
        for found in select_in(
            tx,
            sa.select(LISTING).where(LISTING.c.integration == task.integration),
            LISTING.c.variant_id,
            [line.variant_id for line in lines if line.variant_id],
        )
    }
    targets = {
        ChannelId(line.channel_id): (ChannelId(found.product_channel_id), ChannelId(found.channel_id))
        for line in lines
        if (found := linked.get(line.variant_id)) is not None
    }
    return Copy(original, restored(task, row, lines), targets)


def restored(task: Task, row: Any, lines: Any) -> ChannelOrder:
    """The order as its channel gave it, rebuilt from the hub's record."""
    buyer: Buyer = unpack(Buyer, task.cipher.decrypt(row.buyer)) if row.buyer else Buyer()
    return ChannelOrder(
        channel_id=ChannelId(row.channel_id),
        number=row.number,
        status=OrderStatus(row.status),
        channel_status=row.channel_status,
        placed_at=row.placed_at,
        modified_at=row.modified_at,
        currency=row.currency,
        lines=tuple(unpack(ChannelOrderLine, line.body) for line in lines),
        totals=unpack(OrderTotals, row.totals),
        fulfilled_by=FulfilledBy(row.fulfilled_by),
        is_reservation=row.is_reservation,
        shipping_address=buyer.shipping,
        billing_address=buyer.billing,
        shipping_method=row.shipping_method,
        tags=frozenset(unpack(list[str], row.tags)),
    )


def remember(tx: Transaction, task: Task, copy: Copy, created: ChannelId) -> None:
    """Keep what was created, so that the next pull knows it for a copy."""
    original = tx.execute(sa.select(ORDER).where(ORDER.c.id == copy.original_id)).one()
    values = dict(original._mapping)
    values |= {
        "id": order_id(task.integration, created),
        "integration": task.integration,
        "channel_id": created,
        "number": created,
        "channel_status": "created by the hub",
        "counts": False,
        "fingerprint": "",
        "copy_of": copy.original_id,
        "tags": pack([]),
        "created_at": task.now,
        "updated_at": task.now,
    }
    upsert(tx, ORDER, [values], keep=("fingerprint", "created_at"))
    record(
        tx,
        task,
        [
            Event(
                Subject.ORDER,
                copy.original_id,
                f"Created as order {created} in {task.integration}",
                direction="out",
            )
        ],
    )


def of_orders(tx: Transaction, integration: str, originals: Sequence[str]) -> list[tuple[str, ChannelId]]:
    """(original, copy's channel id) of those hub orders that have a copy on this integration."""
    statement = sa.select(ORDER.c.copy_of, ORDER.c.channel_id).where(ORDER.c.integration == integration)
    return [
        (row.copy_of, ChannelId(row.channel_id))
        for row in select_in(tx, statement, ORDER.c.copy_of, originals)
    ]


def to_cancel(tx: Transaction, integration: str) -> list[tuple[str, ChannelId]]:
    """Copies whose original was canceled whole, once the sale itself has been seen: nothing may overtake it."""
    report, original = tables.sale_report, ORDER.alias("original")
    under_way = [state for state in ReportState if state.is_in_flight]
    waiting = sa.select(report.c.order_id).where(report.c.owner == integration, report.c.state.in_(under_way))
    statement = (
        sa.select(report.c.order_id)
        .join(original, original.c.id == report.c.order_id)
        .where(
            report.c.owner == integration,
            report.c.state == ReportState.OPEN,
            report.c.quantity > 0,
            original.c.status == OrderStatus.CANCELED,
            report.c.order_id.not_in(waiting),
        )
        .distinct()
    )
    return of_orders(tx, integration, list(tx.scalars(statement)))
