"""Somebody else changes what the hub has set: it is found with both values and its cause, and set right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from crossdock.domain.sync import Direction, Entity, FlowKey
from crossdock.operations import drift as book
from crossdock.store import tables
from crossdock_simulators.kit import Fault
from journeys.test_hub_stock import both, count, own, simple_skus
from support.catalogs import CATALOG, empty_store, fill_shop, owned_by_shop, sync_fully
from support.command import Command
from support.world import SHOP, STORE, World

IN_SHOP = FlowKey(SHOP, Direction.PULL, Entity.DRIFT)
IN_STORE = FlowKey(STORE, Direction.PULL, Entity.DRIFT)
STOCK_OF_SHOP = FlowKey(SHOP, Direction.PUSH, Entity.INVENTORY)


@pytest.fixture
def owned(small_world: World) -> World:
    return watched(own(small_world))


def watched(made: World) -> World:
    """Both channels have been looked at once, so that the next look is one of many."""
    for flow in (IN_SHOP, IN_STORE):
        if flow in flows(made):
            assert made.run(flow) == ""
    return made


def flows(made: World) -> list[FlowKey]:
    return [FlowKey.parse(row.key) for row in made.rows(tables.flow, tables.flow.c.is_on)]


def look(made: World, flow: FlowKey, *, is_full: bool = False) -> None:
    if is_full:
        with made.database.serial() as tx:
            book.ask(tx, flow, now=made.hub.clock(), is_full=True)
    assert made.run(flow) == ""


def drift(made: World, *where: Any) -> list[Any]:
    return made.rows(tables.drift, *where)


def told(row: Any) -> tuple[str, str, str, str]:
    return row.field, row.expected, row.shown, row.cause


def test_nothing_that_is_right_is_written_or_noted_and_a_look_is_one_call_of_each_kind(owned: World) -> None:
    shop, store = owned.shop.journal.last_number, owned.store.journal.last_number
    events = len(owned.rows(tables.event))
    writes = owned.writes()

    look(owned, IN_SHOP)
    look(owned, IN_STORE)

    assert owned.shop.journal.count("POST", r"/inventory/search$", shop) == 1
    assert owned.shop.journal.count("POST", r"/products/search$", shop) == 1
    assert len(owned.shop.journal.entries(shop)) == 2
    assert owned.store.journal.count("GET", r"/inventory/items$", store) == 1
    assert len(owned.store.journal.entries(store)) == 1
    assert owned.writes() == writes
    assert drift(owned) == []
    assert len(owned.rows(tables.event)) == events


@pytest.mark.parametrize("flow", [IN_SHOP, IN_STORE], ids=str)
def test_a_number_changed_by_hand_is_found_and_set_right(owned: World, flow: FlowKey) -> None:
    [sku] = simple_skus(owned)
    overwrite(owned, flow.integration, sku, 77)

    look(owned, flow)
    [found] = drift(owned)
    push(owned, flow.integration)

    assert told(found) == ("stock", "25", "77", "changed there")
    assert found.sku == sku
    assert found.repaired_at is None
    assert shown(owned, flow.integration, sku) == 25
    [repaired] = drift(owned)
    assert repaired.repaired_at is not None
    assert repaired.repair == "written again, and read back"
    said = [row.what for row in owned.rows(tables.event, tables.event.c.subject_id == found.record_id)]
    assert any(text.startswith("Drift: ") and "77" in text and "25" in text for text in said)
    assert owned.open_cases("drift") == []


def push(made: World, channel: str) -> None:
    assert made.run(FlowKey(channel, Direction.PUSH, Entity.INVENTORY)) == ""


def overwrite(made: World, channel: str, sku: str, units: int) -> None:
    """As somebody types it in there."""
    if channel == STORE:
        made.act(f"{made.store_address}/_sim/stock", {"sku": sku, "quantity": units})
    else:
        made.act(f"{made.shop_address}/_sim/stock", {"seller_sku": sku, "quantity": units})


def shown(made: World, channel: str, sku: str) -> int:
    return both(made, sku)[0 if channel == STORE else 1]


@pytest.mark.parametrize("flow", [IN_SHOP, IN_STORE], ids=str)
def test_a_sale_that_was_not_read_yet_is_no_drift(owned: World, flow: FlowKey) -> None:
    [sku] = simple_skus(owned)
    sell = owned.sell if flow == IN_SHOP else owned.sell_in_store
    sell(sku, 2)

    look(owned, flow)
    push(owned, SHOP)
    push(owned, STORE)

    assert drift(owned) == []
    assert both(owned, sku) == (23, 23)
    assert len(owned.rows(tables.order)) == 1


def test_a_change_by_hand_beside_a_sale_is_found_too(owned: World) -> None:
    [sku] = simple_skus(owned)
    owned.sell(sku, 2)
    overwrite(owned, SHOP, sku, 90)

    look(owned, IN_SHOP)
    push(owned, SHOP)

    [found] = drift(owned)
    assert told(found) == ("stock", "25", "90", "sold meanwhile")
    assert owned.shop_stock()[sku] == 23


def test_a_number_that_falls_back_to_the_one_before_was_not_kept(owned: World) -> None:
    [sku] = simple_skus(owned)
    count(owned, sku, 7)
    push(owned, SHOP)
    overwrite(owned, SHOP, sku, 25)

    look(owned, IN_SHOP)

    [found] = drift(owned)
    assert told(found) == ("stock", "12", "25", "not kept")


def test_what_drifts_again_after_three_repairs_is_a_case_that_closes_when_it_holds(owned: World) -> None:
    [sku] = simple_skus(owned)
    for units in (70, 71, 72):
        overwrite(owned, SHOP, sku, units)
        look(owned, IN_SHOP)
        push(owned, SHOP)
        assert owned.open_cases("drift") == []

    overwrite(owned, SHOP, sku, 73)
    look(owned, IN_SHOP)
    [case] = owned.open_cases("drift")
    push(owned, SHOP)
    assert owned.shop_stock()[sku] == 25
    assert owned.open_cases("drift")
    look(owned, IN_SHOP)

    assert sku in case.cause
    assert owned.open_cases("drift") == []


def test_where_the_hub_must_not_write_it_is_shown_and_not_set_right(owned: World) -> None:
    [sku] = simple_skus(owned)
    freeze = f"{owned.shop_address}/_sim/products/{product_of(owned, sku).id}/status"
    owned.act(freeze, {"status": "FREEZE"})
    owned.run(FlowKey(SHOP, Direction.PULL, Entity.LISTINGS))
    overwrite(owned, SHOP, sku, 77)

    look(owned, IN_SHOP)
    owned.run(STOCK_OF_SHOP)
    look(owned, IN_SHOP)

    [found] = drift(owned, tables.drift.c.entity == "inventory")
    assert found.left_because == "The listing is frozen"
    assert found.repaired_at is None
    assert owned.shop_stock()[sku] == 77


# Products


def product_of(made: World, sku: str) -> Any:
    products = made.shop.shop.tables.products.values()
    return next(p for p in products if any(each.seller_sku == sku for each in p.content.skus))


def edit_in_seller_center(made: World, sku: str, **what: Any) -> None:
    made.act(f"{made.shop_address}/_sim/products/{product_of(made, sku).id}/edit", what)
    made.approve_all()


def test_a_price_and_a_title_changed_in_seller_center_are_set_right(owned: World) -> None:
    [sku] = simple_skus(owned)
    look(owned, IN_SHOP)
    product = product_of(owned, sku)
    title, price = product.content.title, product.content.skus[0].price
    edit_in_seller_center(owned, sku, title="Cheap!", prices={sku: "0.99"})

    look(owned, IN_SHOP)
    found = {row.field: row for row in drift(owned)}
    sync_fully(owned)

    assert told(found["price"]) == ("price", f"{price:.2f} USD", "0.99 USD", "changed there")
    assert told(found["title"]) == ("title", title, "Cheap!", "changed there")
    after = product_of(owned, sku).content
    assert (after.title, after.skus[0].price) == (title, price)
    assert all(row.repaired_at is not None for row in drift(owned))


def test_a_price_that_was_confirmed_and_dropped_is_found_and_sent_again(owned: World) -> None:
    [sku] = simple_skus(owned)
    look(owned, IN_SHOP)
    number = next(p.id for p in owned.store.store.products.values() if p.sku == sku)
    owned.shop.faults.add(Fault("drop_write", path=r"/prices/update$"))
    owned.act(f"{owned.store_address}/_sim/products/{number}", {"price": 77.5})
    sync_fully(owned)

    look(owned, IN_SHOP)
    [found] = drift(owned)
    sync_fully(owned)

    assert (found.field, found.expected, found.cause) == ("price", "77.50 USD", "not kept")
    assert str(product_of(owned, sku).content.skus[0].price) == "77.50"


def test_a_product_deactivated_by_hand_is_shown_and_stays_so(owned: World) -> None:
    [sku] = simple_skus(owned)
    product = product_of(owned, sku)
    owned.act(f"{owned.shop_address}/_sim/products/{product.id}/status", {"status": "SELLER_DEACTIVATED"})

    look(owned, IN_SHOP)
    owned.sync()
    look(owned, IN_SHOP)

    [found] = drift(owned, tables.drift.c.entity == "products")
    assert (found.field, found.expected, found.shown) == ("listed", "listed", "not listed")
    assert "Seller Center" in found.left_because
    assert found.repaired_at is None


def test_a_product_deleted_on_the_platform_is_found_and_listed_anew(owned: World) -> None:
    [sku] = simple_skus(owned)
    owned.act(f"{owned.shop_address}/_sim/products/{product_of(owned, sku).id}/status", {"status": "DELETED"})

    look(owned, IN_SHOP)
    gone = drift(owned, tables.drift.c.entity == "products")
    for _ in range(2):
        sync_fully(owned)
    look(owned, IN_SHOP)

    assert [told(row)[2:] for row in gone] == [("", "gone")]
    assert shown(owned, SHOP, sku) == 25
    assert all(row.repaired_at is not None for row in drift(owned))


# BigCommerce as the one that products are pushed to


@pytest.fixture
def listed(small_world: World) -> World:
    """The shop's catalog is pushed to an empty store."""

    def make() -> None:
        fill_shop(small_world, CATALOG)
        empty_store(small_world)
        small_world.connect(**owned_by_shop(small_world))
        for _ in range(2):
            sync_fully(small_world)

    small_world.begin("listed", make)
    return watched(small_world)


def in_store(made: World, sku: str) -> Any:
    return next(p for p in made.store.store.products.values() if p.sku == sku)


def test_price_name_and_sale_price_changed_in_the_control_panel_are_set_right(listed: World) -> None:
    look(listed, IN_STORE)
    since = listed.store.journal.last_number
    product = in_store(listed, "PAN")
    listed.act(
        f"{listed.store_address}/_sim/products/{product.id}",
        {"price": 1, "sale_price": 0.5, "name": "Nearly free pan"},
    )

    look(listed, IN_STORE)
    found = {row.field: told(row)[1:3] for row in drift(listed)}
    assert listed.store.journal.count("GET", r"/catalog/products$", since) == 1
    listed.sync()

    assert found == {
        "title": ("Iron pan", "Nearly free pan"),
        "price": ("45.00 USD", "1.00 USD"),
        "sale price": ("none", "0.50 USD"),
    }
    after = listed.in_store("GET", f"catalog/products/{product.id}")
    assert (after["name"], after["price"], after["sale_price"] or 0) == ("Iron pan", 45, 0)
    assert all(row.repaired_at is not None for row in drift(listed))


def test_a_product_deleted_in_the_store_is_found_and_created_anew(listed: World) -> None:
    product = in_store(listed, "PAN")
    listed.http.delete(
        f"{listed.store_credentials()['api_path']}catalog/products/{product.id}",
        headers={"X-Auth-Token": listed.store.credentials["access_token"]},
    ).raise_for_status()
    look(listed, IN_STORE, is_full=True)
    for _ in range(2):
        listed.sync()

    [row] = drift(listed)
    assert row.cause == "gone"


# On demand


def test_a_person_looks_and_sees_what_drifts(owned: World, command: Callable[[World], Command]) -> None:
    crossdock = command(owned)
    [sku] = simple_skus(owned)
    overwrite(owned, SHOP, sku, 77)

    done = crossdock.apart("reconcile", SHOP, "--full", "--json")
    listed = crossdock("drift", "--all", "--json").json()["items"]

    assert done.code == 0, done.err
    assert done.json()["drift"] == []
    assert [(each["sku"], each["expected"], each["shown"]) for each in listed] == [(sku, "25", "77")]
    assert owned.shop_stock()[sku] == 25
    assert crossdock("drift").out.strip()
    why = crossdock("explain", "sku", sku).out
    assert "Last looked at" in why
    assert "77 shown instead of 25" in why
