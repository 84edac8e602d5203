"""What a status of TikTok Shop means to the hub."""

from __future__ import annotations

from collections.abc import Mapping

from crossdock.domain.order import FulfilledBy, OrderStatus

UNPAID, CANCELED = "UNPAID", "CANCELLED"
STATUSES: Mapping[str, OrderStatus] = {
    UNPAID: OrderStatus.NEW,
    "ON_HOLD": OrderStatus.ON_HOLD,
    "AWAITING_SHIPMENT": OrderStatus.READY_FOR_FULFILLMENT,
    "PARTIALLY_SHIPPING": OrderStatus.PARTIALLY_FULFILLED,
    "AWAITING_COLLECTION": OrderStatus.FULFILLED,
    "IN_TRANSIT": OrderStatus.FULFILLED,
    "DELIVERED": OrderStatus.FULFILLED,
    "COMPLETED": OrderStatus.FULFILLED,
    CANCELED: OrderStatus.CANCELED,
}
STATUS_NAMES: Mapping[str, str] = {status: status for status in STATUSES}


def to_status(status: str, fulfilled_by: FulfilledBy, chosen: Mapping[str, str]) -> OrderStatus | None:
    """Orders that TikTok ships come in as fulfilled however far they are; a status of tomorrow changes nothing.

    `chosen` is what the settings say otherwise: TikTok Shop status → hub status.
    """
    if fulfilled_by.arrives_fulfilled and status not in (UNPAID, CANCELED):
        return OrderStatus.FULFILLED
    return OrderStatus(chosen[status]) if status in chosen else STATUSES.get(status)
