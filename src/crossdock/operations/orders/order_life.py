"""How far an order is: what its channel says, and what the hub knows to be held, canceled, sent or shipped beside it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crossdock.domain.fulfillment import FulfillmentState, shipped_units
from crossdock.domain.order import FulfilledBy, OrderStatus, Review
from crossdock.domain.order_life import NOT_YET_SHIPPED, Standing, status_of
from crossdock.domain.order_life import why_kept as why_it_is_kept
from crossdock.domain.validation import Problem, problems
from crossdock.operations.orders import canceling, order_cases, sent_state
from crossdock.operations.orders.order_record import buyer_of
from crossdock.operations.routing import requested, stopping, unrouted
from crossdock.operations.routing.requested import RequestPart
from crossdock.operations.routing.state import Routing, routing_after
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.codec import pack, unpack
from crossdock.store.database import Transaction
from crossdock.store.query import select_in

ORDER = tables.order
LINE = tables.order_line
FULFILLMENT = tables.fulfillment
PART = tables.fulfillment_line


def settle(tx: Transaction, task: Task, order_ids: Iterable[str]) -> None:
    """Bring units and status of these orders to what their channel says and the hub has on record beside it.

    Repeating it changes nothing. Goods that left are settled first: they cannot be canceled any more. What is
    canceled then is asked of no location any more, and only what is left of the order can be sent.
    """
    ids = list(dict.fromkeys(order_ids))
    _settle_units(tx, ids)
    canceling.hold(tx, task, ids)
    stopping.follow(tx, task, ids)
    _settle_status(tx, task, ids)
    sent_state.close_what_is_past(tx, task, ids)


def end_holds(tx: Transaction, task: Task, *, limit: int) -> list[str]:
    """Orders whose hold is over go on; answers their ids, at most `limit` of them."""
    is_over = (ORDER.c.is_held, ORDER.c.hold_until <= task.now)
    statement = sa.select(ORDER.c.id).where(*is_over).order_by(ORDER.c.hold_until, ORDER.c.id).limit(limit)
    ids = list(tx.scalars(statement))
    for key in ids:
        tx.execute(sa.update(ORDER).where(ORDER.c.id == key).values(is_held=False, hold_reason=""))
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


def why_kept(tx: Transaction, task: Task, order_ids: Iterable[str]) -> dict[str, str]:
    """Orders of which nothing may be sent to a location now, and what keeps each, as in “it is held”."""
    orders = {row.id: row for row in select_in(tx, sa.select(ORDER), ORDER.c.id, order_ids)}
    lines = _lines(tx, orders)
    parts = requested.parts_of(tx, orders)
    kept: dict[str, str] = {}
    for key, order in orders.items():
        found = unpack(dict[Problem, tuple[str, ...]], order.problems)
        case = _Case(order, lines[key], parts.get(key, ()), found)
        why = why_it_is_kept(case.standing(task.now)) if case.is_ours else "the hub does not ship it"
        if why:
            kept[key] = why
    return kept


def _settle_units(tx: Transaction, order_ids: Sequence[str]) -> None:
    left = fulfilled(tx, order_ids)
    for line in select_in(tx, sa.select(LINE), LINE.c.order_id, order_ids):
        if line.id not in left and not line.quantity_shipped_here:
            continue
        told = line.quantity_shipped - line.quantity_shipped_here
        shipped = shipped_units(
            ordered=line.quantity,
            canceled=line.quantity_canceled - line.quantity_canceled_here,
            told=told,
            fulfilled=left.get(line.id, 0),
        )
        values = {"quantity_shipped": shipped, "quantity_shipped_here": max(0, shipped - told)}
        tx.execute(sa.update(LINE).where(LINE.c.id == line.id).values(**values))


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
        return self.order.copy_of is None and not FulfilledBy(self.order.fulfilled_by).arrives_fulfilled

    def standing(self, now: datetime) -> Standing:
        order, lines = self.order, self.lines
        there = OrderStatus(order.status_there or order.status)
        return Standing(
            there=there,
            ordered=sum(line.quantity for line in lines),
            canceled=sum(line.quantity_canceled for line in lines),
            shipped=sum(line.quantity_shipped for line in lines),
            is_canceled=order.status == OrderStatus.CANCELED,
            is_sent=requested.is_any_at_location(self.parts) if self.parts else order.sent_at is not None,
            is_held=order.is_held and (order.hold_until is None or order.hold_until > now),
            review=Review(order.review),
            has_problems=bool(self.problems),
            is_archived=order.is_archived,
        )


def _settle_status(tx: Transaction, task: Task, order_ids: Sequence[str]) -> None:
    orders = {row.id: row for row in select_in(tx, sa.select(ORDER), ORDER.c.id, order_ids)}
    lines = _lines(tx, orders)
    parts = requested.parts_of(tx, orders)
    twins = _twins(tx, [row for row in orders.values() if row.copy_of is None])
    to_validate: dict[str, Mapping[Problem, tuple[str, ...]]] = {}
    unroutable: set[str] = set()
    for key, order in orders.items():
        case = _Case(order, lines[key], parts.get(key, ()))
        case = _Case(order, lines[key], case.parts, _problems(task, case, twins.get(key, ())))
        standing = case.standing(task.now)
        status = status_of(standing)
        routing = routing_after(order, status, _to_request(case), has_requests=bool(case.parts))
        values = {
            "status": status,
            "problems": pack(case.problems),
            "routing": routing if case.is_ours else "",
        }
        if any(getattr(order, name) != value for name, value in values.items()):
            tx.execute(sa.update(ORDER).where(ORDER.c.id == key).values(**values))
        if values["routing"] == Routing.FAILED:
            unroutable.add(key)
        if status is OrderStatus.TO_BE_VALIDATED:
            to_validate[key] = case.problems
    order_cases.flag_problems(tx, task, orders.values(), to_validate)
    routed = [key for key, row in orders.items() if row.routing == Routing.FAILED and key not in unroutable]
    unrouted.close(tx, task, routed)


def _lines(tx: Transaction, order_ids: Iterable[str]) -> dict[str, list[Any]]:
    lines: dict[str, list[Any]] = defaultdict(list)
    for line in select_in(tx, sa.select(LINE), LINE.c.order_id, order_ids):
        lines[line.order_id].append(line)
    return lines


def _to_request(case: _Case) -> int:
    """Open units that no location has been asked for yet."""
    held = requested.held_by_line(case.parts)
    return sum(
        max(0, line.quantity - line.quantity_canceled - line.quantity_shipped - held.get(line.id, 0))
        for line in case.lines
    )


def _problems(task: Task, case: _Case, twins: Sequence[str]) -> dict[Problem, tuple[str, ...]]:
    """What keeps the order from being shipped; looked at only before anything of it has been asked for or has left."""
    order = case.order
    is_past = any(line.quantity_shipped for line in case.lines) or bool(case.parts)
    if not case.is_ours or is_past or OrderStatus(order.status_there or order.status) not in NOT_YET_SHIPPED:
        return {}
    open_lines = [line for line in case.lines if line.quantity > line.quantity_canceled]
    unmatched = [line.channel_sku or "" for line in open_lines if line.variant_id is None]
    found = problems(buyer_of(task.cipher, order).shipping, unmatched, twins)
    if FulfilledBy(order.fulfilled_by) is FulfilledBy.PLATFORM_LABEL_PACKED_HERE:
        # The address is on the platform's label, and hidden here.
        found.pop(Problem.ADDRESS, None)
    return found


def _twins(tx: Transaction, orders: Sequence[Any]) -> dict[str, list[str]]:
    """Other orders that the same channel has under the same number, as ids there."""
    statement = sa.select(ORDER.c.id, ORDER.c.integration, ORDER.c.number, ORDER.c.channel_id).where(
        ORDER.c.copy_of.is_(None), ORDER.c.status != OrderStatus.CANCELED
    )
    numbers: dict[str, list[str]] = defaultdict(list)
    for order in orders:
        numbers[order.integration].append(order.number)
    by_number: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for channel, some in numbers.items():
        of_channel = statement.where(ORDER.c.integration == channel)
        for row in select_in(tx, of_channel, ORDER.c.number, some):
            by_number[channel, row.number].append(row)
    return {
        order.id: [row.channel_id for row in by_number[order.integration, order.number] if row.id != order.id]
        for order in orders
    }
