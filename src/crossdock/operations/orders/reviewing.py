"""A person's word on an order: it may go on, or somebody has to look at it first."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from crossdock.connectors.errors import SettingsError
from crossdock.domain.order import OrderStatus, Review
from crossdock.operations.events import Event, EventStatus, Subject, record
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.database import Transaction

ORDER = tables.order

WAITING = frozenset({OrderStatus.REVIEW_REQUIRED, OrderStatus.TO_BE_VALIDATED})
REVIEWABLE = WAITING | {OrderStatus.NEW, OrderStatus.ON_HOLD, OrderStatus.READY_FOR_FULFILLMENT}


def mark_ready(tx: Transaction, task: Task, order: str) -> OrderStatus:
    """The order was looked at and goes on. Raises SettingsError when it waits for nobody."""
    row = _row(tx, order)
    status = OrderStatus(row.status)
    if status not in WAITING and (row.review != Review.REQUIRED or status is OrderStatus.CANCELED):
        raise SettingsError("status", f"order {row.number} is {status.value} and waits for no review")
    reached = OrderStatus.READY_FOR_FULFILLMENT if status in WAITING else status
    return _decide(tx, task, row, Review.DONE, reached)


def require_review(tx: Transaction, task: Task, order: str) -> OrderStatus:
    """The order waits until a person marks it ready. Raises SettingsError when it is too far for that."""
    row = _row(tx, order)
    status = OrderStatus(row.status)
    if status not in REVIEWABLE:
        choices = ", ".join(each.value for each in OrderStatus if each in REVIEWABLE)
        problem = f"order {row.number} is {status.value}; only these can still be held for review: {choices}"
        raise SettingsError("status", problem)
    return _decide(tx, task, row, Review.REQUIRED, Review.REQUIRED.applied_to(status))


def held_later(status: OrderStatus) -> str:
    """What becomes of an order that was marked for review; nothing to say where it waits already."""
    if status in WAITING:
        return ""
    return f"; it is held in {OrderStatus.REVIEW_REQUIRED.value} as soon as its channel has it ready"


def _row(tx: Transaction, order: str) -> Any:
    return tx.execute(sa.select(ORDER).where(ORDER.c.id == order)).one()


def _decide(tx: Transaction, task: Task, row: Any, review: Review, status: OrderStatus) -> OrderStatus:
    said = "Marked ready" if review is Review.DONE else f"Marked for review{held_later(status)}"
    values = {"review": review, "status": status, "status_there": status, "updated_at": task.now}
    tx.execute(sa.update(ORDER).where(ORDER.c.id == row.id).values(**values))
    what = f"{said}: {row.status} → {status.value}" if status != row.status else said
    record(tx, task, [Event(Subject.ORDER, row.id, what, EventStatus.ACKNOWLEDGED)])
    return status
