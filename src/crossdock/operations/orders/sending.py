"""Orders that were sent to a location to be shipped, and the channels that show it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from crossdock.connectors.errors import SettingsError
from crossdock.domain.channel import ChannelId
from crossdock.domain.order import OrderStatus
from crossdock.domain.sync import (
    Change,
    Confirmed,
    Direction,
    Entity,
    FlowKey,
    Outcome,
    Postponed,
    Rejected,
    Unclear,
)
from crossdock.operations import publishing
from crossdock.operations.events import Event, EventStatus, Subject, record
from crossdock.operations.exceptions import Case, open_case
from crossdock.operations.orders import order_life
from crossdock.operations.orders.sent_state import ORDER, SentState, case_key, close, next_ones, write
from crossdock.operations.task import Task
from crossdock.store.database import Transaction


def mark_sent(tx: Transaction, task: Task, order_id: str) -> None:
    """An order of the task's integration went to a location; its channel, and those of its copies, can show that.

    Raises SettingsError where the order is not ready for it.
    """
    order = tx.execute(sa.select(ORDER).where(ORDER.c.id == order_id)).one()
    if order.copy_of is not None:
        raise SettingsError("order", f"{order.number} is the hub's copy of another order; send that one")
    if order.status != OrderStatus.READY_FOR_FULFILLMENT:
        raise SettingsError(
            "status",
            f"order {order.number} is {order.status}; only an order that is {OrderStatus.READY_FOR_FULFILLMENT.value} "
            "can be sent to a location",
        )
    note_sent(tx, task, order_id)
    order_life.settle(tx, task, [order_id])
    record(tx, task, [Event(Subject.ORDER, order_id, "Sent to be fulfilled")])


def note_sent(tx: Transaction, task: Task, order_id: str) -> None:
    """A location has it now. Channels that have the order are told so once, with the first of its requests."""
    is_it = sa.or_(ORDER.c.id == order_id, ORDER.c.copy_of == order_id)
    values = {"sent_at": task.now, "sent_state": SentState.DUE}
    tx.execute(sa.update(ORDER).where(is_it, ORDER.c.sent_at.is_(None)).values(**values))


def due(tx: Transaction, integration: str) -> list[Change[ChannelId]]:
    """Orders there, copies among them, that the channel does not show as sent yet, as far as the hub can see."""
    statement = next_ones(SentState.DUE, SentState.UNCLEAR).where(ORDER.c.integration == integration)
    return [
        Change(row.id, ChannelId(row.channel_id), ChannelId(row.channel_id))
        for row in tx.execute(statement.order_by(ORDER.c.id))
    ]


def waiting(tx: Transaction) -> set[str]:
    """The integrations that have such orders of which they were not told yet."""
    return {row.integration for row in tx.execute(next_ones(SentState.DUE))}


def flows_of(tx: Transaction, order_id: str) -> list[FlowKey]:
    """The pushes that are on and can tell the channels of this order, and of its copies."""
    is_it = sa.or_(ORDER.c.id == order_id, ORDER.c.copy_of == order_id)
    names = set(tx.scalars(sa.select(ORDER.c.integration).where(is_it)))
    names &= set(publishing.pushing_integrations(tx, Entity.FULFILLMENTS))
    return [FlowKey(name, Direction.PUSH, Entity.FULFILLMENTS) for name in sorted(names)]


def settle(tx: Transaction, task: Task, outcome: Outcome) -> None:
    """What the channel answered; without an answer it is told again, since telling twice changes nothing."""
    order = tx.execute(sa.select(ORDER).where(ORDER.c.id == outcome.key)).one()
    if isinstance(outcome, Confirmed):
        write(tx, order.id, SentState.TOLD)
        close(tx, task, order.id)
        said = f"Order {order.number} of {task.integration} is shown there as sent to be fulfilled"
        event = Event(Subject.ORDER, _subject(order), said, direction="out", request_id=outcome.request_id)
        record(tx, task, [event])
        return
    is_refused = isinstance(outcome, Rejected)
    state = SentState.REFUSED if is_refused else SentState.UNCLEAR
    case = _case(task, order, outcome)
    close(tx, task, order.id, but=case.kind)
    open_case(tx, task, case)
    if order.sent_state != state:
        write(tx, order.id, state)
        did = "did not show the order as sent" if is_refused else "gave no clear answer about the order sent"
        said = f"{task.integration} {did}: {outcome.reason}"
        record(tx, task, [Event(Subject.ORDER, _subject(order), said, EventStatus.FAILED, "out")])


def _subject(order: Any) -> str:
    return str(order.copy_of or order.id)


def _case(task: Task, order: Any, outcome: Rejected | Postponed | Unclear) -> Case:
    there, number = task.integration, order.number
    if isinstance(outcome, Rejected):
        kind, what = "sent_refused", f"{there} does not show order {number} as sent to be fulfilled"
        usual = f"Set the status in {there}, or dismiss this: shipping goes on all the same"
        fix, code = outcome.fix or usual, outcome.code
    else:
        kind, what = "sent_unclear", f"{there} gave no clear answer about order {number}, which was sent"
        fix, code = "Nothing to do: it is told again by itself, and this closes then", ""
    return Case(
        key=case_key(kind, order.id),
        kind=kind,
        subject=Subject.ORDER,
        subject_id=_subject(order),
        cause=f"{what}: {outcome.reason}",
        fix=fix,
        evidence={"order": order.id, "code": code},
    )


def tell_again(tx: Transaction, integration: str, order_channel_id: str) -> None:
    """A shipment was taken back there, and the channel may show the order as ready again: it is told once more."""
    is_it = (ORDER.c.integration == integration, ORDER.c.channel_id == order_channel_id)
    told = ORDER.c.sent_state == SentState.TOLD
    tx.execute(sa.update(ORDER).where(*is_it, told).values(sent_state=SentState.DUE))


def retry(tx: Transaction, order_id: str) -> None:
    """A person has seen to what was in the way: the channel is told again."""
    write(tx, order_id, SentState.DUE)
