"""An order that the hub created in BigCommerce and its original on TikTok Shop are canceled together, once."""

from __future__ import annotations

from crossdock.store import tables
from journeys.test_stock import assert_ledger_adds_up, both, live, tracked_skus
from support.canceling import (
    BY_ORDERS,
    SHOP_CANCELS,
    cancel_in_hub,
    on_shop,
    order,
    puts,
    seller_cancellations,
)
from support.world import SHOP, World


def test_a_copy_cancelled_in_bigcommerce_cancels_its_original_on_tiktok_shop(small_world: World) -> None:
    made = live(small_world, store=BY_ORDERS | {"cancel_originals": True}, shop=SHOP_CANCELS)
    [sku] = tracked_skus(made)
    before = both(made, sku)
    placed = made.sell(sku, 2)
    for _ in range(2):
        made.sync()
    [copy] = [row for row in made.rows(tables.order) if row.copy_of is not None]

    made.act(f"{made.store_address}/_sim/orders/{copy.channel_id}/cancel", {})
    for _ in range(4):
        made.sync()

    assert on_shop(made, placed["id"]).status == "CANCELLED"
    assert (order(made, SHOP).status, seller_cancellations(made), puts(made)) == ("Canceled", 1, 0)
    assert both(made, sku) == before
    assert_ledger_adds_up(made)


def test_a_copy_cancelled_in_bigcommerce_is_reported_where_its_original_cannot_follow(
    small_world: World,
) -> None:
    made = live(small_world, store=BY_ORDERS | {"cancel_originals": True})
    [sku] = tracked_skus(made)
    placed = made.sell(sku, 1)
    for _ in range(2):
        made.sync()
    [copy] = [row for row in made.rows(tables.order) if row.copy_of is not None]

    made.act(f"{made.store_address}/_sim/orders/{copy.channel_id}/cancel", {})
    for _ in range(2):
        made.sync()

    assert (on_shop(made, placed["id"]).status, order(made, SHOP).status) == (
        "AWAITING_SHIPMENT",
        "Ready For Fulfillment",
    )
    [case] = made.open_cases("cancellation_refused")
    assert "switched off" in case.cause


def test_the_hubs_own_cancellation_of_a_copy_asks_for_nothing_more(small_world: World) -> None:
    made = live(small_world, store=BY_ORDERS | {"cancel_originals": True}, shop=SHOP_CANCELS)
    [sku] = tracked_skus(made)
    before = both(made, sku)
    made.sell(sku, 1)
    for _ in range(2):
        made.sync()

    cancel_in_hub(made, SHOP)
    for _ in range(4):
        made.sync()

    assert (seller_cancellations(made), puts(made)) == (1, 1)
    assert [row.origin for row in made.rows(tables.cancellation)] == ["hub"]
    assert both(made, sku) == before
