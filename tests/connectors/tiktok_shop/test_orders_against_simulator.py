"""Orders of the simulated platform, over real HTTP."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from connectors.tiktok_shop.shop_bench import orders, place
from connectors.tiktok_shop.tiktok_bench import SimulatedShop
from crossdock.domain.channel import (
    ChannelId,
)
from crossdock.domain.elsewhere import OrderReference
from crossdock.domain.order import FulfilledBy, OrderStatus
from crossdock.domain.sync import Change, Confirmed, Cursor, Rejected
from crossdock_simulators.tiktok_shop.app import FBT_ID
from crossdock_simulators.tiktok_shop.seed import load_listings


def test_many_orders_are_all_read_and_then_nothing_costs_one_call(quiet_shop: SimulatedShop) -> None:
    shop, connector = quiet_shop, quiet_shop.connector()
    pin = {"title": "Pin", "skus": [{"seller_sku": "PIN", "price": "1", "quantity": 999}]}
    load_listings(shop.simulator.shop, [pin])
    placed = {place(shop, "PIN") for _ in range(230)}
    shop.simulator.clock.advance(timedelta(seconds=1))
    latest = place(shop, "PIN")

    pages = list(connector.pull_orders(None))
    since = shop.simulator.journal.last_number
    again = list(connector.pull_orders(pages[-1].cursor))

    assert {order.channel_id for page in pages for order in page.records} == placed | {latest}
    assert pages[-1].completes_sweep
    assert shop.calls(since=since) == ["POST /order/202309/orders/search"]
    assert [order.channel_id for page in again for order in page.records] == [latest]


def test_an_order_lives_through_its_statuses(shop: SimulatedShop) -> None:
    connector = shop.connector()
    order_id = place(shop, quantity=2, paid=False, on_hold=True)

    (unpaid,) = orders(connector)
    shop.do(f"/orders/{order_id}/pay")
    (held,) = orders(connector)
    shop.simulator.clock.advance(timedelta(minutes=61))
    shop.simulator.settle()
    (ready,) = orders(connector)
    shop.do(f"/orders/{order_id}/ship", line_ids=[ready.lines[0].unit_ids[0]])
    (partly,) = orders(connector)

    assert (unpaid.status, unpaid.is_reservation, unpaid.shipping_address) == (OrderStatus.NEW, True, None)
    assert (held.status, held.is_reservation, held.shipping_address) == (OrderStatus.ON_HOLD, False, None)
    assert ready.status is OrderStatus.READY_FOR_FULFILLMENT
    assert ready.shipping_address is not None
    assert ready.shipping_address.city
    assert ready.shipping_address.state
    assert (ready.lines[0].quantity, ready.lines[0].quantity_shipped) == (2, 0)
    assert (partly.status, partly.lines[0].quantity_shipped) == (OrderStatus.PARTIALLY_FULFILLED, 1)


def test_a_corrected_address_is_noticed_though_nothing_else_changed(quiet_shop: SimulatedShop) -> None:
    shop, connector = quiet_shop, quiet_shop.connector()
    order_id = place(shop)
    last = list(connector.pull_orders(None))[-1]
    shop.do(f"/orders/{order_id}/address", line1="7 New Street")
    a_while_ago = Cursor(json.dumps(json.loads(last.cursor) | {"opened": 0}))

    order = orders(connector, a_while_ago)[-1]

    assert [page.records for page in connector.pull_orders(last.cursor)][1:] == []
    assert order.shipping_address is not None
    assert "7 New Street" in order.shipping_address.lines[0]


@pytest.mark.parametrize(
    ("asked", "fulfilled_by"),
    [
        ({"shipping_type": "TIKTOK"}, FulfilledBy.PLATFORM_LABEL),
        ({"shipping_type": "TIKTOK", "on_hold": True}, FulfilledBy.PLATFORM_LABEL),
    ],
)
def test_an_order_that_tiktok_ships_comes_in_as_fulfilled(
    shop: SimulatedShop, asked: dict[str, Any], fulfilled_by: FulfilledBy
) -> None:
    place(shop, **asked)

    (order,) = orders(shop.connector())

    assert (order.status, order.fulfilled_by) == (OrderStatus.FULFILLED, fulfilled_by)


def test_an_order_from_tiktoks_warehouse_comes_in_as_fulfilled_and_takes_no_stock_of_ours(
    shop: SimulatedShop,
) -> None:
    shop.do("/stock", seller_sku="MUG", warehouse_id=FBT_ID, quantity=5)
    place(shop, fulfillment_type="FULFILLMENT_BY_TIKTOK")

    (order,) = orders(shop.connector())

    assert (order.status, order.location_id) == (OrderStatus.FULFILLED, FBT_ID)
    assert not order.fulfilled_by.takes_merchant_stock
    assert "fbt" in order.tags
    assert order.shipping_address is None or order.shipping_address.is_masked


def test_a_cancellation_request_is_tagged_and_its_end_cancels_the_order(shop: SimulatedShop) -> None:
    order_id, connector = place(shop, quantity=2), shop.connector()

    shop.do(f"/orders/{order_id}/cancel")
    (asked,) = orders(connector)
    shop.simulator.clock.advance(timedelta(hours=49))
    shop.simulator.settle()
    (gone,) = orders(connector)

    assert (asked.status, asked.tags) == (
        OrderStatus.READY_FOR_FULFILLMENT,
        frozenset({"cancel_requested"}),
    )
    assert gone.status is OrderStatus.CANCELED
    assert gone.lines[0].quantity_canceled == 2


def test_money_adds_up_with_discounts_tax_and_shipping(shop: SimulatedShop) -> None:
    line = {"seller_sku": "MUG", "quantity": 3, "seller_discount": "1.11", "platform_discount": "0.37"}
    place(shop, lines=[line], tax_rate="0.0875", shipping_fee="5.99", shipping_fee_platform_discount="5.99")

    (order,) = orders(shop.connector())

    assert "total_differs" not in order.tags
    assert order.totals.tax.amount > 0
    assert order.lines[0].quantity == 3


def test_ids_of_other_systems_are_written_order_by_order(shop: SimulatedShop) -> None:
    known = place(shop, quantity=2)
    (placed,) = orders(shop.connector())
    units = tuple((unit, "9001") for line in placed.lines for unit in line.unit_ids)
    changes = [
        Change("a", OrderReference("bigcommerce", "218", units), ChannelId(known)),
        Change("b", OrderReference("bigcommerce", "219", units), ChannelId("576460000000000000")),
        Change("c", OrderReference("a_new_system", "X-1", ((units[0][0], ""),)), ChannelId(known)),
    ]

    first, second, third = shop.connector().write_references(changes)

    kept = shop.simulator.shop.tables.external_orders
    assert isinstance(first, Confirmed)
    assert sorted(kept[known, "BIGCOMMERCE"].lines) == sorted(("9001", unit) for unit, _ in units)
    assert isinstance(second, Rejected)
    assert "576460000000000000" in second.reason
    assert isinstance(third, Confirmed)
    assert kept[known, "ORDER_MANAGEMENT_SYSTEM"].lines == (("X-1", units[0][0]),)


@pytest.mark.parametrize(
    ("asked", "tags"),
    [
        ({"sample": True}, {"sample"}),
        ({"replacement": True}, {"replacement"}),
        ({"exchange": True}, {"exchange"}),
        ({"order_type": "PRE_ORDER"}, {"pre_order"}),
        ({"order_type": "MADE_TO_ORDER"}, {"pre_order", "made_to_order"}),
        ({"order_type": "BACK_ORDER"}, {"pre_order", "back_order"}),
        ({}, set()),
    ],
)
def test_every_kind_of_order_is_tagged(shop: SimulatedShop, asked: dict[str, Any], tags: set[str]) -> None:
    place(shop, **asked)

    (read,) = orders(shop.connector())

    assert read.tags == tags
    assert read.totals.unexplained is None


def test_a_map_of_statuses_decides_what_an_order_is_in_the_hub(shop: SimulatedShop) -> None:
    place(shop, on_hold=False)

    (read,) = orders(shop.connector(status_map={"awaiting_shipment": "To Be Validated"}))

    assert (read.status, read.channel_status_id) == (OrderStatus.TO_BE_VALIDATED, "AWAITING_SHIPMENT")
