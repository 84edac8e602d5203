"""What the next run of a flow is to read: everything, or just the records that events have named.

A wish is put down in the transaction that makes the flow due, with the flow's epoch. A run raises that as it begins,
so it can tell what was wished before, which it answers, from what is wished meanwhile, which is for the run after it.
"""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from crossdock.domain.sync import Direction, Entity, FlowKey
from crossdock.store import tables
from crossdock.store.database import Transaction
from crossdock.store.query import upsert

NOTE = tables.memory
FLOW = tables.flow
EVERYTHING = ""
"""The key of a wish for all records."""
MOST_NAMED = 150
"""Of more records than this, which is what a call can name, everything is read."""


def are_kept_of(flow: FlowKey) -> bool:
    """Whether a run of this flow can read less than everything."""
    return flow.direction is Direction.PULL and flow.entity is Entity.INVENTORY


def note(tx: Transaction, flow: FlowKey, epoch: int, names: Collection[str]) -> None:
    """Put down which records the next run is to read; without names, or with too many, it is everything.

    `epoch` is the flow's at this moment, whose row the caller has locked.
    """
    wished = set(names) or {EVERYTHING}
    if EVERYTHING not in wished:
        wished |= set(tx.scalars(sa.select(NOTE.c.key).where(*_of(flow), NOTE.c.key != EVERYTHING)))
        wished = set(names) if len(wished) <= MOST_NAMED else {EVERYTHING}
    if EVERYTHING in wished:
        tx.execute(sa.delete(NOTE).where(*_of(flow)))
    key = {"integration": flow.integration, "kind": _kind(flow)}
    upsert(tx, NOTE, [{**key, "key": name, "value": str(epoch)} for name in wished])


def note_everything(tx: Transaction, *where: sa.ColumnElement[bool]) -> None:
    """The same for all flows of this kind that are made due otherwise."""
    stock = (FLOW.c.direction == Direction.PULL, FLOW.c.entity == Entity.INVENTORY)
    rows = tx.execute(sa.select(FLOW.c.key, FLOW.c.epoch).where(*stock, *where)).all()
    for row in rows:
        note(tx, FlowKey.parse(row.key), row.epoch, ())


def named(tx: Transaction, flow: FlowKey, epoch: int) -> set[str]:
    """The records that the run of this epoch is to read; none where it is everything, or nothing was wished."""
    before = set(tx.scalars(sa.select(NOTE.c.key).where(*_before(flow, epoch))))
    return set() if EVERYTHING in before else before


def are_any(tx: Transaction, flow: FlowKey, epoch: int) -> bool:
    """Whether anything was wished before the run of this epoch began."""
    return tx.scalar(sa.select(NOTE.c.key).where(*_before(flow, epoch)).limit(1)) is not None


def answered(tx: Transaction, flow: FlowKey, epoch: int) -> None:
    """The run of this epoch has read all that was wished before it began."""
    tx.execute(sa.delete(NOTE).where(*_before(flow, epoch)))


def _before(flow: FlowKey, epoch: int) -> tuple[sa.ColumnElement[bool], ...]:
    return *_of(flow), NOTE.c.value != str(epoch)


def _of(flow: FlowKey) -> tuple[sa.ColumnElement[bool], ...]:
    return NOTE.c.integration == flow.integration, NOTE.c.kind == _kind(flow)


def _kind(flow: FlowKey) -> str:
    return f"wished:{flow.direction}-{flow.entity}"
