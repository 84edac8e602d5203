"""Orders that the hub created on a channel, and that were read before the orders they stand for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from crossdock.operations.events import Event, Subject, record
from crossdock.operations.fulfillments import parcels
from crossdock.operations.orders import order_life
from crossdock.operations.stock import commitments
from crossdock.operations.task import HUB, Task
from crossdock.store import tables
from crossdock.store.asking import Question
from crossdock.store.database import Transaction
from crossdock.store.query import select_in, slices

ORDER = tables.order
FULFILLMENT = tables.fulfillment
# Whose copies they are is sorted out here: asked for that too, SQLite would go through all orders that are none.
WAITING = Question(
    sa.select(ORDER.c.id, ORDER.c.integration, ORDER.c.copy_of, ORDER.c.stands_for), ORDER.c.stands_for
)


def adopt(tx: Transaction, task: Task, rows: Iterable[Mapping[str, Any]]) -> None:
    """What waited elsewhere for one of these orders, rows of its table, is its copy from now on."""
    no_copies = [row for row in rows if row["copy_of"] is None and not row["stands_for"]]
    by_channel_id = {row["channel_id"]: row["id"] for row in no_copies}
    waiting = {
        row.id: by_channel_id[row.stands_for]
        for row in WAITING.rows(tx, by_channel_id)
        if row.integration != task.integration and row.copy_of is None
    }
    become_copies(tx, task, waiting)


def become_copies(tx: Transaction, task: Task, originals: Mapping[str, str]) -> None:
    """Orders, stored as ones of their own, turn out to be copies of these: what they held and shipped is the original's."""
    if not originals:
        return
    keys = list(originals)
    _write(tx, keys, counts=False)
    # As long as they are no copies yet, their stock is still given back.
    commitments.apply(tx, task, keys)
    for key, original in originals.items():
        _write(tx, [key], copy_of=original, stands_for="")
        is_theirs = (FULFILLMENT.c.order_id == key, FULFILLMENT.c.integration != HUB)
        tx.execute(sa.update(FULFILLMENT).where(*is_theirs).values(order_id=original, updated_at=task.now))
    roots = sorted(set(originals.values()))
    parcels.place_all(tx, task, roots)
    order_life.settle(tx, task, [*keys, *roots])
    commitments.apply(tx, task, roots)
    numbers = {
        row.id: f"{row.number} of {row.integration}"
        for row in select_in(tx, sa.select(ORDER), ORDER.c.id, [*keys, *roots])
    }
    said = {key: f"It is the hub's copy of order {numbers[root]}" for key, root in originals.items()}
    record(tx, task, [Event(Subject.ORDER, key, what) for key, what in said.items()])


def _write(tx: Transaction, keys: Iterable[str], **values: Any) -> None:
    for some in slices(sorted(keys)):
        tx.execute(sa.update(ORDER).where(ORDER.c.id.in_(some)).values(**values))
