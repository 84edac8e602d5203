"""Fresh databases of both kinds, each with the hub's schema, for any test that should hold on both."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

from crossdock.store.database import Database
from crossdock.store.tables import metadata

KINDS = ("sqlite", "postgresql")
SERVER = "postgresql://postgres@127.0.0.1:5432/postgres"


@contextmanager
def fresh_database(kind: str, folder: Path, *, empty: bool = False) -> Iterator[str]:
    """The URL of a database with the hub's tables, or none at all; gone again afterwards. Skips without a server."""
    with _empty_file(folder) if kind == "sqlite" else _empty_postgresql() as url:
        if empty:
            yield url
            return
        database = Database(url)
        metadata.create_all(database.engine)
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


@contextmanager
def _empty_file(folder: Path) -> Iterator[str]:
    yield f"sqlite:///{folder / f'hub-{uuid.uuid4().hex[:8]}.sqlite'}"


@contextmanager
def _empty_postgresql() -> Iterator[str]:
    server, name = server_url(), f"crossdock_test_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        try:
            yield make_url(server).set(database=name).render_as_string(hide_password=False)
        finally:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
