"""Cancellations as a channel keeps them: what buyers ask for, who decides it until when, and what came of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from crossdock.connectors.contract import BuyerCancellations
from crossdock.connectors.errors import SettingsError
from crossdock.domain.aftersales import (
    CANCEL_TAG,
    Answer,
    CancellationState,
    ChannelCancellation,
    Decision,
    Origin,
    approves_until_sent,
)
from crossdock.domain.channel import ChannelOrderLine
from crossdock.domain.order import FulfilledBy, OrderStatus
from crossdock.operations.events import Event, Subject, record
from crossdock.operations.exceptions import Case, close_cases, open_case
from crossdock.operations.orders import order_life
from crossdock.operations.orders.canceling import CANCELLATION, CASE_KINDS, LINE, ORDER, OURS, case_key
from crossdock.operations.orders.order_record import NAMES
from crossdock.operations.stock import commitments
from crossdock.operations.task import Task
from crossdock.store.asking import Question
from crossdock.store.codec import fingerprint, hub_id, pack, unpack
from crossdock.store.database import Transaction
from crossdock.store.query import select_in, update_rows, upsert

WAITING = Question(
    sa.select(CANCELLATION.c.id, CANCELLATION.c.order_channel_id, CANCELLATION.c.integration).where(
        CANCELLATION.c.order_id.is_(None)
    ),
    CANCELLATION.c.order_channel_id,
)
REQUESTS = Question(
    sa.select(CANCELLATION).where(CANCELLATION.c.origin == Origin.BUYER), CANCELLATION.c.order_id
)
BY_RULE = "rule"
MAY_HAVE_ARRIVED = (CancellationState.OPEN, CancellationState.ACCEPTED, CancellationState.COMPLETED)
"""States of a cancellation of ours that the channel may keep as one of the seller's."""


def ingest(tx: Transaction, task: Task, records: Sequence[ChannelCancellation]) -> int:
    """Take in a page; answers how many were new or changed. The same one read again changes nothing."""
    statement = sa.select(CANCELLATION).where(CANCELLATION.c.integration == task.integration)
    known = {
        row.channel_id: row
        for row in select_in(tx, statement, CANCELLATION.c.channel_id, [r.channel_id for r in records])
    }
    orders = _orders(tx, task, [each.order_id for each in records])
    changed = [
        each
        for each in records
        if (was := known.get(each.channel_id)) is None or was.fingerprint != fingerprint(each)
    ]
    for each in changed:
        was = known.get(each.channel_id) or _unanswered(tx, orders.get(each.order_id), each)
        if was is not None and was.origin in OURS:
            _follow_ours(tx, task, was, each)
        else:
            _store(tx, task, each, was, orders.get(each.order_id))
    flag(tx, task, [orders[each.order_id] for each in changed if each.order_id in orders])
    return len(changed)


def adopt(tx: Transaction, task: Task, order_ids: Sequence[str]) -> None:
    """Orders that were read later than their cancellations get these, and the flag that their reading took off."""
    by_channel_id = {row.channel_id: row.id for row in NAMES.rows(tx, order_ids)}
    found = WAITING.rows(tx, by_channel_id)
    # Sorted out here: asked for the integration too, SQLite would go through all that it has.
    rows = [row for row in found if row.integration == task.integration]
    update_rows(tx, CANCELLATION, {row.id: {"order_id": by_channel_id[row.order_channel_id]} for row in rows})
    flag(tx, task, order_ids)


def decide(tx: Transaction, task: Task, cancellation: str, answer: Answer) -> None:
    """Approve or reject what a buyer asks for; the channel is told next. Raises SettingsError."""
    row = tx.execute(sa.select(CANCELLATION).where(CANCELLATION.c.id == cancellation)).first()
    if row is None or row.origin != Origin.BUYER:
        raise SettingsError("cancellation", f"there is no buyer's request {cancellation!r}")
    if row.state != CancellationState.REQUESTED:
        raise SettingsError("cancellation", f"this request is {row.state} already; nothing is left to decide")
    if row.is_dirty and row.decision:
        raise SettingsError(
            "cancellation",
            f"{row.decided_by} has {Decision(row.decision).done} it; {task.integration} is told",
        )
    if answer.decision is Decision.REJECT and task.rules.rejection_refusal:
        raise SettingsError("decision", task.rules.rejection_refusal)
    unit_ids = unpack(list[str], row.lines)
    if answer.decision is Decision.APPROVE and row.order_id and _have_left(tx, row.order_id, unit_ids):
        raise SettingsError(
            "decision",
            f"what it is about has left already, so {task.integration} takes no approval; the buyer may return the goods",
        )
    _decide(tx, task, row, answer, by=task.actor or BY_RULE)


def undecided(tx: Transaction, order_ids: Iterable[str]) -> set[str]:
    """Orders whose buyer asks to cancel, which nobody has decided yet: nothing of them is to leave meanwhile."""
    statement = sa.select(CANCELLATION.c.order_id).where(CANCELLATION.c.state == CancellationState.REQUESTED)
    return {row.order_id for row in select_in(tx, statement, CANCELLATION.c.order_id, order_ids)}


def decide_by_rule(tx: Transaction, task: Task) -> None:
    """What the settings decide without a person: everything, or what concerns an order that nobody handles yet."""
    rule = task.rules.buyer_cancellations
    if rule is BuyerCancellations.REVIEW:
        return
    left = sa.exists().where(LINE.c.order_id == ORDER.c.id, LINE.c.quantity_shipped > 0)
    has_shipped = left.label("has_shipped")
    statement = (
        sa.select(CANCELLATION, ORDER.c.status, ORDER.c.fulfilled_by, has_shipped)
        .join(ORDER, ORDER.c.id == CANCELLATION.c.order_id)
        .where(
            CANCELLATION.c.integration == task.integration,
            CANCELLATION.c.origin == Origin.BUYER,
            CANCELLATION.c.state == CancellationState.REQUESTED,
            CANCELLATION.c.decision == Decision.NONE,
            # What the channel refused once is for a person to look at.
            CANCELLATION.c.attempts == 0,
            ORDER.c.status_there != OrderStatus.CANCELED,
        )
    )
    for row in tx.execute(statement).all():
        if rule is BuyerCancellations.APPROVE or approves_until_sent(
            OrderStatus(row.status), FulfilledBy(row.fulfilled_by), has_shipped=row.has_shipped
        ):
            _decide(tx, task, row, Answer(Decision.APPROVE), by=BY_RULE)


def _decide(tx: Transaction, task: Task, row: Any, answer: Answer, *, by: str) -> None:
    tx.execute(
        sa.update(CANCELLATION)
        .where(CANCELLATION.c.id == row.id)
        .values(
            decision=answer.decision,
            decision_reason=answer.reason,
            note=answer.note,
            decided_by=by,
            is_dirty=True,
            attempts=0,
            message="",
            updated_at=task.now,
        )
    )
    why = " by the rule in the settings" if by == BY_RULE else ""
    if row.order_id is not None:
        record(
            tx,
            task,
            [
                Event(
                    Subject.ORDER,
                    row.order_id,
                    f"The buyer's request to cancel is {answer.decision.done}{why}",
                )
            ],
        )
        flag(tx, task, [row.order_id])


def _orders(tx: Transaction, task: Task, channel_ids: Iterable[str]) -> dict[str, str]:
    statement = sa.select(ORDER.c.id, ORDER.c.channel_id).where(ORDER.c.integration == task.integration)
    return {row.channel_id: row.id for row in select_in(tx, statement, ORDER.c.channel_id, channel_ids)}


def _unanswered(tx: Transaction, order_id: str | None, each: ChannelCancellation) -> Any:
    """Our own cancellation whose answer, and with it the channel's id, was lost or is still to come."""
    if each.origin is not Origin.SELLER or order_id is None:
        return None
    statement = (
        sa.select(CANCELLATION)
        .where(
            CANCELLATION.c.order_id == order_id,
            CANCELLATION.c.origin.in_(OURS),
            CANCELLATION.c.channel_id == "",
            CANCELLATION.c.attempts > 0,
            CANCELLATION.c.state.in_(MAY_HAVE_ARRIVED),
        )
        .order_by(CANCELLATION.c.created_at)
    )
    return tx.execute(statement).first()


def _store(tx: Transaction, task: Task, each: ChannelCancellation, was: Any, order_id: str | None) -> None:
    is_over = each.state is not CancellationState.REQUESTED
    state = _became(tx, each, was, order_id)
    key = hub_id("can", task.integration, each.channel_id)
    said = was.message if was is not None else ""
    row = {
        "id": key,
        "order_id": order_id,
        "order_channel_id": each.order_id,
        "integration": task.integration,
        "channel_id": each.channel_id,
        "origin": each.origin,
        "state": state,
        "reason": each.reason,
        "deadline": each.deadline,
        "lines": pack(list(each.unit_ids)),
        "refunded": str(each.refunded) if each.refunded is not None else "",
        # The outcome takes the place of what was answered on the way to it.
        "message": f"{task.integration}: {each.channel_status}" if is_over and said else said,
        "fingerprint": fingerprint(each),
        "created_at": each.modified_at,
        "updated_at": task.now,
        "is_dirty": was.is_dirty if was is not None and not is_over else False,
    }
    upsert(tx, CANCELLATION, [row], keep=("created_at",))
    if is_over:
        close_cases(tx, task.now, [case_key(kind, key) for kind in CASE_KINDS])
    if order_id is not None:
        record(tx, task, [Event(Subject.ORDER, order_id, _said(task, each, state), direction="in")])


def _became(tx: Transaction, each: ChannelCancellation, was: Any, order_id: str | None) -> CancellationState:
    """Channels that have one word for a request that was taken back or refused leave it to the hub to know which."""
    if each.state is not CancellationState.WITHDRAWN or each.origin is not Origin.BUYER:
        return each.state
    was_rejected = was is not None and was.decision == Decision.REJECT and was.attempts > 0
    is_refused = was_rejected or (order_id is not None and _have_left(tx, order_id, each.unit_ids))
    return CancellationState.REFUSED if is_refused else CancellationState.WITHDRAWN


def _have_left(tx: Transaction, order_id: str, unit_ids: Collection[str]) -> bool:
    """Whether more of these units, or of the whole order, was shipped than could be while the request stood."""
    left = tx.execute(sa.select(LINE).where(LINE.c.order_id == order_id, LINE.c.quantity_shipped > 0)).all()
    for line in left:
        body: ChannelOrderLine = unpack(ChannelOrderLine, line.body)
        units = {line.channel_id, *(unit.partition("/")[0] for unit in body.unit_ids)}
        asked = len(units.intersection(unit_ids))
        if not unit_ids or asked > line.quantity - line.quantity_canceled - line.quantity_shipped:
            return True
    return False


def _said(task: Task, each: ChannelCancellation, state: CancellationState) -> str:
    who = {
        Origin.BUYER: "The buyer's cancellation",
        Origin.SELLER: f"The cancellation on {task.integration}",
        Origin.PLATFORM: f"The cancellation by {task.integration} itself",
    }[each.origin]
    if each.state is CancellationState.REQUESTED:
        until = f"; to be decided until {each.deadline:%Y-%m-%d %H:%M} UTC" if each.deadline else ""
        return f"The buyer asks to cancel: {each.reason or 'no reason given'}{until}"
    became = (
        "was taken back, or refused there" if state is CancellationState.WITHDRAWN else f"is {state.value}"
    )
    return f"{who} {became} ({each.channel_status})"


def _follow_ours(tx: Transaction, task: Task, was: Any, each: ChannelCancellation) -> None:
    """What became of our own cancellation; whether the order shows it is seen where orders are read."""
    is_withdrawn = each.state is CancellationState.WITHDRAWN
    values = {
        "channel_id": each.channel_id,
        "refunded": str(each.refunded) if each.refunded is not None else "",
        "message": f"{task.integration}: {each.channel_status}",
        "fingerprint": fingerprint(each),
        "updated_at": task.now,
    } | ({"state": CancellationState.REFUSED, "is_dirty": False} if is_withdrawn else {})
    tx.execute(sa.update(CANCELLATION).where(CANCELLATION.c.id == was.id).values(**values))
    if is_withdrawn and was.order_id is not None:
        order_life.settle(tx, task, [was.order_id])
        commitments.apply(tx, task, [was.order_id])


def flag(tx: Transaction, task: Task, order_ids: Collection[str]) -> None:
    """Orders whose buyer waits for an answer carry a tag and a case with the deadline.

    On a channel that has canceled the order nobody waits, though it may keep another request of its buyer.
    """
    requests: dict[str, list[Any]] = defaultdict(list)
    for row in REQUESTS.rows(tx, order_ids):
        requests[row.order_id].append(row)
    for order in select_in(tx, sa.select(ORDER), ORDER.c.id, requests):
        if order.status_there == OrderStatus.CANCELED:
            _tag(tx, order, is_set=False)
            over = [case_key(kind, request.id) for request in requests[order.id] for kind in CASE_KINDS]
            close_cases(tx, task.now, over)
            continue
        waiting = [row for row in requests[order.id] if row.state == CancellationState.REQUESTED]
        _tag(tx, order, is_set=bool(waiting))
        for request in waiting:
            if request.decision:
                close_cases(tx, task.now, [case_key("cancellation_requested", request.id)])
            else:
                open_case(tx, task, _case(task, order, request))


def _tag(tx: Transaction, order: Any, *, is_set: bool) -> None:
    tags = set(unpack(list[str], order.tags))
    wanted = tags | {CANCEL_TAG} if is_set else tags - {CANCEL_TAG}
    if wanted != tags:
        tx.execute(sa.update(ORDER).where(ORDER.c.id == order.id).values(tags=pack(sorted(wanted))))


def _case(task: Task, order: Any, request: Any) -> Case:
    until = f"until {request.deadline:%Y-%m-%d %H:%M} UTC" if request.deadline else "soon"
    how = f"`crossdock cancellations approve {request.id}`"
    reject = (
        task.rules.rejection_refusal
        or f"To keep the order: `crossdock cancellations reject {request.id} --reason …`"
    )
    return Case(
        key=case_key("cancellation_requested", request.id),
        kind="cancellation_requested",
        subject=Subject.ORDER,
        subject_id=order.id,
        cause=(
            f"The buyer of order {order.number} asks to cancel it: {request.reason or 'no reason given'}. "
            f"Decide {until}; without an answer {task.integration} accepts"
        ),
        fix=f"To cancel: {how}. {reject}",
        evidence={
            "cancellation": request.id,
            "deadline": request.deadline.isoformat() if request.deadline else "",
        },
    )
