"""How many units of each order line locations have been told to ship, and have not shipped yet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from crossdock.domain.channel import Parcel
from crossdock.domain.fulfillment import FulfillmentState
from crossdock.domain.shipping import RequestState
from crossdock.operations.task import HUB
from crossdock.store import tables
from crossdock.store.asking import Question
from crossdock.store.codec import unpack
from crossdock.store.database import Transaction
from crossdock.store.query import select_in

REQUEST = tables.shipping_request
PART = tables.shipping_request_line
FULFILLMENT = tables.fulfillment
PARTS = Question(
    sa.select(REQUEST, *(column for column in PART.c if column is not PART.c.request_id))
    .join(PART, PART.c.request_id == REQUEST.c.id)
    .order_by(REQUEST.c.created_at, REQUEST.c.number, PART.c.position),
    REQUEST.c.order_id,
)


@dataclass(frozen=True, slots=True)
class RequestPart:
    """One line of one request: units asked for, taken back, certain not to leave, gone, and not gone after all."""

    request: Any
    line_id: str
    position: int
    quantity: int
    stopped: int
    released: int
    shipped: int
    voided: int = 0

    @property
    def left(self) -> int:
        """Units that are still to leave by it."""
        return 0 if self._is_over else max(0, self.quantity - self.stopped - self.shipped)

    @property
    def held(self) -> int:
        """Units that may leave by it, so that nobody else is asked for them."""
        return 0 if self._is_over else max(0, self.quantity - self.released - self.shipped)

    @property
    def _is_over(self) -> bool:
        return RequestState(self.request.state).is_over

    @property
    def is_at_location(self) -> bool:
        return RequestState(self.request.state).is_at_location


def parts_of(tx: Transaction, order_ids: Iterable[str]) -> dict[str, list[RequestPart]]:
    """The parts of all requests of these orders, by order, the oldest request first."""
    rows = PARTS.rows(tx, order_ids)
    shipped, voided = _shipped(tx, [row.id for row in rows]) if rows else ({}, {})
    by_order: dict[str, list[RequestPart]] = defaultdict(list)
    for row in rows:
        gone, back = shipped.get((row.id, row.line_id), 0), voided.get((row.id, row.line_id), 0)
        stopped, released = row.quantity_stopped, row.quantity_released
        part = RequestPart(row, row.line_id, row.position, row.quantity, stopped, released, gone, back)
        by_order[row.order_id].append(part)
    return by_order


Units = dict[tuple[str, str], int]
"""By request and line."""


def _shipped(tx: Transaction, request_ids: Iterable[str]) -> tuple[Units, Units]:
    """Units that left, and that did not after all: as entered or as the warehouse recorded them, be they canceled or not."""
    rows = select_in(tx, sa.select(FULFILLMENT), FULFILLMENT.c.request_id, request_ids)
    shipped, voided = defaultdict[tuple[str, str], int](int), defaultdict[tuple[str, str], int](int)
    for row in rows:
        if row.integration != HUB:
            found = shipped if row.state == FulfillmentState.SHIPPED else voided
            for unit in unpack(Parcel, row.body).units:
                found[row.request_id, unit.line_id] += unit.quantity
    entered = {row.id: row for row in rows if row.integration == HUB}
    line = tables.fulfillment_line
    for part in select_in(tx, sa.select(line), line.c.fulfillment_id, entered):
        row = entered[part.fulfillment_id]
        found = shipped if row.state == FulfillmentState.SHIPPED else voided
        found[row.request_id, part.line_id] += part.quantity
    return shipped, voided


def left_by_line(parts: Iterable[RequestPart]) -> dict[str, int]:
    """Units per line that are still to leave by a request."""
    left: dict[str, int] = defaultdict(int)
    for part in parts:
        left[part.line_id] += part.left
    return left


def held_by_line(parts: Iterable[RequestPart]) -> dict[str, int]:
    """Units per line that may leave by a request, whatever is wanted of it by now."""
    held: dict[str, int] = defaultdict(int)
    for part in parts:
        held[part.line_id] += part.held
    return held


def is_any_at_location(parts: Iterable[RequestPart]) -> bool:
    """Whether a location has, or may have, some of what is still to leave."""
    return any(part.held and part.is_at_location for part in parts)
