"""Small things that connectors remember, and the tokens that only one worker at a time may renew."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import sqlalchemy as sa

from crossdock.store import tables
from crossdock.store.cipher import Cipher
from crossdock.store.codec import pack, unpack
from crossdock.store.database import Database
from crossdock.store.query import upsert

LOCK_SECONDS = 90.0
LOCK_WAIT_SECONDS = 100.0


class StoredMemory:
    """Key and value per integration; losing it costs a connector calls, nothing else."""

    def __init__(self, database: Database, integration: str) -> None:
        self._database = database
        self._integration = integration

    def get(self, kind: str, key: str) -> str | None:
        table = tables.memory
        with self._database.reading() as tx:
            value: str | None = tx.scalar(
                sa.select(table.c.value).where(
                    table.c.integration == self._integration, table.c.kind == kind, table.c.key == key
                )
            )
        return value

    def put(self, kind: str, key: str, value: str) -> None:
        row = {"integration": self._integration, "kind": kind, "key": key, "value": value}
        with self._database.transaction() as tx:
            upsert(tx, tables.memory, [row])


class VaultBusyError(Exception):
    """Another worker has been renewing these tokens for too long."""


class StoredVault:
    """An integration's tokens, encrypted; renewed under a lock that holds across workers."""

    def __init__(self, database: Database, integration: str, *, cipher: Cipher, owner: str) -> None:
        self._database = database
        self._integration = integration
        self._cipher = cipher
        self._owner = owner

    def tokens(self) -> Mapping[str, str]:
        table = tables.integration
        with self._database.reading() as tx:
            stored: bytes | None = tx.scalar(
                sa.select(table.c.tokens).where(table.c.name == self._integration)
            )
        return dict(unpack(dict[str, str], self._cipher.decrypt(stored))) if stored else {}

    def store(self, tokens: Mapping[str, str]) -> None:
        table = tables.integration
        sealed = self._cipher.encrypt(pack(dict(tokens)))
        with self._database.transaction() as tx:
            tx.execute(sa.update(table).where(table.c.name == self._integration).values(tokens=sealed))

    @contextmanager
    def refreshing(self) -> Iterator[dict[str, str]]:
        """The newest tokens, to be changed in place; both rotate, so what is there at the end is stored in one write."""
        self._lock()
        try:
            tokens = dict(self.tokens())
            before = dict(tokens)
            yield tokens
            if tokens != before:
                self.store(tokens)
        finally:
            self._unlock()

    def _lock(self) -> None:
        give_up = time.monotonic() + LOCK_WAIT_SECONDS
        while not self._try_lock():
            if time.monotonic() > give_up:
                raise VaultBusyError(f"The tokens of {self._integration} are being renewed elsewhere")
            time.sleep(0.05)

    def _try_lock(self) -> bool:
        """A lease, so that a worker that dies while it renews does not lock the others out for ever."""
        role = tables.role
        now: sa.ColumnElement[float] = sa.literal_column(self._database.now_sql())
        with self._database.transaction() as tx:
            fresh = {"name": self._lock_name, "owner": "", "until": 0.0}
            upsert(tx, role, [fresh], keep=("owner", "until"))
            taken = tx.execute(
                sa.update(role)
                .where(role.c.name == self._lock_name, role.c.until < now)
                .values(owner=self._owner, until=now + LOCK_SECONDS)
            )
            return taken.rowcount == 1

    def _unlock(self) -> None:
        role = tables.role
        with self._database.transaction() as tx:
            tx.execute(
                sa.update(role)
                .where(role.c.name == self._lock_name, role.c.owner == self._owner)
                .values(until=0.0)
            )

    @property
    def _lock_name(self) -> str:
        return f"tokens:{self._integration}"
