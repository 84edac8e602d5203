"""What one change costs does not hang on how much there is beside it: calls, statements and steps of the database."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import event

from crossdock.domain.sync import FlowKey
from journeys.test_request_counts import CATALOG_ONLY, PULL_ORDERS, PULL_PRODUCTS
from support.world import World, world

FEW, MANY = 60, 600
STEPS_A_TICK = 10


@dataclass
class Cost:
    """`steps` are ticks of SQLite's machine: going through a table takes some for each row, finding in an index does not."""

    calls: int = 0
    statements: int = 0
    steps: int = 0


def test_a_changed_product_an_order_and_nothing_new_cost_the_same_among_few_and_many(tmp_path: Path) -> None:
    few, many = (costs(tmp_path / str(size), products=size) for size in (FEW, MANY))

    for name, cost in few.items():
        assert many[name].calls == cost.calls == 1, name
        assert many[name].statements == cost.statements, name
        # Ten times as many products; a table gone through for one change would cost as much more.
        assert many[name].steps < cost.steps * 1.5, (name, few, many)


def costs(folder: Path, *, products: int) -> dict[str, Cost]:
    folder.mkdir()
    with world(folder, products=products) as made:
        made.connect(**CATALOG_ONLY)
        for flow in (PULL_PRODUCTS, PULL_ORDERS, PULL_PRODUCTS):
            made.run(flow)
        made.act(f"{made.store_address}/_sim/clock", {"advance_seconds": 3600})
        first, changed, *_ = made.store.store.products.values()
        found = {}
        # Once beforehand: names that a product's record only numbers are asked for once.
        rename(made, first.id, "Renamed before")
        made.run(PULL_PRODUCTS)
        rename(made, changed.id, "Renamed once")
        with counted(made, PULL_PRODUCTS) as found["product"]:
            made.run(PULL_PRODUCTS)
        made.sell_in_store(next(iter(made.store.store.variant_by_sku)), 1, oversell=True)
        with counted(made, PULL_ORDERS) as found["order"]:
            made.run(PULL_ORDERS)
        made.act(f"{made.store_address}/_sim/clock", {"advance_seconds": 3600})
        with counted(made, PULL_PRODUCTS) as found["nothing new"]:
            made.run(PULL_PRODUCTS)
        return found


def rename(made: World, product: int, name: str) -> None:
    made.act(f"{made.store_address}/_sim/products/{product}", {"name": name})


@contextmanager
def counted(made: World, flow: FlowKey) -> Iterator[Cost]:
    cost, engine = Cost(), made.database.engine
    since = made.store.journal.last_number

    def tick() -> int:
        cost.steps += 1
        return 0

    def watch(connection: sqlite3.Connection, *_: Any) -> None:
        connection.set_progress_handler(tick, STEPS_A_TICK)

    def count(*_: Any) -> None:
        cost.statements += 1

    listeners = (("checkout", watch), ("before_cursor_execute", count))
    for name, listener in listeners:
        event.listen(engine, name, listener)
    yield cost
    for name, listener in listeners:
        event.remove(engine, name, listener)
    with engine.connect() as connection:
        connection.connection.dbapi_connection.set_progress_handler(None, 0)
    cost.calls = made.store.journal.count("GET", r"/(catalog/products|orders)$", since)
