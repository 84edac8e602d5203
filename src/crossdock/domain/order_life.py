"""The life of an order as a state machine: what its channel says and what the hub knows decide where it stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from crossdock.domain.order import OrderStatus, Review

NOT_YET_SHIPPED = frozenset(
    {
        OrderStatus.NEW,
        OrderStatus.ON_HOLD,
        OrderStatus.TO_BE_VALIDATED,
        OrderStatus.REVIEW_REQUIRED,
        OrderStatus.READY_FOR_FULFILLMENT,
        OrderStatus.SENT_TO_FULFILLMENT,
        OrderStatus.PARTIALLY_FULFILLED,
    }
)
"""What a channel may say of an order of which the hub can be ahead."""

UNDER_WAY = frozenset(
    {
        OrderStatus.READY_FOR_FULFILLMENT,
        OrderStatus.SENT_TO_FULFILLMENT,
        OrderStatus.PARTIALLY_FULFILLED,
    }
)
"""Orders of which more may leave."""
PUT_AWAY = frozenset({OrderStatus.FULFILLED, OrderStatus.CANCELED, OrderStatus.CLOSED})
"""Orders that are over, and can be archived."""


@dataclass(frozen=True, slots=True)
class Units:
    """Of a line, or of a whole order."""

    ordered: int = 0
    canceled: int = 0
    shipped: int = 0

    @property
    def open(self) -> int:
        """Units that are neither canceled nor shipped: the three always make what was ordered."""
        return self.ordered - self.canceled - self.shipped


def summed(lines: Iterable[Units]) -> Units:
    """Units of a whole order. What left of a line is not canceled as well, though the line was taken off since."""
    ordered = canceled = shipped = 0
    for line in lines:
        ordered += line.ordered
        canceled += max(0, min(line.canceled, line.ordered - line.shipped))
        shipped += line.shipped
    return Units(ordered, canceled, shipped)


@dataclass(frozen=True, slots=True)
class Standing:
    """All that an order's status follows from. Units are summed over its lines."""

    there: OrderStatus
    """What the channel's own status means in the hub's words."""
    ordered: int
    canceled: int = 0
    shipped: int = 0
    is_canceled: bool = False
    """Canceled as a whole in the hub, whether its channel shows that yet or not."""
    is_sent: bool = False
    """A location has, or may have, a request for some of what is open."""
    is_held: bool = False
    """The hub itself holds it, and the hold still runs."""
    review: Review = Review.NONE
    has_problems: bool = False
    is_archived: bool = False

    @property
    def open(self) -> int:
        """Units that are neither canceled nor shipped: the three always make what was ordered."""
        return self.ordered - self.canceled - self.shipped


def status_of(order: Standing) -> OrderStatus:
    """Where the order stands.

    The hub is ahead of the channel until that has been told, and never falls back behind it. Only an order
    that its channel has released can be held, reviewed and validated by the hub; one that a location has is sent,
    whatever is found out about it later.
    """
    if order.is_archived:
        return OrderStatus.ARCHIVED
    if order.is_canceled or order.there is OrderStatus.CANCELED or _is_all_canceled(order):
        return OrderStatus.CANCELED
    if order.there not in NOT_YET_SHIPPED:
        return order.there
    if order.shipped:
        return OrderStatus.PARTIALLY_FULFILLED if order.open > 0 else OrderStatus.FULFILLED
    there = released(order.there, order.review)
    if there is not OrderStatus.READY_FOR_FULFILLMENT:
        return there
    return OrderStatus.SENT_TO_FULFILLMENT if order.is_sent else _before_sending(order)


def _is_all_canceled(order: Standing) -> bool:
    """Line by line, until nothing was left, while the channel has the order as one that is to be shipped."""
    is_to_ship = order.there in NOT_YET_SHIPPED and order.there is not OrderStatus.PARTIALLY_FULFILLED
    return is_to_ship and 0 < order.ordered == order.canceled


def is_reopened(order: Standing) -> bool:
    """Whether an archived order is to be taken out of the archive: there is something to ship again."""
    if not order.is_archived or order.open <= 0:
        return False
    return status_of(replace(order, is_archived=False)) not in PUT_AWAY


def released(there: OrderStatus, review: Review) -> OrderStatus:
    """The channel's status, where a person's word has taken what it asked for off it."""
    if there is OrderStatus.REVIEW_REQUIRED and review is Review.DONE:
        return OrderStatus.READY_FOR_FULFILLMENT
    return there


def why_kept(order: Standing) -> str:
    """What keeps that of the order from leaving which no location has yet; empty where nothing does.

    The status does not tell it of an order of which something has left or is under way: it stays so whatever its
    channel, a hold or a review says later.
    """
    there = released(order.there, order.review)
    if (status := status_of(order)) not in UNDER_WAY:
        return f"it is {status}"
    if there not in UNDER_WAY:
        return f"its channel has it {there}"
    if order.review is Review.REQUIRED:
        return "it is marked for review"
    if order.is_held:
        return "it is held"
    return "it is to be reviewed after its hold" if order.review is Review.AFTER_HOLD else ""


def _before_sending(order: Standing) -> OrderStatus:
    if order.review is Review.REQUIRED:
        return OrderStatus.REVIEW_REQUIRED
    if order.is_held:
        return OrderStatus.ON_HOLD
    if order.review is Review.AFTER_HOLD:
        return OrderStatus.REVIEW_REQUIRED
    if order.has_problems and order.review is not Review.DONE:
        return OrderStatus.TO_BE_VALIDATED
    return OrderStatus.READY_FOR_FULFILLMENT
