"""Returns that wait for the seller: a case with the deadline, and what a person decides about them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from crossdock.connectors.errors import SettingsError
from crossdock.domain.aftersales import (
    ChannelReturn,
    ReturnAnswer,
    ReturnDecision,
    ReturnKind,
    ReturnQuestion,
)
from crossdock.domain.words import counted
from crossdock.operations.events import Event, Subject, record
from crossdock.operations.exceptions import Case, close_cases, open_case
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.codec import unpack
from crossdock.store.database import Transaction
from crossdock.store.query import select_in

RETURN = tables.order_return
ORDER = tables.order

CASE_KINDS = ("return_requested", "return_answer_refused", "return_answer_unclear")


class AnswerState(StrEnum):
    """How far the answer to a return is."""

    NONE = ""
    DUE = "due"
    """Decided here; the channel is told next."""
    TOLD = "told"
    REFUSED = "refused"
    OVERTAKEN = "overtaken"
    """Answered otherwise meanwhile: on the channel itself, by the buyer, or by the deadline."""


IS_KEPT = sa.and_(
    RETURN.c.decision == ReturnDecision.LET_KEEP,
    RETURN.c.answer_state.in_([AnswerState.DUE, AnswerState.TOLD]),
)
"""Returns whose goods stay with the buyer by what was decided here."""
UNANSWERED: Mapping[str, Any] = {
    "decision": ReturnDecision.NONE,
    "decision_reason": "",
    "note": "",
    "decided_by": "",
    "decided_at": None,
    "answered": ReturnQuestion.NONE,
    "answer_state": AnswerState.NONE,
    "attempts": 0,
    "tried_at": None,
    "message": "",
}


def case_key(kind: str, return_id: str) -> str:
    return f"{kind}:{return_id}"


def follow(tx: Transaction, task: Task, rows: Sequence[Mapping[str, Any]], before: Mapping[str, Any]) -> None:
    """Returns that were read, and how they stood before by the channel's id: an answer belongs to what was asked then."""
    for row in rows:
        was = before.get(row["channel_id"])
        if was is not None and _is_another_question(was, row):
            tx.execute(sa.update(RETURN).where(RETURN.c.id == row["id"]).values(**UNANSWERED))
    flag(tx, task, [row["id"] for row in rows])


def _is_another_question(was: Any, row: Mapping[str, Any]) -> bool:
    """The same one can be asked again, with another deadline, once it was answered; one that had none may get it late."""
    if row["asks"] == ReturnQuestion.NONE or was.answer_state == AnswerState.NONE:
        return False
    is_late = was.deadline is None and was.asks == row["asks"]
    asks_again = was.answer_state != AnswerState.DUE and row["deadline"] != was.deadline and not is_late
    return bool((row["asks"], row["kind"]) != (was.answered, was.kind) or asks_again)


def review(tx: Transaction, task: Task) -> None:
    """Bring what is open to the settings as they are now: an answer that is not told any more was none."""
    if not task.rules.answers_returns:
        untold = (RETURN.c.integration == task.integration, RETURN.c.answer_state == AnswerState.DUE)
        tx.execute(sa.update(RETURN).where(*untold).values(**UNANSWERED))
    asked = sa.select(RETURN.c.id).where(
        RETURN.c.integration == task.integration, RETURN.c.asks != ReturnQuestion.NONE
    )
    flag(tx, task, list(tx.scalars(asked)))


def decide(tx: Transaction, task: Task, return_id: str, answer: ReturnAnswer) -> None:
    """Answer what a return asks the seller; the channel is told next. Raises SettingsError."""
    row = tx.execute(sa.select(RETURN).where(RETURN.c.id == return_id)).first()
    if row is None:
        raise SettingsError("return", f"there is no return {return_id!r}")
    _refuse(task, row, answer)
    values = {
        "decision": answer.decision,
        "decision_reason": answer.reason.strip(),
        "note": answer.note,
        "decided_by": task.actor,
        "decided_at": task.now,
        "answered": row.asks,
        "answer_state": AnswerState.DUE,
    }
    tx.execute(sa.update(RETURN).where(RETURN.c.id == return_id).values(**dict(UNANSWERED) | values))
    flag(tx, task, [return_id])
    if row.order_id is not None:
        what = "What comes back" if row.asks == ReturnQuestion.GOODS else f"The buyer's {row.kind} request"
        record(tx, task, [Event(Subject.ORDER, row.order_id, f"{what} is {answer.decision.done}")])


def _refuse(task: Task, row: Any, answer: ReturnAnswer) -> None:
    if not task.rules.answers_returns:
        raise SettingsError(
            "return",
            f"answering returns from the hub is switched off in the settings of {task.integration}; switch it on, "
            "or answer there",
        )
    if row.asks == ReturnQuestion.NONE:
        raise SettingsError(
            "return", f"it is {row.state} ({row.channel_status}); nothing of it waits for an answer"
        )
    # What was told stays told until the channel shows what became of it, or asks something else.
    if row.answer_state == AnswerState.DUE or (
        row.answer_state == AnswerState.TOLD and row.asks == row.answered
    ):
        done = ReturnDecision(row.decision).done
        raise SettingsError("return", f"{row.decided_by} has answered it: {done}; {task.integration} is told")
    answers = unpack(ChannelReturn, row.body).answers
    if answer.decision not in answers:
        raise SettingsError("decision", _no_such_answer(task, row, answers))
    if answer.decision is ReturnDecision.REJECT and not answer.reason.strip():
        raise SettingsError(
            "reason",
            f"say why, by the name or text of a reason of {task.integration}; where it takes others, a case lists them",
        )


def _no_such_answer(task: Task, row: Any, answers: Sequence[ReturnDecision]) -> str:
    if not answers:
        return f"{task.integration} takes no answer to this {row.kind} from the hub; answer it there"
    return f"this {row.kind} can be answered with {', '.join(answers)}"


def flag(tx: Transaction, task: Task, return_ids: Collection[str]) -> None:
    """A return of an order in the hub that waits for a person is a case; once it does not, its cases are over."""
    statement = sa.select(RETURN, ORDER.c.number).outerjoin(ORDER, ORDER.c.id == RETURN.c.order_id)
    for row in select_in(tx, statement, RETURN.c.id, return_ids):
        if row.asks and row.answer_state == AnswerState.NONE and row.order_id is not None:
            open_case(tx, task, _case(task, row))
            close_cases(tx, task.now, [case_key(kind, row.id) for kind in CASE_KINDS[1:]])
        elif row.asks and row.answer_state == AnswerState.REFUSED:
            close_cases(tx, task.now, [case_key("return_requested", row.id)])
        elif row.answer_state == AnswerState.DUE:
            close_cases(tx, task.now, [case_key(kind, row.id) for kind in CASE_KINDS[:2]])
        else:
            close_cases(tx, task.now, [case_key(kind, row.id) for kind in CASE_KINDS])


def _case(task: Task, row: Any) -> Case:
    each: ChannelReturn = unpack(ChannelReturn, row.body)
    asked = f"{_wish(row, each)}. Answer {until(row)}; after that {task.integration} decides without you"
    return Case(
        key=case_key("return_requested", row.id),
        kind="return_requested",
        subject=Subject.ORDER,
        subject_id=row.order_id,
        cause=asked,
        fix=how_to_answer(task, row.id, each),
        evidence={"return": row.id, "deadline": row.deadline.isoformat() if row.deadline else ""},
    )


def until(row: Any) -> str:
    return f"until {row.deadline:%Y-%m-%d %H:%M} UTC" if row.deadline else "soon"


def _wish(row: Any, each: ChannelReturn) -> str:
    units = counted(sum(line.quantity for line in each.lines), "unit")
    money = f"{each.refunded:.2f} {row.currency}"
    if each.asks is ReturnQuestion.GOODS:
        number = f" under {each.tracking}" if each.tracking else ""
        return f"{units} of order {row.number} to come back{number}: look at the goods once they are there"
    what = {
        ReturnKind.REFUND: f"wants {money} back",
        ReturnKind.RETURN: f"wants to send {units} back for {money}",
        ReturnKind.REPLACEMENT: f"wants {units} replaced",
        ReturnKind.EXCHANGE: f"wants {units} exchanged",
    }[each.kind]
    return f"The buyer of order {row.number} {what}: {row.reason or 'no reason given'}"


def how_to_answer(task: Task, return_id: str, each: ChannelReturn) -> str:
    """What a person can do about a return that waits for them."""
    if not each.answers:
        return f"Answer it on {task.integration}, which takes no answer to this from the hub"
    if not task.rules.answers_returns:
        return (
            f"Answer it on {task.integration}, or switch on answering returns in its settings and decide here"
        )
    said = f"`crossdock returns approve {return_id}`"
    keep = ", with --keep to let the buyer keep the goods" if ReturnDecision.LET_KEEP in each.answers else ""
    return f"To agree: {said}{keep}. To refuse: `crossdock returns reject {return_id} --reason …`"
