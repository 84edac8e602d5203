"""Requests are the currency: how many calls a whole catalog, its stock and its orders take, counted at the platforms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import ceil
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from crossdock.connectors.bigcommerce import client, items, stock_push
from crossdock.connectors.bigcommerce.client import PRODUCTS_PAGE
from crossdock.connectors.bigcommerce.client_orders import ORDERS_PAGE
from crossdock.domain.sync import Direction, Entity, FlowKey
from crossdock.operations import publishing
from crossdock.operations.task import HUB
from crossdock.store import tables
from crossdock.sync import lease as leases
from crossdock_simulators.kit.journal import Entry
from journeys.test_catalog import COMPLETE
from journeys.test_hub_stock import ABSOLUTE, count, counted_skus, default_stock, own
from support.world import SHOP, STORE, World, world


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


PULL_PRODUCTS = FlowKey(STORE, Direction.PULL, Entity.PRODUCTS)
PULL_ORDERS = FlowKey(STORE, Direction.PULL, Entity.ORDERS)
CATALOG_ONLY = {
    "store": {"products": "pull", "orders": True, "inventory": "disabled", "locations": False},
    "shop": {"products": "disabled", "orders": False, "inventory": False, "locations": False},
    "sources_of_truth": {"catalog": STORE, "inventory": HUB},
}
KEPT = (
    tables.product,
    tables.variant,
    tables.listing,
    tables.publication,
    tables.event,
    tables.exception_case,
)


def test_a_sweep_is_one_call_a_page_and_one_more_and_writes_nothing_where_nothing_changed(
    tmp_path: Path,
) -> None:
    with world(tmp_path, products=500) as made:
        made.connect(**CATALOG_ONLY)
        first = product_calls(made, PULL_PRODUCTS)
        before = [made.rows(table) for table in KEPT]
        made.hub.resync(STORE, Direction.PULL, Entity.PRODUCTS)

        again = product_calls(made, PULL_PRODUCTS)

        # The last page is full, so that only one more tells that it was the last: 80 + 1 for 20,000 products.
        assert first == again == 500 // PRODUCTS_PAGE + 1
        assert [made.rows(table) for table in KEPT] == before
        assert not made.rows(tables.memory, tables.memory.c.kind.startswith("met:"))


def test_a_change_is_one_call_a_page_of_changes_and_so_is_nothing_new(tmp_path: Path) -> None:
    with world(tmp_path, products=30) as made:
        made.connect(**CATALOG_ONLY)
        made.run(PULL_PRODUCTS)
        made.act(f"{made.store_address}/_sim/clock", {"advance_seconds": 3600})
        for number in list(made.store.store.products)[:10]:
            made.act(f"{made.store_address}/_sim/products/{number}", {"name": f"Renamed {number}"})

        assert product_calls(made, PULL_PRODUCTS) == 1
        titles = [row.title for row in made.rows(tables.product)]
        assert sum(title.startswith("Renamed") for title in titles) == 10
        before = [made.rows(table) for table in KEPT]
        assert product_calls(made, PULL_PRODUCTS) == 1
        assert [made.rows(table) for table in KEPT] == before


def test_an_order_that_was_cut_is_one_call_more_and_no_other_is(tmp_path: Path) -> None:
    with world(tmp_path, products=30) as made:
        made.connect(**CATALOG_ONLY)
        made.run(PULL_PRODUCTS)
        skus = [row.sku for row in made.rows(tables.variant)]
        for number in range(260):
            made.sell_in_store(skus[number % len(skus)], 1, oversell=True)
            made.act(f"{made.store_address}/_sim/clock", {"advance_seconds": 1})
        lines = [{"sku": sku, "quantity": 1} for sku in (skus * 60)[:60]]
        made.act(f"{made.store_address}/_sim/orders", {"lines": lines, "oversell": True})
        since = made.store.journal.last_number

        made.run(PULL_ORDERS)

        assert len(made.rows(tables.order)) == 261
        # 40 + 1 for 10,000 orders.
        assert made.store.journal.count("GET", r"/v2/orders$", since) == 261 // ORDERS_PAGE + 1
        assert made.store.journal.count("GET", r"/v2/orders/\d+/products$", since) == 1


def test_numbers_go_out_as_many_a_call_as_the_platform_takes_and_none_twice(
    small_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = own(small_world)
    skus = counted_skus(made)
    monkeypatch.setattr(stock_push, "ITEMS_A_CALL", 7)
    for sku in skus:
        count(made, sku, 30)
    push = FlowKey(STORE, Direction.PUSH, Entity.INVENTORY)
    since = made.store.journal.last_number

    made.run(push)

    tracked = {one for one in skus if one in default_stock(made)}
    # One location is written for each: 50 calls of 2,000 for 100,000 SKUs.
    assert made.store.journal.count("PUT", ABSOLUTE, since) == ceil(len(tracked) / 7)
    since = made.store.journal.last_number
    with made.database.serial() as tx:
        publishing.mark_all(tx, STORE, Entity.INVENTORY)
    made.run(push)
    assert made.store.journal.count("PUT", ABSOLUTE, since) == 0
    assert made.store.journal.count("GET", r"/inventory/items$", since) == 0


def test_a_change_of_stock_that_an_event_names_costs_the_same_among_few_skus_and_many(tmp_path: Path) -> None:
    few, many = (changed_by_event(tmp_path / str(products), products) for products in (10, 60))

    # Read what changed; read the shop's orders, as more is put up there; write; read back what was written.
    assert few == many == (1, {"orders/search": 1, "inventory/update": 1, "inventory/search": 1})


def changed_by_event(folder: Path, products: int) -> tuple[int, dict[str, int]]:
    """The calls of one change among so many products: those to the store, and those to the shop by their paths."""
    folder.mkdir()
    with world(folder, products=products) as made:
        made.connect(shop=COMPLETE)
        made.sync()
        made.approve_all()
        made.sync()
        tracked = {level.variant_id for level in made.rows(tables.level)}
        sku = next(row.sku for row in made.rows(tables.variant) if row.id in tracked)
        (listing,) = made.rows(
            tables.listing, tables.listing.c.integration == STORE, tables.listing.c.channel_sku == sku
        )
        made.act(f"{made.store_address}/_sim/stock", {"sku": sku, "quantity": 700})
        since = made.store.journal.last_number, made.shop.journal.last_number

        pull, push = (
            FlowKey(STORE, Direction.PULL, Entity.INVENTORY),
            FlowKey(SHOP, Direction.PUSH, Entity.INVENTORY),
        )
        leases.want(made.database, pull, [f"/{listing.channel_id}"], is_hint=True)
        assert made.run(pull) == ""
        assert made.run(push) == ""

        assert made.shop_stock()[sku] == made.store_stock()[sku]
        called = Counter(
            "/".join(entry.path.split("/")[-2:]) for entry in made.shop.journal.entries(since[1])
        )
        to_store = [entry for entry in made.store.journal.entries(since[0]) if "/_sim/" not in entry.path]
        return len(to_store), {path: count for path, count in called.items() if "_sim" not in path}


def test_a_full_push_looks_at_a_page_of_items_a_call_before_it_writes_and_after(
    small_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = own(small_world)
    skus = counted_skus(made)
    for sku in skus:
        count(made, sku, 30)
    listed = len(default_stock(made))
    for module, name, size in (
        (client, "ITEMS_PAGE", 5),
        (items, "ITEMS_PAGE", 5),
        (items, "IDS_PER_CALL", 1),
    ):
        monkeypatch.setattr(module, name, size)
    since = made.store.journal.last_number

    made.run(FlowKey(STORE, Direction.PUSH, Entity.INVENTORY))

    entries = made.store.journal.entries(since)
    write = next(number for number, entry in enumerate(entries) if entry.method == "PUT")
    # 100 + 100 for 100,000 SKUs; what is not shown yet is looked at again after a while.
    pages = list(range(1, ceil(listed / 5) + 1))
    assert pages_of_items(entries[:write]) == pages
    assert pages_of_items(entries[write:])[: len(pages)] == pages


def pages_of_items(entries: Sequence[Entry]) -> list[int]:
    """The pages of the store's list of stock that were asked for."""
    queries = [parse_qs(entry.query) for entry in entries if entry.path.endswith("/inventory/items")]
    return [int(query["page"][0]) for query in queries if "page" in query]


def product_calls(made: World, flow: FlowKey) -> int:
    """How many pages of products a run asks for."""
    since = made.store.journal.last_number
    assert made.run(flow) == ""
    return made.store.journal.count("GET", r"/catalog/products$", since)
