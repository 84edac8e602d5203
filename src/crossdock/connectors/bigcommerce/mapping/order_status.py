"""What a status of the store means to the hub. Statuses are known by number; their names can be changed per store."""

from __future__ import annotations

from collections.abc import Mapping

from crossdock.domain.order import OrderStatus

INCOMPLETE, PENDING = 0, 1
CANCELED = frozenset({5, 6})
HAS_LEFT = frozenset({2, 10})
"""Shipped and Completed, whoever set them; a store that takes stock late takes it then."""

NAMES = {
    "0": "Incomplete",
    "1": "Pending",
    "2": "Shipped",
    "3": "Partially Shipped",
    "4": "Refunded",
    "5": "Cancelled",
    "6": "Declined",
    "7": "Awaiting Payment",
    "8": "Awaiting Pickup",
    "9": "Awaiting Shipment",
    "10": "Completed",
    "11": "Awaiting Fulfillment",
    "12": "Manual Verification Required",
    "13": "Disputed",
    "14": "Partially Refunded",
}
"""The platform's own names by number; a store shows names of its own, which mean nothing here."""
DRAFT_TAG = "draft"

_STATUSES = {
    0: OrderStatus.DRAFT,
    1: OrderStatus.NEW,
    2: OrderStatus.FULFILLED,
    3: OrderStatus.PARTIALLY_FULFILLED,
    5: OrderStatus.CANCELED,
    6: OrderStatus.CANCELED,
    7: OrderStatus.ON_HOLD,
    8: OrderStatus.FULFILLED,
    9: OrderStatus.SENT_TO_FULFILLMENT,
    10: OrderStatus.FULFILLED,
    11: OrderStatus.READY_FOR_FULFILLMENT,
    12: OrderStatus.ON_HOLD,
    13: OrderStatus.REVIEW_REQUIRED,
}
_REFUND_TAGS = {4: "refunded", 14: "partially_refunded"}


def to_status(status_id: int, chosen: Mapping[str, str]) -> OrderStatus | None:
    """None for refunds, which leave an order where it was. Raises ValueError for a number we do not know.

    `chosen` is what the settings say otherwise: number → hub status.
    """
    if (other := chosen.get(str(status_id))) is not None:
        return OrderStatus(other)
    if status_id in _REFUND_TAGS:
        return None
    if status_id not in _STATUSES:
        raise ValueError(f"the order has the unknown status {status_id}")
    return _STATUSES[status_id]


def to_tags(status_id: int, *, is_archived: bool) -> frozenset[str]:
    tags = {_REFUND_TAGS[status_id]} if status_id in _REFUND_TAGS else set()
    if status_id == INCOMPLETE:
        tags.add(DRAFT_TAG)
    return frozenset(tags | ({"archived"} if is_archived else set()))


def stock_is_taken(status_id: int, stock_behavior: str) -> bool:
    """Whether the store's stock is net of the order. Where its setting is unknown we say no, and undersell."""
    if status_id == INCOMPLETE:
        return False
    if stock_behavior == "order_placed":
        return True
    return stock_behavior == "order_completed_or_shipped" and status_id in HAS_LEFT


def from_status(status: OrderStatus | None, *, is_reservation: bool, paid_status: int) -> int:
    """The number for an order that we create; `paid_status` is what a paid one that waits to be shipped gets."""
    if is_reservation:
        return PENDING
    return {
        OrderStatus.ON_HOLD: 7,
        OrderStatus.SENT_TO_FULFILLMENT: 9,
        OrderStatus.PARTIALLY_FULFILLED: 3,
        OrderStatus.FULFILLED: 2,
        OrderStatus.CANCELED: 5,
    }.get(status or OrderStatus.NEW, paid_status)
