"""How far an order is: what its channel says, and what the hub knows to be canceled, sent or shipped beside it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from crossdock.domain.fulfillment import FulfillmentState, progressed, shipped_units
from crossdock.domain.order import OrderStatus
from crossdock.operations.orders import canceling, sent_state
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.database import Transaction
from crossdock.store.query import select_in

ORDER = tables.order
LINE = tables.order_line
FULFILLMENT = tables.fulfillment
PART = tables.fulfillment_line


def hold(tx: Transaction, task: Task, order_ids: Iterable[str]) -> None:
    """Bring units and status of these orders to what their channel says and the hub has on record beside it.

    Repeating it changes nothing. Goods that left are settled first: they cannot be canceled any more.
    """
    ids = list(dict.fromkeys(order_ids))
    _hold_units(tx, ids)
    canceling.hold(tx, task, ids)
    _hold_status(tx, ids)
    sent_state.close_what_is_past(tx, task, ids)


def fulfilled(tx: Transaction, order_ids: Iterable[str]) -> dict[str, int]:
    """Units per line that the fulfillments of these orders come to."""
    statement = (
        sa.select(FULFILLMENT.c.order_id, PART.c.line_id, PART.c.quantity)
        .join(FULFILLMENT, FULFILLMENT.c.id == PART.c.fulfillment_id)
        .where(FULFILLMENT.c.state == FulfillmentState.SHIPPED)
    )
    found: dict[str, int] = defaultdict(int)
    for row in select_in(tx, statement, FULFILLMENT.c.order_id, order_ids):
        found[row.line_id] += row.quantity
    return found


def _hold_units(tx: Transaction, order_ids: Sequence[str]) -> None:
    left = fulfilled(tx, order_ids)
    for line in select_in(tx, sa.select(LINE), LINE.c.order_id, order_ids):
        if line.id not in left and not line.quantity_shipped_here:
            continue
        told = line.quantity_shipped - line.quantity_shipped_here
        shipped = shipped_units(
            ordered=line.quantity,
            canceled=line.quantity_canceled - line.quantity_canceled_here,
            told=told,
            fulfilled=left.get(line.id, 0),
        )
        values = {"quantity_shipped": shipped, "quantity_shipped_here": max(0, shipped - told)}
        tx.execute(sa.update(LINE).where(LINE.c.id == line.id).values(**values))


def _hold_status(tx: Transaction, order_ids: Sequence[str]) -> None:
    """The hub is ahead of the channel only where it has something of its own on record."""
    has_left = sa.exists().where(FULFILLMENT.c.order_id == ORDER.c.id)
    statement = sa.select(ORDER).where(
        sa.or_(ORDER.c.sent_at.is_not(None), has_left), ORDER.c.status != OrderStatus.CANCELED
    )
    orders = {row.id: row for row in select_in(tx, statement, ORDER.c.id, order_ids)}
    lines: dict[str, list[Any]] = defaultdict(list)
    for line in select_in(tx, sa.select(LINE), LINE.c.order_id, orders):
        lines[line.order_id].append(line)
    for key, order in orders.items():
        shipped = sum(line.quantity_shipped for line in lines[key])
        still_open = sum(line.quantity - line.quantity_canceled for line in lines[key]) - shipped
        status = progressed(
            OrderStatus(order.status_there or order.status),
            open_units=still_open,
            shipped_units=shipped,
            is_sent=order.sent_at is not None,
        )
        tx.execute(sa.update(ORDER).where(ORDER.c.id == key).values(status=status))
