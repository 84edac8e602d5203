"""How far it is with telling channels that an order was sent to a location, and when that is past."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from crossdock.domain.order import OrderStatus
from crossdock.operations.exceptions import close_cases
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.asking import Question
from crossdock.store.database import Transaction

ORDER = tables.order
WHOLE = ORDER.alias("whole")
"""The order itself, where `ORDER` is a copy of it, and else the same row."""
CASE_KINDS = ("sent_refused", "sent_unclear")
READY = OrderStatus.READY_FOR_FULFILLMENT


class SentState(StrEnum):
    """Whether the channel of an order has been told that it was sent to a location."""

    NONE = ""
    DUE = "due"
    UNCLEAR = "unclear"
    """It was told and has not answered; it is told again at the flow's own time, which no other run hastens."""
    TOLD = "told"
    REFUSED = "refused"


_IS_NEXT = sa.and_(
    # What the store shows of a copy is not known where its orders are not read; its connector looks.
    ORDER.c.status_there.in_([READY, ""]),
    sa.or_(ORDER.c.status_there == READY, ORDER.c.copy_of.is_not(None)),
    WHOLE.c.status.in_([READY, OrderStatus.SENT_TO_FULFILLMENT]),
)


def next_ones(*states: SentState) -> sa.Select[Any]:
    """Orders in one of these states, copies among them, that went no further and are ready on their channel."""
    return _selected(*states).where(_IS_NEXT)


def _selected(*states: SentState) -> sa.Select[Any]:
    is_whole = WHOLE.c.id == sa.func.coalesce(ORDER.c.copy_of, ORDER.c.id)
    return sa.select(ORDER).join(WHOLE, is_whole).where(ORDER.c.sent_state.in_(states))


def _past(column: sa.ColumnElement[Any]) -> Question:
    there = _selected(SentState.UNCLEAR, SentState.REFUSED).where(~_IS_NEXT)
    return Question(there.with_only_columns(ORDER.c.id), column)


_PAST, _PAST_COPIES = _past(ORDER.c.id), _past(ORDER.c.copy_of)


def close_what_is_past(tx: Transaction, task: Task, order_ids: Iterable[str]) -> None:
    """Where an order went on, or is shown as sent by now, nobody has to look why its channel did not take that."""
    ids = list(order_ids)
    for key in {row.id: None for past in (_PAST, _PAST_COPIES) for row in past.rows(tx, ids)}:
        # Should it be ready once more, its channel is told anew.
        write(tx, key, SentState.DUE)
        close(tx, task, key)


def write(tx: Transaction, order_id: str, state: SentState) -> None:
    tx.execute(sa.update(ORDER).where(ORDER.c.id == order_id).values(sent_state=state))


def case_key(kind: str, order_id: str) -> str:
    return f"{kind.replace('_', '-')}:{order_id}"


def close(tx: Transaction, task: Task, order_id: str, *, but: str = "") -> None:
    """Its cases are over, except the one of this kind."""
    close_cases(tx, task.now, [case_key(kind, order_id) for kind in CASE_KINDS if kind != but])
