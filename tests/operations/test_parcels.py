"""What channels have on record as shipped becomes fulfillments, each unit once, whoever recorded it first."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from crossdock.domain.channel import ChannelId, ChannelSku, Parcel, ShippedUnits
from crossdock.domain.order import FulfilledBy, OrderStatus
from crossdock.domain.sync import Rejected, Unclear
from crossdock.operations.fulfillments import parcels
from crossdock.operations.fulfillments.fulfillments import Tracking
from crossdock.operations.fulfillments.told_parcels import told
from crossdock.operations.orders.order_record import order_id
from crossdock.store import tables
from support import make, shipping
from support.make import SHOP, STORE, Bench
from support.shipping import C1, S1, copied, enter, lines, parcel, read, shipment, shown, sold, status, void


@pytest.fixture
def selling(hub: Bench) -> Bench:
    """Three teas and two mugs sold in the shop, and created again in the store."""
    hub.open_shop(TEA=10, MUG=10)
    hub.read_orders(sold({"TEA": 3, "MUG": 2}))
    hub.read_orders(copied({"TEA": 3, "MUG": 2}), of=STORE)
    return hub


def everything(hub: Bench) -> list[Any]:
    """All that a second reading must leave as it is."""
    seen = [tables.fulfillment, tables.fulfillment_line, tables.order_line, tables.event, tables.movement]
    return [[tuple(row) for row in hub.rows(table)] for table in seen] + [shipping.marks(hub)]


def test_what_the_store_ships_of_a_copy_has_left_of_its_original(selling: Bench) -> None:
    read(selling, shipment("1", "1Z-1", TEA=2))

    assert (lines(selling)["TEA"], status(selling)) == ((2, 0, 1), "Partially Fulfilled")
    [one] = shown(selling)
    assert (one.order_id, one.integration, one.source) == (S1, SHOP, STORE)
    assert (one.carrier, one.tracking_number, one.state) == ("UPS", "1Z-1", "shipped")
    assert [(part.sku, part.master_sku, part.quantity) for part in one.lines] == [("TEA", "TEA", 2)]
    assert [(each.integration, each.state) for each in one.channels] == [(SHOP, "waiting")]
    assert lines(selling, C1)["TEA"] == (0, 0, 3), "the copy says itself what of it has left"


def test_the_same_shipments_read_again_change_nothing(selling: Bench) -> None:
    some = (shipment("1", "1Z-1", TEA=2), shipment("2", TEA=1, MUG=2))
    assert read(selling, *some) == 2
    before = everything(selling)

    assert read(selling, *some) == 0

    assert everything(selling) == before
    assert status(selling) == "Fulfilled"


def test_a_shipment_gets_another_number_and_whoever_knows_of_it_is_told(selling: Bench) -> None:
    read(selling, shipment("1", "1Z-1", TEA=2))
    shipping.tell(selling, "p1")

    read(selling, shipment("1", "1Z-9", TEA=2))

    [due] = shipping.due(selling)
    assert (due.change.channel_id, due.change.desired.tracking_number) == ("p1", "1Z-9")
    assert len(shown(selling)) == 1


def test_a_deleted_shipment_is_taken_back_and_its_units_are_open(selling: Bench) -> None:
    read(selling, shipment("1", "1Z-1", TEA=2))
    shipping.tell(selling, "p1")

    read(selling)

    assert (lines(selling)["TEA"], status(selling)) == ((0, 0, 3), "Ready For Fulfillment")
    [one] = shown(selling)
    assert (one.state, [part.quantity for part in one.lines]) == ("voided", [2])
    [due] = shipping.due(selling)
    assert (due.change.channel_id, due.change.desired.is_voided) == ("p1", True)


def test_a_shipment_that_is_deleted_before_anybody_heard_of_it_is_nobodys_affair(selling: Bench) -> None:
    read(selling, shipment("1", "1Z-1", TEA=2))
    read(selling)

    assert shipping.due(selling) == []
    assert shown(selling)[0].channels == []


def test_a_shipment_under_a_new_id_is_still_the_same(selling: Bench) -> None:
    read(selling, shipment("1", "1Z-1", TEA=2))
    shipping.tell(selling, "p1")

    read(selling, shipment("77", "1Z-1", TEA=2))

    [one] = shown(selling)
    assert (one.channel_id, one.state) == ("77", "shipped")
    assert shipping.due(selling) == [], "what the shop was told is as it was"


def test_a_shipment_that_comes_back_counts_again(selling: Bench) -> None:
    read(selling, shipment("1", "1Z-1", TEA=2))
    read(selling)

    read(selling, shipment("1", "1Z-1", TEA=2))

    assert lines(selling)["TEA"] == (2, 0, 1)
    assert [one.state for one in shown(selling)] == ["shipped"]


def test_what_the_hub_was_answered_for_is_read_back_as_its_own(selling: Bench) -> None:
    enter(selling, units={"TEA": 2})
    shipping.tell(selling, "s1", integration=STORE)

    read(selling, shipment("s1", "1Z-1", TEA=2))

    assert [one.source for one in shown(selling)] == ["hub"]
    assert lines(selling)["TEA"] == (2, 0, 1)


@pytest.mark.parametrize("number", ["1Z-1", ""])
def test_what_the_hub_was_not_answered_for_is_read_back_as_its_own(selling: Bench, number: str) -> None:
    tracking = Tracking("UPS", number)
    key = enter(selling, tracking, {"TEA": 2})
    [sent] = shipping.due(selling, STORE)
    shipping.settle(selling, sent, Unclear(key, "The connection broke"), STORE)

    read(selling, shipment("s1", number, TEA=2))

    assert [one.source for one in shown(selling)] == ["hub"]
    assert lines(selling)["TEA"] == (2, 0, 1)


def test_what_was_sent_before_the_hub_was_killed_is_read_back_as_its_own(selling: Bench) -> None:
    enter(selling, Tracking(), {"TEA": 2})
    shipping.due(selling, STORE)  # and no answer was kept

    read(selling, shipment("s1", TEA=2))

    assert [one.source for one in shown(selling)] == ["hub"]


def test_what_goes_to_several_addresses_is_known_by_its_number_while_the_parts_come(selling: Bench) -> None:
    enter(selling, units={"TEA": 2, "MUG": 1})
    shipping.due(selling, STORE)

    read(selling, shipment("s1", "1Z-1", TEA=2))
    read(selling, shipment("s1", "1Z-1", TEA=2), shipment("s2", "1Z-1", MUG=1))

    assert [one.source for one in shown(selling)] == ["hub"]
    assert (lines(selling)["TEA"], lines(selling)["MUG"]) == ((2, 0, 1), (1, 0, 1))


def test_a_part_under_the_same_number_that_was_never_sent_is_the_stores_own(selling: Bench) -> None:
    enter(selling, units={"TEA": 2})

    read(selling, shipment("s1", "1Z-1", TEA=1))

    assert sorted(one.source for one in shown(selling)) == ["hub", STORE]
    assert lines(selling)["TEA"] == (3, 0, 0)


def test_one_fulfillment_of_the_hub_stands_for_one_shipment_only(selling: Bench) -> None:
    enter(selling, Tracking(), {"TEA": 1})
    shipping.due(selling, STORE)

    read(selling, shipment("s1", TEA=1), shipment("s2", TEA=1))

    assert sorted(one.source for one in shown(selling)) == ["hub", STORE]
    assert lines(selling)["TEA"] == (2, 0, 1)


def test_a_shipment_without_a_number_is_not_taken_for_what_was_never_sent(selling: Bench) -> None:
    enter(selling, Tracking(), {"TEA": 1})

    read(selling, shipment("s1", TEA=1))

    assert lines(selling)["TEA"] == (2, 0, 1)


def test_the_same_number_in_both_is_the_same_parcel(selling: Bench) -> None:
    """Somebody has entered it in the hub and in the store, whose push is off."""
    enter(selling, units={"TEA": 1})

    read(selling, shipment("s1", "1Z-1", TEA=1))

    assert [one.source for one in shown(selling)] == ["hub"]
    assert lines(selling)["TEA"] == (1, 0, 2)


def test_a_shipment_that_the_store_recorded_is_not_looked_for_as_the_hubs(selling: Bench) -> None:
    read(selling, shipment("s1", TEA=1))
    enter(selling, Tracking(), {"TEA": 1})

    [sent] = shipping.due(selling, STORE)

    assert sent.change.desired.taken == ("s1",)


def test_a_parcel_of_the_hubs_that_gets_another_id_stays_its_own(selling: Bench) -> None:
    key = enter(selling, units={"TEA": 2})
    shipping.tell(selling, "p1")
    again = sold({"TEA": 3, "MUG": 2}, shipped={"TEA": 2}, parcels=(parcel("p2", "1Z-1", TEA=2),))

    selling.read_orders(again)

    assert [one.source for one in shown(selling)] == ["hub"]
    assert told(selling.publication(key, shipping.Entity.FULFILLMENTS)).parcels == ("p2",)
    assert selling.cases("fulfillment_exceeds") == []


def test_a_parcel_that_gets_another_id_before_a_correction_is_told_stays_what_it_was(
    selling: Bench,
) -> None:
    key = enter(selling, units={"TEA": 2})
    shipping.tell(selling, "p1")
    shipping.correct(selling, key, Tracking("DHL", "JD-9"))

    selling.read_orders(
        sold({"TEA": 3, "MUG": 2}, shipped={"TEA": 2}, parcels=(parcel("p2", "1Z-1", TEA=2),))
    )

    assert [one.source for one in shown(selling)] == ["hub"]
    [due] = shipping.due(selling)
    assert (due.change.channel_id, due.change.desired.tracking_number) == ("p2", "JD-9")


def test_what_a_channel_does_not_take_back_stays_the_hubs_own(selling: Bench) -> None:
    key = enter(selling, units={"TEA": 2})
    shipping.due(selling)  # and no answer was kept
    void(selling, key)
    [asked] = shipping.due(selling)
    shipping.settle(selling, asked, Rejected(key, "It is on its way"))

    selling.read_orders(
        sold({"TEA": 3, "MUG": 2}, shipped={"TEA": 2}, parcels=(parcel("p1", "1Z-1", TEA=2),))
    )

    assert [(one.source, one.state) for one in shown(selling)] == [("hub", "voided")]
    assert lines(selling)["TEA"] == (2, 0, 1), "the shop says that they left"


def test_a_parcel_that_gets_another_id_while_it_is_taken_back_stays_what_it_was(selling: Bench) -> None:
    read(selling, shipment("s1", TEA=1))
    shipping.tell(selling, "p1")
    read(selling)

    selling.read_orders(sold({"TEA": 3, "MUG": 2}, shipped={"TEA": 1}, parcels=(parcel("p2", TEA=1),)))

    assert [one.source for one in shown(selling)] == [STORE]
    [due] = shipping.due(selling)
    assert (due.change.channel_id, due.change.desired.is_voided) == ("p2", True)


def test_more_than_was_ordered_is_a_case_until_what_stands_in_its_way_is_taken_back(selling: Bench) -> None:
    key = enter(selling, units={"TEA": 2})
    read(selling, shipment("s1", "1Z-7", TEA=3))

    [case] = selling.cases("fulfillment_exceeds")
    assert "holds 2 units more than the order has left to ship: units of it are shipped already" in case.cause
    assert case.fix.endswith("(crossdock fulfillments void)")
    assert lines(selling)["TEA"] == (3, 0, 0)

    shipping.tell(selling, "p1", "p2")
    void(selling, key)

    assert selling.cases("fulfillment_exceeds") == []
    assert lines(selling)["TEA"] == (3, 0, 0)
    sizes = sorted(sum(u.quantity for u in one.change.desired.units) for one in shipping.due(selling))
    assert sizes == [2, 3], "the shop hears of both: one taken back, one that holds more by now"


def test_where_only_a_cancellation_is_in_the_way_nothing_is_to_be_taken_back(selling: Bench) -> None:
    selling.read_orders(sold({"TEA": 3, "MUG": 2}, canceled={"TEA": 3}))
    read(selling, shipment("s1", TEA=3))

    [case] = selling.cases("fulfillment_exceeds")
    assert "units of it are canceled already" in case.cause
    assert case.fix.endswith("If it did leave, stop it or have it sent back, and delete it then")


def test_over_shipping_ends_with_the_shipment(selling: Bench) -> None:
    read(selling, shipment("s1", TEA=4))
    assert selling.cases("fulfillment_exceeds")

    read(selling, shipment("s1", TEA=3))

    assert selling.cases("fulfillment_exceeds") == []


def test_shipments_that_are_read_before_their_order_wait_for_it(hub: Bench) -> None:
    hub.open_shop(TEA=10)
    read(hub, shipment("1", "1Z-1", TEA=2), order="B1")
    [waits] = shown(hub)
    assert (waits.order_id, waits.order_number, waits.integration) == (None, "B1", STORE)
    placed = make.order("B1", make.line("TEA", 3, "c-TEA"))
    hub.read_orders(placed, of=STORE)
    order = order_id(STORE, "B1")

    with hub.step(STORE) as (tx, task):
        parcels.adopt(tx, task, [order])

    assert (lines(hub, order)["TEA"], status(hub, order)) == ((2, 0, 1), "Partially Fulfilled")
    assert (shown(hub)[0].order_id, shown(hub)[0].channels) == (order, [])

    hub.read_orders(replace(placed, shipping_method="Express"), of=STORE)

    assert lines(hub, order)["TEA"] == (2, 0, 1), "the order itself says nothing of shipments"


def test_shipments_of_a_copy_that_is_known_later_are_those_of_its_original(hub: Bench) -> None:
    hub.open_shop(TEA=10)
    hub.read_orders(sold({"TEA": 3}))
    read(hub, shipment("1", "1Z-1", TEA=2))
    hub.read_orders(copied({"TEA": 3}), of=STORE)

    with hub.step(STORE) as (tx, task):
        parcels.adopt(tx, task, [C1])

    assert lines(hub)["TEA"] == (2, 0, 1)
    assert [(each.integration, each.state) for each in shown(hub)[0].channels] == [(SHOP, "waiting")]


def test_units_of_an_unknown_sku_find_their_line_by_it(hub: Bench) -> None:
    hub.open_shop(TEA=10)
    hub.read_orders(sold({"TEA": 1, "LOST": 2}))
    hub.read_orders(copied({"TEA": 1, "LOST": 2}), of=STORE)

    read(hub, shipment("1", TEA=1, LOST=1))

    assert (lines(hub)["LOST"], lines(hub)["TEA"]) == ((1, 0, 1), (1, 0, 0))


def test_units_of_goods_that_the_order_does_not_have_are_a_case(selling: Bench) -> None:
    strange = Parcel(ChannelId("1"), (ShippedUnits(ChannelId("x"), 1, channel_sku=ChannelSku("HAT")),))

    read(selling, strange)

    [case] = selling.cases("fulfillment_exceeds")
    assert case.subject_id == S1
    assert [(part.sku, part.line_id) for part in shown(selling)[0].lines] == [("HAT", "")]


def test_a_line_under_the_stores_own_sku_is_found_by_its_product(hub: Bench) -> None:
    hub.open_shop(TEA=10)
    hub.read_orders(sold({"TEA": 2}))
    hub.read_orders(copied({"TEA": 2}), of=STORE)
    [part] = shipment("1", TEA=2).units

    read(hub, replace(shipment("1"), units=(replace(part, channel_sku=ChannelSku("TEA-OLD")),)))

    assert lines(hub)["TEA"] == (2, 0, 0)


def test_an_order_that_the_platform_ships_brings_its_package_and_is_not_told_of_it(hub: Bench) -> None:
    hub.open_shop(TEA=10)
    given = sold(
        {"TEA": 2},
        shipped={"TEA": 2},
        parcels=(parcel("p1", "TT-1", TEA=2),),
        status=OrderStatus.FULFILLED,
        fulfilled_by=FulfilledBy.PLATFORM_LABEL,
    )
    hub.read_orders(given)
    hub.read_orders(copied({"TEA": 2}), of=STORE)

    assert [(one.source, one.tracking_number) for one in shown(hub)] == [(SHOP, "TT-1")]
    assert shown(hub)[0].channels == [], "the copy came later"
    with hub.step(STORE) as (tx, _):
        shipping.fulfillment_push.mark_orders(tx, [S1])
    assert [each.integration for each in shown(hub)[0].channels] == [STORE]


def test_a_channels_lower_count_of_shipped_units_does_not_take_back_what_the_hub_knows(
    selling: Bench,
) -> None:
    read(selling, shipment("1", TEA=2))

    selling.read_orders(sold({"TEA": 3, "MUG": 2}, shipped={"TEA": 1}, channel_status="PARTIALLY_SHIPPING"))

    assert lines(selling)["TEA"] == (2, 0, 1)


def test_goods_that_left_in_the_store_were_not_canceled_before(selling: Bench) -> None:
    """The buyer cancels in the shop what the store has shipped already: the shop decides."""
    read(selling, shipment("1", TEA=3))

    selling.read_orders(sold({"TEA": 3, "MUG": 2}, canceled={"TEA": 1}))

    assert lines(selling)["TEA"] == (2, 1, 0)
    assert selling.cases("fulfillment_exceeds")
