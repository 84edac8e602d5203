"""One database, SQLite or PostgreSQL, and its serial write transactions."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import make_url

from crossdock.store.trouble import Trouble, trouble_of

Transaction = sa.Connection
"""An open transaction. Whoever is handed one never commits it."""

BUSY_SECONDS = 30
IDLE_SECONDS = 20
# A page of a big catalog dirties a thousand pages of the file; put back after each, they would be written twice.
WAL_PAGES = 8000
TROUBLE_SECONDS = 10.0
"""Workers write every few seconds: what has not failed for so long is well."""
# A failing statement is logged and shown; its parameters may be a merchant's or a buyer's.
POOL: dict[str, Any] = {"pool_size": 16, "max_overflow": 32, "hide_parameters": True}
SERIAL_LOCK = 20_260_101
"""Any number that nothing else in the same PostgreSQL database takes for an advisory lock."""


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """Aware UTC times. SQLite keeps them as naive UTC; a naive time is refused before it is stored."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: sa.Dialect) -> Callable[[datetime | None], Any]:
        # SQLAlchemy's own text for SQLite is the same, at five times the cost.
        return _to_text if dialect.name == "sqlite" else _to_utc

    def result_processor(self, dialect: sa.Dialect, coltype: object) -> Callable[[Any], datetime | None]:  # noqa: ARG002
        return _from_text if dialect.name == "sqlite" else _in_utc


def _to_utc(value: datetime | None) -> datetime | None:
    if value is None:
        return None
    if value.tzinfo is None:
        raise ValueError("A time without a zone cannot be stored")
    return value.astimezone(UTC)


def _to_text(value: datetime | None) -> str | None:
    utc = _to_utc(value)
    return None if utc is None else utc.replace(tzinfo=None).isoformat(" ", "microseconds")


def _from_text(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).replace(tzinfo=UTC)


def _in_utc(value: datetime | None) -> datetime | None:
    return None if value is None else value.astimezone(UTC)


class Database:
    """The hub's database. `url` is `sqlite:///path` or `postgresql://…`."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        self.engine = _sqlite_engine(url) if self.is_sqlite else _postgresql_engine(url)
        self.before_commit: Callable[[Transaction], None] | None = None
        """What is done at the end of each write transaction, and is kept or undone with it."""
        self._trouble: tuple[float, Trouble] | None = None

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """A write transaction: alone on SQLite (BEGIN IMMEDIATE), by row locks on PostgreSQL. Never call a channel in it."""
        with self._noting_trouble(), self.engine.begin() as connection:
            yield connection
            if self.before_commit is not None:
                self.before_commit(connection)

    @contextmanager
    def _noting_trouble(self) -> Iterator[None]:
        try:
            yield
        except sa.exc.DBAPIError as error:
            if (found := trouble_of(error, self.place)) is not None:
                self._trouble = (time.monotonic(), found)
            raise

    @property
    def trouble(self) -> Trouble | None:
        """What was wrong with the database when something was written a moment ago, be it by any thread."""
        noted = self._trouble
        return noted[1] if noted and time.monotonic() - noted[0] < TROUBLE_SECONDS else None

    @property
    def place(self) -> str:
        """Where it is, for people, without a password."""
        if self.file is not None:
            return str(self.file)
        parts = make_url(self.url)
        return f"{parts.database} on {parts.host or 'this machine'}"

    @contextmanager
    def serial(self) -> Iterator[Transaction]:
        """A write transaction that waits for all others of its kind, as every one does on SQLite.

        For whatever acts on what it reads: two that did so side by side would each miss what the other adds,
        such as a SKU and the order line that waits for it.
        """
        with self.transaction() as tx:
            wait_for_others(tx)
            yield tx

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """A consistent view that blocks no writer and writes nothing."""
        if self.is_sqlite:
            with self.engine.connect().execution_options(crossdock_reads=True) as connection:
                yield connection
                connection.rollback()
            return
        with self.engine.connect().execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        ) as connection:
            yield connection

    def now_sql(self) -> str:
        """The database's clock as Unix seconds: workers' own clocks may differ."""
        if self.is_sqlite:
            return "((julianday('now') - 2440587.5) * 86400.0)"
        return "extract(epoch from clock_timestamp())::float8"

    def close(self) -> None:
        self.engine.dispose()

    @property
    def file(self) -> Path | None:
        """The SQLite file; None on PostgreSQL."""
        database = make_url(self.url).database
        return Path(database) if self.is_sqlite and database else None


def wait_for_others(tx: Transaction) -> None:
    """Make the transaction one of those that wait for each other; on SQLite each one is."""
    if tx.dialect.name == "postgresql":
        tx.execute(sa.select(sa.func.pg_advisory_xact_lock(SERIAL_LOCK)))


def _sqlite_engine(url: str) -> sa.Engine:
    file = make_url(url).database
    if file:
        Path(file).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(url, connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False}, **POOL)

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # SQLAlchemy's own BEGIN below decides, not the driver's
        for pragma in (
            "journal_mode=WAL",
            "synchronous=NORMAL",
            "foreign_keys=ON",
            f"busy_timeout={BUSY_SECONDS * 1000}",
            f"wal_autocheckpoint={WAL_PAGES}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        reads = connection.get_execution_options().get("crossdock_reads", False)
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


def _postgresql_engine(url: str) -> sa.Engine:
    full = url if "+psycopg" in url else url.replace("postgresql:", "postgresql+psycopg:", 1)
    # Compiling our short statements costs more than running them.
    # A worker that was stopped in the middle of a transaction must not hold its locks for longer than it takes to be missed.
    options = {"options": f"-c jit=off -c idle_in_transaction_session_timeout={IDLE_SECONDS}s"}
    return sa.create_engine(full, connect_args=options, pool_pre_ping=True, **POOL)
