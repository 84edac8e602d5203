"""What warehouses say later about shipping requests that they have: taken, refused, stopped or not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from crossdock.domain.shipping import NewsKind, RequestNews, RequestState
from crossdock.domain.sync import Rejected
from crossdock.operations.events import Event, EventStatus, Subject, record
from crossdock.operations.exceptions import open_cases
from crossdock.operations.orders import order_life, sending
from crossdock.operations.routing import request_cases, stopping
from crossdock.operations.routing.requested import REQUEST
from crossdock.operations.stock import commitments
from crossdock.operations.task import Task
from crossdock.store.database import Transaction
from crossdock.store.query import select_in


def ingest(tx: Transaction, task: Task, news: Sequence[RequestNews]) -> int:
    """Take it in; answers how many requests changed.

    Said again it changes nothing. Of others' requests nothing is kept; they are told where the warehouse works for nobody
    else.
    """
    statement = sa.select(REQUEST).where(REQUEST.c.integration == task.integration)
    known = {row.number: row for row in select_in(tx, statement, REQUEST.c.number, [n.number for n in news])}
    changed: list[str] = []
    for each in news:
        row = known.get(each.number)
        if row is not None and _take(tx, task, row, each):
            changed.append(row.order_id)
            known[each.number] = stopping.by_number(tx, row.id)
    if task.rules.works_for_us_alone:
        strangers = [request_cases.unknown(task, each) for each in news if each.number not in known]
        open_cases(tx, task, strangers)
    order_life.settle(tx, task, changed)
    commitments.apply(tx, task, changed)
    return len(changed)


def _take(tx: Transaction, task: Task, row: Any, news: RequestNews) -> bool:
    state = RequestState(row.state)
    became = _became(state, news.kind)
    if news.their_id and not row.channel_id:
        tx.execute(sa.update(REQUEST).where(REQUEST.c.id == row.id).values(channel_id=news.their_id))
    if became is None or (became is state and not row.is_dirty):
        return False
    values: dict[str, Any] = {"state": became, "is_dirty": False, "message": news.reason}
    if became is RequestState.STOPPED:
        stopping.release(tx, row.id)
        request_cases.close(tx, task, row.id)
        said = f"stopped by {task.integration}"
    elif became is RequestState.NOT_STOPPED:
        stopping.keep(tx, row.id)
        # All of it was to be stopped, and that could not be done: it is not asked for again by itself.
        values["fingerprint"] = stopping.REFUSED_WHOLE
        request_cases.not_stopped(tx, task, row, news.reason or "it said so")
        said = f"could not be stopped by {task.integration}"
    elif became is RequestState.REFUSED:
        request_cases.refused(tx, task, row, Rejected(row.id, news.reason or "it said so"))
        said = f"refused by {task.integration}"
    else:
        # Nobody knows as what it was taken: what was changed or taken back meanwhile, the warehouse may not know yet.
        values["is_dirty"] = row.is_dirty
        values["sent_at"] = row.sent_at or task.now
        sending.note_sent(tx, task, row.order_id)
        request_cases.close(tx, task, row.id)
        said = f"taken by {task.integration}"
    stopping.write(tx, task, row.id, **values)
    status = EventStatus.COMPLETED if became in _WELL else EventStatus.FAILED
    why = f": {news.reason}" if news.reason else ""
    event = Event(Subject.ORDER, row.order_id, f"Shipping request {row.number} {said}{why}", status, "in")
    record(tx, task, [event])
    return True


_WELL = (RequestState.SENT, RequestState.STOPPED)


def _became(state: RequestState, kind: NewsKind) -> RequestState | None:
    """What the word makes of a request; None where it says nothing new.

    What a warehouse cancels by itself is refused: its units are given to nobody before a person has looked.
    """
    if state.is_over:
        return None
    is_stopping = state is RequestState.STOPPING
    if kind is NewsKind.ACCEPTED:
        return RequestState.SENT if state in (RequestState.UNCLEAR, RequestState.DUE) else None
    if kind is NewsKind.NOT_STOPPED:
        return RequestState.NOT_STOPPED if is_stopping else None
    if kind is NewsKind.STOPPED and is_stopping:
        return RequestState.STOPPED
    if kind is NewsKind.REFUSED and is_stopping:
        return RequestState.STOPPED
    return RequestState.REFUSED
