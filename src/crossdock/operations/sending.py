"""Orders that were sent to a location to be shipped, and the channels that show it."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import sqlalchemy as sa

from crossdock.connectors.errors import SettingsError
from crossdock.domain.channel import ChannelId
from crossdock.domain.order import OrderStatus
from crossdock.domain.sync import Change, Confirmed, Direction, Entity, FlowKey, Outcome, Rejected
from crossdock.operations import order_progress, publishing
from crossdock.operations.events import Event, EventStatus, Subject, record
from crossdock.operations.exceptions import Case, close_cases, open_case
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.database import Transaction

ORDER = tables.order


class SentState(StrEnum):
    """Whether the channel of an order has been told that it was sent to a location."""

    NONE = ""
    DUE = "due"
    TOLD = "told"
    REFUSED = "refused"


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
    tx.execute(
        sa.update(ORDER)
        .where(sa.or_(ORDER.c.id == order_id, ORDER.c.copy_of == order_id))
        .values(sent_at=task.now, sent_state=SentState.DUE)
    )
    order_progress.hold(tx, task, [order_id])
    record(tx, task, [Event(Subject.ORDER, order_id, "Sent to be fulfilled")])


def due(tx: Transaction, integration: str) -> list[Change[ChannelId]]:
    """Orders there, copies among them, that the channel shows as ready and the hub has sent on."""
    statement = sa.select(ORDER.c.id, ORDER.c.channel_id).where(
        *_is_due(), ORDER.c.integration == integration
    )
    return [
        Change(row.id, ChannelId(row.channel_id), ChannelId(row.channel_id))
        for row in tx.execute(statement.order_by(ORDER.c.id))
    ]


def waiting(tx: Transaction) -> set[str]:
    """The integrations that have such orders."""
    return set(tx.scalars(sa.select(ORDER.c.integration).where(*_is_due()).distinct()))


def flows_of(tx: Transaction, order_id: str) -> list[FlowKey]:
    """The pushes that are on and can tell the channels of this order, and of its copies."""
    is_it = sa.or_(ORDER.c.id == order_id, ORDER.c.copy_of == order_id)
    names = set(tx.scalars(sa.select(ORDER.c.integration).where(is_it)))
    names &= set(publishing.pushing_integrations(tx, Entity.FULFILLMENTS))
    return [FlowKey(name, Direction.PUSH, Entity.FULFILLMENTS) for name in sorted(names)]


def _is_due() -> Sequence[sa.ColumnElement[bool]]:
    return (
        ORDER.c.sent_state == SentState.DUE,
        ORDER.c.status_there == OrderStatus.READY_FOR_FULFILLMENT,
        ORDER.c.status.in_([OrderStatus.READY_FOR_FULFILLMENT, OrderStatus.SENT_TO_FULFILLMENT]),
    )


def settle(tx: Transaction, task: Task, outcome: Outcome) -> None:
    """What the channel answered; without an answer it is told again, since telling twice changes nothing."""
    order = tx.execute(sa.select(ORDER).where(ORDER.c.id == outcome.key)).one()
    subject = order.copy_of or order.id
    case_key = f"sent-refused:{order.id}"
    if isinstance(outcome, Confirmed):
        _write(tx, order.id, SentState.TOLD)
        said = f"Order {order.number} of {task.integration} is shown there as sent to be fulfilled"
        record(
            tx, task, [Event(Subject.ORDER, subject, said, direction="out", request_id=outcome.request_id)]
        )
        close_cases(tx, task.now, [case_key])
    elif isinstance(outcome, Rejected):
        _write(tx, order.id, SentState.REFUSED)
        said = f"{task.integration} did not show the order as sent: {outcome.reason}"
        record(tx, task, [Event(Subject.ORDER, subject, said, EventStatus.FAILED, "out")])
        case = Case(
            key=case_key,
            kind="sent_refused",
            subject=Subject.ORDER,
            subject_id=subject,
            cause=f"{task.integration} does not show order {order.number} as sent to be fulfilled: {outcome.reason}",
            fix=outcome.fix
            or f"Set the status in {task.integration}, or dismiss this: shipping goes on all the same",
            evidence={"order": order.id, "code": outcome.code},
        )
        open_case(tx, task, case)


def retry(tx: Transaction, order_id: str) -> None:
    """A person has seen to what was in the way: the channel is told again."""
    _write(tx, order_id, SentState.DUE)


def _write(tx: Transaction, order_id: str, state: SentState) -> None:
    tx.execute(sa.update(ORDER).where(ORDER.c.id == order_id).values(sent_state=state))
