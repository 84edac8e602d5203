"""Goods that have left are not for sale, also where their order is canceled afterwards; until they are taken back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crossdock.domain.inventory import ReportState
from crossdock.domain.order import OrderStatus
from crossdock.operations.fulfillments.fulfillments import Tracking
from crossdock.operations.orders.order_record import order_id
from crossdock.operations.publishing import PublicationState
from crossdock.operations.task import HUB, SourcesOfTruth
from crossdock.store import tables
from operations.own_bench import change, compose
from support import make
from support.make import STORE, Bench
from support.shipping import copied, enter, lines, parcel, read, shipment, shown, sold, status, void


def canceled(hub: Bench, units: int = 3) -> None:
    """The shop cancels so many of three teas, of which it does not know that they left."""
    whole = {"status": OrderStatus.CANCELED, "channel_status": "CANCELLED"} if units == 3 else {}
    hub.read_orders(sold({"TEA": 3}, canceled={"TEA": units}, **whole))


@pytest.fixture
def selling(hub: Bench) -> Bench:
    """Three of ten teas are sold in the shop, and reported to the store."""
    hub.open_shop(TEA=10)
    hub.read_orders(sold({"TEA": 3}))
    return hub


@pytest.mark.parametrize("report", [ReportState.OPEN, ReportState.SEEN])
def test_what_left_before_its_order_was_canceled_stays_sold(selling: Bench, report: ReportState) -> None:
    key = enter(selling)
    with selling.step() as (tx, _):
        tx.execute(tables.sale_report.update().values(state=report))
    before = (selling.reports(), selling.committed("TEA"), selling.offered("TEA"))

    canceled(selling)

    assert (status(selling), lines(selling)["TEA"]) == ("Canceled", (0, 3, 0))
    assert (selling.reports(), selling.committed("TEA"), selling.offered("TEA")) == before
    [case] = selling.cases("fulfillment_exceeds")
    assert "holds 3 units more" in case.cause
    assert "canceled already, and stay off sale since they left" in case.cause
    assert f"void {key}" in case.fix


def test_what_did_not_leave_after_all_is_on_sale_again(selling: Bench) -> None:
    key = enter(selling)
    canceled(selling)

    void(selling, key)

    assert selling.reports() == [(-3, ReportState.VOID)]
    assert (selling.committed("TEA"), selling.offered("TEA")) == (0, 10)
    assert selling.cases("fulfillment_exceeds") == []


def test_the_shop_that_puts_them_back_on_sale_is_told_of_the_hubs_number_anew(selling: Bench) -> None:
    enter(selling)
    with selling.step() as (tx, _):
        tx.execute(tables.publication.update().values(state=PublicationState.SETTLED, is_dirty=False))

    canceled(selling)

    told = selling.publication(selling.variant_id("TEA"))
    assert (told.state, told.is_dirty) == (PublicationState.UNSETTLED, True)


def test_only_the_units_that_left_stay_sold(selling: Bench) -> None:
    enter(selling, units={"TEA": 2})

    canceled(selling, 2)

    assert lines(selling)["TEA"] == (1, 2, 0)
    assert selling.reports() == [(-2, ReportState.OPEN)], "one unit is back on sale: it never left"
    assert "holds 1 unit more" in selling.cases("fulfillment_exceeds")[0].cause


def test_what_the_store_has_shipped_of_a_copy_stays_sold_until_its_shipment_is_deleted(hub: Bench) -> None:
    hub.open_shop(TEA=10)
    hub.read_orders(sold({"TEA": 3}))
    hub.read_orders(copied({"TEA": 3}), of=STORE)
    read(hub, shipment("5", "1Z-1", TEA=2))
    assert hub.reports() == [(-3, ReportState.OPEN)]

    canceled(hub)
    assert hub.reports() == [(-2, ReportState.OPEN)]
    assert "shipment 5" in hub.cases("fulfillment_exceeds")[0].cause.lower()

    read(hub)
    assert hub.reports() == [(-2, ReportState.VOID)]
    assert hub.cases("fulfillment_exceeds") == []


def test_what_a_cancellation_of_its_own_orders_gives_back_is_for_the_owner_to_say(hub: Bench) -> None:
    hub.open_shop(TEA=10)
    placed = make.order("B1", make.line("TEA", 3, "c-TEA"), stock_is_taken=False)
    hub.read_orders(placed, of=STORE)
    enter(hub, order=order_id(STORE, "B1"))

    gone = make.line("TEA", 3, "c-TEA", quantity_canceled=3)
    hub.read_orders(replace(placed, lines=(gone,), status=OrderStatus.CANCELED), of=STORE)

    assert (hub.committed("TEA"), hub.offered("TEA")) == (0, 10)
    [case] = hub.cases("fulfillment_exceeds")
    assert "off sale" not in case.cause


# Where the hub owns stock


@pytest.fixture
def shelf(hub: Bench) -> Bench:
    """Ten teas on the hub's own shelf, three of them sold in the shop."""
    hub.truth = SourcesOfTruth(catalog=STORE, inventory=HUB)
    hub.read_locations(make.location(name="Main", is_default=True), of=HUB)
    hub.read_products(make.product("TEA"), make.product("BOX"))
    change(hub, "TEA", on_hand=10)
    hub.read_orders(sold({"TEA": 3}))
    return hub


def test_what_left_the_hubs_shelf_is_back_there_only_once_it_is_taken_back(shelf: Bench) -> None:
    key = enter(shelf, units={"TEA": 2})
    canceled(shelf)
    assert (shelf.on_hand("TEA"), shelf.committed("TEA")) == (8, 0)

    void(shelf, key)

    assert (shelf.on_hand("TEA"), shelf.committed("TEA")) == (10, 0)
    assert shelf.ledger_differences() == {}


def test_what_an_order_itself_shows_as_shipped_no_more_comes_back_as_a_return(shelf: Bench) -> None:
    """The shop shows no parcels of a canceled order, which tells nothing of where the goods are."""
    shelf.read_orders(sold({"TEA": 3}, shipped={"TEA": 3}, parcels=(parcel("p1", "1Z-1", TEA=3),)))
    canceled(shelf)

    assert (shelf.on_hand("TEA"), shelf.committed("TEA")) == (7, 0)


def test_the_components_of_a_bundle_that_left_are_back_with_it(shelf: Bench) -> None:
    compose(shelf, "BOX", TEA=2)
    placed = make.order("S2", make.line("BOX", 2))
    shelf.read_orders(placed)
    key = enter(shelf, order=order_id("tiktok", "S2"))
    assert shelf.on_hand("TEA") == 6

    gone = make.line("BOX", 2, quantity_canceled=2)
    shelf.read_orders(replace(placed, lines=(gone,), status=OrderStatus.CANCELED))
    assert shelf.on_hand("TEA") == 6
    void(shelf, key)

    assert (shelf.on_hand("TEA"), shelf.committed("TEA")) == (10, 3)


def test_a_deleted_shipment_lies_on_the_hubs_shelf_again(shelf: Bench) -> None:
    shelf.read_orders(copied({"TEA": 3}), of=STORE)
    read(shelf, shipment("5", "1Z-1", TEA=2))
    canceled(shelf)
    assert shelf.on_hand("TEA") == 8

    read(shelf)

    assert (shelf.on_hand("TEA"), shelf.committed("TEA")) == (10, 0)


def test_a_second_fulfillment_is_not_taken_for_the_one_that_was_taken_back(shelf: Bench) -> None:
    void(shelf, enter(shelf))
    enter(shelf, Tracking("UPS", "1Z-2"))

    canceled(shelf)

    assert (shelf.on_hand("TEA"), shelf.committed("TEA")) == (7, 0)
    assert [one.tracking_number for one in shown(shelf, state="shipped")] == ["1Z-2"]
