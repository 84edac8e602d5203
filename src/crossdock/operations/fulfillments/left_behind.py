"""Parcels that were taken back in the hub and still stand on a channel: the same goods, recorded anew, get them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from crossdock.domain.channel import Parcel
from crossdock.domain.fulfillment import FulfillmentState, Room, place
from crossdock.operations.fulfillments.told_parcels import SENT, Told, told_by, units_in, with_publication
from crossdock.store import tables
from crossdock.store.codec import unpack
from crossdock.store.database import Transaction
from crossdock.store.query import select_in

PART = tables.fulfillment_line
LINE = tables.order_line


@dataclass(frozen=True, slots=True)
class Legacy:
    """Parcels on the channel that stand for `heir` from now on, and no more for `giver`, which was taken back."""

    order_id: str
    giver: str
    heir: str
    told: Told


def legacies(tx: Transaction, integration: str, order_ids: Iterable[str]) -> list[Legacy]:
    """Which parcels change hands: those of a fulfillment that was taken back, for one of the same units that has none.

    So a parcel that a channel does not take back, or has not been asked to yet, is corrected there, and not made twice.
    """
    by_order: dict[str, list[Any]] = defaultdict(list)
    for row in with_publication(tx, integration, order_ids):
        by_order[row.order_id].append(row)
    ids = [row.id for rows in by_order.values() if any(map(_stays_behind, rows)) for row in rows]
    parts = _parts(tx, ids)
    found: list[Legacy] = []
    for order, rows in by_order.items():
        givers = [row for row in rows if _stays_behind(row)]
        for heir in filter(_has_none, rows):
            giver = next((one for one in givers if _holds(one, parts, parts[heir.id])), None)
            if giver is not None:
                givers.remove(giver)
                found.append(Legacy(order, giver.id, heir.id, told_by(giver.told_body)))
    return found


def units(tx: Transaction, integration: str, order_id: str) -> dict[str, int]:
    """Units per line that the order's own channel shows as shipped for nothing but what was taken back."""
    rows = [row for row in with_publication(tx, integration, [order_id]) if _stays_behind(row)]
    lines = tx.execute(sa.select(LINE).where(LINE.c.order_id == order_id).order_by(LINE.c.id)).all()
    parts, found = _parts(tx, [row.id for row in rows]), dict[str, int]()
    for row in rows:
        rooms = [_room(line, line.quantity - found.get(line.id, 0)) for line in lines]
        for line, count in _placed(row, parts, rooms).items():
            found[line] = found.get(line, 0) + count
    return found


def _stays_behind(row: Any) -> bool:
    return row.state == FulfillmentState.VOIDED and bool(told_by(row.told_body).parcels)


def _has_none(row: Any) -> bool:
    is_new = row.told_state not in SENT and not told_by(row.told_body).parcels
    return row.state == FulfillmentState.SHIPPED and is_new


def _parts(tx: Transaction, fulfillment_ids: Iterable[str]) -> dict[str, list[tuple[Any, int]]]:
    """Lines and units by fulfillment."""
    statement = sa.select(PART.c.fulfillment_id, PART.c.quantity.label("units"), LINE).join(
        LINE, LINE.c.id == PART.c.line_id
    )
    found: dict[str, list[tuple[Any, int]]] = defaultdict(list)
    for row in select_in(tx, statement, PART.c.fulfillment_id, fulfillment_ids):
        found[row.fulfillment_id].append((row, row.units))
    return found


def _holds(giver: Any, parts: Mapping[str, list[tuple[Any, int]]], wanted: list[tuple[Any, int]]) -> bool:
    """Whether it held just these units."""
    rooms = [_room(line, count) for line, count in wanted]
    held = sum(count for _, count in parts.get(giver.id, ())) or units_in(giver)
    return bool(wanted) and sum(_placed(giver, parts, rooms).values()) == held == sum(
        each[1] for each in wanted
    )


def _placed(row: Any, parts: Mapping[str, list[tuple[Any, int]]], rooms: Sequence[Room]) -> dict[str, int]:
    """What was in it, by line: as it was entered, or as its channel recorded it."""
    if row.id in parts:
        left = {room.line_id: room.units for room in rooms}
        return {line.id: min(count, left.get(line.id, 0)) for line, count in parts[row.id]}
    parcel: Parcel | None = unpack(Parcel | None, row.body)
    return place(parcel.units, rooms)[0] if parcel else {}


def _room(line: Any, count: int) -> Room:
    return Room(line.id, count, line.variant_id or "", line.channel_sku)
