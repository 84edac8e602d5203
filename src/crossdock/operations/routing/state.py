"""Whether an order is to be sent to locations: apart from its status, since it may be ready and yet not routed."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from crossdock.domain.order import OrderStatus


class Routing(StrEnum):
    NONE = ""
    """Nothing is to be routed: it is not ready yet, or over, or none of the hub's."""
    PENDING = "pending"
    ROUTED = "routed"
    """All that is open has been asked of locations."""
    FAILED = "failed"
    """No card took it; it is tried again when stock, cards or locations change."""


UNDECIDED = frozenset({Routing.PENDING, Routing.FAILED})
_GOES_ON = (OrderStatus.SENT_TO_FULFILLMENT, OrderStatus.PARTIALLY_FULFILLED)


def routing_after(
    order: Any, status: OrderStatus, to_request: int, *, has_requests: bool, goes_on: bool = False
) -> Routing:
    """The routing state of an order that stands so, with `to_request` open units that nobody was asked for.

    An order that is under way elsewhere, without a request of the hub's, is nobody's to route, unless with `goes_on`
    what is left of one of which some has left is.
    """
    is_ready = status is OrderStatus.READY_FOR_FULFILLMENT or (has_requests and status in _GOES_ON)
    is_rest = goes_on and status is OrderStatus.PARTIALLY_FULFILLED
    if (is_ready or is_rest) and to_request:
        return Routing.FAILED if order.routing == Routing.FAILED else Routing.PENDING
    return Routing.ROUTED if has_requests else Routing.NONE
