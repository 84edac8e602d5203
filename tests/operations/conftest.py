"""The hubs that tests of operations work on, once per kind of database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from crossdock.operations.stock.own_locations import OwnLocation
from crossdock.operations.task import HUB, SourcesOfTruth
from crossdock.store.database import Database
from operations.own_bench import ANNEX, MAIN, add
from support.databases import KINDS, open_database
from support.make import SHOP, STORE, Bench, empty, listing, location, product
from support.owner import Owner


@pytest.fixture(scope="session", params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """One database for all tests, since making one takes PostgreSQL a while; each test gets it empty."""
    with open_database(request.param, tmp_path_factory.mktemp("hub")) as one:
        yield one


@pytest.fixture
def hub(database: Database) -> Bench:
    empty(database)
    return Bench(database)


@pytest.fixture
def own(hub: Bench) -> Bench:
    """A hub that owns stock: two warehouses of its own, and A, B and C listed at the shop."""
    hub.truth = SourcesOfTruth(catalog=STORE, inventory=HUB)
    hub.read_locations(location(is_default=True), of=SHOP)
    add(hub, OwnLocation(MAIN, "M"))
    add(hub, OwnLocation(ANNEX))
    for sku in "ABC":
        hub.read_products(product(sku))
        hub.read_listings(listing(sku))
    return hub


@pytest.fixture
def owner(hub: Bench) -> Owner:
    return Owner(hub)
