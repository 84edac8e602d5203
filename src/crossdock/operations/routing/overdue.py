"""Orders that a location has had for days without a word: a case each, until something of them has left."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from crossdock.domain.fulfillment import FulfillmentState
from crossdock.domain.order import OrderStatus
from crossdock.domain.shipping import RequestState
from crossdock.domain.sync import Direction, Entity
from crossdock.operations.events import Subject
from crossdock.operations.exceptions import Case, close_cases, dismissed, open_cases, open_keys
from crossdock.operations.routing.requested import FULFILLMENT, REQUEST
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.database import Transaction

ORDER = tables.order
FLOW = tables.flow

KIND = "request_overdue"
PATIENCE = timedelta(days=3)
UNSENT_PATIENCE = timedelta(hours=4)
"""How long a request may wait before it is sent: platforms count in days until goods have to leave."""
MOST = 200
"""Cases opened in one run at most; the others follow as these are seen to."""
_PREFIX = "request-overdue:"


def watch(tx: Transaction, task: Task) -> None:
    """Open a case for each request, and each order sent without one, of which nothing has left for `PATIENCE`.

    Close those of what has moved on. Repeating it changes nothing.
    """
    known = open_keys(tx, _PREFIX)
    requests, orders = _requests(tx, task), _orders(tx, task)
    due = {_key(row.id): _of_request(row) for row in requests}
    due |= {_key(row.id): _of_waiting(row) for row in _waiting(tx, task)}
    due |= {_key(row.id): _of_order(row) for row in orders}
    seen = known | dismissed(tx, [key for key in due if key not in known])
    open_cases(tx, task, [case for key, case in due.items() if key not in seen])
    close_cases(tx, task.now, [key for key in known if key not in due])


def _key(record_id: str) -> str:
    return f"{_PREFIX}{record_id}"


def _requests(tx: Transaction, task: Task) -> Sequence[Any]:
    has_left = sa.exists().where(
        FULFILLMENT.c.request_id == REQUEST.c.id, FULFILLMENT.c.state == FulfillmentState.SHIPPED
    )
    statement = (
        sa.select(REQUEST, ORDER.c.number.label("order_number"), ORDER.c.integration.label("channel"))
        .join(ORDER, ORDER.c.id == REQUEST.c.order_id)
        .where(REQUEST.c.state == RequestState.SENT, REQUEST.c.sent_at < task.now - PATIENCE, ~has_left)
        .order_by(REQUEST.c.sent_at, REQUEST.c.id)
    )
    return tx.execute(statement.limit(MOST)).all()


def _waiting(tx: Transaction, task: Task) -> Sequence[Any]:
    """Those that their warehouse has not been told of, with whether it is told at all."""
    statement = (
        sa.select(REQUEST, ORDER.c.number.label("order_number"), FLOW.c.is_on)
        .join(ORDER, ORDER.c.id == REQUEST.c.order_id)
        .outerjoin(
            FLOW,
            sa.and_(
                FLOW.c.integration == REQUEST.c.integration,
                FLOW.c.direction == Direction.PUSH,
                FLOW.c.entity == Entity.SHIPPING_REQUESTS,
            ),
        )
        .where(REQUEST.c.state == RequestState.DUE, REQUEST.c.created_at < task.now - UNSENT_PATIENCE)
        .order_by(REQUEST.c.created_at, REQUEST.c.id)
    )
    return tx.execute(statement.limit(MOST)).all()


def _orders(tx: Transaction, task: Task) -> Sequence[Any]:
    """Those that a person said were sent: no request of the hub's has them."""
    is_sent = (ORDER.c.status == OrderStatus.SENT_TO_FULFILLMENT, ORDER.c.sent_at < task.now - PATIENCE)
    has_request = sa.exists().where(REQUEST.c.order_id == ORDER.c.id)
    statement = sa.select(ORDER).where(*is_sent, ORDER.c.copy_of.is_(None), ~has_request)
    return tx.execute(statement.order_by(ORDER.c.sent_at, ORDER.c.id).limit(MOST)).all()


def _of_request(row: Any) -> Case:
    return Case(
        key=_key(row.id),
        kind=KIND,
        subject=Subject.ORDER,
        subject_id=row.order_id,
        cause=(
            f"{row.integration} has had shipping request {row.number} of order {row.order_number} since "
            f"{row.sent_at:%Y-%m-%d %H:%M} UTC, and nothing of it has left"
        ),
        fix=(
            f"Ask {row.integration} for it. If it left, enter that: crossdock requests ship {row.number}; if it never "
            f"will, say so, and its units are routed anew: crossdock requests stopped {row.number}"
        ),
        evidence={"request": row.number, "warehouse": row.integration, "sent_at": row.sent_at.isoformat()},
    )


def _of_waiting(row: Any) -> Case:
    why = row.message or "it was not told yet"
    fix = f"See to what it waits for, or ship from elsewhere: crossdock requests stop {row.number}"
    if not row.is_on:
        why = f"{row.integration} is told nothing, as its setting is off"
        fix = f"Turn the orders of {row.integration} on, or ship from elsewhere: crossdock requests stop {row.number}"
    return Case(
        key=_key(row.id),
        kind=KIND,
        subject=Subject.ORDER,
        subject_id=row.order_id,
        cause=(
            f"Shipping request {row.number} of order {row.order_number} has waited since "
            f"{row.created_at:%Y-%m-%d %H:%M} UTC: {why}"
        ),
        fix=fix,
        evidence={
            "request": row.number,
            "warehouse": row.integration,
            "created_at": row.created_at.isoformat(),
        },
    )


def _of_order(row: Any) -> Case:
    return Case(
        key=_key(row.id),
        kind=KIND,
        subject=Subject.ORDER,
        subject_id=row.id,
        cause=(
            f"Order {row.number} of {row.integration} was sent to be shipped at {row.sent_at:%Y-%m-%d %H:%M} UTC, and "
            "nothing of it has left"
        ),
        fix=f"Ask whoever ships it. Once it left, enter that: crossdock fulfillments add {row.id}",
        evidence={"sent_at": row.sent_at.isoformat()},
    )
