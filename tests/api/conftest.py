"""The bench of the API's tests, on each kind of database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from api import seed
from api.bench import CONNECTORS, Bench, Shop
from crossdock.store.database import Database
from support.databases import KINDS, open_database
from support.make import empty


@pytest.fixture(scope="session", params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """One database for all tests, since making one takes PostgreSQL a while; each test gets it empty."""
    with open_database(request.param, tmp_path_factory.mktemp("api")) as one:
        yield one


@pytest.fixture
def bench(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    """A hub without integrations."""
    monkeypatch.setattr("crossdock.app.CONNECTORS", CONNECTORS)
    monkeypatch.setattr(Shop, "exchanged", [])
    empty(database)
    made = Bench(database)
    yield made
    made.close()


@pytest.fixture
def merchant(bench: Bench) -> Bench:
    """A hub with a store and a shop, products, stock and listings."""
    seed.set_up(bench)
    seed.read_catalog(bench)
    seed.read_shop(bench)
    return bench
