"""The hub owns stock: its own warehouses are counted by people, and both platforms offer what the hub has."""

from __future__ import annotations

from typing import Any

import pytest

from crossdock.domain.sync import Direction, Entity, FlowKey
from crossdock.operations.catalog import bundles, channel_options
from crossdock.operations.setup import integrations
from crossdock.operations.stock import own_stock
from crossdock.operations.stock.own_stock import RecordChange
from crossdock.operations.task import HUB, Task
from crossdock.store import tables
from crossdock_simulators.kit import Fault
from journeys.test_catalog import COMPLETE
from journeys.test_stock import assert_ledger_adds_up
from support.catalogs import sync_fully
from support.world import SHOP, STORE, World

MAIN, ANNEX = "Main warehouse", "Annex"
OWNED = {"catalog": STORE, "inventory": HUB}
PLACES = [
    {"location": MAIN, "integration": HUB, "code": "MAIN", "default": True},
    {"location": ANNEX, "integration": HUB},
]
ABSOLUTE = r"/inventory/adjustments/absolute$"


@pytest.fixture
def owned(small_world: World) -> World:
    return own(small_world)


def own(made: World, *, store: dict[str, Any] | None = None, shop: dict[str, Any] | None = None) -> World:
    """Everything listed and live; every SKU that anybody counts has 20 units in the main warehouse and 5 in the annex."""
    settings = {"store": {"inventory": "push"} | (store or {}), "shop": COMPLETE | (shop or {})}

    def make() -> None:
        made.connect(**settings, sources_of_truth=OWNED, locations=PLACES)
        made.sync()
        for sku in counted_skus(made):
            count(made, sku, 20, MAIN)
            count(made, sku, 5, ANNEX)
        sync_fully(made)

    made.begin(("own", settings), make)
    return made


def counted_skus(made: World) -> list[str]:
    variant = tables.variant
    return sorted(row.sku for row in made.rows(variant, variant.c.is_stock_tracked, ~variant.c.is_removed))


def count(made: World, sku: str, units: int, place: str = MAIN) -> None:
    change(made, sku, RecordChange(on_hand=units), place)


def change(made: World, sku: str, wanted: RecordChange, place: str = MAIN) -> None:
    with made.database.serial() as tx:
        own_stock.change(tx, task(made, tx), sku, place, wanted)


def task(made: World, tx: Any, integration: str = HUB) -> Task:
    hub = made.hub
    return Task(integration, hub.clock(), hub.cipher, truth=integrations.truth(tx), actor="tester")


def simple_skus(made: World, number: int = 1) -> list[str]:
    """SKUs with a record of their own in the store, and listed in the shop."""
    shop, store = made.shop_stock(), default_stock(made)
    found = [sku for sku in counted_skus(made) if shop.get(sku) == 25 and store.get(sku) == 25]
    assert len(found) >= number, "the seeded merchant has too few products for this test"
    return found[:number]


def default_stock(made: World) -> dict[str, int]:
    """Units on hand per SKU at the store's default location."""
    state = made.http.get(f"{made.store_address}/_sim/state").json()
    return {row["sku"]: row["onhand"] for row in state["stock"] if row["location_id"] == 1}


def both(made: World, sku: str) -> tuple[int, int]:
    """What BigCommerce and TikTok Shop would still sell."""
    return default_stock(made)[sku], made.shop_stock()[sku]


def on_shelf(made: World, sku: str) -> tuple[int, int]:
    """On hand and committed in the hub, over its own locations."""
    [variant] = made.rows(tables.variant, tables.variant.c.sku == sku)
    levels = made.rows(tables.level, tables.level.c.variant_id == variant.id)
    return sum(row.on_hand for row in levels), sum(row.committed for row in levels)


def configure(made: World, **settings: Any) -> None:
    """Change settings of the store or the shop, the others as they were."""
    store = {"inventory": "push"} | settings.pop("store", {})
    shop = COMPLETE | settings.pop("shop", {})
    made.hub.apply(made.spec(store=store, shop=shop, sources_of_truth=OWNED, locations=PLACES))


def test_s58_hub_quantities_are_written_to_bigcommerce_and_follow_each_change(owned: World) -> None:
    [sku] = simple_skus(owned)
    assert both(owned, sku) == (25, 25)

    count(owned, sku, 7)
    owned.sync()

    assert both(owned, sku) == (12, 12)


def test_s55_without_a_specific_location_the_total_of_all_locations_is_pushed(owned: World) -> None:
    [sku] = simple_skus(owned)

    count(owned, sku, 1, ANNEX)
    owned.sync()

    assert both(owned, sku) == (21, 21)


def test_s54_with_a_specific_location_no_other_changes_the_number(owned: World) -> None:
    [sku] = simple_skus(owned)
    configure(owned, store={"inventory_location": ANNEX})
    owned.sync()
    assert both(owned, sku) == (5, 25)

    count(owned, sku, 99, MAIN)
    owned.sync()
    assert both(owned, sku) == (5, 104)

    count(owned, sku, 3, ANNEX)
    owned.sync()
    assert both(owned, sku) == (3, 102)


def test_orders_of_both_platforms_commit_and_lower_the_other_exactly_once(owned: World) -> None:
    [sku] = simple_skus(owned)

    owned.sell(sku, 2)
    owned.sell_in_store(sku, 3)
    for _ in range(3):
        owned.sync()

    assert both(owned, sku) == (20, 20)
    assert on_shelf(owned, sku) == (25, 5)
    assert owned.rows(tables.sale_report) == []
    assert_ledger_adds_up(owned)


def test_a_cancellation_on_either_platform_gives_back_what_its_sale_took(owned: World) -> None:
    [sku] = simple_skus(owned)
    on_shop, in_store = owned.sell(sku, 2, on_hold=True), owned.sell_in_store(sku, 3)
    owned.sync()

    owned.act(f"{owned.shop_address}/_sim/orders/{on_shop['id']}/cancel", {})
    owned.act(f"{owned.store_address}/_sim/orders/{in_store['id']}/cancel", {})
    for _ in range(3):
        owned.sync()

    assert both(owned, sku) == (25, 25)
    assert on_shelf(owned, sku) == (25, 0)


@pytest.mark.parametrize("behaviour", ["order_placed", "order_completed_or_shipped"])
def test_bigcommerce_would_sell_what_is_free_whenever_it_takes_its_orders_off(
    small_world: World, behaviour: str
) -> None:
    small_world.act(f"{small_world.store_address}/_sim/switches", {"update_stock_behavior": behaviour})
    made = own(small_world)
    [sku] = simple_skus(made)

    order = made.sell_in_store(sku, 4)
    made.sync()
    assert both(made, sku) == (21, 21)

    made.act(f"{made.store_address}/_sim/orders/{order['id']}/status", {"status_id": 2})
    for _ in range(2):
        made.sync()
    assert both(made, sku) == (21, 21)

    count(made, sku, 10)
    made.sync()
    assert both(made, sku)[0] == both(made, sku)[1]


def test_s72_simultaneous_changes_on_both_platforms_leave_what_the_hub_implies(owned: World) -> None:
    """A merchant overwrites stock on both sides while buyers buy and the hub counts: the hub's number wins."""
    [sku] = simple_skus(owned)

    count(owned, sku, 10)
    owned.act(f"{owned.store_address}/_sim/stock", {"sku": sku, "quantity": 77})
    owned.sell_in_store(sku, 1)
    owned.sell(sku, 2)
    owned.run(FlowKey(STORE, Direction.PUSH, Entity.INVENTORY))
    owned.sell_in_store(sku, 1)
    owned.run(FlowKey(SHOP, Direction.PUSH, Entity.INVENTORY))
    owned.sell(sku, 1)
    for _ in range(3):
        owned.sync()

    on_hand, committed = on_shelf(owned, sku)
    assert (on_hand, committed) == (15, 5)
    assert both(owned, sku) == (10, 10)


def test_a_sale_in_the_store_just_before_a_push_is_not_overwritten(owned: World) -> None:
    [sku] = simple_skus(owned)

    owned.sell_in_store(sku, 6)
    count(owned, sku, 19)
    owned.run(FlowKey(STORE, Direction.PUSH, Entity.INVENTORY))

    assert default_stock(owned)[sku] == 18


@pytest.mark.parametrize("kind", ["reset_before", "reset_after", "error_after", "drop_write"])
def test_a_number_whose_answer_was_lost_arrives_all_the_same(owned: World, kind: Any) -> None:
    [sku] = simple_skus(owned)
    owned.store.faults.add(Fault(kind, method="PUT", path=ABSOLUTE))

    count(owned, sku, 8)
    for _ in range(3):
        owned.sync()

    assert both(owned, sku) == (13, 13)
    assert owned.open_cases("silent_refusal") == []


def test_a_forced_resync_looks_at_every_number_once_and_then_only_at_what_changes(owned: World) -> None:
    first, second = simple_skus(owned, 2)
    for sku in (first, second):
        owned.act(f"{owned.store_address}/_sim/stock", {"sku": sku, "quantity": 999})
    owned.sync()
    assert default_stock(owned)[first] == 999

    owned.hub.resync(STORE, Direction.PUSH, Entity.INVENTORY)
    owned.sync()
    assert [default_stock(owned)[sku] for sku in (first, second)] == [25, 25]

    before = owned.store.journal.last_number
    owned.sync(f"{STORE}/push-inventory")
    assert owned.store.journal.last_number == before


def test_an_item_that_is_switched_off_keeps_its_number_until_it_is_switched_on_again(owned: World) -> None:
    [sku] = simple_skus(owned)
    switch(owned, sku, is_synced=False)

    count(owned, sku, 3)
    owned.sync()
    assert both(owned, sku) == (25, 8)

    switch(owned, sku, is_synced=True)
    owned.sync()
    assert both(owned, sku) == (8, 8)


def switch(made: World, sku: str, *, is_synced: bool) -> None:
    with made.database.serial() as tx:
        channel_options.set_synced(tx, task(made, tx, STORE), sku, is_synced=is_synced)


def test_each_channel_has_its_own_percentage_buffer_and_threshold(owned: World) -> None:
    [sku] = simple_skus(owned)
    configure(
        owned,
        store={"inventory_percentage": 50, "inventory_buffer": 2},
        shop={"out_of_stock_below": 10},
    )

    count(owned, sku, 4)
    owned.sync()

    assert both(owned, sku) == (2, 0)


def test_the_last_units_are_shared_out_by_the_guards_of_both_channels(owned: World) -> None:
    [sku] = simple_skus(owned)
    guard = {"last_units_below": 10, "last_units_share": 50}
    configure(owned, store=guard | {"last_units_buffer": 1}, shop=guard)

    count(owned, sku, 5)
    owned.sync()
    assert both(owned, sku) == (10, 10)
    owned.sell(sku, 1)
    for _ in range(2):
        owned.sync()

    assert both(owned, sku) == (3, 4)


def test_a_mapped_location_feeds_its_own_location_of_the_store(owned: World) -> None:
    [sku] = simple_skus(owned)
    other = next(number for number in owned.store.store.locations if number != 1)

    configure(owned, store={"warehouse_map": {ANNEX: str(other)}, "locations": True})
    owned.sync()

    state = owned.http.get(f"{owned.store_address}/_sim/state").json()
    shown = {row["location_id"]: row["onhand"] for row in state["stock"] if row["sku"] == sku}
    assert (shown[1], shown[other]) == (20, 5)


def test_totals_go_to_the_target_location_and_a_wrong_one_is_waited_for(owned: World) -> None:
    [sku] = simple_skus(owned)
    other = next(number for number in owned.store.store.locations if number != 1)
    name = owned.store.store.locations[other].fields["label"]

    configure(owned, store={"target_location": name})
    owned.sync()
    state = owned.http.get(f"{owned.store_address}/_sim/state").json()
    assert {(row["location_id"]): row["onhand"] for row in state["stock"] if row["sku"] == sku}[other] == 25

    configure(owned, store={"target_location": "Nowhere"})
    owned.sync()
    waiting = owned.rows(
        tables.publication,
        tables.publication.c.integration == STORE,
        tables.publication.c.entity == Entity.INVENTORY,
        tables.publication.c.state == "waiting",
    )
    assert "Nowhere" in waiting[0].message


def test_a_bundle_offers_what_its_components_allow_and_its_orders_take_them(owned: World) -> None:
    bundle, mug = simple_skus(owned, 2)
    with owned.database.serial() as tx:
        bundles.set_components(tx, task(owned, tx), bundle, {mug: 3})
    owned.sync()
    assert both(owned, bundle) == (7, 7)

    owned.sell(bundle, 2)
    owned.sell_in_store(mug, 1)
    for _ in range(3):
        owned.sync()

    assert on_shelf(owned, mug) == (25, 7)
    assert on_shelf(owned, bundle)[1] == 0
    assert both(owned, mug) == (18, 18)
    assert both(owned, bundle) == (5, 5)
    assert_ledger_adds_up(owned)
