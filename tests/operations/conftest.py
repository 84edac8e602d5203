"""The hub that tests of operations work on, once per kind of database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from crossdock.store.database import Database
from support.databases import KINDS, open_database
from support.make import Bench, empty


@pytest.fixture(scope="session", params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """One database for all tests, since making one takes PostgreSQL a while; each test gets it empty."""
    with open_database(request.param, tmp_path_factory.mktemp("hub")) as one:
        yield one


@pytest.fixture
def hub(database: Database) -> Bench:
    empty(database)
    return Bench(database)
