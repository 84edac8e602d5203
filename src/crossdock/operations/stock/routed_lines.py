"""Lines whose units were asked of locations, or have left from them: each location has its share of their stock."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from msgspec.structs import replace

from crossdock.domain.fulfillment import FulfillmentState
from crossdock.domain.spreading import Share, spread
from crossdock.operations.routing import requested
from crossdock.operations.routing.requested import RequestPart
from crossdock.operations.stock.provisional import Places
from crossdock.operations.stock.sold_lines import Line
from crossdock.operations.stock.taking import Done, Taken, by_line
from crossdock.store import tables
from crossdock.store.asking import Question
from crossdock.store.database import Transaction

FULFILLMENT = tables.fulfillment
PART = tables.fulfillment_line
LEFT = Question(
    sa.select(FULFILLMENT.c.order_id, FULFILLMENT.c.location_id, PART)
    .join(PART, PART.c.fulfillment_id == FULFILLMENT.c.id)
    .where(FULFILLMENT.c.state == FulfillmentState.SHIPPED, FULFILLMENT.c.location_id != ""),
    FULFILLMENT.c.order_id,
)

Units = Mapping[str, Mapping[str, int]]
"""Units by line and location."""


@dataclass(frozen=True, slots=True)
class _Known:
    asked: Units
    left: Units
    by_request: Units
    """Units that left with requests: of each as many as it was asked for at most, since more are one parcel told twice."""
    voided: Mapping[str, int]
    """Units by line that were said to have left with requests, and did not."""

    def beyond(self, line: Line) -> int:
        """Units that left beyond all that was ordered, as of two requests for the same ones. They are off the shelf too."""
        left = sum(self.by_request.get(line.id, {}).values())
        return max(0, left - line.accounted) if line.accounted is not None else 0

    def left_of(self, line: Line) -> Mapping[str, int]:
        left = self.left.get(line.id, {})
        if not self.beyond(line):
            return left
        by_request = self.by_request[line.id]
        return {place: max(left.get(place, 0), by_request.get(place, 0)) for place in {*left, *by_request}}

    def with_beyond(self, taken: Taken) -> Line:
        """The line with what left beyond its order as if that were sold, and what of it did not leave after all."""
        line, beyond = taken.line, self.beyond(taken.line)
        too_many = sum(taken.gone().values()) - line.ordered - beyond if self.voided.get(line.id) else 0
        back = max(line.taken_back, min(too_many, self.voided.get(line.id, 0)))
        return replace(line, sold=line.sold + beyond, shipped=line.shipped + beyond, taken_back=back)


def at_their_places(tx: Transaction, lines: Sequence[Line], current: Done, places: Places) -> list[Line]:
    """Each line as the shares that its locations have of it, a bundle in the way of each; one unasked for has no shares."""
    known = _known(tx, {line.order_id for line in lines}, places)
    sums = by_line(current)
    found: list[Line] = []
    for line in lines:
        taken = Taken(line, sums.get(line.id, {}), places)
        wanted, left = known.asked.get(line.id, {}), known.left_of(line)
        if wanted or left or taken.is_split:
            taken = Taken(known.with_beyond(taken), taken.sums, places)
            found += [part for share in _shares(taken, wanted, left) for part in taken.at(share)]
        else:
            found += taken.unplaced()
    return found


def _shares(taken: Taken, wanted: Mapping[str, int], left: Mapping[str, int]) -> Iterator[Line]:
    line, gone = taken.line, taken.gone()
    whole = Share(line.sold, line.shipped)
    usual = taken.usual() or next(iter(wanted or left or gone))
    back = line.taken_back
    for place, share in spread(whole, asked=wanted, left=left, gone=gone, usual=usual).items():
        mine = min(back, max(0, gone.get(place, 0) - share.shipped))
        back -= mine
        yield replace(
            line, place=place, is_placed=True, sold=share.sold, shipped=share.shipped, taken_back=mine
        )


def asked(tx: Transaction, order_ids: Iterable[str], places: Places) -> Units:
    """Units by line and location that requests ask of locations whose shelves are counted, be they gone or not."""
    return _by_place(_counted_parts(tx, order_ids, places), lambda part: part.held + part.shipped)


def _counted_parts(tx: Transaction, order_ids: Iterable[str], places: Places) -> list[RequestPart]:
    parts = (part for of_order in requested.parts_of(tx, order_ids).values() for part in of_order)
    return [part for part in parts if places.counts(part.request.location_id)]


def _by_place(parts: Iterable[RequestPart], units_of: Callable[[RequestPart], int]) -> Units:
    found: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for part in parts:
        if units := units_of(part):
            found[part.line_id][part.request.location_id] += units
    return found


def _known(tx: Transaction, order_ids: Iterable[str], places: Places) -> _Known:
    ids = list(order_ids)
    left: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in LEFT.rows(tx, ids):
        if places.counts(row.location_id):
            left[row.line_id][row.location_id] += row.quantity
    parts = _counted_parts(tx, ids, places)
    voided: dict[str, int] = defaultdict(int)
    for part in parts:
        voided[part.line_id] += part.voided
    return _Known(
        _by_place(parts, lambda part: part.held + part.shipped),
        left,
        _by_place(parts, lambda part: min(part.quantity, part.shipped)),
        voided,
    )
