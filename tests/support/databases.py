"""Databases of both kinds for any test that should hold on both: fresh ones, and copies of what was made before."""

from __future__ import annotations

import os
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy.engine import make_url

from crossdock.store import planning
from crossdock.store.database import Database
from crossdock.store.tables import metadata

KINDS = ("sqlite", "postgresql")
SERVER = "postgresql://postgres@127.0.0.1:5432/postgres"
_KEPT: list[str] = []
"""Names of the databases on the server that are dropped at the end: those to be copied, and those no longer needed.

Dropping one makes the server write all that it has not written yet, which takes seconds.
"""


@contextmanager
def fresh_database(kind: str, folder: Path, *, empty: bool = False) -> Iterator[str]:
    """The URL of a database with the hub's tables, or none at all; gone at the end of all tests. Skips without a server."""
    with _empty_file(folder) if kind == "sqlite" else _empty_postgresql() as url:
        if empty:
            yield url
            return
        database = Database(url)
        with database.transaction() as tx:
            metadata.create_all(tx)
            planning.tell(tx)
        database.close()
        yield url


@contextmanager
def open_database(kind: str, folder: Path) -> Iterator[Database]:
    with fresh_database(kind, folder) as url:
        database = Database(url)
        try:
            yield database
        finally:
            database.close()


def server_url() -> str:
    """The PostgreSQL server to test on. Skips, or fails where CROSSDOCK_REQUIRE_POSTGRESQL=1, when it is not reachable."""
    url = os.environ.get("CROSSDOCK_TEST_POSTGRESQL_URL", SERVER)
    try:
        psycopg.connect(url, connect_timeout=3).close()
    except psycopg.OperationalError as error:
        problem = f"no PostgreSQL server to test on (CROSSDOCK_TEST_POSTGRESQL_URL): {error}"
        if os.environ.get("CROSSDOCK_REQUIRE_POSTGRESQL") == "1":
            pytest.fail(problem)
        pytest.skip(problem)
    return url


# Copies


def take_copy(database: Database) -> bytes | str:
    """All that a database holds, while nobody has it open: the file, or the name of a copy on the server."""
    if database.file is None:
        kept = _new_name()
        with _server() as connection:
            _create(connection, kept, template=_name_of(database))
        _KEPT.append(kept)
        return kept
    with closing(sqlite3.connect(database.file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return database.file.read_bytes()


def put_copy(database: Database, copy: bytes | str) -> None:
    """Replace a database that nobody has open by what was taken from another."""
    if isinstance(copy, bytes):
        assert database.file is not None
        database.file.write_bytes(copy)
        return
    replaced = _new_name()
    with _server() as connection:
        connection.execute(f'ALTER DATABASE "{_name_of(database)}" RENAME TO "{replaced}"')
        _KEPT.append(replaced)
        _create(connection, _name_of(database), template=copy)


def drop_copies() -> None:
    if _KEPT:
        with _server() as connection:
            for name in _KEPT:
                connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    _KEPT.clear()


# Where they are


@contextmanager
def _empty_file(folder: Path) -> Iterator[str]:
    yield f"sqlite:///{folder / f'hub-{uuid.uuid4().hex[:8]}.sqlite'}"


@contextmanager
def _empty_postgresql() -> Iterator[str]:
    name = _new_name()
    with _server() as connection:
        _create(connection, name)
    _KEPT.append(name)
    yield make_url(server_url()).set(database=name).render_as_string(hide_password=False)


def _create(connection: psycopg.Connection[Any], name: str, *, template: str = "template1") -> None:
    """These databases need not outlive a power cut, so no commit waits for the disk."""
    connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    connection.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = off')


def _server() -> psycopg.Connection[Any]:
    return psycopg.connect(server_url(), autocommit=True)


def _new_name() -> str:
    return f"crossdock_test_{uuid.uuid4().hex[:12]}"


def _name_of(database: Database) -> str:
    return str(make_url(database.url).database)
