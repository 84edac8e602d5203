"""What a person must know of shipping requests: refused, without an answer, not to be stopped any more."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from crossdock.domain.order import FulfilledBy
from crossdock.domain.shipping import RequestNews, RequestState
from crossdock.domain.sync import Postponed, Rejected, Unclear
from crossdock.operations.events import Subject
from crossdock.operations.exceptions import Case, close_cases, open_case
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.database import Transaction

ORDER = tables.order
LINE = tables.order_line

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


def close(tx: Transaction, task: Task, request_id: str, *, but: Collection[str] = ()) -> None:
    """Its cases are over, except those of these kinds."""
    close_cases(tx, task.now, [key(kind, request_id) for kind in KINDS if kind not in but])


def refused(tx: Transaction, task: Task, request: Any, outcome: Rejected) -> None:
    """The location did not take it: nothing of it will leave until a person acts."""
    usual = (
        "Correct what it names and retry this case, or stop the request so that its units are routed anew: "
        f"crossdock requests stop {request.number}"
    )
    cause = f"{request.integration} did not take shipping request {request.number}: {outcome.reason}"
    fix = outcome.fix or usual
    _open(tx, task, request, _case("request_refused", request, cause, fix, code=outcome.code))


def refused_for_now(tx: Transaction, task: Task, request: Any, outcome: Rejected) -> None:
    """The location did not take it yet: it is asked again."""
    cause = f"{request.integration} does not take shipping request {request.number} now: {outcome.reason}"
    fix = outcome.fix or (
        "Nothing to do: it is sent again by itself, and this closes then. Where that takes too long, ship from elsewhere: "
        f"crossdock requests stop {request.number}"
    )
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
        may_leave(tx, task, request, outcome.reason)


def may_leave(tx: Transaction, task: Task, request: Any, reason: str) -> None:
    """A part of it is canceled, and the location has not said that it takes that in."""
    cause = f"Units of shipping request {request.number} are canceled, and may leave: {reason}"
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
    """What is not to leave any more may leave all the same."""
    order = tx.execute(sa.select(ORDER).where(ORDER.c.id == request.order_id)).one()
    is_theirs = FulfilledBy(order.fulfilled_by).arrives_fulfilled
    why = "which is not to leave any more"
    if is_theirs:
        why = f"whose order {order.integration} sees to now"
    elif tx.scalar(sa.select(sa.func.sum(LINE.c.quantity_canceled)).where(LINE.c.order_id == order.id)):
        why = "of which units are canceled"
    cause = f"{request.integration} could not stop shipping request {request.number}, {why}: {reason}"
    fix = _left_with_label(request, order) if is_theirs else left_or_not(request)
    _open(tx, task, request, _case("request_not_stopped", request, cause, fix))


def left_or_not(request: Any) -> str:
    """What to do about one that could not be stopped: only the location knows what became of it."""
    return (
        f"Call {request.integration}. If it left, enter that, so that it is off sale until it is back: crossdock requests "
        f"ship {request.number} --left-anyway; if it did not, say so: crossdock requests stopped {request.number}"
    )


def _left_with_label(request: Any, order: Any) -> str:
    kept = f"crossdock requests stopped {request.number}"
    if order.fulfilled_by == FulfilledBy.PLATFORM_LABEL:
        return (
            f"Call {request.integration}. If it leaves with the label of {order.integration}, nothing is to be done: this "
            f"closes once {order.integration} shows all of it as shipped; if it does not leave, say so: {kept}"
        )
    return (
        f"Call {request.integration}. If it did not leave, say so: {kept}. If it did, have it sent back, as "
        f"{order.integration} ships the order; say the same, and count its shelf: crossdock inventory set"
    )


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


def taken_unseen(tx: Transaction, task: Task, request: Any, reason: str) -> None:
    """Its location has it, and takes no change; as what it was taken, the lost answer would have said."""
    cause = (
        f"{request.integration} has shipping request {request.number}, whose first answer was lost, and takes it only as "
        f"it has it: {reason}"
    )
    fix = (
        f"See whether {request.integration} has the address and the goods of crossdock orders show {request.order_id}, and "
        "tell it what differs; then dismiss this. This closes once all of it has left"
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
    # That it could not be stopped stays true, whatever else is asked of it.
    stays = ("request_not_stopped",) if request.state == RequestState.NOT_STOPPED else ()
    close(tx, task, request.id, but=(case.kind, *stays))
    open_case(tx, task, case)
