"""How far an order is on its way, step by step, and what each step waits for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from crossdock.domain.order import OrderStatus
from crossdock.domain.words import counted


class Color(StrEnum):
    """Done, waiting by itself, or blocked until a person acts."""

    GREEN = "green"
    GRAY = "gray"
    RED = "red"


class Stage(StrEnum):
    ORDERED = "Ordered"
    INGESTED = "Ingested"
    HOLD_RELEASED = "Hold released"
    ROUTED = "Routed"
    FULFILLED = "Fulfilled"


@dataclass(frozen=True, slots=True)
class Step:
    """One step, with what it waits for, what blocks it, or how it was done."""

    stage: Stage
    color: Color
    text: str


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the steps follow from. Units are summed over the order's lines."""

    channel: str
    placed_at: datetime
    read_at: datetime
    status: OrderStatus
    ordered: int
    canceled: int = 0
    shipped: int = 0
    is_held: bool = False
    """By the hub itself, whatever its channel says."""
    hold_until: datetime | None = None
    hold_reason: str = ""
    problems: tuple[str, ...] = ()
    routing: str = ""
    """pending, routed, failed, or empty where nothing is to be routed."""
    routing_text: str = ""
    trouble: tuple[str, ...] = ()
    """What keeps locations from shipping what they were asked for."""
    untold: tuple[str, ...] = ()
    """Channels that are still to be told of what has left."""
    refused_by: tuple[str, ...] = ()
    """Channels that did not take it when they were told."""
    is_theirs: bool = False
    """Its channel sees to the shipping, or it only stands for another order of the hub."""

    @property
    def open(self) -> int:
        return self.ordered - self.canceled - self.shipped

    @property
    def is_canceled(self) -> bool:
        """Also of one that was put away after it had been canceled as a whole."""
        is_nothing_left = self.status is OrderStatus.ARCHIVED and 0 < self.ordered <= self.canceled
        return self.status is OrderStatus.CANCELED or is_nothing_left


SENT = (OrderStatus.SENT_TO_FULFILLMENT, OrderStatus.PARTIALLY_FULFILLED)
OVER = (OrderStatus.FULFILLED, OrderStatus.CLOSED, OrderStatus.ARCHIVED)
UNRELEASED = (OrderStatus.DRAFT, OrderStatus.NEW)


def progress(order: Facts) -> tuple[Step, ...]:
    """The five steps. None is green before those above it, unless nothing is to be done for it."""
    return (
        Step(Stage.ORDERED, Color.GREEN, f"Placed on {order.channel} at {_moment(order.placed_at)}"),
        Step(Stage.INGESTED, Color.GREEN, f"First read at {_moment(order.read_at)}"),
        Step(Stage.HOLD_RELEASED, *_hold(order)),
        Step(Stage.ROUTED, *_routed(order)),
        Step(Stage.FULFILLED, *_fulfilled(order)),
    )


Said = tuple[Color, str]


def _hold(order: Facts) -> Said:
    status = order.status
    if order.is_theirs:
        return Color.GREEN, "Nothing is held that the hub does not ship"
    if status is OrderStatus.ON_HOLD:
        return _on_hold(order)
    if status is OrderStatus.TO_BE_VALIDATED:
        return Color.RED, f"To be put right first: {'; '.join(order.problems)}. Or mark it ready"
    if status is OrderStatus.REVIEW_REQUIRED:
        return Color.RED, "Waits until a person has looked at it and marks it ready"
    if status in UNRELEASED:
        return Color.GRAY, f"Waits until {order.channel} has it ready to be shipped"
    if order.is_canceled and not order.shipped:
        return Color.GRAY, "Canceled"
    if order.is_held and status in SENT and order.open:
        return _on_hold(order)
    return Color.GREEN, "Nothing holds it"


def _on_hold(order: Facts) -> Said:
    why = f": {order.hold_reason}" if order.hold_reason else ""
    if not order.is_held:
        return Color.GRAY, f"Waits until {order.channel} ends its hold"
    if order.hold_until is None:
        return Color.RED, f"Held until a person marks it ready{why}"
    return Color.GRAY, f"Held until {_moment(order.hold_until)}{why}"


def _routed(order: Facts) -> Said:
    if order.is_theirs:
        return Color.GREEN, "No location of the hub has to ship it"
    if order.is_canceled:
        return Color.GRAY, "Canceled"
    if order.routing == "failed":
        return Color.RED, order.routing_text
    if order.routing == "pending":
        return Color.GRAY, order.routing_text or "Waits for the routing, which runs by itself"
    if order.routing == "routed":
        return Color.GREEN, order.routing_text or "Locations are asked for all of it"
    if order.status in SENT:
        return Color.GREEN, "It was sent to be shipped without a routing card"
    if order.status in OVER or not order.open:
        return Color.GREEN, "Nothing is left to be routed"
    return Color.GRAY, "Follows once nothing holds it"


def _fulfilled(order: Facts) -> Said:
    left = _left(order.shipped, of=order.ordered - order.canceled)
    if order.trouble:
        return Color.RED, "; ".join((left, *order.trouble))
    if order.is_canceled:
        return Color.GRAY, "Canceled"
    if order.refused_by:
        return Color.RED, f"{left}; {_and(order.refused_by)} refused to take it"
    if order.status in OVER or (order.shipped and order.open <= 0):
        if order.untold:
            verb = "are" if len(order.untold) > 1 else "is"
            return Color.GRAY, f"{left}; {_and(order.untold)} {verb} not told yet"
        if order.is_theirs and not order.shipped:
            return Color.GREEN, "Nothing of it is left to the hub to ship"
        return Color.GREEN, left if order.shipped else "Its channel shows it as fulfilled"
    return Color.GRAY, left


def _and(names: Sequence[str]) -> str:
    return " and ".join(names)


def _left(units: int, *, of: int) -> str:
    verb = "has" if of == 1 else "have"
    return f"{units or 'None'} of {counted(of, 'unit')} {verb} left"


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
