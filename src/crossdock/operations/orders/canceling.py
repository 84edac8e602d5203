"""What the hub has canceled stays canceled here until the channel shows it too, or has refused it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from crossdock.domain.aftersales import IN_FORCE, CanceledUnits, CancellationState, Origin
from crossdock.domain.order import OrderStatus
from crossdock.operations.exceptions import close_cases
from crossdock.operations.stock import commitments
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.asking import Question
from crossdock.store.codec import unpack
from crossdock.store.database import Transaction
from crossdock.store.query import select_in

CANCELLATION = tables.cancellation
ORDER = tables.order
LINE = tables.order_line

OURS = [origin for origin in Origin if origin.is_ours]
HELD = Question(sa.select(CANCELLATION).where(CANCELLATION.c.origin.in_(OURS)), CANCELLATION.c.order_id)
CASE_KINDS = ("cancellation_requested", "cancellation_refused", "cancellation_locked", "cancellation_unclear")


def case_key(kind: str, cancellation: str) -> str:
    return f"{kind}:{cancellation}"


def hold(tx: Transaction, task: Task, order_ids: Iterable[str]) -> None:
    """Bring status and canceled units of these orders to what the channel says and the hub has canceled beside it.

    Repeating it changes nothing. A pull that still meets the order open revives nothing; a
    cancellation that the channel shows by now is complete.
    """
    by_order: dict[str, list[Any]] = defaultdict(list)
    for row in HELD.rows(tx, order_ids):
        by_order[row.order_id].append(row)
    if not by_order:
        return
    orders = {row.id: row for row in select_in(tx, sa.select(ORDER), ORDER.c.id, by_order)}
    lines: dict[str, list[Any]] = defaultdict(list)
    for row in select_in(tx, sa.select(LINE), LINE.c.order_id, by_order):
        lines[row.order_id].append(row)
    for key, wanted in by_order.items():
        _hold_one(tx, task, orders[key], lines[key], wanted)


def _hold_one(
    tx: Transaction, task: Task, order: Any, lines: Sequence[Any], cancellations: Sequence[Any]
) -> None:
    if order.status_there == OrderStatus.CANCELED:
        # Whoever did it: nobody has to do anything about a refusal any more.
        close_cases(tx, task.now, [case_key(kind, row.id) for row in cancellations for kind in CASE_KINDS])
    in_force = [row for row in cancellations if is_in_force(row)]
    shown = [row for row in in_force if _is_shown(row, order, lines)]
    if shown:
        _complete(tx, task, [row.id for row in shown])
    if shown and any(line.quantity_not_restocked for line in lines):
        # The channel puts them back on sale by itself, and has to be told of its number anew.
        commitments.mark_taken(tx, order.integration, [order.id])
    kept = [row for row in in_force if row not in shown]
    for line in lines:
        told = line.quantity_canceled - line.quantity_canceled_here
        most = line.quantity - line.quantity_shipped
        wanted = max((_least(row, line) for row in kept), default=0)
        here = max(0, min(wanted, most) - told)
        values = {
            "quantity_canceled": told + here,
            "quantity_canceled_here": here,
            "quantity_not_restocked": min(line.quantity_not_restocked, told + here),
        }
        tx.execute(sa.update(LINE).where(LINE.c.id == line.id).values(**values))
    # Goods that have left are no canceled order, whatever was wanted.
    is_canceled = any(row.lines == "[]" for row in kept) and not any(line.quantity_shipped for line in lines)
    status = OrderStatus.CANCELED if is_canceled else order.status_there or order.status
    tx.execute(sa.update(ORDER).where(ORDER.c.id == order.id).values(status=status))


def is_in_force(row: Any) -> bool:
    """That of a copy cancels nothing here before its channel has agreed."""
    agreed = CancellationState(row.state) is CancellationState.ACCEPTED
    return row.state in IN_FORCE and (agreed or row.origin != Origin.COPY)


def _is_shown(row: Any, order: Any, lines: Sequence[Any]) -> bool:
    """Whether the channel's own reading of the order contains this cancellation."""
    if row.lines == "[]":
        return bool(order.status_there == OrderStatus.CANCELED)
    told = {line.channel_id: line.quantity_canceled - line.quantity_canceled_here for line in lines}
    return all(told.get(part.line_id, part.least) >= part.least for part in units_of(row))


def _least(row: Any, line: Any) -> int:
    """How many units of a line are canceled by this cancellation and those before it."""
    if row.lines == "[]":
        return int(line.quantity)
    return max((part.least for part in units_of(row) if part.line_id == line.channel_id), default=0)


def units_of(row: Any) -> tuple[CanceledUnits, ...]:
    """The units that a cancellation is about; none means the whole order."""
    return tuple(unpack(tuple[CanceledUnits, ...], row.lines))


def _complete(tx: Transaction, task: Task, ids: Sequence[str]) -> None:
    """What was answered to an attempt that seemed to have failed is no answer any more: it did not fail."""
    answer = sa.case((CANCELLATION.c.is_dirty, ""), else_=CANCELLATION.c.message)
    tx.execute(
        sa.update(CANCELLATION)
        .where(CANCELLATION.c.id.in_(ids))
        .values(state=CancellationState.COMPLETED, is_dirty=False, message=answer, updated_at=task.now)
    )
    close_cases(tx, task.now, [case_key(kind, key) for key in ids for kind in CASE_KINDS])
