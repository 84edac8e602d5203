"""The fifteen fixed order statuses and what they mean for stock."""

from __future__ import annotations

from typing import Final

from crossdock_simulators.bigcommerce.records import Json

NAMES: Final = (
    "Incomplete",
    "Pending",
    "Shipped",
    "Partially Shipped",
    "Refunded",
    "Cancelled",
    "Declined",
    "Awaiting Payment",
    "Awaiting Pickup",
    "Awaiting Shipment",
    "Completed",
    "Awaiting Fulfillment",
    "Manual Verification Required",
    "Disputed",
    "Partially Refunded",
)
INCOMPLETE, PENDING, SHIPPED, PARTIALLY_SHIPPED, REFUNDED, CANCELLED, DECLINED = range(7)
COMPLETED, AWAITING_FULFILLMENT, PARTIALLY_REFUNDED = 10, 11, 14
RETURNS_STOCK: Final = frozenset({REFUNDED, CANCELLED})
_NEVER_SOLD: Final = frozenset({INCOMPLETE, REFUNDED, CANCELLED, DECLINED})
_TAKES_LATE: Final = frozenset({SHIPPED, COMPLETED})


def takes_stock(status_id: int, behavior: str) -> bool:
    """Whether an order of this status has taken stock under the store's setting."""
    return status_id in _TAKES_LATE if behavior != "order_placed" else status_id not in _NEVER_SOLD


def row(status_id: int) -> Json:
    name = NAMES[status_id]
    return {
        "id": status_id,
        "name": name,
        "system_label": name,
        "custom_label": name,
        "system_description": f"The order is {name.lower()}.",
    }
