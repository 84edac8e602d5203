"""An order as it lies in the database, and back to what its channel gave."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from crossdock.domain.channel import Address, ChannelId, ChannelOrder, ChannelOrderLine, OrderTotals
from crossdock.domain.holding import hold_until
from crossdock.domain.order import FulfilledBy, OrderStatus, Review
from crossdock.operations.routing.state import Routing
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.asking import Question
from crossdock.store.cipher import Cipher
from crossdock.store.codec import fingerprint, hub_id, pack, unpack

ORDER = tables.order
NAMES = Question(sa.select(ORDER.c.id, ORDER.c.channel_id, ORDER.c.copy_of, ORDER.c.integration), ORDER.c.id)


class Buyer(msgspec.Struct, frozen=True):
    """The personal part of an order, as it lies encrypted in its row."""

    shipping: Address | None = None
    billing: Address | None = None


def order_id(integration: str, channel_id: str) -> str:
    return hub_id("ord", integration, channel_id)


def buyer_of(cipher: Cipher, row: Any) -> Buyer:
    return unpack(Buyer, cipher.decrypt(row.buyer)) if row.buyer else Buyer()


def restored(task: Task, row: Any, lines: Iterable[Any]) -> ChannelOrder:
    """The order as its channel gave it, rebuilt from the hub's record."""
    buyer = buyer_of(task.cipher, row)
    return ChannelOrder(
        channel_id=ChannelId(row.channel_id),
        number=row.number,
        status=OrderStatus(row.status_there or row.status),
        channel_status=row.channel_status,
        placed_at=row.placed_at,
        modified_at=row.modified_at,
        currency=row.currency,
        lines=tuple(_line(line) for line in lines),
        totals=unpack(OrderTotals, row.totals),
        fulfilled_by=FulfilledBy(row.fulfilled_by),
        is_reservation=row.is_reservation,
        shipping_address=buyer.shipping,
        billing_address=buyer.billing,
        shipping_method=row.shipping_method,
        tags=frozenset(unpack(list[str], row.tags)),
        channel_status_id=row.channel_status_id,
    )


def _line(row: Any) -> ChannelOrderLine:
    """A line that was taken off its order since has all its units canceled in the row alone."""
    line: ChannelOrderLine = unpack(ChannelOrderLine, row.body)
    shipped = row.quantity_shipped - row.quantity_shipped_here
    return replace(line, quantity_canceled=row.quantity_canceled, quantity_shipped=shipped)


@dataclass(frozen=True, slots=True)
class Origin:
    """What is known beside the order itself: what is stored of it, the order it is a copy of, since when we read."""

    was: Any = None
    copy_of: str | None = None
    stands_for: str = ""
    """The id elsewhere of the order that the hub created it for, which is not known here."""
    reading_since: datetime | None = None

    @property
    def is_copy(self) -> bool:
        return self.copy_of is not None or bool(self.stands_for)


def to_row(task: Task, order: ChannelOrder, origin: Origin) -> dict[str, Any]:
    was = origin.was
    status = _status(order, was)
    return {
        "id": order_id(task.integration, order.channel_id),
        "integration": task.integration,
        "channel_id": order.channel_id,
        "number": order.number,
        "status": status,
        "status_there": status,
        "channel_status": order.channel_status,
        "channel_status_id": order.channel_status_id,
        "review": _review(task, order, origin),
        "is_reservation": order.is_reservation,
        "fulfilled_by": order.fulfilled_by,
        "stock_is_taken": order.stock_is_taken,
        "counts": _counts(order, status, origin),
        "currency": order.currency,
        "total": str(order.totals.total.amount),
        "totals": pack(order.totals),
        "tags": pack(sorted(order.tags)),
        "buyer": task.cipher.encrypt(pack(Buyer(order.shipping_address, order.billing_address))),
        "shipping_method": order.shipping_method,
        "location_channel_id": order.location_id,
        "fingerprint": fingerprint(order),
        **_hold(task, order, origin),
        "copy_of": origin.copy_of or (was.copy_of if was is not None else None),
        "stands_for": origin.stands_for,
        "routing": _first_routing(order, status, origin),
        "placed_at": order.placed_at,
        "modified_at": order.modified_at,
        "created_at": task.now,
        "updated_at": task.now,
    }


def _first_routing(order: ChannelOrder, status: OrderStatus, origin: Origin) -> Routing:
    """Of a new order what it nearly always is once it is settled, so that it is not written twice."""
    is_ready = status is OrderStatus.READY_FOR_FULFILLMENT and _is_ours(order, origin)
    return Routing.PENDING if is_ready else Routing.NONE


def _review(task: Task, order: ChannelOrder, origin: Origin) -> Review:
    """Some kinds of order wait for a person. What one has decided stays, whatever the settings say later."""
    was = origin.was
    decided = Review(was.review) if was is not None else Review.NONE
    if decided in (Review.NONE, Review.AFTER_HOLD) and order.tags & task.rules.holds_tags:
        return Review.REQUIRED
    if was is None and task.rules.reviews_after_hold and _is_ours(order, origin):
        return Review.AFTER_HOLD
    return decided


def _hold(task: Task, order: ChannelOrder, origin: Origin) -> dict[str, Any]:
    """Until when the order waits, decided as it comes in: changes during that time replace it, and do not prolong it.

    It begins anew once an order that was only reserved is one to be shipped, as its buyer may change it from then on,
    unless a person has decided about it.
    """
    was, rules = origin.was, task.rules
    is_new_now = was is not None and was.is_reservation and not order.is_reservation
    is_decided = was is not None and (was.review == Review.DONE or (was.is_held and was.hold_until is None))
    kept: dict[str, Any] = {"is_held": False, "hold_until": None, "hold_reason": ""}
    if was is not None:
        kept = {"is_held": was.is_held, "hold_until": was.hold_until, "hold_reason": was.hold_reason}
    if not _is_ours(order, origin) or is_decided or not (was is None or is_new_now):
        return kept
    # A channel's clock may be ahead of the hub's.
    start = task.now if is_new_now or rules.holds_from_ingest else min(order.placed_at, task.now)
    until = hold_until(start, rules.hold_minutes, rules.hold_hours)
    if until <= max(task.now, kept["hold_until"] or task.now):
        return kept
    since = "it came in" if rules.holds_from_ingest else "it was placed"
    if is_new_now:
        since = "it was paid"
    hours = " of business time" if rules.hold_hours is not None else ""
    reason = f"{rules.hold_minutes} minutes{hours} after {since}, in which it may be changed or canceled"
    return {"is_held": True, "hold_until": until, "hold_reason": reason}


def _is_ours(order: ChannelOrder, origin: Origin) -> bool:
    """Whether the hub has to see that it is shipped."""
    return not order.fulfilled_by.arrives_fulfilled and not origin.is_copy


def _status(order: ChannelOrder, was: Any) -> OrderStatus:
    """The channel's status in the hub's words; where it has no place in an order's life the old one stays."""
    if order.status is not None:
        return order.status
    return OrderStatus(was.status_there or was.status) if was is not None else _status_by_lines(order)


def _status_by_lines(order: ChannelOrder) -> OrderStatus:
    """Where nobody knows what it was: what has left tells, and of an order of which nothing has, a person decides."""
    shipped = sum(line.quantity_shipped for line in order.lines)
    if not shipped:
        return OrderStatus.REVIEW_REQUIRED
    is_whole = shipped >= sum(line.quantity - line.quantity_canceled for line in order.lines)
    return OrderStatus.FULFILLED if is_whole else OrderStatus.PARTIALLY_FULFILLED


def _counts(order: ChannelOrder, status: OrderStatus, origin: Origin) -> bool:
    """Whether the order has to do with stock: drafts do only where the channel reserves for them."""
    was = origin.was
    if origin.stands_for or (status is OrderStatus.DRAFT and not order.is_reservation):
        return False
    if was is None or (was.status == OrderStatus.DRAFT and not was.counts):
        return not _is_history(order, origin.reading_since)
    return bool(was.counts)


def _is_history(order: ChannelOrder, reading_since: datetime | None) -> bool:
    """Orders that were placed and over before the hub first looked are already in everybody's numbers."""
    if reading_since is None or order.placed_at >= reading_since:
        return False
    is_over = all(line.quantity_shipped >= line.quantity - line.quantity_canceled for line in order.lines)
    return is_over and (order.shipped_at or order.modified_at) < reading_since
