"""What is let through: lists for a first test, a date, and the kinds of order; and full sync once they are cleared."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from crossdock.app import Hub, utc_now
from crossdock.store import tables
from crossdock_simulators.tiktok_shop.seed import load_listings
from journeys.test_catalog import COMPLETE, listing, ready
from journeys.test_stock import both, live, tracked_skus
from support.world import SHOP, STORE, World, world


def settings(made: World, *, store: dict[str, Any] | None = None, shop: dict[str, Any] | None = None) -> None:
    """Change settings as a person would; nothing else is asked of the hub."""
    made.hub.apply(made.spec(store=store, shop=COMPLETE | (shop or {})))


def numbers(made: World, integration: str) -> set[str]:
    return {row.number for row in made.rows(tables.order) if row.integration == integration}


def hub_skus(made: World) -> set[str]:
    return {row.sku for row in made.rows(tables.variant) if not row.is_removed}


def shop_skus(made: World) -> list[str]:
    return sorted(
        sku.seller_sku for product in made.shop.shop.tables.products.values() for sku in product.content.skus
    )


def simple_skus(made: World) -> list[str]:
    """SKUs of the store's products without options."""
    products = sorted(made.store.store.products.values(), key=lambda product: product.id)
    return [product.sku for product in products if len(product.variants) == 1 and product.sku]


def sole_skus(made: World) -> set[str]:
    """SKUs that exactly one variant of the store has: what can become a hub product."""
    store = made.store.store
    # A product without options has its SKU on the product alone.
    named = (one.sku or store.products[one.product_id].sku for one in store.variants.values())
    return {sku for sku, count in Counter(named).items() if sku and count == 1}


@pytest.mark.parametrize("of", [STORE, SHOP])
def test_s50_only_orders_with_the_listed_ids_are_pulled_and_all_of_them_when_it_is_empty(
    small_world: World, of: str
) -> None:
    made = live(small_world)
    [sku] = tracked_skus(made)
    sell = made.sell_in_store if of == STORE else made.sell
    first, second = str(sell(sku)["id"]), str(sell(sku)["id"])
    side = "store" if of == STORE else "shop"

    settings(made, **{side: {"order_ids": [first]}})
    made.sync()
    assert numbers(made, of) == {first}

    settings(made, **{side: {"order_ids": [first, second]}})
    made.sync()
    assert numbers(made, of) == {first, second}

    third = str(sell(sku)["id"])
    made.sync()
    assert third not in numbers(made, of)

    settings(made)
    made.sync()
    assert numbers(made, of) == {first, second, third}
    assert len(made.rows(tables.order)) == 3, "none twice"


def test_clearing_the_order_list_reads_everything_once_and_then_only_changes(small_world: World) -> None:
    made = live(small_world)
    [sku] = tracked_skus(made)
    kept, left_out = made.sell(sku), made.sell(sku)
    settings(made, shop={"order_ids": [kept["id"]]})
    made.sync()
    settings(made)
    made.sync()
    assert numbers(made, SHOP) == {kept["id"], left_out["id"]}

    searches = made.shop.journal.count("POST", r"/orders/search$")
    made.sync()

    assert made.shop.journal.count("POST", r"/orders/search$") == searches + 1


def test_a_date_that_is_moved_back_brings_the_older_orders_and_they_lower_nothing(
    small_world: World,
) -> None:
    """Goods that had left before the hub first looked are in nobody's numbers any more."""
    made = live(small_world, shop=COMPLETE | {"orders": False})
    [sku] = tracked_skus(made)
    old = made.sell(sku, 2)
    made.act(f"{made.shop_address}/_sim/orders/{old['id']}/ship", {})
    # The simulators' clock was put forward, so the hub comes after it.
    made.hub.close()
    made.hub = Hub.open(made.config, clock=lambda: made.shop.shop.now() + timedelta(seconds=1))
    line = (utc_now() + timedelta(hours=1)).isoformat()
    settings(made, shop={"ignore_orders_created_before": line})
    before = made.store_stock()[sku]
    made.sync()
    assert numbers(made, SHOP) == set()

    settings(made)
    made.sync()

    assert numbers(made, SHOP) == {old["id"]}
    assert made.store_stock()[sku] == before


def test_a_kind_that_was_left_out_comes_by_itself_when_the_setting_changes(small_world: World) -> None:
    made = live(small_world, shop=COMPLETE | {"special_orders": "leave_out", "pre_orders": "hold"})
    [sku] = tracked_skus(made)
    replacement = made.sell(sku, replacement=True)
    ahead = made.sell(sku, order_type="MADE_TO_ORDER")
    made.sync()
    [held] = made.rows(tables.order)
    assert (held.number, held.status) == (ahead["id"], "Review Required")

    settings(made, shop={"special_orders": "pull", "pre_orders": "pull"})
    made.sync()

    found = {row.number: row.status for row in made.rows(tables.order)}
    assert found == {replacement["id"]: "Ready For Fulfillment", ahead["id"]: "Review Required"}


def test_drafts_come_in_only_where_they_are_wanted_and_become_orders_when_placed(small_world: World) -> None:
    made = live(small_world)
    [sku] = tracked_skus(made)
    before = both(made, sku)
    draft = made.sell_in_store(sku, 2, status_id=0)
    made.sync()
    assert numbers(made, STORE) == set()

    settings(made, store={"draft_orders": True})
    made.sync()
    [row] = made.rows(tables.order)
    assert (row.number, row.status) == (str(draft["id"]), "Draft")
    assert both(made, sku) == before, "nothing is reserved for it"

    made.act(f"{made.store_address}/_sim/orders/{draft['id']}/status", {"status_id": 11})
    for _ in range(2):
        made.sync()

    [row] = made.rows(tables.order)
    assert row.status == "Ready For Fulfillment"
    assert both(made, sku) == (before[0] - 2, before[1] - 2)


def test_s49_only_products_with_the_listed_skus_are_processed_and_all_of_them_when_it_is_empty(
    small_world: World,
) -> None:
    made = small_world
    first, second = simple_skus(made)[:2]

    ready(made, store={"product_skus": [first]})
    made.sync()
    assert hub_skus(made) == {first}

    settings(made, store={"product_skus": [first, second]})
    made.sync()
    assert hub_skus(made) == {first, second}

    settings(made)
    made.sync()
    assert hub_skus(made) == sole_skus(made)
    assert len(shop_skus(made)) == len(set(shop_skus(made)))


def test_s51_only_the_listed_skus_have_their_stock_processed_and_all_of_them_when_it_is_empty(
    small_world: World,
) -> None:
    made = live(small_world)
    first, second = tracked_skus(made, 2)
    settings(made, shop={"inventory_skus": [first]})
    made.sync()
    for sku in (first, second):
        made.act(f"{made.store_address}/_sim/stock", {"sku": sku, "quantity": 50})
    made.sync()
    shown = made.shop_stock()
    assert shown[first] == made.store_stock()[first]
    assert shown[second] != made.store_stock()[second]

    settings(made)
    made.sync()

    assert made.shop_stock()[second] == made.store_stock()[second]


def test_the_list_of_stock_limits_what_is_read_of_the_store_too(small_world: World) -> None:
    made = live(small_world)
    first, second = tracked_skus(made, 2)
    settings(made, store={"inventory_skus": [first]})
    made.sync()
    for sku in (first, second):
        made.act(f"{made.store_address}/_sim/stock", {"sku": sku, "quantity": 50})
    made.sync()
    assert made.shop_stock()[first] == made.store_stock()[first]
    assert made.shop_stock()[second] != made.store_stock()[second]

    settings(made)
    for _ in range(2):
        made.sync()

    assert made.shop_stock()[second] == made.store_stock()[second]


def test_s74_a_test_with_a_few_records_becomes_full_sync_by_clearing_the_lists_without_duplicates(
    any_world: World,
) -> None:
    made = any_world
    one, other = simple_skus(made)[:2]
    made.connect(
        store={"product_skus": [one], "inventory_skus": [one], "order_ids": ["none-yet"]},
        shop=COMPLETE | {"product_skus": [one], "inventory_skus": [one], "order_ids": ["none-yet"]},
    )
    made.sync()
    made.approve_all()
    made.sync()
    assert (hub_skus(made), shop_skus(made)) == ({one}, [one])
    in_store, in_store_too = made.sell_in_store(one), made.sell_in_store(other)
    on_shop, on_shop_too = made.sell(one), made.sell(one)

    lists = {"product_skus": [one], "inventory_skus": [one]}
    settings(
        made,
        store=lists | {"order_ids": [str(in_store["id"])]},
        shop=lists | {"order_ids": [on_shop["id"]]},
    )
    for _ in range(2):
        made.sync()
    assert numbers(made, STORE) == {str(in_store["id"])}
    assert numbers(made, SHOP) == {on_shop["id"]}

    settings(made)
    for _ in range(2):
        made.sync()
        made.approve_all()
    for _ in range(2):
        made.sync()

    assert hub_skus(made) >= set(simple_skus(made))
    assert len(shop_skus(made)) == len(set(shop_skus(made))) > 1
    assert numbers(made, STORE) == {str(in_store["id"]), str(in_store_too["id"])}
    assert numbers(made, SHOP) == {on_shop["id"], on_shop_too["id"]}
    assert len(made.rows(tables.order)) == 4
    assert both(made, one)[0] == both(made, one)[1], "every sale counted once on both sides"


def test_s14_in_other_regions_orders_and_inventory_still_sync(tmp_path: Path) -> None:
    with world(tmp_path, products=6, region="DE") as made:
        sku = next(sku for sku, units in sorted(made.store_stock().items()) if units > 5)
        load_listings(made.shop.shop, [listing(sku)])
        made.connect(shop={"products": "push"})
        made.approve_all()
        for _ in range(2):
            made.sync()
        assert [case.kind for case in made.open_cases("flow_refused")] == ["flow_refused"]
        assert made.shop_stock()[sku] == made.store_stock()[sku], "its stock is synced"
        before = both(made, sku)

        placed = made.sell(sku, 2)
        for _ in range(2):
            made.sync()

        [order] = [row for row in made.rows(tables.order) if row.integration == SHOP]
        assert (order.number, order.currency) == (placed["id"], "EUR")
        assert both(made, sku) == (before[0] - 2, before[1] - 2)
        assert shop_skus(made) == [sku], "and no product was pushed"
