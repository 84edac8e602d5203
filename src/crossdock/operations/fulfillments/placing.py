"""Which lines of an order the units of its fulfillments are of, and which of them are canceled all the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from crossdock.domain.channel import Parcel
from crossdock.domain.fulfillment import FulfillmentState, Left, Places, Room, place, place_all
from crossdock.operations.task import HUB
from crossdock.store import tables
from crossdock.store.asking import Question
from crossdock.store.codec import unpack
from crossdock.store.database import Transaction
from crossdock.store.query import select_in

ORDER = tables.order
LINE = tables.order_line
FULFILLMENT = tables.fulfillment
PART = tables.fulfillment_line
OLDEST = (FULFILLMENT.c.created_at, FULFILLMENT.c.channel_id, FULFILLMENT.c.id)
"""What was read at once is in the order of its ids there, which most systems number."""
FULFILLMENTS = Question(sa.select(FULFILLMENT).order_by(*OLDEST), FULFILLMENT.c.order_id)


@dataclass(frozen=True, slots=True)
class Placed:
    """One order with its fulfillments, the oldest first: what is stored of their units, and where these belong now."""

    order: Any
    lines: Sequence[Any]
    rows: Sequence[Any]
    stored: Mapping[str, Mapping[str, int]]
    """Units by fulfillment and line, as `places.parts`."""
    places: Places

    def taken_back(self) -> dict[str, int]:
        """Units by line that had left and are canceled, and that did not leave after all.

        What an order's own channel shows no more says nothing of that: it shows none of a canceled order.
        """
        rooms = [room(line, int(line.quantity)) for line in self.lines]
        found: dict[str, int] = defaultdict(int)
        for row in self.rows:
            if row.state == FulfillmentState.VOIDED and row.integration != self.order.integration:
                for line, units in _units_of(row, self.stored, rooms).items():
                    found[line] += units
        most = {line.id: canceled(line) - self.places.canceled.get(line.id, 0) for line in self.lines}
        return {line: min(units, most[line]) for line, units in found.items()}


def of_orders(tx: Transaction, order_ids: Iterable[str]) -> list[Placed]:
    """Those of the orders that have fulfillments."""
    rows: dict[str, list[Any]] = defaultdict(list)
    for row in FULFILLMENTS.rows(tx, order_ids):
        rows[row.order_id].append(row)
    if not rows:
        return []
    lines: dict[str, list[Any]] = defaultdict(list)
    for line in select_in(tx, sa.select(LINE).order_by(LINE.c.id), LINE.c.order_id, rows):
        lines[line.order_id].append(line)
    stored: dict[str, dict[str, int]] = defaultdict(dict)
    ids = [row.id for each in rows.values() for row in each]
    for part in select_in(tx, sa.select(PART), PART.c.fulfillment_id, ids):
        stored[part.fulfillment_id][part.line_id] = part.quantity
    orders = select_in(tx, sa.select(ORDER), ORDER.c.id, rows)
    return [_placed(order, lines[order.id], rows[order.id], stored) for order in orders]


def _placed(
    order: Any, lines: Sequence[Any], rows: Sequence[Any], stored: Mapping[str, Mapping[str, int]]
) -> Placed:
    left = [
        Left(row.id, entered=stored.get(row.id, {}))
        if row.integration == HUB
        else Left(row.id, recorded=parcel_of(row).units)
        for row in rows
        if row.state == FulfillmentState.SHIPPED
    ]
    rooms = [room(line, max(0, line.quantity - canceled(line))) for line in lines]
    return Placed(order, lines, rows, stored, place_all(left, rooms))


def _units_of(row: Any, stored: Mapping[str, Mapping[str, int]], rooms: Sequence[Room]) -> Mapping[str, int]:
    if row.integration == HUB:
        return stored.get(row.id, {})
    return place(parcel_of(row).units, rooms)[0]


def parcel_of(row: Any) -> Parcel:
    """What a channel has on record of a fulfillment that it recorded itself."""
    parcel: Parcel = unpack(Parcel, row.body)
    return parcel


def canceled(line: Any) -> int:
    """Units that the channel shows as canceled. What only the hub has canceled gives way to what has left."""
    return int(line.quantity_canceled - line.quantity_canceled_here)


def room(line: Any, units: int) -> Room:
    return Room(line.id, units, line.variant_id or "", line.channel_sku, canceled(line))
