"""Orders that a location has had for days without a word, or was not told of for hours: a case each, until that moves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from crossdock.domain.fulfillment import FulfillmentState
from crossdock.domain.order import OrderStatus
from crossdock.domain.shipping import RequestState
from crossdock.domain.sync import Direction, Entity
from crossdock.domain.words import counted
from crossdock.operations.events import Subject
from crossdock.operations.exceptions import CASE, Case, close_cases, open_cases, open_keys
from crossdock.operations.routing import request_cases, requested
from crossdock.operations.routing.requested import FULFILLMENT, REQUEST, RequestPart
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.database import Transaction

ORDER = tables.order
FLOW = tables.flow

KIND = "request_overdue"
PATIENCE = timedelta(days=3)
UNSENT_PATIENCE = timedelta(hours=4)
"""How long a warehouse may not be told of a request, or of a change: platforms count in days until goods have to leave."""
MOST = 200
"""Cases opened in one run at most; the others follow as these are seen to."""
_PREFIX = "request-overdue:"
_TOLD = (
    RequestState.DUE,
    RequestState.UNCLEAR,
    RequestState.SENT,
    RequestState.STOPPING,
    RequestState.NOT_STOPPED,
)
"""Requests that their warehouse has to be told of while something of them is new."""


def watch(tx: Transaction, task: Task) -> None:
    """Open a case for each request, and each order sent without one, of which nothing has left for `PATIENCE`.

    So for each of which its warehouse was not told for `UNSENT_PATIENCE`. Close those of what has moved on. Repeating it
    changes nothing.
    """
    known = open_keys(tx, _PREFIX)
    due = {_key(row.id): _of_request(row, of_request) for row, of_request in _requests(tx, task)}
    due |= {_key(row.id): _of_waiting(row) for row in _waiting(tx, task)}
    due |= {_key(row.id): _of_order(row) for row in _orders(tx, task)}
    open_cases(tx, task, [case for key, case in due.items() if key not in known])
    close_cases(tx, task.now, [key for key in known if key not in due])


def _key(record_id: str) -> str:
    return f"{_PREFIX}{record_id}"


def _is_dismissed(record_id: Any, since: Any) -> Any:
    """Whether a person said that nothing needs to be done about it as it has been since that moment."""
    was_seen = sa.or_(CASE.c.closed_at.is_(None), CASE.c.closed_at >= since)
    return sa.exists().where(
        CASE.c.key == sa.literal(_PREFIX) + record_id, CASE.c.state == "dismissed", was_seen
    )


def _is_told_already() -> Any:
    """Whether another case says of a request what its warehouse answered."""
    keys = [sa.literal(request_cases.key(kind, "")) + REQUEST.c.id for kind in request_cases.KINDS]
    return sa.exists().where(CASE.c.key.in_(keys), CASE.c.state == "open")


def _requests(tx: Transaction, task: Task) -> list[tuple[Any, list[RequestPart]]]:
    """Those of which nothing left lately and some is still to leave, each with its lines."""
    has_left = (FULFILLMENT.c.request_id == REQUEST.c.id, FULFILLMENT.c.state == FulfillmentState.SHIPPED)
    last_left = sa.select(sa.func.max(FULFILLMENT.c.created_at)).where(*has_left).scalar_subquery()
    had_since = sa.func.coalesce(REQUEST.c.sent_at, REQUEST.c.created_at)
    moved_at = sa.func.coalesce(last_left, had_since)
    is_late = (had_since < task.now - PATIENCE, moved_at < task.now - PATIENCE)
    is_refused = sa.and_(REQUEST.c.state == RequestState.NOT_STOPPED, ~_is_told_already())
    statement = (
        sa.select(
            REQUEST,
            ORDER.c.number.label("order_number"),
            had_since.label("had_since"),
            last_left.label("last_left"),
        )
        .join(ORDER, ORDER.c.id == REQUEST.c.order_id)
        .where(sa.or_(REQUEST.c.state == RequestState.SENT, is_refused), *is_late)
        .where(~_is_dismissed(REQUEST.c.id, moved_at))
        .order_by(had_since, REQUEST.c.id)
    )
    rows = {row.id: row for row in tx.execute(statement.limit(MOST))}
    parts: dict[str, list[RequestPart]] = {key: [] for key in rows}
    for of_order in requested.parts_of(tx, {row.order_id for row in rows.values()}).values():
        for part in of_order:
            if part.request.id in parts:
                parts[part.request.id].append(part)
    return [(rows[key], some) for key, some in parts.items() if not some or any(part.left for part in some)]


def _waiting(tx: Transaction, task: Task) -> Sequence[Any]:
    """Those of which their warehouse has not been told something, with whether it is told at all."""
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
        .where(REQUEST.c.is_dirty, REQUEST.c.state.in_(_TOLD))
        .where(REQUEST.c.updated_at < task.now - UNSENT_PATIENCE)
        .where(~_is_told_already(), ~_is_dismissed(REQUEST.c.id, REQUEST.c.updated_at))
        .order_by(REQUEST.c.updated_at, REQUEST.c.id)
    )
    return tx.execute(statement.limit(MOST)).all()


def _orders(tx: Transaction, task: Task) -> Sequence[Any]:
    """Those that a person said were sent: no request of the hub's has them."""
    is_sent = (ORDER.c.status == OrderStatus.SENT_TO_FULFILLMENT, ORDER.c.sent_at < task.now - PATIENCE)
    has_request = sa.exists().where(REQUEST.c.order_id == ORDER.c.id)
    is_seen = _is_dismissed(ORDER.c.id, ORDER.c.sent_at)
    statement = sa.select(ORDER).where(*is_sent, ORDER.c.copy_of.is_(None), ~has_request, ~is_seen)
    return tx.execute(statement.order_by(ORDER.c.sent_at, ORDER.c.id).limit(MOST)).all()


def _of_request(row: Any, parts: Sequence[RequestPart]) -> Case:
    there, left, whole = row.integration, "nothing of it has left", "it"
    if row.last_left is not None:
        rest = counted(sum(part.left for part in parts), "unit")
        left = f"nothing has left since {row.last_left:%Y-%m-%d %H:%M} UTC, with {rest} still to leave"
        whole = "the rest"
    fix = (
        f"Ask {there} for {whole}. If it left, enter that: crossdock requests ship {row.number}; if it never will, say so, "
        f"and its units are routed anew: crossdock requests stopped {row.number}"
    )
    if row.state == RequestState.NOT_STOPPED:
        left, fix = f"{left}; {there} could not stop it", request_cases.left_or_not(row)
    return Case(
        key=_key(row.id),
        kind=KIND,
        subject=Subject.ORDER,
        subject_id=row.order_id,
        cause=(
            f"{there} has had shipping request {row.number} of order {row.order_number} since "
            f"{row.had_since:%Y-%m-%d %H:%M} UTC, and {left}"
        ),
        fix=fix,
        evidence={"request": row.number, "warehouse": there, "sent_at": row.had_since.isoformat()},
    )


def _of_waiting(row: Any) -> Case:
    there, number, since = row.integration, row.number, f"{row.updated_at:%Y-%m-%d %H:%M} UTC"
    name, state = f"{number} of order {row.order_number}", RequestState(row.state)
    if state is RequestState.DUE:
        what = f"Shipping request {name} has waited since {since}"
        else_do = f"ship from elsewhere: crossdock requests stop {number}"
    elif state is RequestState.STOPPING:
        what = f"{there} is to stop shipping request {name}, and has not been told since {since}"
        else_do = f"tell {there} yourself, and say what will not leave: crossdock requests stopped {number}"
    elif state is RequestState.UNCLEAR:
        what = f"{there} may have shipping request {name}, and has not been asked since {since}"
        else_do = f"ask {there} yourself, or take it back: crossdock requests stop {number}"
    else:
        what = f"Shipping request {name} was changed, and {there} has not been told since {since}"
        else_do = f"tell {there} yourself: crossdock requests show {number}"
    why = row.message or "it was not told yet"
    fix = f"See to what it waits for, or {else_do}"
    if not row.is_on:
        why = f"{there} is told nothing, as its setting is off"
        fix = f"Turn the orders of {there} on, or {else_do}"
    return Case(
        key=_key(row.id),
        kind=KIND,
        subject=Subject.ORDER,
        subject_id=row.order_id,
        cause=f"{what}: {why}",
        fix=fix,
        evidence={
            "request": number,
            "warehouse": there,
            "state": row.state,
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
