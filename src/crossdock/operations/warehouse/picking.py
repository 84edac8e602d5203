"""The pick list of a warehouse: what is to be taken from its shelves, location by location, and what goes back there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from crossdock.domain.shipping import RequestState
from crossdock.domain.warehouse import Pick, PickOrder, Wanted, picks
from crossdock.operations.orders import cancellation_requests
from crossdock.operations.routing.requested import RequestPart
from crossdock.operations.warehouse import goods, still_open
from crossdock.operations.warehouse.goods import Goods
from crossdock.store import tables
from crossdock.store.database import Transaction
from crossdock.store.query import select_in

REQUEST = tables.shipping_request
REQUEST_LINE = tables.shipping_request_line
ORDER = tables.order
LOCATION = tables.location

TO_PICK = (RequestState.SENT, RequestState.NOT_STOPPED)
STOP_IS_SHOWN = timedelta(days=3)
"""For so long the list says that something is not to be shipped after all: it may lie packed already."""


@dataclass(frozen=True, slots=True)
class TakenOut:
    """Units of a request that are not to be shipped after all, since when."""

    request: str
    order_number: str
    sku: str
    name: str
    quantity: int
    since: datetime


@dataclass(frozen=True, slots=True)
class PickList:
    """What one location has to do; `requests` are the numbers of those that are to be packed.

    Of these the buyer asks to cancel the ones in `asked_to_cancel`: they should not leave before that is decided.
    """

    location_id: str
    location: str
    requests: list[str]
    asked_to_cancel: list[str]
    picks: list[Pick]
    take_out: list[TakenOut]


def pick_lists(
    tx: Transaction, warehouse: str, *, now: datetime, by: PickOrder = PickOrder.SKU, location: str = ""
) -> list[PickList]:
    """One list for each location of the warehouse that has something to do; `location` is an id, code or name."""
    stopped = sa.and_(
        REQUEST.c.sent_at.is_not(None),
        REQUEST.c.state != RequestState.SHIPPED,
        REQUEST.c.updated_at >= now - STOP_IS_SHOWN,
    )
    statement = (
        sa.select(REQUEST, ORDER.c.number.label("order_number"), ORDER.c.placed_at)
        .join(ORDER, ORDER.c.id == REQUEST.c.order_id)
        .where(REQUEST.c.integration == warehouse, sa.or_(REQUEST.c.state.in_(TO_PICK), stopped))
        .order_by(ORDER.c.placed_at, REQUEST.c.number)
    )
    rows = tx.execute(statement).all()
    places = {
        row.id: row
        for row in select_in(tx, sa.select(LOCATION), LOCATION.c.id, [r.location_id for r in rows])
    }
    by_place: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        place = places.get(row.location_id)
        if not location or (place is not None and location in (place.id, place.code, place.name)):
            by_place[row.location_id].append(row)
    found = [_list(tx, key, _name(places, key), some, by) for key, some in by_place.items()]
    return sorted((each for each in found if each.picks or each.take_out), key=lambda one: one.location)


def _name(places: Mapping[str, Any], key: str) -> str:
    return str(places[key].name) if key in places else key


def _list(tx: Transaction, place: str, name: str, rows: Sequence[Any], by: PickOrder) -> PickList:
    parts = still_open.parts(tx, rows)
    sold = goods.of_lines(tx, [part.line_id for some in parts.values() for part in some])
    shelf = goods.on_shelf(tx, sold.values(), at=place)
    still = {row.id: still_open.left(parts[row.id]) for row in rows if row.state in TO_PICK}
    picked = [row for row in rows if row.state in TO_PICK]
    wanted = [each for row in picked for each in _wanted(row, still[row.id], shelf)]
    out = [each for row in rows for each in _taken_out(row, parts[row.id], shelf)]
    packed = [row for row in picked if still[row.id]]
    asked = cancellation_requests.undecided(tx, [row.order_id for row in packed])
    return PickList(
        location_id=place,
        location=name,
        requests=[row.number for row in packed],
        asked_to_cancel=[row.number for row in packed if row.order_id in asked],
        picks=list(picks(wanted, by)),
        take_out=out,
    )


def _wanted(row: Any, still: Mapping[str, int], shelf: Mapping[str, tuple[Goods, ...]]) -> Iterator[Wanted]:
    for line, quantity in still.items():
        for one in shelf[line]:
            yield Wanted(
                request=row.number,
                order_number=row.order_number,
                placed_at=row.placed_at,
                sku=one.sku,
                name=one.name,
                quantity=quantity * one.each,
                options=one.options,
                gtin=one.gtin,
            )


def _taken_out(
    row: Any, parts: Sequence[RequestPart], shelf: Mapping[str, tuple[Goods, ...]]
) -> Iterator[TakenOut]:
    for part in parts:
        if part.stopped:
            for one in shelf[part.line_id]:
                units = part.stopped * one.each
                yield TakenOut(row.number, row.order_number, one.sku, one.name, units, row.updated_at)
