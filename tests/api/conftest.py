"""The bench of the API's tests, on each kind of database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from api import seed
from api.bench import CONNECTORS, Bench, Shop
from support.databases import KINDS, open_database


@pytest.fixture(params=KINDS)
def bench(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    """A hub without integrations."""
    monkeypatch.setattr("crossdock.app.CONNECTORS", CONNECTORS)
    monkeypatch.setattr(Shop, "exchanged", [])
    with open_database(request.param, tmp_path) as database:
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
