"""What a person must know of shipping requests: refused, without an answer, not to be stopped any more."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from crossdock.domain.shipping import RequestNews
from crossdock.domain.sync import Postponed, Rejected, Unclear
from crossdock.operations.events import Subject
from crossdock.operations.exceptions import Case, close_cases, open_case
from crossdock.operations.task import Task
from crossdock.store.database import Transaction

KINDS = (
    "request_refused",
    "request_unclear",
    "request_not_stopped",
    "request_stop_unanswered",
    "request_not_changed",
)
ANSWERS_WITHIN = timedelta(hours=1)
"""How long a warehouse that answers later by itself may take until what may leave by mistake is told."""


def key(kind: str, request_id: str) -> str:
    return f"{kind.replace('_', '-')}:{request_id}"


def close(tx: Transaction, task: Task, request_id: str, *, but: str = "") -> None:
    """Its cases are over, except the one of this kind."""
    close_cases(tx, task.now, [key(kind, request_id) for kind in KINDS if kind != but])


def refused(tx: Transaction, task: Task, request: Any, outcome: Rejected) -> None:
    """The location did not take it: nothing of it will leave until a person acts."""
    usual = (
        "Correct what it names and retry this case, or stop the request so that its units are routed anew: "
        f"crossdock requests stop {request.number}"
    )
    cause = f"{request.integration} did not take shipping request {request.number}: {outcome.reason}"
    fix = outcome.fix or usual
    _open(tx, task, request, _case("request_refused", request, cause, fix, code=outcome.code))


def unknown(task: Task, news: RequestNews) -> Case:
    """A warehouse that works for nobody else speaks of a request that the hub does not have."""
    return Case(
        key=f"request-unknown:{task.integration}:{news.number}",
        kind="request_unknown",
        subject=Subject.RECORD,
        subject_id=news.number,
        cause=(
            f"{task.integration} says of “{news.number}” that it is {news.kind.value.replace('_', ' ')}, which is no "
            "shipping request of the hub"
        ),
        fix="Correct the number there and send it again, or dismiss this",
        evidence={"number": news.number, "said": news.kind, "reason": news.reason},
    )


def asked(tx: Transaction, task: Task, request: Any, outcome: Unclear, *, is_stop: bool) -> None:
    """It has what it was asked, to take something back, and answers later by itself. That is told once it takes long."""
    if task.now - request.updated_at < ANSWERS_WITHIN:
        no_longer_unclear(tx, task, request.id)
    elif is_stop:
        stop_unanswered(tx, task, request, outcome.reason)
    else:
        cause = f"Units of shipping request {request.number} are canceled, and may leave: {outcome.reason}"
        fix = f"Ask {request.integration}; this closes once it has acknowledged it"
        _open(tx, task, request, _case("request_unclear", request, cause, fix))


def no_longer_unclear(tx: Transaction, task: Task, request_id: str) -> None:
    """What it was asked has arrived, and nothing more is to be known of it yet."""
    close_cases(tx, task.now, [key("request_unclear", request_id)])


def unclear(tx: Transaction, task: Task, request: Any, outcome: Unclear | Postponed) -> None:
    cause = f"{request.integration} gave no clear answer about shipping request {request.number}: {outcome.reason}"
    fix = "Nothing to do: it is looked for there before it is sent again, and this closes by itself"
    _open(tx, task, request, _case("request_unclear", request, cause, fix))


def not_stopped(tx: Transaction, task: Task, request: Any, reason: str) -> None:
    """What was canceled may leave all the same."""
    cause = f"{request.integration} could not stop shipping request {request.number}, of which units are canceled: {reason}"
    fix = (
        f"Call {request.integration}. If it left, take it back as a return once it is there; if it did not, "
        f"say so: crossdock requests stopped {request.number}"
    )
    _open(tx, task, request, _case("request_not_stopped", request, cause, fix))


def stop_unanswered(tx: Transaction, task: Task, request: Any, reason: str) -> None:
    """It was asked not to ship, and nobody knows yet whether it will."""
    cause = (
        f"{request.integration} was asked to stop shipping request {request.number} and has not answered: {reason}. "
        "Its goods may leave"
    )
    fix = (
        "Nothing to do if it answers later: this closes then. Else ask, and where it will not leave, say so: "
        f"crossdock requests stopped {request.number}"
    )
    _open(tx, task, request, _case("request_stop_unanswered", request, cause, fix))


def not_changed(tx: Transaction, task: Task, request: Any, reason: str) -> None:
    """Its order is another than its location knows: another address, or other goods."""
    cause = (
        f"Order of shipping request {request.number} was changed after it was sent, and {request.integration} did not "
        f"take the change: {reason}"
    )
    fix = (
        f"Tell {request.integration} what changed (crossdock orders show {request.order_id}), and dismiss this; or stop "
        f"the request: crossdock requests stop {request.number}"
    )
    _open(tx, task, request, _case("request_not_changed", request, cause, fix))


def _case(kind: str, request: Any, cause: str, fix: str, *, code: str = "") -> Case:
    return Case(
        key=key(kind, request.id),
        kind=kind,
        subject=Subject.ORDER,
        subject_id=request.order_id,
        cause=cause,
        fix=fix,
        evidence={"request": request.number, "location": request.location_id, "code": code},
    )


def _open(tx: Transaction, task: Task, request: Any, case: Case) -> None:
    close(tx, task, request.id, but=case.kind)
    open_case(tx, task, case)
