"""Which products of a channel a sweep has met so far: one note a page, so that what is unchanged costs no write of its own.

Together with what was written since the sweep began it tells what is gone; a sweep that is gone on with
after a crash knows what it met before.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from crossdock.domain.channel import ChannelId
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.codec import fingerprint, pack, unpack
from crossdock.store.database import Transaction
from crossdock.store.query import upsert

NOTE = tables.memory


def note(tx: Transaction, task: Task, ids: Sequence[ChannelId]) -> None:
    """Keep the ids of a page."""
    if ids:
        key = fingerprint(ids)
        upsert(
            tx, NOTE, [{"integration": task.integration, "kind": _kind(task), "key": key, "value": pack(ids)}]
        )


def products(tx: Transaction, task: Task) -> set[ChannelId]:
    """All that were noted since `forget`."""
    notes = tx.scalars(sa.select(NOTE.c.value).where(*_notes(task)))
    return {channel_id for text in notes for channel_id in unpack(list[ChannelId], text)}


def forget(tx: Transaction, task: Task) -> None:
    """A sweep begins, or is over."""
    tx.execute(sa.delete(NOTE).where(*_notes(task)))


def _notes(task: Task) -> tuple[sa.ColumnElement[bool], ...]:
    return NOTE.c.integration == task.integration, NOTE.c.kind == _kind(task)


def _kind(task: Task) -> str:
    return f"met:{task.flow}"
