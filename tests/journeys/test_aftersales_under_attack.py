"""Settings that change, and answers that come, between a cancellation and its effect: stock counts each unit once."""

from __future__ import annotations

from crossdock.store import tables
from journeys.test_catalog import COMPLETE
from journeys.test_stock import assert_ledger_adds_up, both, live, tracked_skus
from support.canceling import BY_ORDERS, SHOP_CANCELS, cancel_in_hub, cancellation, on_shop, order
from support.world import SHOP, STORE, World


def test_what_is_switched_off_before_it_was_told_stays_canceled_in_the_hub_alone(small_world: World) -> None:
    made = live(small_world, shop=SHOP_CANCELS)
    [sku] = tracked_skus(made)
    placed = made.sell(sku, 1)
    made.sync()
    cancel_in_hub(made, SHOP)

    made.hub.apply(made.spec(shop=COMPLETE | {"cancel_orders": False}))
    for _ in range(2):
        made.sync()

    assert on_shop(made, placed["id"]).status == "AWAITING_SHIPMENT"
    assert (order(made, SHOP).status, cancellation(made).state) == ("Canceled", "hub_only")

    made.hub.apply(made.spec(shop=SHOP_CANCELS))
    made.sync()
    assert on_shop(made, placed["id"]).status == "AWAITING_SHIPMENT"
    cancel_in_hub(made, SHOP)
    made.sync()

    assert on_shop(made, placed["id"]).status == "CANCELLED"


def test_a_copy_that_was_created_is_canceled_as_an_order_whatever_reports_sales_later(
    small_world: World,
) -> None:
    made = live(small_world, store=BY_ORDERS, shop=SHOP_CANCELS)
    [sku] = tracked_skus(made)
    before = both(made, sku)
    made.sell(sku, 2)
    for _ in range(2):
        made.sync()
    [copy] = made.rows(tables.order, tables.order.c.copy_of.is_not(None))
    made.hub.apply(made.spec(store={"sales_report": "adjustment"}, shop=SHOP_CANCELS))

    cancel_in_hub(made, SHOP)
    for _ in range(4):
        made.sync()

    assert both(made, sku) == before
    assert made.store.store.orders[int(copy.channel_id)].status_id == 5
    assert_ledger_adds_up(made)


def test_a_refused_cancellation_whose_copy_is_canceled_already_sells_nothing_twice(
    small_world: World,
) -> None:
    made = live(small_world, store=BY_ORDERS | {"cancel_originals": True}, shop=SHOP_CANCELS)
    [sku] = tracked_skus(made)
    before = both(made, sku)
    placed = made.sell(sku, 2)
    for _ in range(2):
        made.sync()
    cancel_in_hub(made, SHOP)
    made.act(f"{made.shop_address}/_sim/orders/{placed['id']}/ship", {})
    made.act(f"{made.shop_address}/_sim/orders/{placed['id']}/advance", {"to": "IN_TRANSIT"})

    made.sync(f"{STORE}/push-sales")
    made.sync(f"{STORE}/pull-orders")
    for _ in range(4):
        made.sync()

    assert both(made, sku) == (before[0] - 2, before[1] - 2)
    assert [row.origin for row in made.rows(tables.cancellation)] == ["hub"]
    assert_ledger_adds_up(made)
