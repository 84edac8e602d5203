"""Requests are the currency: how many calls a whole catalog, its stock and its orders take, counted at the platforms."""

from __future__ import annotations

from math import ceil
from pathlib import Path

from crossdock.domain.sync import Direction, Entity, FlowKey
from crossdock.store import tables
from journeys.test_catalog import COMPLETE
from support.world import SHOP, STORE, world


def test_a_catalog_costs_one_call_per_250_products_and_stock_one_per_1000_items(tmp_path: Path) -> None:
    with world(tmp_path, products=520) as made:
        made.connect(shop=COMPLETE)
        since = made.store.journal.last_number
        made.sync(STORE)

        journal = made.store.journal
        items = len({row.variant_id for row in made.rows(tables.level)})
        products = journal.count("GET", r"/catalog/products$", since)
        # Two more: the sweep's end, and once per page of items which product each product-tracked one belongs to.
        assert products <= ceil(520 / 250) + 2 + ceil(items / 250)
        assert journal.count("GET", r"/inventory/items$", since) <= ceil(items / 1000) + 1
        assert len(made.rows(tables.product)) == 520


def test_orders_cost_one_call_per_250_and_none_per_order(tmp_path: Path) -> None:
    with world(tmp_path, products=6) as made:
        made.connect(shop=COMPLETE)
        made.sync(STORE)
        sku = made.rows(tables.variant)[0].sku
        for number in range(510):
            made.sell_in_store(sku, 1, oversell=True)
            if number % 10 == 9:  # ten orders a second, where a page of 250 spans many seconds
                made.act(f"{made.store_address}/_sim/clock", {"advance_seconds": 1})
        since = made.store.journal.last_number

        made.run(FlowKey(STORE, Direction.PULL, Entity.ORDERS))

        assert len(made.rows(tables.order)) == 510
        paths = [entry.path for entry in made.store.journal.entries(since) if "/orders" in entry.path]
        assert len(paths) <= ceil(510 / 250) + 1
        assert all(path.endswith("/v2/orders") for path in paths)


def test_tiktok_stock_takes_a_call_per_changed_product_and_one_look_per_600_skus(tmp_path: Path) -> None:
    with world(tmp_path, products=10) as made:
        made.connect(shop=COMPLETE)
        made.sync()
        made.approve_all()
        made.sync()
        products = list(made.store.store.products.values())[:2]
        tracked = made.rows(tables.level)
        sku = next(
            row.sku for row in made.rows(tables.variant) if row.id in {level.variant_id for level in tracked}
        )
        made.act(f"{made.store_address}/_sim/stock", {"sku": sku, "quantity": 1})
        since = made.shop.journal.last_number
        made.sync(STORE)
        made.run(FlowKey(SHOP, Direction.PUSH, Entity.INVENTORY))

        journal = made.shop.journal
        assert products
        assert journal.count("POST", r"/inventory/update$", since) == 1
        assert journal.count("POST", r"/inventory/search$", since) == 1
        assert journal.count("POST", r"/orders/search$", since) == 1
