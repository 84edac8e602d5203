"""Which shipping requests may leave now, and on what the others wait."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from crossdock.domain.shipping import RequestState
from crossdock.domain.sync import Direction, Entity, FlowKey
from crossdock.operations.orders import cancellation_requests, order_life
from crossdock.operations.routing.requested import PART, REQUEST
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.database import Transaction
from crossdock.store.query import select_in, slices

ORDER = tables.order
CANCELLATION = tables.cancellation
FLOW = tables.flow

FRESH = timedelta(minutes=2)
"""How long ago the reading of a channel may have ended, or begun, that a request relies on."""
HANDS_OVER = frozenset({RequestState.DUE, RequestState.UNCLEAR})
"""Requests with which goods are asked for. What a warehouse has for certain is changed or stopped at any time."""


@dataclass(frozen=True, slots=True)
class Sorted:
    """Requests that are to be told, in their order, and those that wait: on what, and for which flows."""

    ready: tuple[str, ...]
    waits: Mapping[str, str]
    unread: tuple[FlowKey, ...] = ()


def sort_out(tx: Transaction, task: Task, *, of: str = "", only: str = "") -> Sorted:
    """All requests that are due to be told: of one warehouse, or one request, where these are named."""
    rows = _due(tx, task.now, of=of, only=only)
    taken_back = _taken_back(tx, [row.id for row in rows])
    asking = [row for row in rows if row.state in HANDS_OVER and row.id not in taken_back]
    waits, unread = _waits(tx, task, asking)
    ready = tuple(row.id for row in rows if row.id not in waits)
    return Sorted(ready, waits, tuple(sorted(unread, key=str)))


def say(tx: Transaction, waits: Mapping[str, str]) -> None:
    """Keep with each request on what it waits."""
    for some in slices(sorted(waits)):
        for row in select_in(tx, sa.select(REQUEST.c.id, REQUEST.c.message), REQUEST.c.id, some):
            if row.message != waits[row.id]:
                tx.execute(sa.update(REQUEST).where(REQUEST.c.id == row.id).values(message=waits[row.id]))


def wanted_flows(tx: Transaction, task: Task) -> list[FlowKey]:
    """The flows that have something to do about it now: pushes of what may leave, and pulls that others wait for."""
    found = sort_out(tx, task)
    names = {row.integration for row in select_in(tx, sa.select(REQUEST), REQUEST.c.id, found.ready)}
    pushes = [FlowKey(name, Direction.PUSH, Entity.SHIPPING_REQUESTS) for name in sorted(names)]
    return [*pushes, *found.unread]


def _due(tx: Transaction, now: datetime, *, of: str, only: str) -> Sequence[Any]:
    is_due = sa.or_(REQUEST.c.again_at.is_(None), REQUEST.c.again_at <= now)
    statement = sa.select(REQUEST).where(REQUEST.c.is_dirty, is_due)
    if of:
        statement = statement.where(REQUEST.c.integration == of)
    if only:
        statement = statement.where(REQUEST.c.id == only)
    return tx.execute(statement.order_by(REQUEST.c.created_at, REQUEST.c.number)).all()


def _taken_back(tx: Transaction, request_ids: Iterable[str]) -> set[str]:
    """Requests of which nothing is wanted any more: telling that can do no harm."""
    left: dict[str, int] = defaultdict(int)
    for part in select_in(tx, sa.select(PART), PART.c.request_id, request_ids):
        left[part.request_id] += part.quantity - part.quantity_stopped
    return {key for key, units in left.items() if not units}


def _waits(tx: Transaction, task: Task, rows: Sequence[Any]) -> tuple[dict[str, str], set[FlowKey]]:
    orders = {row.id: row for row in select_in(tx, sa.select(ORDER), ORDER.c.id, [r.order_id for r in rows])}
    asked = cancellation_requests.undecided(tx, orders)
    kept = order_life.why_kept(tx, task, orders)
    read = _readings(tx, {order.integration for order in orders.values()})
    waits: dict[str, str] = {}
    unread: set[FlowKey] = set()
    for row in rows:
        behind = [
            flow
            for flow, reading in read.get(orders[row.order_id].integration, {}).items()
            if not reading.covers(row.created_at, task.now)
        ]
        if row.order_id in asked:
            waits[row.id] = "Waits for the decision about the buyer's request to cancel"
        elif row.order_id in kept:
            waits[row.id] = f"Waits until the order is ready: {kept[row.order_id]}"
        elif behind:
            waits[row.id] = (
                f"Waits until {' and '.join(map(str, behind))} has run, in case the order was canceled"
            )
            unread.update(behind)
    return waits, unread


@dataclass(frozen=True, slots=True)
class _Reading:
    """The last reading of a flow that came to its end."""

    began: datetime | None
    ended: datetime | None

    def covers(self, moment: datetime, now: datetime) -> bool:
        """Whether it began after that moment, and has not grown old since. A long one is young when it ends."""
        if self.began is None or self.began < moment:
            return False
        return max(self.began, self.ended or self.began) >= now - FRESH


def _readings(tx: Transaction, channels: set[str]) -> dict[str, dict[FlowKey, _Reading]]:
    """Per channel, how current its orders and cancellations are, as far as they are read at all."""
    entities = (Entity.ORDERS, Entity.CANCELLATIONS)
    statement = (
        sa.select(FLOW)
        .where(
            FLOW.c.direction == Direction.PULL,
            FLOW.c.entity.in_(entities),
            FLOW.c.is_on,
            FLOW.c.refusal == "",
        )
        .order_by(FLOW.c.entity.desc())
    )
    found: dict[str, dict[FlowKey, _Reading]] = defaultdict(dict)
    for row in select_in(tx, statement, FLOW.c.integration, channels):
        found[row.integration][FlowKey.parse(row.key)] = _Reading(row.read_until, row.last_success_at)
    return found
