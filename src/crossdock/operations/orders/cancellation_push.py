"""What a channel has to be told of cancellations, and what its answers mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from crossdock.domain.aftersales import (
    Answer,
    CancellationState,
    CancelReason,
    Decision,
    Origin,
    WantedCancellation,
)
from crossdock.domain.channel import ChannelId
from crossdock.domain.sync import Change, Confirmed, Direction, Entity, FlowKey, Outcome, Postponed, Rejected
from crossdock.operations.events import Event, EventStatus, Subject, record
from crossdock.operations.exceptions import Case, close_cases, open_case
from crossdock.operations.orders import canceling, cancellation_requests, order_life
from crossdock.operations.orders.canceling import CANCELLATION, CASE_KINDS, ORDER, OURS, case_key
from crossdock.operations.stock import commitments
from crossdock.operations.task import Task
from crossdock.store.database import Transaction

LOCKED = "locked"
"""The code with which a connector says that the order's status is one that the hub never overwrites."""
SWITCHED_OFF = "switched_off"
"""The code of what was not told, as the settings say by now."""
ALREADY_DECIDED = "already_decided"
"""The code with which it says that a buyer's request is no longer open there."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Due:
    """What one channel has to be told now."""

    cancellations: list[Change[WantedCancellation]]
    answers: list[Change[Answer]]


def due(tx: Transaction, integration: str, *, now: datetime) -> Due:
    """Cancellations to send and buyers to answer; what failed waits longer each time."""
    found = Due([], [])
    for row in _dirty(tx, now, integration=integration):
        is_unclear = row.attempts > 0
        if row.origin in OURS:
            wanted = WantedCancellation(
                ChannelId(row.order_channel_id),
                CancelReason(row.reason),
                row.note,
                canceling.units_of(row),
            )
            found.cancellations.append(Change(row.id, wanted, is_unclear=is_unclear))
        else:
            answer = Answer(Decision(row.decision), row.decision_reason, row.note)
            change = Change(row.id, answer, ChannelId(row.channel_id), is_unclear=is_unclear)
            found.answers.append(change)
    return found


def waiting_flows(tx: Transaction, *, now: datetime) -> list[FlowKey]:
    """The pushes that have something to tell their channel now."""
    names = sorted({row.integration for row in _dirty(tx, now)})
    return [FlowKey(name, Direction.PUSH, Entity.CANCELLATIONS) for name in names]


def _dirty(tx: Transaction, now: datetime, *, integration: str = "") -> list[Any]:
    statement = sa.select(CANCELLATION).where(CANCELLATION.c.is_dirty).order_by(CANCELLATION.c.created_at)
    if integration:
        statement = statement.where(CANCELLATION.c.integration == integration)
    return [row for row in tx.execute(statement) if row.updated_at + pause(row.attempts) <= now]


def pause(attempts: int) -> timedelta:
    """How long to wait after this many attempts; nothing before the first."""
    if attempts == 0:
        return timedelta(0)
    longest = LONGEST_PAUSE // FIRST_PAUSE
    return FIRST_PAUSE * min(1 << min(attempts - 1, 10), longest)


def about_to_send(tx: Transaction, task: Task, keys: Sequence[str]) -> None:
    """Put down that they are sent, before they are: from here on none is sent again without a look first."""
    tx.execute(
        sa.update(CANCELLATION)
        .where(CANCELLATION.c.id.in_(keys))
        .values(attempts=CANCELLATION.c.attempts + 1, updated_at=task.now)
    )


def settle(tx: Transaction, task: Task, outcome: Outcome) -> None:
    """Keep what the channel answered, and bring the order to it."""
    row = tx.execute(
        sa.select(CANCELLATION, ORDER.c.number)
        .outerjoin(ORDER, ORDER.c.id == CANCELLATION.c.order_id)
        .where(CANCELLATION.c.id == outcome.key)
    ).one()
    if row.state not in (CancellationState.OPEN, CancellationState.REQUESTED):
        return  # The channel's own reading was quicker than its answer.
    if isinstance(outcome, Confirmed):
        _confirmed(tx, task, row, outcome)
    elif isinstance(outcome, Rejected):
        _rejected(tx, task, row, outcome)
    elif isinstance(outcome, Postponed):
        _change(tx, task, row.id, message=outcome.reason)
    else:
        _change(tx, task, row.id, message=outcome.reason)
        open_case(tx, task, _unclear_case(task, row, outcome.reason))
    if row.origin in OURS and row.order_id is not None:
        order_life.settle(tx, task, [row.order_id])
        commitments.apply(tx, task, [row.order_id])


def stop(tx: Transaction, task: Task) -> None:
    """The settings say by now that the channel is told of no cancellation: what it was not told stays here alone."""
    keys = tx.scalars(
        sa.select(CANCELLATION.c.id).where(
            CANCELLATION.c.integration == task.integration,
            CANCELLATION.c.is_dirty,
            CANCELLATION.c.origin.in_(OURS),
        )
    ).all()
    for key in keys:
        settle(tx, task, switched_off(task.integration, key))


def switched_off(integration: str, key: str) -> Rejected:
    """The answer to what followed a copy, or was canceled while the setting was still on."""
    return Rejected(
        key,
        f"canceling orders on {integration} is switched off in its settings",
        fix=f"Switch it on in the settings of {integration} and retry this case, or cancel the order there",
        code=SWITCHED_OFF,
    )


def retry(tx: Transaction, task: Task, cancellation: str, *, decision: str = "") -> None:
    """A person has seen to what was in the way: it is told again. `decision` is the one that was refused."""
    row = tx.execute(sa.select(CANCELLATION).where(CANCELLATION.c.id == cancellation)).one()
    if row.origin not in OURS:
        again = row.decision or decision
        _change(tx, task, row.id, decision=again, is_dirty=bool(again), attempts=0)
        return
    _change(tx, task, row.id, state=CancellationState.OPEN, is_dirty=True, attempts=0)
    if row.order_id is not None:
        order_life.settle(tx, task, [row.order_id])
        commitments.apply(tx, task, [row.order_id])


def _confirmed(tx: Transaction, task: Task, row: Any, outcome: Confirmed) -> None:
    close_cases(tx, task.now, [case_key(kind, row.id) for kind in CASE_KINDS])
    notes = "; ".join(outcome.notes)
    if row.origin not in OURS:
        # What became of the order is believed when the channel itself shows it.
        _change(tx, task, row.id, is_dirty=False, message=notes or "told; waits for the channel")
        said = f"{task.integration} was told that the buyer's request is {Decision(row.decision).done}"
    else:
        if outcome.channel_id:
            _forget_what_was_read(tx, task, outcome.channel_id, but=row.id)
        state = CancellationState.ACCEPTED
        _change(tx, task, row.id, state=state, is_dirty=False, channel_id=outcome.channel_id, message=notes)
        said = f"Canceled on {task.integration}{': ' + notes if notes else ''}"
    if row.order_id is not None:
        event = Event(Subject.ORDER, row.order_id, said, direction="out", request_id=outcome.request_id)
        record(tx, task, [event])


def _forget_what_was_read(tx: Transaction, task: Task, channel_id: str, *, but: str) -> None:
    """Our own cancellation may have been read back before its answer was known to be ours."""
    tx.execute(
        sa.delete(CANCELLATION).where(
            CANCELLATION.c.integration == task.integration,
            CANCELLATION.c.channel_id == channel_id,
            CANCELLATION.c.id != but,
        )
    )


def _rejected(tx: Transaction, task: Task, row: Any, outcome: Rejected) -> None:
    close_cases(tx, task.now, [case_key(kind, row.id) for kind in CASE_KINDS])
    if outcome.code == SWITCHED_OFF and row.origin == Origin.HUB:
        # A person has canceled it, and the order is not shipped because somebody changed a setting.
        _change(tx, task, row.id, state=CancellationState.HUB_ONLY, is_dirty=False, message=outcome.reason)
        return
    if outcome.code == ALREADY_DECIDED:
        _change(tx, task, row.id, is_dirty=False, message=outcome.reason)
        return
    if row.origin not in OURS:
        _change(tx, task, row.id, is_dirty=False, decision=Decision.NONE, message=outcome.reason)
        if row.order_id is not None:
            # Nobody has answered the buyer yet, and the deadline goes on.
            cancellation_requests.flag(tx, task, [row.order_id])
    elif outcome.again_in is None:
        state = CancellationState.LOCKED if outcome.code == LOCKED else CancellationState.REFUSED
        _change(tx, task, row.id, state=state, is_dirty=False, message=outcome.reason)
    else:
        _change(tx, task, row.id, message=outcome.reason)
    if row.order_id is not None:
        said = f"Canceling on {task.integration} was refused: {outcome.reason}"
        record(tx, task, [Event(Subject.ORDER, row.order_id, said, EventStatus.FAILED, "out")])
    open_case(tx, task, _refused_case(task, row, outcome))


def _refused_case(task: Task, row: Any, outcome: Rejected) -> Case:
    kind = "cancellation_locked" if outcome.code == LOCKED else "cancellation_refused"
    number, there = row.number or row.order_channel_id, task.integration
    if row.origin not in OURS:
        cause = f"{there} refused the answer to the buyer of order {number}: {outcome.reason}"
    elif kind == "cancellation_locked":
        cause = f"Order {number} is canceled in the hub and still open in {there}: {outcome.reason}"
    elif row.origin == Origin.COPY:
        cause = f"{row.note}, but order {number} is not canceled on {there}: {outcome.reason}"
    else:
        cause = f"{there} refused to cancel order {number}, so it goes on: {outcome.reason}"
    return Case(
        key=case_key(kind, row.id),
        kind=kind,
        subject=Subject.ORDER,
        subject_id=row.order_id or row.order_channel_id,
        cause=cause,
        fix=outcome.fix or f"Look at the order on {there}; retry this case to send the cancellation again",
        evidence={
            "cancellation": row.id,
            "decision": row.decision,
            "code": outcome.code,
            "request_id": outcome.request_id,
        },
    )


def _unclear_case(task: Task, row: Any, reason: str) -> Case:
    number = row.number or row.order_channel_id
    return Case(
        key=case_key("cancellation_unclear", row.id),
        kind="cancellation_unclear",
        subject=Subject.ORDER,
        subject_id=row.order_id or row.order_channel_id,
        cause=f"{task.integration} gave no clear answer about canceling order {number}: {reason}",
        fix="Nothing to do: the order is looked at there before anything is sent again, and this closes by itself",
        evidence={"cancellation": row.id},
    )


def _change(tx: Transaction, task: Task, key: str, **values: Any) -> None:
    tx.execute(sa.update(CANCELLATION).where(CANCELLATION.c.id == key).values(updated_at=task.now, **values))
