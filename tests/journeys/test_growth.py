"""What one change costs does not hang on how much there is beside it: calls, statements and steps of the database."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from crossdock.connectors.bigcommerce import client
from crossdock.domain.sync import FlowKey
from crossdock_simulators.tiktok_shop.seed import load_listings
from journeys.test_catalog import COMPLETE, listing
from journeys.test_request_counts import CATALOG_ONLY, PULL_ORDERS, PULL_PRODUCTS
from journeys.test_stock import tracked_skus
from support.world import SHOP, STORE, World, world

FEW, MANY = 60, 600
STEPS_A_TICK = 10
ITEMS_A_PAGE = 20
SOLD_HERE_AND_THERE = [
    FlowKey.parse(text)
    for text in (
        f"{SHOP}/pull-orders",
        f"{STORE}/push-sales",
        f"{STORE}/pull-orders",
        f"{SHOP}/push-inventory",
    )
]
"""In the order that a sale takes them; all others follow."""
PULL_STOCK = FlowKey.parse(f"{STORE}/pull-inventory")


@dataclass
class Cost:
    """`steps` are ticks of SQLite's machine: going through a table takes some for each row, finding in an index does not."""

    calls: int = 0
    statements: int = 0
    steps_by_statement: Counter[str] = field(default_factory=Counter)

    @property
    def steps(self) -> int:
        return self.steps_by_statement.total()

    def least(self, other: Cost) -> Cost:
        """By statement the fewer steps of the two: what time alone made due in one of them is left out."""
        both = self.steps_by_statement.keys() & other.steps_by_statement.keys()
        steps = {text: min(self.steps_by_statement[text], other.steps_by_statement[text]) for text in both}
        return Cost(min(self.calls, other.calls), min(self.statements, other.statements), Counter(steps))

    def grown_from(self, other: Cost, *, times: float = 1) -> dict[str, tuple[int, int]]:
        """Statements that took far more than so many times the steps of the other, with the steps of both."""
        steps = {text: (other.steps_by_statement[text], n) for text, n in self.steps_by_statement.items()}
        return {text: (few, many) for text, (few, many) in steps.items() if many > (few * 1.5 + 20) * times}


def test_a_changed_product_an_order_and_nothing_new_cost_the_same_among_few_and_many(tmp_path: Path) -> None:
    few, many = (costs(tmp_path / str(size), products=size) for size in (FEW, MANY))

    for name, cost in few.items():
        assert many[name].calls == cost.calls == 1, name
        assert many[name].statements == cost.statements, name
        # Ten times as many products; a table gone through for one change would cost as much more.
        assert many[name].steps < cost.steps * 1.5, (name, few, many)


def test_a_sale_here_and_there_costs_the_same_in_every_flow_among_few_and_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "ITEMS_PAGE", ITEMS_A_PAGE)
    few, many = (costs_of_sales(tmp_path / str(size), products=size) for size in (FEW // 4, MANY // 4))

    for name, cost in few.items():
        # A whole reading of the stock takes as many pages more; what one page costs stays the same.
        times = many[name].calls / cost.calls if name[1] == PULL_STOCK else 1
        assert many[name].grown_from(cost, times=times) == {}, name


def costs_of_sales(folder: Path, *, products: int) -> dict[tuple[str, FlowKey], Cost]:
    """Of every flow: when something was sold on both platforms, and once more when all is right."""
    folder.mkdir()
    with world(folder, products=products) as made:
        made.connect(shop=COMPLETE | {"products": "disabled"})
        load_listings(made.shop.shop, [listing(sku) for sku in sorted(made.store_stock())])
        for _ in range(2):
            made.sync()
        for address in (made.store_address, made.shop_address):
            made.act(f"{address}/_sim/clock", {"advance_seconds": 3600})
        flows = sorted(made.hub.flows(None), key=lambda flow: [*SOLD_HERE_AND_THERE, flow].index(flow))
        # Once beforehand: what is asked for only once, or for the first time.
        _, *rounds = [costs_of_one_sale(made, flows, sku) for sku in tracked_skus(made, 3)]
        return {name: rounds[0][name].least(rounds[1][name]) for name in rounds[0]}


def costs_of_one_sale(made: World, flows: list[FlowKey], sku: str) -> dict[tuple[str, FlowKey], Cost]:
    made.sell(sku, 1)
    made.sell_in_store(sku, 1)
    found = {}
    for when in ("sold", "nothing new"):
        for flow in flows:
            with counted(made, flow) as found[when, flow]:
                assert made.run(flow) == "", flow
    return found


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
    cost, engine, statement = Cost(), made.database.engine, ""
    since = made.store.journal.last_number

    def tick() -> int:
        cost.steps_by_statement[statement] += 1
        return 0

    def watch(connection: sqlite3.Connection, *_: Any) -> None:
        connection.set_progress_handler(tick, STEPS_A_TICK)

    def count(_connection: object, _cursor: object, text: str, *_: Any) -> None:
        nonlocal statement
        statement = text
        cost.statements += 1

    listeners = (("checkout", watch), ("before_cursor_execute", count))
    for name, listener in listeners:
        event.listen(engine, name, listener)
    yield cost
    for name, listener in listeners:
        event.remove(engine, name, listener)
    with engine.connect() as connection:
        connection.connection.dbapi_connection.set_progress_handler(None, 0)
    cost.calls = made.store.journal.count("GET", r"/(catalog/products|orders|inventory/items)$", since)
