"""A person's word on an order: it may go on, it is held, or somebody has to look at it first."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from crossdock.connectors.errors import SettingsError
from crossdock.domain.order import OrderStatus, Review
from crossdock.domain.order_life import UNDER_WAY
from crossdock.operations.events import Event, EventStatus, Subject, record
from crossdock.operations.orders import order_life
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.database import Transaction

ORDER = tables.order

ASKS = frozenset({Review.REQUIRED, Review.AFTER_HOLD})
WAITING = frozenset({OrderStatus.REVIEW_REQUIRED, OrderStatus.TO_BE_VALIDATED})
LONGEST_HOLD_MINUTES = 60 * 24 * 365
REVIEWABLE = WAITING | {OrderStatus.NEW, OrderStatus.ON_HOLD, OrderStatus.READY_FOR_FULFILLMENT}


def mark_ready(tx: Transaction, task: Task, order: str) -> OrderStatus:
    """The order was looked at and goes on: no hold, review or problem of the hub's keeps it any more.

    Raises SettingsError when it waits for nobody.
    """
    row = _row(tx, order)
    is_waiting = row.status in WAITING or row.is_held or row.review in ASKS
    if not is_waiting or row.status == OrderStatus.CANCELED:
        raise SettingsError("status", f"order {row.number} is {row.status} and waits for no review")
    values = {"review": Review.DONE, "is_held": False, "hold_until": None, "hold_reason": ""}
    return _decide(tx, task, row, "Marked ready", values)


def require_review(tx: Transaction, task: Task, order: str) -> OrderStatus:
    """What no location has of the order waits until a person marks it ready.

    Raises SettingsError when it is too far for that.
    """
    row = _reviewable(tx, order)
    there = OrderStatus(row.status_there or row.status)
    said = f"Marked for review{'' if there in UNDER_WAY else held_later(there)}"
    return _decide(tx, task, row, said, {"review": Review.REQUIRED})


def hold(
    tx: Transaction, task: Task, order: str, *, until: datetime | None = None, reason: str = ""
) -> OrderStatus:
    """Nothing more of the order is sent before that time, or before a person marks it ready.

    Raises SettingsError when it is too far for that, or the time has passed.
    """
    row = _reviewable(tx, order)
    if until is not None and until <= task.now:
        raise SettingsError("until", f"{until.isoformat()} has passed already")
    values = {"is_held": True, "hold_until": until, "hold_reason": reason or "A person holds it"}
    end = f" until {until:%Y-%m-%d %H:%M} UTC" if until is not None else ""
    return _decide(tx, task, row, f"Held{end}{f' ({reason})' if reason else ''}", values)


def hold_end(now: datetime, *, minutes: int | None, until: datetime | None) -> datetime | None:
    """When a hold ends that was given by its length or its end; None for neither. Raises SettingsError for both."""
    if minutes is None:
        return until
    if until is not None:
        raise SettingsError("minutes", "and until are two ends of one hold; give one of them")
    if not 1 <= minutes <= LONGEST_HOLD_MINUTES:
        raise SettingsError("minutes", f"{minutes} is not 1 to {LONGEST_HOLD_MINUTES}")
    return now + timedelta(minutes=minutes)


def held_later(status: OrderStatus) -> str:
    """What becomes of an order that was marked for review; nothing to say where it waits already."""
    if status in WAITING:
        return ""
    return f"; it is held in {OrderStatus.REVIEW_REQUIRED.value} as soon as its channel has it ready"


def _row(tx: Transaction, order: str) -> Any:
    return tx.execute(sa.select(ORDER).where(ORDER.c.id == order)).one()


def _reviewable(tx: Transaction, order: str) -> Any:
    row = _row(tx, order)
    status = OrderStatus(row.status)
    if status in UNDER_WAY - REVIEWABLE and not order_life.units_to_keep(tx, row):
        problem = f"order {row.number} is {row.status}, and nothing is left of it that no location has"
        raise SettingsError("status", problem)
    if status not in REVIEWABLE | UNDER_WAY:
        choices = ", ".join(each.value for each in OrderStatus if each in REVIEWABLE | UNDER_WAY)
        problem = f"order {row.number} is {row.status}; only these can still be held for review: {choices}"
        raise SettingsError("status", problem)
    return row


def _decide(tx: Transaction, task: Task, row: Any, said: str, values: dict[str, Any]) -> OrderStatus:
    tx.execute(sa.update(ORDER).where(ORDER.c.id == row.id).values(updated_at=task.now, **values))
    order_life.settle(tx, task, [row.id])
    status = OrderStatus(_row(tx, row.id).status)
    what = f"{said}: {row.status} → {status.value}" if status != row.status else said
    record(tx, task, [Event(Subject.ORDER, row.id, what, EventStatus.ACKNOWLEDGED)])
    return status
