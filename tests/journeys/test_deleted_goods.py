"""A product that is deleted where its stock is counted, while sales of it are still to be told there, holds nothing back."""

from __future__ import annotations

from typing import Any

import pytest

from crossdock.domain.order import OrderStatus
from crossdock.domain.sync import Direction, Entity, FlowKey
from crossdock.store import tables
from crossdock_simulators.bigcommerce.catalog import delete_product
from crossdock_simulators.kit import Fault
from journeys.test_catalog import COMPLETE
from journeys.test_created_orders_under_attack import cancel, created
from journeys.test_stock import ADJUSTMENTS, adjustments, assert_ledger_adds_up, live, reports, tracked_skus
from journeys.test_stock_under_faults import beside_others
from support.canceling import BY_ORDERS
from support.world import SHOP, STORE, World


@pytest.fixture
def live_world(small_world: World) -> World:
    return live(small_world)


def committed(made: World) -> int:
    return sum(row.committed for row in made.rows(tables.level))


def variant_of(made: World, sku: str) -> str:
    [row] = made.rows(tables.variant, tables.variant.c.sku == sku)
    return str(row.id)


def delete_in_store(made: World, sku: str) -> None:
    """The hub hears of it by its next sweep."""
    [row] = made.rows(
        tables.listing, tables.listing.c.integration == STORE, tables.listing.c.channel_sku == sku
    )
    delete_product(made.store.store, made.store.store.products[int(row.product_channel_id)])
    made.hub.resync(STORE, Direction.PULL, Entity.PRODUCTS)


def sold_but_untold(made: World, fault: Any) -> str:
    """A sale on TikTok Shop whose report meets this fault; answers its SKU."""
    [sku] = tracked_skus(made)
    made.store.faults.add(fault)
    made.sell(sku, 2)
    for name in ("tiktok/pull-orders", "store/push-sales"):
        made.run(FlowKey.parse(name))
    assert committed(made) == 2
    return sku


@pytest.mark.parametrize(
    ("fault", "state"),
    [
        (Fault("too_many_requests", path=ADJUSTMENTS, retry_after=0.1), "open"),
        (Fault("reset_before", path=ADJUSTMENTS), "unclear"),
        (Fault("drop_write", path=ADJUSTMENTS), "answered"),
    ],
)
def test_reports_of_what_the_store_deleted_end_and_free_what_they_held(
    live_world: World, fault: Any, state: str
) -> None:
    sku = sold_but_untold(live_world, fault)
    variant = variant_of(live_world, sku)
    assert reports(live_world) == [(-2, state)]
    sent = adjustments(live_world)

    delete_in_store(live_world, sku)
    live_world.store.faults.clear()
    live_world.sync("store/pull-products")
    live_world.sync()

    assert reports(live_world) == [(-2, "seen")]
    assert (committed(live_world), adjustments(live_world)) == (0, sent)
    assert_ledger_adds_up(live_world)
    assert not live_world.open_cases("report_unclear")
    event = tables.event
    told = [row.what for row in live_world.rows(event, event.c.subject_id == variant)]
    assert any("-2 units were still to be told to store" in what for what in told)


def test_a_cancellation_of_what_the_store_deleted_waits_for_nothing(live_world: World) -> None:
    [sku] = tracked_skus(live_world)
    placed = live_world.sell(sku, 2, on_hold=True)
    live_world.sync()
    assert reports(live_world) == [(-2, "seen")]
    delete_in_store(live_world, sku)
    live_world.sync("store/pull-products")

    live_world.act(f"{live_world.shop_address}/_sim/orders/{placed['id']}/cancel", {})
    live_world.sync()

    assert reports(live_world) == [(-2, "seen"), (2, "seen")]
    assert committed(live_world) == 0


def test_what_is_only_left_out_of_the_catalog_keeps_its_report_until_it_is_read_again(
    live_world: World,
) -> None:
    sku = sold_but_untold(live_world, Fault("too_many_requests", path=ADJUSTMENTS, retry_after=0.1))
    before = live_world.store_stock()[sku]
    other = beside_others(live_world)
    assert other != sku

    live_world.hub.apply(live_world.spec(store={"product_skus": [other]}, shop=COMPLETE), confirm=True)
    for name in ("store/pull-products", "store/push-sales"):
        live_world.sync(name)
    assert reports(live_world) == [(-2, "open")]
    assert committed(live_world) == 2

    live_world.hub.apply(live_world.spec(store={"product_skus": []}, shop=COMPLETE), confirm=True)
    for _ in range(2):
        live_world.sync()
    assert reports(live_world) == [(-2, "seen")]
    assert live_world.store_stock()[sku] == before - 2


@pytest.mark.parametrize(
    ("tracking", "state"), [("none", "seen"), ("product", "open")], ids=["not tracked", "tracked as a whole"]
)
def test_what_is_left_out_and_not_counted_by_itself_any_more_is_not_taken_for_deleted(
    live_world: World, tracking: str, state: str
) -> None:
    other = beside_others(live_world)
    [sku] = [one for one in siblings(live_world, other) if one != other][:1]
    fault = Fault("too_many_requests", path=ADJUSTMENTS, retry_after=0.1)
    live_world.store.faults.add(fault)
    variant = variant_of(live_world, sku)
    live_world.sell(sku, 1)
    for name in ("tiktok/pull-orders", "store/push-sales"):
        live_world.run(FlowKey.parse(name))
    [(_, waiting)] = reports(live_world)
    assert waiting == "open"
    [listed] = live_world.rows(
        tables.listing, tables.listing.c.integration == STORE, tables.listing.c.channel_sku == sku
    )

    live_world.hub.apply(live_world.spec(store={"product_skus": [other]}, shop=COMPLETE), confirm=True)
    counted = {"inventory_tracking": tracking}
    live_world.in_store("PUT", f"catalog/products/{listed.product_channel_id}", counted)
    for name in ("store/pull-products", "store/push-sales"):
        live_world.sync(name)

    assert reports(live_world) == [(-1, state)]
    event = tables.event
    told = [row.what for row in live_world.rows(event, event.c.subject_id == variant)]
    assert any("it does not track the stock" in what for what in told) == (state == "seen")
    assert not any("has deleted" in what for what in told)


def siblings(made: World, sku: str) -> list[str]:
    """The SKUs of the product that this one belongs to, which the store counts one by one."""
    several = [[one.seller_sku for one in p.content.skus] for p in made.shop.shop.tables.products.values()]
    return next([one for one in skus if one in made.store_stock()] for skus in several if sku in skus)


@pytest.fixture
def creating(small_world: World) -> World:
    return live(small_world, store=BY_ORDERS)


def order_of(made: World) -> Any:
    [row] = made.rows(tables.order, tables.order.c.integration == SHOP, tables.order.c.copy_of.is_(None))
    return row


def sold_and_created(made: World) -> tuple[dict[str, Any], Any]:
    """A sale on TikTok Shop whose order the hub created in the store, where its product is deleted then."""
    [sku] = tracked_skus(made)
    placed = made.sell(sku, 2, on_hold=True)
    made.sync()
    [copy] = created(made)
    delete_in_store(made, sku)
    made.sync("store/pull-products")
    return placed, copy


def test_the_copy_of_a_canceled_order_is_canceled_though_its_product_was_deleted(creating: World) -> None:
    placed, copy = sold_and_created(creating)

    cancel(creating, placed)
    creating.sync()

    assert copy.status_id == 5
    assert reports(creating) == [(-2, "seen"), (2, "seen")]
    assert creating.open_cases() == []
    event = tables.event
    told = [row.what for row in creating.rows(event, event.c.subject_id == order_of(creating).id)]
    assert f"Order {copy.id} in store is canceled" in told
    assert_ledger_adds_up(creating)


def test_a_copy_of_deleted_goods_is_canceled_again_where_the_answer_was_lost(creating: World) -> None:
    placed, copy = sold_and_created(creating)
    creating.store.faults.add(Fault("reset_before", method="PUT", path=rf"/v2/orders/{copy.id}$"))

    cancel(creating, placed)
    for name in ("tiktok/pull-orders", "store/push-sales"):
        creating.run(FlowKey.parse(name))
    assert copy.status_id != 5
    assert [case.kind for case in creating.open_cases()] == ["order_unclear"]
    creating.sync()

    assert copy.status_id == 5
    assert creating.open_cases() == []


def test_a_copy_of_deleted_goods_that_has_left_is_told_to_a_person_and_not_tried_for_ever(
    creating: World,
) -> None:
    placed, copy = sold_and_created(creating)
    creating.act(f"{creating.store_address}/_sim/orders/{copy.id}/status", {"status_id": 2})

    cancel(creating, placed)
    creating.sync()
    writes = creating.writes()
    creating.sync()

    [case] = creating.open_cases("created_not_canceled")
    assert f"order {copy.id}" in case.cause
    assert (copy.status_id, creating.writes()) == (2, writes)


def test_an_order_of_deleted_goods_that_was_never_created_says_so_until_it_is_canceled(
    creating: World,
) -> None:
    [sku] = tracked_skus(creating)
    placed = creating.sell(sku, 2, on_hold=True)
    creating.run(FlowKey.parse("tiktok/pull-orders"))
    delete_in_store(creating, sku)
    creating.sync("store/pull-products")
    creating.sync()

    assert (created(creating), reports(creating)) == ([], [(-2, "seen")])
    order = order_of(creating)
    [case] = creating.open_cases("order_never_created")
    assert case.subject_id == order.id
    event = tables.event
    told = [row.what for row in creating.rows(event, event.c.subject_id == order.id)]
    assert any(f"-2 units of “{sku}” were still to be told to store" in what for what in told)

    cancel(creating, placed)
    creating.sync()
    assert order_of(creating).status == OrderStatus.CANCELED
    assert creating.open_cases() == []
