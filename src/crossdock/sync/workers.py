"""Which workers live and which role each has, by the database's clock, since that is the only one they share."""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import IO

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from crossdock.store.database import Database, Transaction
from crossdock.store.tables import role as roles
from crossdock.store.tables import worker as workers

LEASE_SECONDS = 12.0
"""A worker that has not beaten for so long counts as dead. At least four beats long."""


def beat(database: Database, worker: str) -> None:
    """Say that a worker lives."""
    now = now_sql(database)
    row = upsert(database, workers).values(id=worker, beat=now)
    with database.transaction() as tx:
        tx.execute(row.on_conflict_do_update(index_elements=["id"], set_={"beat": now}))


def live_workers(database: Database) -> set[str]:
    with database.reading() as tx:
        return living(tx, database)


def living(tx: Transaction, database: Database) -> set[str]:
    alive = sa.select(workers.c.id).where(workers.c.beat > now_sql(database) - LEASE_SECONDS)
    return set(tx.scalars(alive))


def forget_worker(database: Database, worker: str) -> None:
    """A worker has left: its runs and roles are free at once."""
    with database.transaction() as tx:
        _forget(tx, workers.c.id == worker)


def forget_silent_workers(database: Database, seconds: float) -> None:
    """Drop workers not heard of for so long. With 0, everybody: for a file that only one process can use."""
    with database.transaction() as tx:
        _forget(tx, workers.c.beat <= now_sql(database) - seconds)


def _forget(tx: Transaction, which: sa.ColumnElement[bool]) -> None:
    tx.execute(sa.delete(workers).where(which))
    tx.execute(sa.delete(roles).where(roles.c.owner.not_in(sa.select(workers.c.id))))


def take_role(database: Database, name: str, worker: str, seconds: float) -> bool:
    """Take or keep a role that one worker at a time may have."""
    now = now_sql(database)
    row = upsert(database, roles).values(name=name, owner=worker, until=now + seconds)
    is_free = sa.or_(roles.c.owner == worker, roles.c.until < now)
    changes = {"owner": worker, "until": now + seconds}
    taking = row.on_conflict_do_update(index_elements=["name"], set_=changes, where=is_free)
    with database.transaction() as tx:
        return tx.scalar(taking.returning(roles.c.name)) is not None


def lock(file: Path) -> IO[bytes] | None:
    """Make this process the only worker of an SQLite file; None when another is. The lock ends with the process."""
    held = file.with_name(f"{file.name}.lock").open("ab")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        held.close()
        return None
    return held


def upsert(database: Database, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
    return sqlite.insert(table) if database.is_sqlite else postgresql.insert(table)


def now_sql(database: Database) -> sa.ColumnElement[float]:
    return sa.literal_column(database.now_sql(), sa.Float)
