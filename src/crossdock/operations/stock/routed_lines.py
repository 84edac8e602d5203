"""Lines whose units were asked of locations, or have left from them: each location has its share of their stock."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa

from crossdock.domain.fulfillment import FulfillmentState
from crossdock.domain.spreading import Share, spread
from crossdock.operations.routing import requested
from crossdock.operations.stock.ledger import LineSums
from crossdock.operations.stock.provisional import Places
from crossdock.operations.stock.sold_lines import Line
from crossdock.store import tables
from crossdock.store.database import Transaction
from crossdock.store.query import select_in

FULFILLMENT = tables.fulfillment
PART = tables.fulfillment_line

Units = Mapping[str, Mapping[str, int]]
"""Units by line and location."""


@dataclass(frozen=True, slots=True)
class _Known:
    asked: Units
    left: Units


def at_their_places(
    tx: Transaction,
    lines: Sequence[Line],
    current: Mapping[tuple[str, str, str], LineSums],
    places: Places,
) -> list[Line]:
    """Each line as the parts that its locations have of it; one that nobody was asked for stays whole."""
    known = _known(tx, {line.order_id for line in lines}, places)
    found: list[Line] = []
    for line in lines:
        asked = _times(known.asked.get(line.id, {}), line.each)
        left = _times(known.left.get(line.id, {}), line.each)
        if not asked and not left:
            found.append(line)
            continue
        sums = {
            at: each
            for (key, variant, at), each in current.items()
            if (key, variant) == (line.id, line.variant_id)
        }
        gone = {at: each.shipped + each.noted for at, each in sums.items()}
        usual = (
            next((at for at, each in sums.items() if each.committed), "") or line.place or places.usual(line)
        )
        whole = Share(line.sold, line.shipped)
        shares = spread(whole, asked=asked, left=left, gone=gone, usual=usual or next(iter(asked or left)))
        back = line.taken_back
        for place, share in shares.items():
            mine = min(back, max(0, gone.get(place, 0) - share.shipped))
            back -= mine
            found.append(
                replace(
                    line, place=place, is_placed=True, sold=share.sold, shipped=share.shipped, taken_back=mine
                )
            )
    return found


def _times(units: Mapping[str, int], each: int) -> dict[str, int]:
    return {place: count * each for place, count in units.items()}


def _known(tx: Transaction, order_ids: Iterable[str], places: Places) -> _Known:
    ids = list(order_ids)
    asked: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for parts in requested.parts_of(tx, ids).values():
        for part in parts:
            units = part.held + part.shipped
            if units and places.counts(part.request.location_id):
                asked[part.line_id][part.request.location_id] += units
    left: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    statement = (
        sa.select(FULFILLMENT.c.order_id, FULFILLMENT.c.location_id, PART)
        .join(PART, PART.c.fulfillment_id == FULFILLMENT.c.id)
        .where(FULFILLMENT.c.state == FulfillmentState.SHIPPED, FULFILLMENT.c.location_id != "")
    )
    for row in select_in(tx, statement, FULFILLMENT.c.order_id, ids):
        if places.counts(row.location_id):
            left[row.line_id][row.location_id] += row.quantity
    return _Known(asked, left)
