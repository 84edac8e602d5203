"""How far an order is: what its channel says, and what the hub knows to be held, canceled, sent or shipped beside it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from crossdock.domain import order_life as states
from crossdock.domain.channel import Address
from crossdock.domain.fulfillment import FulfillmentState, shipped_units
from crossdock.domain.order import FulfilledBy, OrderStatus, Review
from crossdock.domain.order_life import NOT_YET_SHIPPED, Standing, Units, released, status_of, summed
from crossdock.domain.validation import Problem, problems
from crossdock.operations.events import Event, Subject, record
from crossdock.operations.orders import canceling, order_cases, sent_state
from crossdock.operations.orders.order_questions import (
    ADDRESSED,
    FULFILLED,
    HEADS,
    LINES,
    LINES_BY_ID,
    SHIPPED_HERE,
    STILL_ASKED,
    TWINS,
)
from crossdock.operations.orders.order_record import buyer_of
from crossdock.operations.routing import requested, stopping, unrouted
from crossdock.operations.routing.requested import RequestPart
from crossdock.operations.routing.state import UNDECIDED, Routing, routing_after
from crossdock.operations.task import HUB, Task
from crossdock.store import tables
from crossdock.store.codec import pack, unpack
from crossdock.store.database import Transaction
from crossdock.store.query import select_in, update_rows

ORDER = tables.order
LINE = tables.order_line
FULFILLMENT = tables.fulfillment
PART = tables.fulfillment_line
NO_PROBLEMS = pack({})
REOPENED = "Taken out of the archive: there is something of it to ship again"

Addresses = Mapping[str, Address | None]
"""Where orders go, by their ids; an order that is not named has its address in its row."""
NONE_AT_HAND: Addresses = MappingProxyType({})


def settle(
    tx: Transaction, task: Task, order_ids: Iterable[str], *, addresses: Addresses = NONE_AT_HAND
) -> None:
    """Bring units and status of these orders to what their channel says and the hub has on record beside it.

    Repeating it changes nothing. Goods that left are settled first: they cannot be canceled any more. What is
    canceled then is asked of no location any more, and only what is left of the order can be sent. Orders that their
    channel has under the same number follow. `addresses` are those that the caller has just stored itself, so that
    they need not be decrypted again.
    """
    ids = list(dict.fromkeys(order_ids))
    _settle_units(tx, ids)
    canceling.hold(tx, task, ids)
    stopping.follow(tx, task, ids)
    _stop_what_is_not_ours(tx, task, ids)
    twins = _settle_status(tx, task, ids, addresses)
    _settle_status(tx, task, twins, addresses)
    sent_state.close_what_is_past(tx, task, ids)


def still_pending(tx: Transaction, task: Task, order_ids: Iterable[str]) -> list[str]:
    """Those of these orders that are to be routed as things are now: not all were looked at since they came."""
    ids = list(order_ids)
    settle(tx, task, ids)
    statement = sa.select(ORDER.c.id).where(ORDER.c.routing == Routing.PENDING)
    pending = {row.id for row in select_in(tx, statement, ORDER.c.id, ids)}
    return [key for key in ids if key in pending]


def end_holds(tx: Transaction, task: Task, *, limit: int) -> list[str]:
    """Orders whose hold is over go on; answers their ids, at most `limit` of them."""
    is_over = (ORDER.c.is_held, ORDER.c.hold_until <= task.now)
    statement = sa.select(ORDER.c.id).where(*is_over).order_by(ORDER.c.hold_until, ORDER.c.id).limit(limit)
    ids = list(tx.scalars(statement))
    tx.execute(sa.update(ORDER).where(ORDER.c.id.in_(ids)).values(is_held=False, hold_reason=""))
    settle(tx, task, ids)
    return ids


def fulfilled(tx: Transaction, order_ids: Iterable[str]) -> dict[str, int]:
    """Units per line that the fulfillments of these orders come to."""
    found: dict[str, int] = defaultdict(int)
    for row in FULFILLED.rows(tx, order_ids):
        found[row.line_id] += row.quantity
    return found


def units_of(lines: Iterable[Any]) -> Units:
    """Units of an order, from the rows of its lines."""
    return summed(Units(line.quantity, line.quantity_canceled, line.quantity_shipped) for line in lines)


def why_kept(tx: Transaction, task: Task, order_ids: Iterable[str]) -> dict[str, str]:
    """Orders of which nothing may be sent to a location now, and what keeps each, as in “it is held”."""
    orders = {row.id: row for row in select_in(tx, sa.select(ORDER), ORDER.c.id, order_ids)}
    lines = _lines(tx, orders)
    parts = requested.parts_of(tx, orders)
    kept: dict[str, str] = {}
    for key, order in orders.items():
        found = unpack(dict[Problem, tuple[str, ...]], order.problems)
        case = _Case(order, lines[key], parts.get(key, ()), found)
        why = states.why_kept(case.standing(task.now)) if case.is_ours else "the hub does not ship it"
        if why:
            kept[key] = why
    return kept


def units_to_keep(tx: Transaction, order: Any) -> int:
    """Open units of an order (a row of its table) that no location has; none where all were sent without a request."""
    parts = requested.parts_of(tx, [order.id]).get(order.id, [])
    if not parts and order.status == OrderStatus.SENT_TO_FULFILLMENT:
        return 0
    case = _Case(order, _lines(tx, [order.id])[order.id], parts)
    return _to_request(case) + sum(part.held for part in parts if not part.is_at_location)


def _settle_units(tx: Transaction, order_ids: Sequence[str]) -> None:
    left = fulfilled(tx, order_ids)
    lines = {line.id: line for line in (*SHIPPED_HERE.rows(tx, order_ids), *LINES_BY_ID.rows(tx, left))}
    rows: dict[str, dict[str, Any]] = {}
    for line in lines.values():
        told = line.quantity_shipped - line.quantity_shipped_here
        shipped = shipped_units(
            ordered=line.quantity,
            canceled=line.quantity_canceled - line.quantity_canceled_here,
            told=told,
            fulfilled=left.get(line.id, 0),
        )
        row = {"quantity_shipped": shipped, "quantity_shipped_here": max(0, shipped - told)}
        if any(getattr(line, name) != value for name, value in row.items()):
            rows[line.id] = row
    update_rows(tx, LINE, rows)


@dataclass(frozen=True, slots=True)
class _Case:
    """One order with what its status follows from."""

    order: Any
    lines: Sequence[Any]
    parts: Sequence[RequestPart]
    problems: Mapping[Problem, tuple[str, ...]] = field(default_factory=dict)

    @property
    def is_ours(self) -> bool:
        """Whether the hub has to see that it is shipped: not a copy, and not shipped by its platform."""
        return _is_ours(self.order)

    @property
    def there(self) -> OrderStatus:
        return _there(self.order)

    def standing(self, now: datetime) -> Standing:
        order, units = self.order, units_of(self.lines)
        return Standing(
            there=self.there,
            ordered=units.ordered,
            canceled=units.canceled,
            shipped=units.shipped,
            # Of an order with units they tell it; what was canceled before may be open again.
            is_canceled=order.status == OrderStatus.CANCELED and not (units.open or units.shipped),
            is_sent=requested.is_any_at_location(self.parts) if self.parts else order.sent_at is not None,
            is_held=order.is_held and (order.hold_until is None or order.hold_until > now),
            review=Review(order.review),
            has_problems=bool(self.problems),
            is_archived=order.is_archived,
        )


def _there(order: Any) -> OrderStatus:
    return OrderStatus(order.status_there or order.status)


def _is_ours(order: Any) -> bool:
    is_copy = order.copy_of is not None or order.stands_for
    return not (is_copy or FulfilledBy(order.fulfilled_by).arrives_fulfilled)


def _stop_what_is_not_ours(tx: Transaction, task: Task, order_ids: Iterable[str]) -> None:
    """Of an order that turned out to be a copy, or to be shipped by its platform, nothing may leave beside that."""
    for row in STILL_ASKED.rows(tx, order_ids):
        stopping.stop(tx, task, row.number)


def _settle_status(tx: Transaction, task: Task, order_ids: Sequence[str], addresses: Addresses) -> list[str]:
    """Answers the orders beside these that their channels have under the same numbers."""
    heads = HEADS if addresses.keys() >= set(order_ids) else ADDRESSED
    orders = {row.id: row for row in heads.rows(tx, order_ids)}
    lines = _lines(tx, orders)
    parts = requested.parts_of(tx, orders)
    twins = _twins(tx, [key for key, row in orders.items() if key not in parts and _is_ours(row)])
    begun = [key for key in orders if key not in parts and any(line.quantity_shipped for line in lines[key])]
    recorded = _recorded_here(tx, begun)
    settled: dict[str, _Settled] = {}
    for key, order in orders.items():
        others = [twin.channel_id for twin in twins.get(key, ()) if _came(twin) < _came(order)]
        bare = _Case(order, lines[key], parts.get(key, ()))
        found = _problems(task, bare, others, addresses)
        case = replace(bare, problems=found) if found else bare
        settled[key] = _settled(case, task.now, recorded.get(key, 0))
    update_rows(tx, ORDER, {key: each.values() for key, each in settled.items() if each.is_news})
    _tell(tx, task, settled)
    twins |= _twins(tx, [key for key, each in settled.items() if each.is_canceled])
    return sorted({twin.id for each in twins.values() for twin in each} - orders.keys())


@dataclass(frozen=True, slots=True)
class _Settled:
    """Where one order stands now."""

    case: _Case
    status: OrderStatus
    routing: Routing
    is_archived: bool
    is_reopened: bool

    def values(self) -> dict[str, Any]:
        """What its row is to say."""
        return {
            "status": self.status,
            "problems": self.problems,
            "routing": self.routing,
            "is_archived": self.is_archived,
        }

    @property
    def problems(self) -> str:
        return pack(self.case.problems) if self.case.problems else NO_PROBLEMS

    @property
    def is_news(self) -> bool:
        row = self.case.order
        was = (row.status, row.routing, row.is_archived, row.problems)
        return was != (self.status, self.routing, self.is_archived, self.problems)

    @property
    def is_canceled(self) -> bool:
        return self.status is OrderStatus.CANCELED and self.case.is_ours


def _settled(case: _Case, now: datetime, recorded: int) -> _Settled:
    """`recorded` are units of it that have left as was recorded in the hub."""
    order, standing = case.order, case.standing(now)
    is_reopened = states.is_reopened(standing)
    if is_reopened:
        standing = replace(standing, is_archived=False)
    status, routing = status_of(standing), Routing.NONE
    if case.is_ours:
        goes_on = order.routes_rest or _left_from_here(case, standing, recorded)
        units = _to_request(case)
        routing = routing_after(order, status, units, has_requests=bool(case.parts), goes_on=goes_on)
    return _Settled(case, status, routing, standing.is_archived, is_reopened)


def _tell(tx: Transaction, task: Task, settled: Mapping[str, _Settled]) -> None:
    """Cases and the timeline follow."""
    to_validate = {
        key: each.case.problems for key, each in settled.items() if each.status is OrderStatus.TO_BE_VALIDATED
    }
    orders = {key: each.case.order for key, each in settled.items()}
    flagged = [row for key, row in orders.items() if key in to_validate or row.problems != NO_PROBLEMS]
    order_cases.flag_problems(tx, task, flagged, to_validate)
    decided = [
        key
        for key, row in orders.items()
        if row.routing in UNDECIDED and settled[key].routing not in UNDECIDED
    ]
    unrouted.close(tx, task, decided)
    reopened = [key for key, each in settled.items() if each.is_reopened]
    record(tx, task, [Event(Subject.ORDER, key, REOPENED) for key in reopened])


def _recorded_here(tx: Transaction, order_ids: Iterable[str]) -> dict[str, int]:
    """Units per order of the fulfillments that were recorded in the hub."""
    statement = (
        sa.select(FULFILLMENT.c.order_id, PART.c.quantity)
        .join(FULFILLMENT, FULFILLMENT.c.id == PART.c.fulfillment_id)
        .where(FULFILLMENT.c.state == FulfillmentState.SHIPPED, FULFILLMENT.c.integration == HUB)
    )
    found: dict[str, int] = defaultdict(int)
    for row in select_in(tx, statement, FULFILLMENT.c.order_id, order_ids):
        found[row.order_id] += row.quantity
    return found


def _left_from_here(case: _Case, standing: Standing, recorded: int) -> bool:
    """Whether all that has left was recorded in the hub, and nobody has what is open: that is the hub's to route."""
    waits = (OrderStatus.READY_FOR_FULFILLMENT, OrderStatus.PARTIALLY_FULFILLED)
    is_open_there = released(case.there, standing.review) in waits
    return is_open_there and case.order.sent_at is None and 0 < standing.shipped <= recorded


def _lines(tx: Transaction, order_ids: Iterable[str]) -> dict[str, list[Any]]:
    lines: dict[str, list[Any]] = defaultdict(list)
    for line in LINES.rows(tx, order_ids):
        lines[line.order_id].append(line)
    return lines


def _to_request(case: _Case) -> int:
    """Open units that no location has been asked for yet."""
    held = requested.held_by_line(case.parts) if case.parts else {}
    return sum(
        max(0, line.quantity - line.quantity_canceled - line.quantity_shipped - held.get(line.id, 0))
        for line in case.lines
    )


def _problems(
    task: Task, case: _Case, twins: Sequence[str], addresses: Addresses
) -> dict[Problem, tuple[str, ...]]:
    """What keeps the order from being shipped; looked at only before anything of it has been asked for or has left."""
    order = case.order
    is_past = any(line.quantity_shipped for line in case.lines) or bool(case.parts)
    if not case.is_ours or is_past or case.there not in NOT_YET_SHIPPED:
        return {}
    open_lines = [line for line in case.lines if line.quantity > line.quantity_canceled]
    unmatched = [line.channel_sku or "" for line in open_lines if line.variant_id is None]
    address = addresses[order.id] if order.id in addresses else buyer_of(task.cipher, order).shipping
    found = problems(address, unmatched, twins)
    if FulfilledBy(order.fulfilled_by) is FulfilledBy.PLATFORM_LABEL_PACKED_HERE:
        # The address is on the platform's label, and hidden here.
        found.pop(Problem.ADDRESS, None)
    return found


def _twins(tx: Transaction, order_ids: Iterable[str]) -> dict[str, list[Any]]:
    """Other orders that the same channel has under the same number, by the order that they are twins of."""
    twins: dict[str, list[Any]] = defaultdict(list)
    for row in TWINS.rows(tx, order_ids):
        twins[row.of].append(row)
    return twins


def _came(order: Any) -> tuple[datetime, datetime, str]:
    """The first that was read goes on; those that came after it wait."""
    return (order.created_at, order.placed_at, order.id)
