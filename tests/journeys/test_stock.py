"""Stock on both platforms stays right: each sale lowers the other side once, whatever goes wrong meanwhile."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from crossdock.connectors.bigcommerce.settings import BigCommerceSettings
from crossdock.connectors.settings import described
from crossdock.domain.sync import Direction, Entity, FlowKey
from crossdock.operations.views import views
from crossdock.store import tables
from crossdock_simulators.kit import Fault
from journeys.test_catalog import COMPLETE, ready
from support.catalogs import sync_fully
from support.world import SHOP, STORE, World, world

ADJUSTMENTS = r"/inventory/adjustments/relative$"


@pytest.fixture
def selling(any_world: World) -> World:
    """Everything listed, live and equal on both sides; on both databases."""
    return live(any_world)


@pytest.fixture
def live_world(small_world: World) -> World:
    return live(small_world)


def live(made: World, **settings: Any) -> World:
    """Everything listed, live and equal on both sides, in a world just opened."""

    def make() -> None:
        ready(made, **settings)
        sync_fully(made)

    made.begin(("live", settings), make)
    return made


def tracked_skus(made: World, count: int = 1, *, at_least: int = 6) -> list[str]:
    """SKUs with stock on both sides that nobody but the tests touches."""
    store, shop = made.store_stock(), made.shop_stock()
    found = [sku for sku, units in sorted(shop.items()) if store.get(sku) == units and units >= at_least]
    assert len(found) >= count, "the seeded merchant has too little stock for this test"
    return found[:count]


def both(made: World, sku: str) -> tuple[int, int]:
    return made.store_stock()[sku], made.shop_stock()[sku]


def reports(made: World) -> list[tuple[int, str]]:
    return [(row.quantity, row.state) for row in made.rows(tables.sale_report)]


def adjustments(made: World) -> int:
    """How many relative adjustments the store was asked for, answered or not."""
    return made.store.journal.count("POST", ADJUSTMENTS)


def assert_ledger_adds_up(made: World) -> None:
    sums: dict[tuple[str, str], tuple[int, int]] = {}
    for row in made.rows(tables.movement):
        on_hand, committed = sums.get((row.variant_id, row.location_id), (0, 0))
        sums[row.variant_id, row.location_id] = (on_hand + row.on_hand, committed + row.committed)
    for row in made.rows(tables.level):
        assert (row.on_hand, row.committed) == sums.get((row.variant_id, row.location_id), (0, 0))
        assert row.committed >= 0


def test_s105_hub_inventory_is_pushed_to_tiktok_shop_for_linked_skus(selling: World) -> None:
    store, shop = selling.store_stock(), selling.shop_stock()
    linked = [
        row.channel_sku
        for row in selling.rows(tables.listing)
        if row.integration == SHOP and row.variant_id and row.channel_sku in store
    ]

    assert linked
    assert {sku: shop[sku] for sku in linked} == {sku: store[sku] for sku in linked}


def test_a_stock_count_in_the_store_reaches_tiktok_shop(selling: World) -> None:
    [sku] = tracked_skus(selling)

    selling.act(f"{selling.store_address}/_sim/stock", {"sku": sku, "quantity": 3})
    selling.sync()

    store, shop = both(selling, sku)
    assert shop == store


def test_s57_with_the_pull_bigcommerce_quantities_become_the_hubs(selling: World) -> None:
    [sku] = tracked_skus(selling)
    setting = next(s for s in described(BigCommerceSettings) if s.title == "Process inventory information")
    assert "Pull inventory information from BigCommerce" in dict(setting.choices).values()

    selling.act(f"{selling.store_address}/_sim/stock", {"sku": sku, "quantity": 4})
    selling.sync()

    with selling.database.reading() as tx:
        [shown] = views.inventory(tx, search=sku).items
    assert shown.on_hand == selling.store_stock()[sku]


def test_s72_simultaneous_changes_on_both_platforms_leave_what_the_store_implies(selling: World) -> None:
    """Somebody overwrites TikTok Shop's number while buyers buy and the store counts: the store's number wins."""
    [sku] = tracked_skus(selling)
    written_in_store = selling.writes()[0]

    selling.act(f"{selling.shop_address}/_sim/stock", {"seller_sku": sku, "quantity": 77})
    selling.act(f"{selling.store_address}/_sim/stock", {"sku": sku, "quantity": 30})
    selling.sell(sku, 2)
    selling.run(FlowKey(STORE, Direction.PULL, Entity.INVENTORY))
    selling.sell_in_store(sku, 1)
    selling.run(FlowKey(SHOP, Direction.PUSH, Entity.INVENTORY))
    selling.sell(sku, 1)
    counted = selling.store_stock()[sku]
    for _ in range(3):
        selling.sync()

    assert both(selling, sku) == (counted - 3, counted - 3)
    assert selling.writes()[0] - written_in_store <= 2, "nothing but the report of what TikTok Shop sold"
    assert_ledger_adds_up(selling)


def test_s114_a_sale_on_either_platform_lowers_the_other_exactly_once(selling: World) -> None:
    on_shop, in_store = tracked_skus(selling, 2)
    before = both(selling, on_shop), both(selling, in_store)

    selling.sell(on_shop, 2)
    selling.sell_in_store(in_store, 3)
    for _ in range(3):
        selling.sync()

    assert both(selling, on_shop) == (before[0][0] - 2, before[0][1] - 2)
    assert both(selling, in_store) == (before[1][0] - 3, before[1][1] - 3)
    assert adjustments(selling) == 1
    assert_ledger_adds_up(selling)


def test_s114_a_sale_lowers_the_other_exactly_once_when_the_order_is_created_in_bigcommerce_too(
    small_world: World,
) -> None:
    made = live(small_world, store={"sales_report": "order"})
    [sku] = tracked_skus(made)
    before = both(made, sku)

    order = made.sell(sku, 2)
    for _ in range(3):
        made.sync()

    created = [
        one for one in made.store.store.orders.values() if one.fields.get("external_order_id") == order["id"]
    ]
    assert both(made, sku) == (before[0] - 2, before[1] - 2)
    assert len(created) == 1
    assert adjustments(made) == 0
    assert [row.number for row in made.rows(tables.order, tables.order.c.copy_of.is_(None))] == [order["id"]]
    assert_ledger_adds_up(made)


def test_a_canceled_sale_cancels_the_order_that_was_created_for_it_once(small_world: World) -> None:
    made = live(small_world, store={"sales_report": "order"})
    [sku] = tracked_skus(made)
    before = both(made, sku)
    order = made.sell(sku, 2, on_hold=True)
    made.sync()
    made.store.faults.add(Fault("reset_after", method="PUT", path=r"/v2/orders/"))

    made.act(f"{made.shop_address}/_sim/orders/{order['id']}/cancel", {})
    for _ in range(4):
        made.sync()

    [created] = made.store.store.orders.values()
    assert created.status_id == 5
    assert both(made, sku) == before
    assert {row.state for row in made.rows(tables.sale_report)} == {"seen"}
    assert_ledger_adds_up(made)


@pytest.mark.parametrize("kind", ["reset_before", "reset_after", "error_after", "truncate"])
def test_an_order_whose_creation_got_no_answer_is_looked_for_and_never_created_twice(
    small_world: World, kind: Any
) -> None:
    made = live(small_world, store={"sales_report": "order"})
    [sku] = tracked_skus(made)
    before = both(made, sku)
    made.store.faults.add(Fault(kind, method="POST", path=r"/v2/orders$"))

    made.sell(sku, 2)
    for _ in range(4):
        made.sync()

    assert len(made.store.store.orders) == 1
    assert both(made, sku) == (before[0] - 2, before[1] - 2)


def test_a_cancellation_gives_back_what_its_sale_took_once(selling: World) -> None:
    [sku] = tracked_skus(selling)
    before = both(selling, sku)
    order = selling.sell(sku, 2, on_hold=True)
    selling.sync()

    selling.act(f"{selling.shop_address}/_sim/orders/{order['id']}/cancel", {})
    for _ in range(3):
        selling.sync()

    assert both(selling, sku) == before
    assert_ledger_adds_up(selling)


def test_a_sale_canceled_before_it_was_reported_never_reaches_the_store(live_world: World) -> None:
    [sku] = tracked_skus(live_world)
    before = both(live_world, sku)
    order = live_world.sell(sku, 2, on_hold=True)
    read_orders = FlowKey(SHOP, Direction.PULL, Entity.ORDERS)
    live_world.run(read_orders)

    live_world.act(f"{live_world.shop_address}/_sim/orders/{order['id']}/cancel", {})
    live_world.run(read_orders)
    live_world.sync()

    assert adjustments(live_world) == 0
    assert both(live_world, sku) == before


def test_an_unpaid_order_reserves_stock_and_is_not_shown_as_an_order(live_world: World) -> None:
    [sku] = tracked_skus(live_world)
    before = both(live_world, sku)

    live_world.sell(sku, 1, paid=False)
    live_world.sync()

    rows = live_world.rows(tables.order)
    assert [row.is_reservation for row in rows] == [True]
    assert both(live_world, sku) == (before[0] - 1, before[1] - 1)


def test_s64_an_order_fulfilled_by_tiktok_enters_as_fulfilled(live_world: World) -> None:
    [sku] = tracked_skus(live_world)
    stock_at_tiktok(live_world, sku)

    live_world.sell(sku, 1, fulfillment_type="FULFILLMENT_BY_TIKTOK")
    live_world.sync()

    [row] = live_world.rows(tables.order)
    assert (row.status, row.fulfilled_by) == ("Fulfilled", "platform_warehouse")


def test_s65_an_order_shipped_by_the_platform_service_enters_as_fulfilled(live_world: World) -> None:
    [sku] = tracked_skus(live_world)

    live_world.sell(sku, 1, shipping_type="TIKTOK")
    live_world.sync()

    [row] = live_world.rows(tables.order)
    assert (row.status, row.fulfilled_by) == ("Fulfilled", "platform_label")


def test_s66_an_order_that_enters_as_fulfilled_makes_no_shipping_request(live_world: World) -> None:
    skus = tracked_skus(live_world, 2)
    stock_at_tiktok(live_world, skus[0])
    writes = live_world.writes()

    live_world.sell(skus[0], 1, fulfillment_type="FULFILLMENT_BY_TIKTOK")
    live_world.sell(skus[1], 1, shipping_type="TIKTOK")
    live_world.sync()

    shipping = [
        entry for entry in live_world.shop.journal.entries() if entry.path.startswith("/fulfillment/")
    ]
    assert not shipping
    assert not any("/shipments" in entry.path for entry in live_world.store.journal.entries())
    assert live_world.writes()[0] == writes[0] + 1, "only the report of the sale may be written"


def test_s113_goods_from_a_merchant_location_lower_stock_once_and_goods_from_tiktoks_never(
    live_world: World,
) -> None:
    with_label, from_warehouse = tracked_skus(live_world, 2)
    before = both(live_world, with_label), live_world.store_stock()[from_warehouse]

    stock_at_tiktok(live_world, from_warehouse)
    live_world.sell(with_label, 2, shipping_type="TIKTOK")
    live_world.sell(from_warehouse, 2, fulfillment_type="FULFILLMENT_BY_TIKTOK")
    for _ in range(3):
        live_world.sync()

    assert both(live_world, with_label) == (before[0][0] - 2, before[0][1] - 2)
    assert live_world.store_stock()[from_warehouse] == before[1]
    assert_ledger_adds_up(live_world)


def stock_at_tiktok(made: World, sku: str, units: int = 10) -> None:
    """Units of the SKU in TikTok's own warehouse."""
    place = next(one.id for one in made.shop.shop.warehouses.values() if one.fbt_id)
    made.act(f"{made.shop_address}/_sim/stock", {"seller_sku": sku, "quantity": units, "warehouse_id": place})


def test_buffers_and_maps_shape_the_number(tmp_path: Path) -> None:
    with world(tmp_path) as made:
        live(made, shop=COMPLETE | {"inventory_buffer": 2})
        store, shop = made.store_stock(), made.shop_stock()
        linked = [sku for sku in shop if sku in store]
        assert linked
        assert {sku: shop[sku] for sku in linked} == {sku: max(0, store[sku] - 2) for sku in linked}


@pytest.mark.parametrize("excluded", [{"excluded": True}, {"excluded_for": [SHOP]}])
def test_an_excluded_location_does_not_count_and_none_left_means_zero(
    small_world: World, excluded: dict[str, Any]
) -> None:
    made = live(small_world)
    places = [row.id for row in made.rows(tables.location, tables.location.c.integration == STORE)]

    made.hub.apply(made.spec(shop=COMPLETE, locations=[{"location": place, **excluded} for place in places]))
    made.sync()

    tracked = [sku for sku in made.shop_stock() if sku in made.store_stock()]
    assert tracked
    assert {made.shop_stock()[sku] for sku in tracked} == {0}


def test_stock_is_right_although_locations_are_not_pulled_and_none_is_shown(small_world: World) -> None:
    made = live(small_world, store={"locations": False})
    [sku] = tracked_skus(made)
    before = both(made, sku)

    made.sell(sku, 2)
    made.sync()

    assert both(made, sku) == (before[0] - 2, before[1] - 2)
    with made.database.reading() as tx:
        assert [place for place in views.locations(tx) if place.integration == STORE] == []


def test_a_sale_that_another_system_reports_is_kept_back_until_the_store_shows_it(small_world: World) -> None:
    made = live(small_world, store={"sales_report": "elsewhere"})
    [sku] = tracked_skus(made)
    before = both(made, sku)
    made.sell(sku, 2)
    made.sync()
    assert both(made, sku) == (before[0], before[1] - 2)
    assert [state for _, state in reports(made)] == ["answered"]

    state = made.http.get(f"{made.store_address}/_sim/state").json()["stock"]
    place, units = next(
        (row["location_id"], row["onhand"]) for row in state if row["sku"] == sku and row["onhand"] > 2
    )
    made.act(f"{made.store_address}/_sim/stock", {"sku": sku, "quantity": units - 2, "location_id": place})
    for _ in range(2):
        made.sync()

    assert both(made, sku) == (before[0] - 2, before[1] - 2)
    assert [state for _, state in reports(made)] == ["seen"]
    assert adjustments(made) == 0
