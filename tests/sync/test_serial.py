"""Runs side by side: what one adds, the other sees or is seen by; nothing falls between two transactions."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from crossdock.connectors.contract import Connector, Rules
from crossdock.domain.sync import Direction, Entity, FlowKey
from crossdock.operations.catalog import listings, products
from crossdock.operations.orders import orders
from crossdock.operations.setup import integrations
from crossdock.operations.task import Task
from crossdock.store.database import Database, Transaction
from crossdock.sync import lease as leases
from crossdock.sync import workers
from crossdock.sync.lease import FencedError
from crossdock.sync.work import Desk, Work
from support.databases import KINDS, open_database
from support.flows import add_flow, empty_engine_tables, flow_row
from support.make import CIPHER, NOW, SHOP, STORE, TRUTH, Bench, empty, line, listing, order, product

PRODUCTS = FlowKey(STORE, Direction.PULL, Entity.PRODUCTS)
LISTINGS = FlowKey(SHOP, Direction.PULL, Entity.LISTINGS)
ORDERS = FlowKey(SHOP, Direction.PULL, Entity.ORDERS)
# Long enough for the second to commit if nothing holds it back.
HEAD_START_SECONDS = 0.5

Write = Callable[[Transaction, Task], Any]


@pytest.fixture(scope="module", params=KINDS)
def one_database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    folder: Path = tmp_path_factory.mktemp("serial")
    with open_database(request.param, folder) as database:
        yield database


@pytest.fixture
def hub(one_database: Database) -> Bench:
    empty_engine_tables(one_database)
    empty(one_database)
    bench = Bench(one_database)
    for flow in (PRODUCTS, LISTINGS, ORDERS):
        add_flow(one_database, flow)
    workers.beat(one_database, "anna")
    bench.locate()
    return bench


def work(hub: Bench, flow: FlowKey) -> Work:
    desk = Desk(hub.database, CIPHER, lambda: NOW, lambda _: Rules())
    held = leases.begin(hub.database, flow, f"{flow}:1", "anna")
    assert held is not None
    return Work(desk, held, cast(Connector, None), Rules(), TRUTH)


def side_by_side(hub: Bench, first: tuple[FlowKey, Write], second: tuple[FlowKey, Write]) -> None:
    """The second run writes its page while the transaction of the first is still open."""
    runs = [(work(hub, flow), write) for flow, write in (first, second)]

    def page(of: Work, write: Write) -> None:
        with of.transaction() as tx:
            write(tx, of.task())

    other = threading.Thread(target=page, args=runs[1])
    one, write = runs[0]
    with one.transaction() as tx:
        write(tx, one.task())
        other.start()
        other.join(HEAD_START_SECONDS)
    other.join()


def read_product(tx: Transaction, task: Task) -> None:
    products.ingest(tx, task, [product("A")], read_began_at=task.now)


def read_listing(tx: Transaction, task: Task) -> None:
    listings.ingest(tx, task, [listing("A")], read_began_at=task.now)


def read_order(tx: Transaction, task: Task) -> None:
    orders.ingest(tx, task, [order("1", line("A", 2))])


def test_a_product_and_its_listing_that_are_read_at_the_same_moment_are_linked(hub: Bench) -> None:
    side_by_side(hub, (PRODUCTS, read_product), (LISTINGS, read_listing))

    assert hub.links() == {"l-A": "A"}


def test_an_order_that_is_read_at_the_same_moment_as_its_product_counts(hub: Bench) -> None:
    side_by_side(hub, (PRODUCTS, read_product), (ORDERS, read_order))

    assert hub.committed("A") == 2
    assert hub.cases() == []


def test_a_forced_resync_fences_the_reading_that_would_bring_the_old_cursor_back(hub: Bench) -> None:
    reading = work(hub, PRODUCTS)

    with hub.database.transaction() as tx:
        integrations.restart_flow(tx, PRODUCTS)

    with pytest.raises(FencedError), reading.transaction():
        pass
    row = flow_row(hub.database, PRODUCTS)
    assert (row.cursor, row.runner, row.due_at) == (None, None, 0.0)
