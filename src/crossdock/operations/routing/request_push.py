"""What a warehouse has to be told of shipping requests, when each may leave, and what its answers mean."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from crossdock.connectors.errors import SettingsError
from crossdock.domain.automations import Trigger
from crossdock.domain.channel import ChannelId
from crossdock.domain.shipping import RequestState, ShippingOrder
from crossdock.domain.sync import (
    Change,
    Confirmed,
    Outcome,
    Postponed,
    Rejected,
    Unclear,
)
from crossdock.operations.automations import agenda
from crossdock.operations.events import Event, EventStatus, Subject, record
from crossdock.operations.orders import order_life, sending
from crossdock.operations.routing import leaving, request_cases, stopping
from crossdock.operations.routing.request_orders import content, shipping_orders
from crossdock.operations.routing.requested import REQUEST
from crossdock.operations.stock import commitments
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.codec import fingerprint
from crossdock.store.database import Transaction

ORDER = tables.order
CANCELLATION = tables.cancellation
FLOW = tables.flow

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=1)
RETRIED = (RequestState.REFUSED, RequestState.NOT_STOPPED, RequestState.UNCLEAR)


@dataclass(frozen=True, slots=True)
class Due:
    """One request that its warehouse is to be told of, and the mark under which that was computed."""

    change: Change[ShippingOrder]
    request: Any

    @property
    def is_stop(self) -> bool:
        return self.change.desired.is_stopped


def take(tx: Transaction, task: Task, request_id: str) -> Due | None:
    """What its warehouse is to be told of a request, decided as its turn comes; None where it may not be told now.

    From then on the warehouse may have it, whatever becomes of the answer.
    """
    found = leaving.sort_out(tx, task, of=task.integration, only=request_id)
    leaving.say(tx, found.waits)
    if not found.ready:
        return None
    row = tx.execute(sa.select(REQUEST).where(REQUEST.c.id == request_id)).one()
    [wanted] = shipping_orders(tx, task, [row]).values()
    change = Change(
        row.id,
        wanted,
        ChannelId(row.channel_id) if row.channel_id else None,
        fingerprint(wanted),
        is_unclear=row.attempts > 0 or (row.state != RequestState.DUE and not row.channel_id),
    )
    if row.state == RequestState.DUE:
        values = {"state": RequestState.UNCLEAR, "message": ""}
        tx.execute(sa.update(REQUEST).where(REQUEST.c.id == row.id).values(**values))
    return Due(change, row)


def settle(tx: Transaction, task: Task, sent: Due, outcome: Outcome) -> None:
    """Keep what the warehouse answered."""
    row = tx.execute(sa.select(REQUEST).where(REQUEST.c.id == sent.request.id)).one()
    answer = _Answer(sent, row)
    is_taking_back = stopping.is_taking_back(tx, row.id)
    if isinstance(outcome, Confirmed):
        _confirmed(tx, task, answer, outcome)
    elif isinstance(outcome, Rejected):
        _rejected(tx, task, answer, outcome)
    else:
        _unanswered(tx, task, answer, outcome)
    state = RequestState(stopping.by_number(tx, row.id).state)
    if state != sent.request.state:
        agenda.note(tx, task, Trigger.SHIPPING_REQUEST_UPDATED, [row.id])
    order_life.settle(tx, task, [row.order_id])
    if is_taking_back or state.is_over != RequestState(row.state).is_over:
        # Any other answer leaves as many units asked for as before.
        commitments.apply(tx, task, [row.order_id])


@dataclass(frozen=True, slots=True)
class _Answer:
    """What was sent, and the request as it is now."""

    sent: Due
    row: Any

    @property
    def is_current(self) -> bool:
        """Whether nothing of the request changed meanwhile."""
        return bool(self.row.marks == self.sent.request.marks)


def _confirmed(tx: Transaction, task: Task, answer: _Answer, outcome: Confirmed) -> None:
    sent, row, is_current = answer.sent, answer.row, answer.is_current
    values: dict[str, Any] = {
        "channel_id": outcome.channel_id,
        "message": "",
        "fingerprint": content(sent.change.desired),
        "attempts": 0,
        "again_at": None,
    }
    if is_current:
        values["is_dirty"] = False
    if sent.is_stop:
        stopping.release(tx, row.id)
        values["state"] = RequestState.STOPPED
        said = f"Shipping request {row.number}: stopped by {task.integration}"
    else:
        if is_current:
            stopping.release(tx, row.id)
        values["state"] = RequestState.SENT if is_current else _still(row)
        if values["state"] is RequestState.NOT_STOPPED:
            values["fingerprint"] = stopping.refused_part(values["fingerprint"])
        was_there = bool(row.channel_id)
        said = f"Shipping request {row.number}: {'changed at' if was_there else 'sent to'} {task.integration}"
        if row.sent_at is None:
            values["sent_at"] = task.now
            sending.note_sent(tx, task, row.order_id)
    tx.execute(sa.update(REQUEST).where(REQUEST.c.id == row.id).values(updated_at=task.now, **values))
    request_cases.close(tx, task, row.id)
    notes = f"; {'; '.join(outcome.notes)}" if outcome.notes else ""
    event = Event(Subject.ORDER, row.order_id, said + notes, direction="out", request_id=outcome.request_id)
    record(tx, task, [event])


def _still(row: Any) -> RequestState:
    """The state of a request that changed while the warehouse was told of it: now it has that."""
    state = RequestState(row.state)
    return RequestState.SENT if state is RequestState.UNCLEAR else state


def _rejected(tx: Transaction, task: Task, answer: _Answer, outcome: Rejected) -> None:
    if outcome.again_in is not None:
        _refused_for_now(tx, task, answer, outcome, outcome.again_in)
        return
    sent, row, is_current = answer.sent, answer.row, answer.is_current
    values: dict[str, Any] = {"message": outcome.reason, "updated_at": task.now}
    if is_current:
        values["is_dirty"] = False
    is_known = _is_known(answer, outcome)
    if is_known and row.sent_at is None:
        values["sent_at"] = task.now
        sending.note_sent(tx, task, row.order_id)
    if is_known and stopping.is_taking_back(tx, row.id):
        # It has the request, and can't do what is asked of it any more.
        stopping.keep(tx, row.id)
        refused = stopping.REFUSED_WHOLE if sent.is_stop else stopping.refused_part(row.fingerprint)
        values |= {"state": RequestState.NOT_STOPPED, "fingerprint": refused}
        request_cases.not_stopped(tx, task, row, outcome.reason)
    elif is_known:
        _not_changed(tx, task, answer, outcome, values)
    elif sent.is_stop:
        # It never took it, so there is nothing to stop.
        stopping.release(tx, row.id)
        values["state"] = RequestState.STOPPED
        request_cases.close(tx, task, row.id)
    else:
        if is_current:
            values["state"] = RequestState.REFUSED
        request_cases.refused(tx, task, row, outcome)
    tx.execute(sa.update(REQUEST).where(REQUEST.c.id == row.id).values(**values))
    _say_refused(tx, task, answer, outcome)


def _is_known(answer: _Answer, outcome: Rejected) -> bool:
    """Whether the warehouse that refused something has the request all the same."""
    return bool(answer.sent.change.channel_id) or outcome.code == "too_late"


def _not_changed(
    tx: Transaction, task: Task, answer: _Answer, outcome: Rejected, values: dict[str, Any]
) -> None:
    """It has the request, and will ship it as it has it. After a lost answer nobody knows as what that is."""
    row, wanted = answer.row, content(answer.sent.change.desired)
    is_unsure = row.state == RequestState.UNCLEAR or not row.fingerprint
    if row.state == RequestState.NOT_STOPPED:
        wanted = stopping.refused_part(wanted)
    values["fingerprint"] = wanted
    values["state"] = _still(row)
    tell = request_cases.taken_unseen if is_unsure else request_cases.not_changed
    tell(tx, task, row, outcome.reason)


def _refused_for_now(
    tx: Transaction, task: Task, answer: _Answer, outcome: Rejected, pause: timedelta
) -> None:
    """The reason passes by itself: the same is asked again later, and nothing else follows from it."""
    sent, row = answer.sent, answer.row
    if not row.is_dirty:
        return
    values = {"message": outcome.reason, "again_at": task.now + pause, "attempts": row.attempts + 1}
    is_known = _is_known(answer, outcome)
    if not is_known and answer.is_current and row.state == RequestState.UNCLEAR:
        values["state"] = RequestState.DUE
    tx.execute(sa.update(REQUEST).where(REQUEST.c.id == row.id).values(**values))
    if sent.is_stop:
        request_cases.stop_unanswered(tx, task, row, outcome.reason)
    elif is_known and stopping.is_taking_back(tx, row.id):
        request_cases.may_leave(tx, task, row, outcome.reason)
    elif not is_known and answer.is_current:
        request_cases.refused_for_now(tx, task, row, outcome)
    _say_refused(tx, task, answer, outcome)


def _say_refused(tx: Transaction, task: Task, answer: _Answer, outcome: Rejected) -> None:
    row = answer.row
    what = "could not change or stop" if _is_known(answer, outcome) else "did not take"
    said = f"{task.integration} {what} shipping request {row.number}: {outcome.reason}"
    record(tx, task, [Event(Subject.ORDER, row.order_id, said, EventStatus.FAILED, "out")])


def _unanswered(tx: Transaction, task: Task, answer: _Answer, outcome: Postponed | Unclear) -> None:
    """It is asked again after a pause that grows, with a look at what is there already."""
    sent, row = answer.sent, answer.row
    if not row.is_dirty:
        # The warehouse, or a person, has said meanwhile what became of it.
        return
    pause = min(FIRST_PAUSE * (1 << min(row.attempts, 10)), LONGEST_PAUSE)
    if isinstance(outcome, Postponed):
        pause = outcome.again_in
    values = {"again_at": task.now + pause, "attempts": row.attempts + 1, "message": outcome.reason}
    if isinstance(outcome, Postponed) and answer.is_current and sent.request.state == RequestState.DUE:
        values["state"] = RequestState.DUE
    tx.execute(sa.update(REQUEST).where(REQUEST.c.id == row.id).values(**values))
    if isinstance(outcome, Unclear) and outcome.is_asked:
        if sent.is_stop or stopping.is_taking_back(tx, row.id):
            request_cases.asked(tx, task, row, outcome, is_stop=sent.is_stop)
        else:
            request_cases.no_longer_unclear(tx, task, row.id)
    elif isinstance(outcome, Unclear) and sent.is_stop:
        request_cases.stop_unanswered(tx, task, row, outcome.reason)
    elif isinstance(outcome, Unclear):
        request_cases.unclear(tx, task, row, outcome)


def retry(tx: Transaction, task: Task, number: str) -> None:
    """A person has seen to what was in the way: the warehouse is told again.

    Raises SettingsError where it has been told all there is.
    """
    row = stopping.by_number(tx, number)
    if not row.is_dirty and row.state not in RETRIED:
        raise SettingsError(
            "number", f"request {row.number} is {row.state}; there is nothing to tell {row.integration}"
        )
    state = RequestState.DUE if row.state == RequestState.REFUSED else RequestState(row.state)
    if state is RequestState.NOT_STOPPED:
        state = RequestState.SENT
    stopping.write(tx, task, row.id, state=state, is_dirty=True, message="")
    order_life.settle(tx, task, [row.order_id])
