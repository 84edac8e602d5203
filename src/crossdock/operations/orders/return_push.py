"""What a channel has to be told about returns, and what its answers mean."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crossdock.domain.aftersales import (
    ChannelReturn,
    ReturnAnswer,
    ReturnDecision,
    ReturnKind,
    ReturnQuestion,
    WantedReturnAnswer,
)
from crossdock.domain.channel import ChannelId
from crossdock.domain.sync import Change, Confirmed, Direction, Entity, FlowKey, Outcome, Rejected
from crossdock.operations.events import Event, EventStatus, Subject, record
from crossdock.operations.exceptions import Case, close_cases, open_case
from crossdock.operations.orders.cancellation_push import ALREADY_DECIDED, pause
from crossdock.operations.orders.return_answers import (
    CASE_KINDS,
    ORDER,
    RETURN,
    AnswerState,
    case_key,
    how_to_answer,
    until,
)
from crossdock.operations.task import Task
from crossdock.store.codec import hub_id, unpack
from crossdock.store.database import Transaction


@dataclass(frozen=True, slots=True)
class Said:
    """A line for the order's timeline, with the channel's id of the request it came from."""

    what: str
    request_id: str = ""
    status: EventStatus = EventStatus.COMPLETED


IS_DUE = RETURN.c.answer_state == AnswerState.DUE


def due(tx: Transaction, integration: str, *, now: datetime) -> list[Change[WantedReturnAnswer]]:
    """Answers to tell, the oldest decision first; what failed waits longer each time."""
    return [
        Change(row.id, _wanted(row), ChannelId(row.channel_id), is_unclear=row.attempts > 0)
        for row in _due(tx, now, RETURN.c.integration == integration)
    ]


def waiting_flows(tx: Transaction, *, now: datetime) -> list[FlowKey]:
    """The pushes that have something to tell their channel now."""
    names = sorted({row.integration for row in _due(tx, now)})
    return [FlowKey(name, Direction.PUSH, Entity.RETURNS) for name in names]


def _due(tx: Transaction, now: datetime, *where: sa.ColumnElement[bool]) -> list[Any]:
    statement = sa.select(RETURN).where(IS_DUE, *where).order_by(RETURN.c.decided_at, RETURN.c.id)
    return [
        row
        for row in tx.execute(statement)
        if row.tried_at is None or row.tried_at + pause(row.attempts) <= now
    ]


def _wanted(row: Any) -> WantedReturnAnswer:
    answer = ReturnAnswer(ReturnDecision(row.decision), row.decision_reason, row.note)
    return WantedReturnAnswer(_key(row), ReturnKind(row.kind), ReturnQuestion(row.answered), answer)


def _key(row: Any) -> str:
    """The same for the same decision, however often it is told."""
    return hub_id("ans", row.id, row.decided_at.isoformat(), row.decision, row.decision_reason)


def about_to_send(tx: Transaction, task: Task, change: Change[WantedReturnAnswer]) -> None:
    """Put down that it is sent, before it is."""
    values = {"attempts": RETURN.c.attempts + 1, "tried_at": task.now}
    tx.execute(sa.update(RETURN).where(RETURN.c.id == change.key).values(**values))


def settle(tx: Transaction, task: Task, change: Change[WantedReturnAnswer], outcome: Outcome) -> None:
    """Keep what the channel said. What became of the return itself is believed when the channel shows it."""
    statement = sa.select(RETURN, ORDER.c.number).outerjoin(ORDER, ORDER.c.id == RETURN.c.order_id)
    row = tx.execute(statement.where(RETURN.c.id == change.key, IS_DUE)).first()
    if row is None or _key(row) != change.desired.key:
        return  # The channel's own reading, which asks something else by now, was quicker than its answer.
    if isinstance(outcome, Confirmed):
        _over(tx, task, row, AnswerState.TOLD, "; ".join(outcome.notes))
        done = ReturnDecision(row.decision).done
        _record(tx, task, row, Said(f"{task.integration} was told that it is {done}", outcome.request_id))
    elif isinstance(outcome, Rejected) and outcome.code == ALREADY_DECIDED:
        _over(tx, task, row, AnswerState.OVERTAKEN, outcome.reason)
        _record(tx, task, row, Said(f"It was answered otherwise meanwhile: {outcome.reason}"))
    elif isinstance(outcome, Rejected):
        _over(tx, task, row, AnswerState.REFUSED, outcome.reason)
        said = f"{task.integration} refused the answer to the return: {outcome.reason}"
        _record(tx, task, row, Said(said, outcome.request_id, EventStatus.FAILED))
        open_case(tx, task, _refused_case(task, row, outcome))
    else:
        tx.execute(sa.update(RETURN).where(RETURN.c.id == row.id).values(message=outcome.reason))
        open_case(tx, task, _unclear_case(task, row, outcome.reason))


def retry(tx: Transaction, task: Task, return_id: str) -> None:
    """A person has seen to what was in the way: what was refused is told again, as a decision of its own.

    What was not answered is told now, as the decision that it is, and looked for there before it is.
    """
    anew = {"answer_state": AnswerState.DUE, "decided_at": task.now, "attempts": 0, "tried_at": None}
    for state, values in ((AnswerState.DUE, {"tried_at": None}), (AnswerState.REFUSED, anew)):
        is_it = (RETURN.c.id == return_id, RETURN.c.answer_state == state)
        tx.execute(sa.update(RETURN).where(*is_it).values(**values))


def _over(tx: Transaction, task: Task, row: Any, state: AnswerState, message: str) -> None:
    close_cases(tx, task.now, [case_key(kind, row.id) for kind in CASE_KINDS])
    tx.execute(sa.update(RETURN).where(RETURN.c.id == row.id).values(answer_state=state, message=message))


def _record(tx: Transaction, task: Task, row: Any, said: Said) -> None:
    if row.order_id is not None:
        event = Event(Subject.ORDER, row.order_id, said.what, said.status, "out", said.request_id)
        record(tx, task, [event])


def _refused_case(task: Task, row: Any, outcome: Rejected) -> Case:
    how = how_to_answer(task, row.id, unpack(ChannelReturn, row.body))
    return Case(
        key=case_key("return_answer_refused", row.id),
        kind="return_answer_refused",
        subject=Subject.ORDER,
        subject_id=row.order_id or row.order_channel_id,
        cause=(
            f"{task.integration} refused the answer to the {row.kind} of order {row.number or row.order_channel_id}, "
            f"which still has to be answered {until(row)}: {outcome.reason}"
        ),
        fix=f"{outcome.fix}. {how}" if outcome.fix else how,
        evidence={"return": row.id, "code": outcome.code, "request_id": outcome.request_id},
    )


def _unclear_case(task: Task, row: Any, reason: str) -> Case:
    return Case(
        key=case_key("return_answer_unclear", row.id),
        kind="return_answer_unclear",
        subject=Subject.ORDER,
        subject_id=row.order_id or row.order_channel_id,
        cause=(
            f"{task.integration} gave no clear answer about the {row.kind} of order "
            f"{row.number or row.order_channel_id}: {reason}"
        ),
        fix="Nothing to do: the return is looked at there before anything is sent again, and this closes by itself",
        evidence={"return": row.id},
    )
