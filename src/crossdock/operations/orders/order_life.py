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
UNITS = (
    LINE.c.id,
    LINE.c.order_id,
    LINE.c.channel_sku,
    LINE.c.variant_id,
    LINE.c.quantity,
    LINE.c.quantity_canceled,
    LINE.c.quantity_canceled_here,
    LINE.c.quantity_shipped,
    LINE.c.quantity_shipped_here,
)
"""What of a line the standing of its order depends on; the rest of it is for people, and long."""
HEAD = tuple(column for column in ORDER.c if column.name not in {"buyer", "totals", "routing_report"})
"""The same of an order whose address is at hand."""
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
    statement = (
        sa.select(FULFILLMENT.c.order_id, PART.c.line_id, PART.c.quantity)
        .join(FULFILLMENT, FULFILLMENT.c.id == PART.c.fulfillment_id)
        .where(FULFILLMENT.c.state == FulfillmentState.SHIPPED)
    )
    found: dict[str, int] = defaultdict(int)
    for row in select_in(tx, statement, FULFILLMENT.c.order_id, order_ids):
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
    rows: dict[str, dict[str, Any]] = {}
    for line in select_in(tx, sa.select(*UNITS), LINE.c.order_id, order_ids):
        if line.id not in left and not line.quantity_shipped_here:
            continue
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
        return OrderStatus(self.order.status_there or self.order.status)

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


def _is_ours(order: Any) -> bool:
    is_copy = order.copy_of is not None or order.stands_for
    return not (is_copy or FulfilledBy(order.fulfilled_by).arrives_fulfilled)


def _stop_what_is_not_ours(tx: Transaction, task: Task, order_ids: Iterable[str]) -> None:
    """Of an order that turned out to be a copy, or to be shipped by its platform, nothing may leave beside that."""
    said = sa.select(ORDER.c.id, ORDER.c.copy_of, ORDER.c.stands_for, ORDER.c.fulfilled_by)
    theirs = [row.id for row in select_in(tx, said, ORDER.c.id, order_ids) if not _is_ours(row)]
    request = requested.REQUEST
    under_way = sa.select(request.c.number).where(request.c.state.not_in(stopping.PAST_STOPPING))
    for row in select_in(tx, under_way, request.c.order_id, theirs):
        stopping.stop(tx, task, row.number)


def _settle_status(tx: Transaction, task: Task, order_ids: Sequence[str], addresses: Addresses) -> list[str]:
    """Answers the orders beside these that their channels have under the same numbers."""
    told = sa.select(*HEAD) if addresses.keys() >= set(order_ids) else sa.select(ORDER)
    orders = {row.id: row for row in select_in(tx, told, ORDER.c.id, order_ids)}
    lines = _lines(tx, orders)
    parts = requested.parts_of(tx, orders)
    twins = _twins(tx, [row for row in orders.values() if _is_ours(row) and row.id not in parts])
    begun = [key for key in orders if key not in parts and any(line.quantity_shipped for line in lines[key])]
    recorded = _recorded_here(tx, begun)
    to_validate: dict[str, Mapping[Problem, tuple[str, ...]]] = {}
    undecided: set[str] = set()
    reopened: list[str] = []
    canceled: list[Any] = []
    changed: dict[str, dict[str, Any]] = {}
    for key, order in orders.items():
        case = _Case(order, lines[key], parts.get(key, ()))
        others = [twin.channel_id for twin in twins.get(key, ()) if _came(twin) < _came(order)]
        case = replace(case, problems=_problems(task, case, others, addresses))
        standing = case.standing(task.now)
        is_reopened = states.is_reopened(standing)
        standing = replace(standing, is_archived=False) if is_reopened else standing
        status = status_of(standing)
        goes_on = order.routes_rest or _left_from_here(case, standing, recorded.get(key, 0))
        routing = routing_after(
            order, status, _to_request(case), has_requests=bool(case.parts), goes_on=goes_on
        )
        values = {
            "status": status,
            "problems": pack(case.problems),
            "routing": routing if case.is_ours else Routing.NONE,
            "is_archived": standing.is_archived,
        }
        if any(getattr(order, name) != value for name, value in values.items()):
            changed[key] = values
        if is_reopened:
            reopened.append(key)
        if status is OrderStatus.CANCELED and case.is_ours:
            canceled.append(order)
        if values["routing"] in UNDECIDED:
            undecided.add(key)
        if status is OrderStatus.TO_BE_VALIDATED:
            to_validate[key] = case.problems
    update_rows(tx, ORDER, changed)
    flagged = [row for key, row in orders.items() if key in to_validate or row.problems != NO_PROBLEMS]
    order_cases.flag_problems(tx, task, flagged, to_validate)
    decided = [key for key, row in orders.items() if row.routing in UNDECIDED and key not in undecided]
    unrouted.close(tx, task, decided)
    record(tx, task, [Event(Subject.ORDER, key, REOPENED) for key in reopened])
    twins |= _twins(tx, canceled)
    return sorted({twin.id for each in twins.values() for twin in each} - orders.keys())


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
    for line in select_in(tx, sa.select(*UNITS), LINE.c.order_id, order_ids):
        lines[line.order_id].append(line)
    return lines


def _to_request(case: _Case) -> int:
    """Open units that no location has been asked for yet."""
    held = requested.held_by_line(case.parts)
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
    if not case.is_ours or is_past or OrderStatus(order.status_there or order.status) not in NOT_YET_SHIPPED:
        return {}
    open_lines = [line for line in case.lines if line.quantity > line.quantity_canceled]
    unmatched = [line.channel_sku or "" for line in open_lines if line.variant_id is None]
    at_hand = order.id in addresses
    address = addresses[order.id] if at_hand else buyer_of(task.cipher, order).shipping
    found = problems(address, unmatched, twins)
    if FulfilledBy(order.fulfilled_by) is FulfilledBy.PLATFORM_LABEL_PACKED_HERE:
        # The address is on the platform's label, and hidden here.
        found.pop(Problem.ADDRESS, None)
    return found


def _twins(tx: Transaction, orders: Sequence[Any]) -> dict[str, list[Any]]:
    """Other orders that the same channel has under the same number."""
    is_canceled = sa.or_(
        ORDER.c.status == OrderStatus.CANCELED,
        sa.and_(ORDER.c.is_archived, ORDER.c.status_there == OrderStatus.CANCELED),
    )
    told = (ORDER.c.id, ORDER.c.channel_id, ORDER.c.number, ORDER.c.created_at, ORDER.c.placed_at)
    statement = sa.select(*told).where(ORDER.c.copy_of.is_(None), ORDER.c.stands_for == "", ~is_canceled)
    numbers: dict[str, list[str]] = defaultdict(list)
    for order in orders:
        numbers[order.integration].append(order.number)
    by_number: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for channel, some in numbers.items():
        of_channel = statement.where(ORDER.c.integration == channel)
        for row in select_in(tx, of_channel, ORDER.c.number, some):
            by_number[channel, row.number].append(row)
    return {
        order.id: [row for row in by_number[order.integration, order.number] if row.id != order.id]
        for order in orders
    }


def _came(order: Any) -> tuple[datetime, datetime, str]:
    """The first that was read goes on; those that came after it wait."""
    return (order.created_at, order.placed_at, order.id)
