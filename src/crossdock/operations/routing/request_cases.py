"""What a person must know of shipping requests: refused, without an answer, not to be stopped any more."""

from __future__ import annotations

from typing import Any

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
