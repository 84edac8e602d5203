"""Orders of every channel: taken in whole and once, matched line by line, counted against stock at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from crossdock.connectors.contract import Rules
from crossdock.domain.channel import Address, ChannelId
from crossdock.domain.elsewhere import CreatedOrder
from crossdock.domain.inventory import ReportState
from crossdock.domain.order import FulfilledBy, OrderStatus
from crossdock.operations.orders import copies
from crossdock.operations.orders.order_record import order_id
from crossdock.store import tables
from support.make import (
    NOW,
    SHOP,
    STORE,
    Bench,
    line,
    listing,
    location,
    order,
    product,
    stock,
    variant,
)


def test_an_order_read_twice_changes_nothing_the_second_time(hub: Bench) -> None:
    hub.open_shop(A=10)
    assert hub.read_orders(order("1", line("A", 2))) == [order_id(SHOP, "1")]
    before = (len(hub.rows(tables.movement)), len(hub.rows(tables.event)), hub.reports())

    assert hub.read_orders(order("1", line("A", 2))) == []
    assert (len(hub.rows(tables.movement)), len(hub.rows(tables.event)), hub.reports()) == before


def test_an_order_that_changed_without_effect_on_stock_moves_none(hub: Bench) -> None:
    hub.open_shop(A=10)
    hub.read_orders(order("1", line("A", 2)))
    moved = len(hub.rows(tables.movement))

    hub.read_orders(order("1", line("A", 2), channel_status="AWAITING_COLLECTION"))

    assert len(hub.rows(tables.movement)) == moved
    assert hub.reports() == [(-2, ReportState.OPEN)]


def test_a_line_whose_sku_no_product_has_is_kept_flagged_and_goes_on_by_itself(hub: Bench) -> None:
    hub.open_shop(A=10)
    hub.read_orders(order("1", line("A"), line("NEW", 3)))
    (case,) = hub.cases("line_unmatched")
    assert "“NEW”" in case.cause
    assert len(hub.rows(tables.order_line)) == 2
    assert hub.committed("A") == 1

    hub.read_products(product("NEW"))

    assert hub.cases() == []
    assert hub.committed("NEW") == 3
    assert (-3, ReportState.OPEN) in hub.reports()


def test_a_line_without_sku_is_flagged_by_its_name(hub: Bench) -> None:
    hub.read_orders(order("1", line("", name="Gift card")))

    (case,) = hub.cases("line_unmatched")
    assert "no SKU (Gift card)" in case.cause


def test_a_line_is_matched_by_the_link_of_its_listing_before_its_sku(hub: Bench) -> None:
    hub.open_shop(A=5, B=5)

    hub.read_orders(order("1", line("B", variant_id=ChannelId("l-A"))))

    assert (hub.committed("A"), hub.committed("B")) == (1, 0)


def test_a_near_miss_of_a_sku_is_no_match_for_a_line(hub: Bench) -> None:
    hub.open_shop(ABC=5)

    hub.read_orders(order("1", line("abc")))

    assert hub.committed("ABC") == 0
    assert len(hub.cases("line_unmatched")) == 1


def test_a_partial_cancellation_releases_just_these_units(hub: Bench) -> None:
    hub.open_shop(A=10)
    hub.read_orders(order("1", line("A", 3)))

    hub.read_orders(order("1", line("A", 3, quantity_canceled=1)))

    assert hub.committed("A") == 2
    assert hub.reports() == [(-2, ReportState.OPEN)]
    assert hub.offered("A") == 8


def test_a_whole_cancellation_before_the_report_leaves_nothing_to_report(hub: Bench) -> None:
    hub.open_shop(A=10)
    hub.read_orders(order("1", line("A", 3)))

    hub.read_orders(order("1", line("A", 3, quantity_canceled=3), status=OrderStatus.CANCELED))

    assert hub.committed("A") == 0
    assert hub.reports() == [(-3, ReportState.VOID)]
    assert hub.offered("A") == 10


def test_a_line_taken_off_its_order_counts_as_canceled(hub: Bench) -> None:
    hub.open_shop(A=10, B=10)
    hub.read_orders(order("1", line("A", 2), line("B", 1)))

    hub.read_orders(order("1", line("B", 1)))

    assert (hub.committed("A"), hub.committed("B")) == (0, 1)


def test_a_reservation_commits_before_it_is_released(hub: Bench) -> None:
    hub.open_shop(A=10)
    hub.read_orders(order("1", line("A", 2), is_reservation=True, status=OrderStatus.NEW))
    assert hub.offered("A") == 8

    hub.read_orders(order("1", line("A", 2)))

    assert hub.offered("A") == 8
    assert hub.reports() == [(-2, ReportState.OPEN)]


def test_goods_of_the_platforms_own_warehouse_never_touch_the_merchants_stock(hub: Bench) -> None:
    hub.open_shop(A=10)

    hub.read_orders(
        order("1", line("A", 2), fulfilled_by=FulfilledBy.PLATFORM_WAREHOUSE, status=OrderStatus.FULFILLED)
    )

    assert (hub.committed("A"), hub.reports(), hub.offered("A")) == (0, [], 10)


def test_goods_sent_with_the_platforms_label_lower_stock_once(hub: Bench) -> None:
    hub.open_shop(A=10)
    sold = order(
        "1",
        line("A", 2, quantity_shipped=2),
        fulfilled_by=FulfilledBy.PLATFORM_LABEL,
        status=OrderStatus.FULFILLED,
    )
    hub.read_orders(sold)

    hub.read_orders(replace(sold, channel_status="DELIVERED"))

    assert hub.reports() == [(-2, ReportState.OPEN)]
    assert hub.offered("A") == 8


def test_orders_that_were_over_at_the_first_sweep_do_not_count(hub: Bench) -> None:
    hub.open_shop(A=10)
    over, still_open = order("1", line("A", 2, quantity_shipped=2)), order("2", line("A", 1))

    hub.read_orders(over, still_open, reading_since=hub.tick())
    assert hub.reports() == [(-1, ReportState.OPEN)]

    hub.read_orders(replace(over, channel_status="COMPLETED"))
    assert hub.reports() == [(-1, ReportState.OPEN)]


def test_an_order_shipped_before_it_was_ever_read_counts_after_the_first_sweep(hub: Bench) -> None:
    hub.open_shop(A=10)

    hub.read_orders(order("1", line("A", 2, quantity_shipped=2)))

    assert hub.reports() == [(-2, ReportState.OPEN)]


def test_an_order_that_the_hub_created_in_the_store_is_a_copy_and_never_counts(hub: Bench) -> None:
    hub.open_shop(A=10)
    hub.read_orders(order("77", line("A", 2)))

    hub.read_orders(
        order("1001", line("A", 2), external_source="crossdock", external_reference="77"), of=STORE
    )

    (copy,) = hub.rows(tables.order, tables.order.c.integration == STORE)
    assert copy.copy_of == order_id(SHOP, "77")
    assert hub.committed("A") == 2
    assert not [row for row in hub.rows(tables.movement) if row.noted]


def test_a_created_order_is_remembered_before_the_store_ever_shows_it(hub: Bench) -> None:
    hub.open_shop(A=10)
    original = order(
        "77", line("A", 2), shipping_address=Address(name="Ada", city="Portland", country_code="US")
    )
    hub.read_orders(original)

    with hub.step(STORE) as (tx, task):
        draft = copies.draft(tx, task, order_id(SHOP, "77"))
        assert draft is not None
        copies.remember(tx, task, draft, CreatedOrder(ChannelId("1001")))
    hub.read_orders(order("1001", line("A", 2)), of=STORE)

    assert draft.order.shipping_address == original.shipping_address
    assert draft.lines == {ChannelId("line-A"): (ChannelId("p-A"), ChannelId("v-A"))}
    assert hub.committed("A") == 2
    assert not [row for row in hub.rows(tables.movement) if row.noted]


def test_a_canceled_order_is_not_created_elsewhere_any_more(hub: Bench) -> None:
    hub.open_shop(A=10)
    hub.read_orders(order("77", line("A", 2, quantity_canceled=2), status=OrderStatus.CANCELED))

    with hub.step(STORE) as (tx, task):
        assert copies.draft(tx, task, order_id(SHOP, "77")) is None


def test_buyer_data_lies_encrypted_in_the_database(hub: Bench) -> None:
    hub.read_orders(order("1", line("A"), shipping_address=Address(name="Ada Lovelace")))

    (row,) = hub.rows(tables.order)
    assert b"Ada" not in row.buyer
    assert "Ada" not in str([*row])


def test_a_status_without_a_place_in_an_orders_life_leaves_it_where_it_was(hub: Bench) -> None:
    hub.read_products(product("A"))
    hub.read_orders(order("1", line("A")))

    hub.read_orders(order("1", line("A"), status=None, channel_status="Refunded"))

    (row,) = hub.rows(tables.order)
    assert (row.status, row.channel_status) == (OrderStatus.READY_FOR_FULFILLMENT, "Refunded")


@pytest.mark.parametrize(
    ("rules", "kept"),
    [
        (Rules(), {"1", "2", "3"}),
        (Rules(order_ids=frozenset({"2"})), {"2"}),
        (Rules(ignore_orders_before=NOW), {"1", "2"}),
        (Rules(leaves_out_tags=frozenset({"sample"})), {"1", "3"}),
    ],
)
def test_settings_decide_which_orders_come_in(hub: Bench, rules: Rules, kept: set[str]) -> None:
    hub.rules[SHOP] = rules

    hub.read_orders(
        order("1", line("A")),
        order("2", line("A"), tags=frozenset({"sample"})),
        order("3", line("A"), placed_at=NOW - timedelta(days=1)),
    )

    assert {row.channel_id for row in hub.rows(tables.order)} == kept


@pytest.mark.parametrize(
    "rules", [Rules(order_ids=frozenset({"2"})), Rules(ignore_orders_before=NOW + timedelta(days=1))]
)
def test_an_order_that_is_there_is_followed_to_its_end_whatever_the_settings_leave_out_now(
    hub: Bench, rules: Rules
) -> None:
    hub.open_shop(A=10)
    hub.read_orders(order("1", line("A", 2)))
    hub.rules[SHOP] = rules

    hub.read_orders(order("1", line("A", 2, quantity_canceled=2), status=OrderStatus.CANCELED))

    (row,) = hub.rows(tables.order)
    assert (row.status, hub.committed("A")) == (OrderStatus.CANCELED, 0)


def test_orders_with_a_held_tag_come_in_for_review(hub: Bench) -> None:
    hub.rules[SHOP] = Rules(holds_tags=frozenset({"sample"}))

    hub.read_orders(order("1", line("A"), tags=frozenset({"sample"})))

    (row,) = hub.rows(tables.order)
    assert row.status == OrderStatus.REVIEW_REQUIRED


@pytest.mark.parametrize(
    ("shipped", "status"),
    [
        (3, OrderStatus.FULFILLED),
        (1, OrderStatus.PARTIALLY_FULFILLED),
        (0, OrderStatus.REVIEW_REQUIRED),
    ],
)
def test_an_order_first_met_as_refunded_stands_where_its_goods_are(
    hub: Bench, shipped: int, status: OrderStatus
) -> None:
    hub.open_shop(A=10)

    met = order("1", line("A", 3, quantity_shipped=shipped), tags=frozenset({"refunded"}))
    hub.read_orders(replace(met, status=None))

    (row,) = hub.rows(tables.order)
    assert row.status == status


def test_a_sale_that_came_before_any_location_counts_once_there_is_one(hub: Bench) -> None:
    hub.read_products(product("A"))
    hub.read_orders(order("1", line("A", 2)))
    assert hub.reports() == []

    hub.read_locations(location(is_default=True))

    assert hub.reports() == [(-2, ReportState.OPEN)]
    assert hub.committed("A") == 2


def test_a_line_keeps_its_variant_when_the_product_is_deleted_and_can_still_be_canceled(hub: Bench) -> None:
    hub.open_shop(A=10)
    hub.read_orders(order("1", line("A", 2)))
    key = hub.variant_id("A")
    hub.read_products(product("Z", channel_id="p-A"))

    hub.read_orders(order("1", line("A", 2, quantity_canceled=2)))

    assert hub.cases("line_unmatched") == []
    assert hub.committed(f"removed:{key}") == 0


def test_a_line_keeps_its_variant_when_its_sku_passes_to_another(hub: Bench) -> None:
    hub.open_shop(A=10, B=10)
    hub.read_orders(order("1", line("A", 2)))
    first = hub.variant_id("A")
    hub.read_products(
        product("C", channel_id="p-A"), product("A", channel_id="p-B"), product("B", channel_id="p-new")
    )
    hub.read_listings(listing("A"))

    hub.read_orders(order("1", line("A", 2, quantity_canceled=2)))

    assert hub.rows(tables.order_line)[0].variant_id == first
    assert {row.committed for row in hub.rows(tables.level)} == {0}


def test_every_change_of_an_order_is_a_line_of_its_timeline(hub: Bench) -> None:
    hub.read_products(product("A"))
    hub.read_orders(order("1", line("A")))
    hub.read_orders(order("1", line("A"), status=OrderStatus.CANCELED, channel_status="CANCELLED"))

    told = hub.events(order_id(SHOP, "1"))
    assert told[0].startswith("Order 1 read")
    assert told[1] == "Status Ready For Fulfillment → Canceled (CANCELLED)"


def test_a_sale_takes_from_the_mapped_location_else_where_there_is_enough(hub: Bench) -> None:
    hub.read_locations(location("1", is_default=True), location("2", name="Annex"))
    hub.read_locations(location("W1", is_default=True), location("W2"), of=SHOP)
    hub.read_products(product("A"))
    hub.read_stock(stock("A", 1, "1"), stock("A", 9, "2"))
    hub.rules[SHOP] = Rules(warehouse_map={"Annex": "W2"})
    places = {row.id: row.channel_id for row in hub.rows(tables.location)}

    hub.read_orders(
        order("mapped", line("A", 1), location_id=ChannelId("W2")),
        order("plenty", line("A", 1), location_id=ChannelId("W1")),
        order("scarce", line("A", 3, "other"), location_id=ChannelId("W1")),
    )

    took = {row.order_id: places[row.location_id] for row in hub.rows(tables.sale_report)}
    assert took == {
        order_id(SHOP, "mapped"): "2",
        order_id(SHOP, "plenty"): "1",
        order_id(SHOP, "scarce"): "2",
    }


def test_a_sale_of_goods_that_nobody_counts_moves_no_stock(hub: Bench) -> None:
    hub.locate()
    hub.read_products(product(variant("A", is_stock_tracked=False)))

    hub.read_orders(order("1", line("A", 2)))

    assert (hub.reports(), hub.rows(tables.movement)) == ([], [])


def test_a_sale_that_was_counted_stays_so_when_its_stock_is_tracked_no_more(hub: Bench) -> None:
    hub.open_shop(A=10)
    hub.read_orders(order("1", line("A", 2)))
    hub.read_products(product(variant("A", is_stock_tracked=False)))

    hub.read_orders(order("1", line("A", 2, quantity_shipped=2), status=OrderStatus.FULFILLED))
    assert hub.reports() == [(-2, ReportState.OPEN)]

    hub.read_orders(order("1", line("A", 2, quantity_canceled=2), status=OrderStatus.CANCELED))
    assert hub.reports() == [(-2, ReportState.VOID)]
    assert hub.committed("A") == 0
