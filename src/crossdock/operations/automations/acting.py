"""What the actions of a rule do to an order. One that cannot be done says so, and the others are done all the same."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from crossdock.connectors.errors import SettingsError
from crossdock.domain.automations import Action, Cancel, Change, Changeable, Hold, Notify, Tag
from crossdock.domain.order import OrderStatus
from crossdock.operations.orders import cancellations, reviewing
from crossdock.operations.orders.cancellations import Wish
from crossdock.operations.routing import again
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.codec import pack, unpack
from crossdock.store.database import Transaction

ORDER = tables.order
OVER = frozenset({OrderStatus.FULFILLED, OrderStatus.CANCELED, OrderStatus.ARCHIVED, OrderStatus.CLOSED})


def act(tx: Transaction, task: Task, order_id: str, action: Action, *, rule: str) -> None:
    """Do one action for a rule; the order is settled afterwards. The task is one of the order's own integration.

    Raises SettingsError where it cannot be done, with nothing of it left behind.
    """
    if not order_id:
        raise SettingsError("order", "there is no order that this could be done to")
    row = tx.execute(sa.select(ORDER).where(ORDER.c.id == order_id)).one()
    with tx.begin_nested():
        match action:
            case Hold():
                _hold(tx, task, row, action, rule)
            case Cancel(reason, restocks):
                wish = Wish(reason=reason, note=f"Automation “{rule}”", restocks=restocks)
                cancellations.cancel(tx, task, order_id, wish)
            case Tag():
                _tag(tx, task, row, action)
            case Change():
                _change(tx, task, row, action)
            case Notify():
                raise TypeError("Nobody is told before it is known what became of the order")


def _hold(tx: Transaction, task: Task, row: Any, action: Hold, rule: str) -> None:
    """The longer hold stays where there are two."""
    until = None if action.minutes is None else task.now + timedelta(minutes=action.minutes)
    is_held_longer = row.hold_until is None or (until is not None and row.hold_until >= until)
    if not (row.is_held and is_held_longer):
        reason = action.reason or f"Automation “{rule}”"
        reviewing.hold(tx, task, row.id, until=until, reason=reason)


def _tag(tx: Transaction, task: Task, row: Any, action: Tag) -> None:
    before = set(unpack(list[str], row.tags_here))
    after = before.union(action.add).difference(action.remove)
    if of_channel := sorted(set(unpack(list[str], row.tags)).intersection(action.remove)):
        raise SettingsError(
            "tag", f"{row.integration} has given the order the tag {of_channel[0]!r}; remove it there"
        )
    if after != before:
        _write(tx, task, row, tags_here=pack(sorted(after)))
        again.retry_orders(tx, [row.id])


def _change(tx: Transaction, task: Task, row: Any, action: Change) -> None:
    match action.field:
        case Changeable.REVIEW:
            reviewing.require_review(tx, task, row.id)
        case Changeable.NOTE:
            notes = row.note.splitlines()
            if action.value not in notes:
                _write(tx, task, row, note="\n".join([*notes, action.value]))
        case Changeable.SHIPPING_METHOD:
            if row.status in OVER:
                raise SettingsError(
                    "status", f"order {row.number} is {row.status}; nothing of it is to be shipped"
                )
            if action.value != row.method_here:
                _write(tx, task, row, method_here=action.value)
                again.retry_orders(tx, [row.id])


def _write(tx: Transaction, task: Task, row: Any, **values: Any) -> None:
    tx.execute(sa.update(ORDER).where(ORDER.c.id == row.id).values(updated_at=task.now, **values))
