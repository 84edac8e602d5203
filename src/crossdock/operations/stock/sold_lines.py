"""The lines of orders as stock sees them: how many units of which variant were sold, and how many have left."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

import sqlalchemy as sa
from msgspec import Struct

from crossdock.domain.order import FulfilledBy
from crossdock.operations.fulfillments import placing
from crossdock.operations.fulfillments.placing import Placed
from crossdock.operations.routing import requested
from crossdock.operations.task import HUB, Task
from crossdock.store import tables
from crossdock.store.asking import Question
from crossdock.store.codec import unpack
from crossdock.store.database import Transaction

ORDER = tables.order
LINE = tables.order_line
COUNTED = (
    LINE.c.id,
    LINE.c.order_id,
    LINE.c.variant_id,
    LINE.c.quantity,
    LINE.c.quantity_canceled,
    LINE.c.quantity_canceled_here,
    LINE.c.quantity_shipped,
    LINE.c.quantity_shipped_here,
    LINE.c.quantity_not_restocked,
    LINE.c.quantity_returned,
    LINE.c.taken_as,
)
"""What of a line stock depends on; the rest of it is for people, and long."""


class Line(Struct, frozen=True):
    """One matched line: the units of it that concern the merchant's stock."""

    id: str
    order_id: str
    number: str
    integration: str
    variant_id: str
    sold: int
    shipped: int
    shipped_there: int
    """Of these the units that the channel itself shows as shipped."""
    told: int
    """Units sold as the channel says; what only the hub has canceled is still off the channel's own number."""
    stock_is_taken: bool
    location_channel_id: str
    is_stock_tracked: bool
    taken_as: dict[str, int] | None = None
    """Of a bundle: which variants one unit is put together of, and how many of each; None as long as that is open."""
    place: str = ""
    """Where they are taken from, where that is decided already."""
    is_placed: bool = False
    """Whether this is only the share that `place` has of the line, since locations were asked for it."""
    ordered: int = 0
    accounted: int | None = None
    """Units on record as gone, be they canceled or returned since; None where they are not counted."""
    taken_back: int = 0
    """Units beyond those sold that were recorded as shipped by mistake: they lie on their shelf as before."""


def lines_of(tx: Transaction, task: Task, order_ids: Iterable[str]) -> list[Line]:
    rows = _lines_counted_by(task.truth.inventory == HUB).rows(tx, order_ids)
    canceled = {row.order_id for row in rows if placing.canceled(row)}
    left = _Left(task.truth.inventory, placing.of_orders(tx, canceled))
    withdrawn = {row.order_id for row in rows if row.quantity_canceled}
    parts = requested.parts_of(tx, withdrawn).values()
    held = requested.held_by_line(part for each in parts for part in each)
    return [_line(row, left, held.get(row.id, 0)) for row in rows]


@cache
def _lines_counted_by(is_hub: bool) -> Question:
    """The hub, or whatever platform owns stock."""
    was_counted = sa.exists().where(tables.movement.c.line_id == LINE.c.id).label("was_counted")
    statement = (
        sa.select(
            *COUNTED,
            ORDER.c.integration,
            ORDER.c.number,
            ORDER.c.fulfilled_by,
            ORDER.c.stock_is_taken,
            ORDER.c.location_channel_id,
            ORDER.c.counts,
            _is_counted_by(is_hub=is_hub).label("is_counted"),
            was_counted,
        )
        .join(ORDER, ORDER.c.id == LINE.c.order_id)
        .join(tables.variant, tables.variant.c.id == LINE.c.variant_id)
        .where(ORDER.c.copy_of.is_(None), LINE.c.variant_id.is_not(None))
    )
    return Question(statement, LINE.c.order_id)


class _Left:
    """Of units that are canceled: which have left all the same, and which were said to and have not."""

    def __init__(self, owner: str, orders: Iterable[Placed]) -> None:
        # What a cancellation of the owner's own orders gives back is for the owner to say.
        foreign = [each for each in orders if each.order.integration != owner]
        self.gone = {line: units for each in foreign for line, units in each.places.canceled.items()}
        self.taken_back = {line: units for each in foreign for line, units in each.taken_back().items()}


def is_counted(task: Task) -> sa.ColumnElement[bool]:
    """Whether units of a variant are counted by whoever owns stock. The hub keeps no stock that variants share."""
    return _is_counted_by(is_hub=task.truth.inventory == HUB)


def _is_counted_by(*, is_hub: bool) -> sa.ColumnElement[bool]:
    variant, part = tables.variant, tables.bundle_component
    if not is_hub:
        return sa.and_(variant.c.is_stock_tracked, ~variant.c.is_stock_shared)
    return sa.or_(variant.c.is_stock_tracked, sa.exists().where(part.c.bundle_id == variant.c.id))


def _line(row: Any, left: _Left, held: int) -> Line:
    """`held` are units that may leave by a shipping request, whatever is wanted of it by now."""
    # What was counted stays counted when nobody counts the product any more: its report must not be reversed.
    is_tracked = row.is_counted or row.was_counted
    counts = row.counts and is_tracked and FulfilledBy(row.fulfilled_by).takes_merchant_stock
    # Canceled units that do not go back on sale, as they had left or somebody chose, are gone as if shipped; those
    # that came back are as if never sold.
    gone = min(row.quantity_canceled, row.quantity_not_restocked + left.gone.get(row.id, 0))
    still_open = row.quantity - row.quantity_canceled - row.quantity_shipped
    # Canceled units that a location has not stopped yet may leave, and are offered to nobody else.
    at_risk = max(0, min(held - still_open, row.quantity_canceled - gone))
    kept = row.quantity - row.quantity_canceled + gone + at_risk
    sold = max(0, kept - row.quantity_returned) if counts else 0
    told = row.quantity - row.quantity_canceled + row.quantity_canceled_here
    shipped_there = row.quantity_shipped - row.quantity_shipped_here
    return Line(
        id=row.id,
        order_id=row.order_id,
        number=row.number,
        integration=row.integration,
        variant_id=row.variant_id,
        sold=sold,
        shipped=min(row.quantity_shipped + gone, sold),
        shipped_there=min(shipped_there + row.quantity_not_restocked, sold),
        told=told if counts else 0,
        stock_is_taken=row.stock_is_taken,
        location_channel_id=row.location_channel_id,
        is_stock_tracked=row.is_counted,
        ordered=row.quantity,
        accounted=row.quantity_shipped + gone if counts else None,
        taken_as=None if row.taken_as == "null" else unpack(dict[str, int] | None, row.taken_as),
        taken_back=left.taken_back.get(row.id, 0) if counts else 0,
    )
