"""Settings through the API and the command line: chosen, refused, foreseen, confirmed, taken back."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from crossdock.connectors.registry import CONNECTORS
from crossdock.connectors.settings import described
from crossdock.store import tables
from journeys.test_stock import both, live, tracked_skus
from support.asking import IDLE_SHOP, IDLE_STORE, Asking, asking
from support.catalogs import OFF, fill_shop, sold
from support.world import SHOP, STORE, World, world

CATALOG, STOCK = "Process product catalog", "Process inventory information"
SHOP_CATALOG = "Process product catalog updates"


def labels(connector: str, title: str) -> list[str]:
    (found,) = [one for one in described(CONNECTORS[connector].settings_type) if one.title == title]
    return [label for _, label in found.choices]


def test_s32_process_product_catalog_has_exactly_three_options(idle: Asking) -> None:
    three = [
        "Pull updates from BigCommerce product catalog",
        "Push updates to BigCommerce product catalog",
        "Disabled",
    ]

    shown = next(s for s in idle.get(f"/integrations/{STORE}/settings") if s["title"] == CATALOG)
    listed = next(s for s in idle.told("settings", "show", STORE)["bigcommerce"] if s["title"] == CATALOG)

    assert [label for _, label in shown["choices"]] == three
    assert [choice["label"] for choice in listed["choices"]] == three
    assert shown["group"] == "Products"


@pytest.mark.parametrize("way", ["pull", "push"])
def test_s6_products_flow_one_way_and_never_both_at_once(idle: Asking, way: str) -> None:
    idle.send("PUT", "/sources-of-truth", {"catalog": STORE if way == "pull" else "hub"}, confirm=True)

    idle.set(STORE, {CATALOG: way})
    status, why = idle.refused("PATCH", f"/integrations/{STORE}/settings", {CATALOG: ["pull", "push"]})

    assert status == 422
    assert "choose one of" in why
    assert {"pull-products", "push-products"} & idle.on(STORE) == {f"{way}-products"}


@pytest.mark.parametrize("way", ["pull", "push"])
def test_s7_inventory_flows_one_way_and_never_both_at_once(idle: Asking, way: str) -> None:
    idle.send("PUT", "/sources-of-truth", {"inventory": STORE if way == "pull" else "hub"}, confirm=True)

    idle.told("settings", "set", STORE, f"{STOCK}={way}")
    why = idle.said("settings", "set", STORE, f"{STOCK}=[pull, push]")

    assert "choose one of" in why
    assert {"pull-inventory", "push-inventory"} & idle.on(STORE) == {f"{way}-inventory"}


def test_s36_only_one_of_the_three_is_active_at_any_time(of_the_hub: Asking) -> None:
    three = dict(zip(labels("bigcommerce", CATALOG), ("pull-products", "push-products", ""), strict=True))
    for label, flow in reversed(three.items()):
        owner = STORE if flow == "pull-products" else "hub"
        of_the_hub.set(STORE, {"products": "disabled"})
        of_the_hub.send("PUT", "/sources-of-truth", {"catalog": owner}, confirm=True)

        of_the_hub.set(STORE, {CATALOG: label})

        running = {"pull-products", "push-products"} & of_the_hub.on(STORE)
        assert running == ({flow} if flow else set())


def test_s56_the_direction_that_was_chosen_is_the_one_that_runs(
    small_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = small_world
    ask = asking(made, monkeypatch, store=IDLE_STORE, shop=IDLE_SHOP)
    ask.set(STORE, {CATALOG: "Pull updates from BigCommerce product catalog"})

    made.sync()

    assert ran(made) == {f"{STORE}/pull-products"}
    assert len(made.rows(tables.product)) == len(made.store.store.products)

    ask.set(STORE, {"products": "disabled"})
    ask.send("PUT", "/sources-of-truth", {"catalog": "hub"}, confirm=True)
    ask.set(STORE, {CATALOG: "Push updates to BigCommerce product catalog"})
    made.sync()

    assert ran(made) == {f"{STORE}/pull-products", f"{STORE}/push-products"}
    assert ask.on(STORE) & {"pull-products", "push-products"} == {"push-products"}


def ran(made: World) -> set[str]:
    """The flows of products that had a run since the hub began."""
    return {row.flow for row in made.rows(tables.run) if "products" in row.flow}


def test_s29_disabled_stops_products_both_ways_and_nothing_else(
    small_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = live(small_world)
    ask = Asking(made, monkeypatch)
    before = ask.on(SHOP)

    ask.set(SHOP, {SHOP_CATALOG: "Disabled"})

    assert before - ask.on(SHOP) == {"push-products"}
    assert "pull-products" not in ask.on(SHOP)
    listed = {product.id for product in made.shop.shop.tables.products.values()}
    [sku] = tracked_skus(made)
    stocked = both(made, sku)[0]
    made.create_in_store(name="Not for the shop", sku="NEW-1", price="9", stock=3)
    sale = made.sell(sku, 2)
    made.act(f"{made.store_address}/_sim/stock", {"sku": sku, "quantity": 30})
    for _ in range(2):
        made.sync()

    assert {product.id for product in made.shop.shop.tables.products.values()} == listed
    assert sale["id"] in {row.channel_id for row in made.rows(tables.order)}
    in_store, in_shop = both(made, sku)
    assert in_store == in_shop != stocked - 2


@pytest.mark.parametrize(
    ("name", "label"), [(STORE, "Pull orders from BigCommerce"), (SHOP, "Pull orders from TikTok Shop")]
)
def test_s59_the_orders_pull_is_switched_independently(
    small_world: World, monkeypatch: pytest.MonkeyPatch, name: str, label: str
) -> None:
    ask = asking(small_world, monkeypatch)
    main = {"pull-orders", "pull-products", "push-products", "pull-inventory", "push-inventory"}
    before = ask.on(name) & main

    ask.told("settings", "set", name, f"{label}=false")
    without = ask.on(name) & main
    ask.set(name, {label: True})

    assert before - without == {"pull-orders"}
    assert ask.on(name) & main == before


def test_s59_orders_come_in_while_they_are_pulled_and_not_otherwise(
    small_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = live(small_world)
    ask = Asking(made, monkeypatch)
    [sku] = tracked_skus(made)
    ask.set(STORE, {"Pull orders from BigCommerce": False})

    made.sell_in_store(sku, 1)
    made.sell(sku, 1)
    made.sync()
    assert {row.integration for row in made.rows(tables.order)} == {SHOP}

    ask.set(STORE, {"Pull orders from BigCommerce": True})
    made.sync()
    assert {row.integration for row in made.rows(tables.order)} == {SHOP, STORE}


def test_s62_the_location_pull_can_be_enabled(idle: Asking) -> None:
    assert "pull-locations" not in idle.on(STORE)

    idle.told("settings", "set", STORE, "Pull locations from BigCommerce=true")

    assert "pull-locations" in idle.on(STORE)


def test_s37_a_change_of_direction_with_products_on_both_sides_is_counted_and_needs_confirmation(
    small_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = small_world
    simple = next(p for p in made.store.store.products.values() if p.sku and len(p.variants) == 1)
    fill_shop(made, [sold("Only on TikTok Shop", "EXTRA"), sold("On both", simple.sku)])
    ask = asking(made, monkeypatch, shop=OFF)
    made.sync()
    writes, before = made.writes(), ask.values(SHOP)
    created = len(made.store.store.products) - 1

    status, why = ask.refused("PATCH", f"/integrations/{SHOP}/settings", {"products": "push"})
    said = ask.said("settings", "set", SHOP, "products=push")
    foreseen = ask.send("POST", f"/integrations/{SHOP}/settings/preview", {"products": "push"})

    assert status == 409
    for each in (why, said):
        assert f"1 products would be linked, {created} created" in each
        assert "duplicates can arise" in each
    (move,) = foreseen["effect"]["catalog"]
    assert (move["preview"]["linked"], move["preview"]["created"]) == (1, created)
    assert move["preview"]["only_on_target"] == 1
    assert foreseen["effect"]["starts"] == [f"{SHOP}/push-products"]
    assert (made.writes(), ask.values(SHOP)) == (writes, before)

    ask.told("settings", "set", SHOP, "products=push", "--yes")
    assert "push-products" in ask.on(SHOP)


def test_a_catalog_that_was_never_read_is_read_before_its_change_is_counted(
    small_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = small_world
    fill_shop(made, [sold("Only on TikTok Shop", "EXTRA")])
    ask = asking(made, monkeypatch, shop=IDLE_SHOP)
    made.sync()
    assert not made.rows(tables.listing, tables.listing.c.integration == SHOP)

    status, why = ask.refused("PATCH", f"/integrations/{SHOP}/settings", {"products": "push"})

    assert status == 409
    assert f"0 products would be linked, {len(made.store.store.products)} created" in why


def test_a_first_declaration_goes_through_without_anybody_confirming(
    small_world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ask = Asking(small_world, monkeypatch)
    file = tmp_path / "hub.yaml"
    file.write_text(yaml.safe_dump(small_world.spec().model_dump(mode="json", exclude_none=True)))

    foreseen = ask.told("apply", str(file), "--dry-run")
    ask.told("apply", str(file))

    assert foreseen["effect"]["confirmations"] == []
    assert f"{SHOP}/push-products" in foreseen["effect"]["starts"]
    assert "push-products" in ask.on(SHOP)


def test_s73_a_shop_outside_us_and_uk_offers_no_working_push_and_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with world(tmp_path, region="DE", products=4) as made:
        made.act(f"{made.store_address}/_sim/switches", {"currency": "EUR"})
        ask = asking(made, monkeypatch, shop=OFF)

        status, why = ask.refused("PATCH", f"/integrations/{SHOP}/settings", {"products": "push"})
        said = ask.said("settings", "set", SHOP, f"{SHOP_CATALOG}=push", "--confirm")

        assert status == 422
        for each in (why, said):
            assert "region DE" in each
            assert "maintain the catalog in TikTok Shop" in each
        assert "push-products" not in ask.on(SHOP)
        assert ask.values(SHOP)["products"] == "disabled"


def test_s14_elsewhere_orders_and_inventory_sync_all_the_same(tmp_path: Path) -> None:
    with world(tmp_path, region="DE", products=4) as made:
        made.act(f"{made.store_address}/_sim/switches", {"currency": "EUR"})
        stock = made.store_stock()
        sku = next(p.sku for p in made.store.store.products.values() if len(p.variants) == 1 and p.sku)
        fill_shop(made, [sold("Sold there", sku)])
        made.connect(shop=OFF)
        made.sync()
        assert made.shop_stock() == {sku: stock[sku]}

        made.sell(sku, 1)
        made.sync()

        assert len(made.rows(tables.order)) == 1
        assert (made.store_stock()[sku], made.shop_stock()[sku]) == (stock[sku] - 1, stock[sku] - 1)


def test_the_effect_of_a_change_is_said_in_words(idle: Asking) -> None:
    foreseen = idle.send("POST", f"/integrations/{STORE}/settings/preview", {"orders": True})["effect"]
    said = idle.command("settings", "set", STORE, "orders=true", "--dry-run").out

    assert set(foreseen["starts"]) == {f"{STORE}/pull-orders", f"{STORE}/pull-listings"}
    assert any("Orders of store are taken in" in word for word in foreseen["consequences"])
    assert "Orders of store are taken in" in said
    assert idle.on(STORE) == set()
