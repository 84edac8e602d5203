"""Orders that a location packs and their platform ships: the seller's to send, with the platform's label and number."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from crossdock.connectors.contract import Rules
from crossdock.connectors.errors import SettingsError
from crossdock.domain.channel import ChannelId, ChannelOrder, Parcel
from crossdock.domain.order import FulfilledBy, OrderStatus
from crossdock.domain.sync import Confirmed, Rejected, Unclear
from crossdock.operations.fulfillments import platform_labels
from crossdock.operations.fulfillments.fulfillment_push import Due
from crossdock.operations.fulfillments.fulfillments import Tracking
from crossdock.operations.views import views
from support.door import EAST, Door
from support.make import ADDRESS, NOW, SHOP, Bench
from support.shipping import S1, correct, due, enter, parcel, settle, shown, sold, status, tell, void

PACKED_HERE = FulfilledBy.PLATFORM_LABEL_PACKED_HERE
MASKED = replace(ADDRESS, name="A*** E***", is_masked=True)
NOTHING = Tracking()


def packed(*parcels: Parcel, **more: object) -> ChannelOrder:
    """Order S1, three teas, which the shop ships with a label of its own once a location has packed it."""
    given = {"parcels": parcels, "fulfilled_by": PACKED_HERE, "shipping_address": MASKED}
    return sold({"TEA": 3}, **(given | more))


@pytest.fixture
def selling(hub: Bench) -> Bench:
    hub.open_shop(TEA=10)
    hub.read_orders(packed())
    return hub


def labels_of(hub: Bench, key: str) -> tuple[str, tuple[ChannelId, ...]]:
    with hub.database.reading() as tx:
        found = platform_labels.of_fulfillment(tx, key)
    return found.integration, found.parcels


def test_a_masked_address_keeps_nothing_back_that_travels_with_the_platforms_label(hub: Bench) -> None:
    hub.open_shop(TEA=10)

    hub.read_orders(packed())
    here = status(hub)
    hub.read_orders(packed(fulfilled_by=FulfilledBy.SELLER))

    assert (here, status(hub)) == (OrderStatus.READY_FOR_FULFILLMENT, OrderStatus.TO_BE_VALIDATED)


def test_such_an_order_is_held_as_the_sellers_own_are(hub: Bench) -> None:
    hub.open_shop(TEA=10)
    hub.rules[SHOP] = Rules(hold_minutes=60)

    hub.read_orders(packed(placed_at=NOW, modified_at=NOW + timedelta(minutes=1)))

    assert status(hub) == OrderStatus.ON_HOLD


def test_such_an_order_is_routed_and_asked_of_a_location(hub: Bench) -> None:
    door = Door(hub.database, stock={EAST: {"TEA": 10}})
    door.hub.read_orders(packed())

    assert door.route() == 1
    assert door.push() == ["S1-1"]
    assert status(door.hub) == OrderStatus.SENT_TO_FULFILLMENT


def test_the_shop_is_told_that_it_is_to_make_the_label(selling: Bench) -> None:
    enter(selling, NOTHING)

    [one] = due(selling)

    assert one.change.desired.has_platform_label
    assert (one.change.desired.carrier, one.change.desired.tracking_number) == ("", "")


def test_the_platforms_number_becomes_that_of_the_fulfillment_and_no_second_one(selling: Bench) -> None:
    key = enter(selling, NOTHING)
    tell(selling, "p1")

    selling.read_orders(packed(parcel("p1", "9400", "USPS", TEA=3), shipped={"TEA": 3}))

    [one] = shown(selling)
    assert (one.id, one.carrier, one.tracking_number) == (key, "USPS", "9400")
    assert "Label of tiktok: USPS 9400" in selling.events(S1)
    assert (selling.committed("TEA"), status(selling)) == (3, OrderStatus.FULFILLED)


def lose(hub: Bench, one: Due) -> None:
    settle(hub, one, Unclear(one.change.key, "No answer"))


def test_the_package_of_a_lost_answer_is_the_fulfillment_that_was_told(selling: Bench) -> None:
    key = enter(selling, NOTHING)
    lose(selling, *due(selling))

    selling.read_orders(packed(parcel("p1", "9400", "USPS", TEA=3), shipped={"TEA": 3}))

    [one] = shown(selling)
    assert (one.id, one.carrier, one.tracking_number) == (key, "USPS", "9400")
    assert selling.cases("fulfillment_exceeds") == []
    assert labels_of(selling, key) == (SHOP, ("p1",))
    selling.now += timedelta(hours=1)
    [again] = tell(selling, "p1")
    assert (again.change.channel_id, again.change.desired.taken) == ("p1", ())
    assert selling.cases() == []


def test_packages_of_lost_answers_are_told_apart_by_what_they_hold(selling: Bench) -> None:
    keys = {units: enter(selling, NOTHING, {"TEA": units}) for units in (1, 2)}
    for one in due(selling):
        lose(selling, one)

    selling.read_orders(packed(parcel("p2", "9402", "USPS", TEA=2)))
    selling.read_orders(packed(parcel("p2", "9402", "USPS", TEA=2), parcel("p1", "9401", "USPS", TEA=1)))

    assert {one.id: one.tracking_number for one in shown(selling)} == {keys[1]: "9401", keys[2]: "9402"}


@pytest.mark.parametrize("units", [1, 2])
def test_a_package_of_other_units_or_of_somebody_else_is_not_the_lost_one(selling: Bench, units: int) -> None:
    """What was read before anything was told was made in Seller Center."""
    foreign = parcel("p9", "9409", "USPS", TEA=units)
    selling.read_orders(packed(foreign))
    key = enter(selling, NOTHING, {"TEA": 1})
    lose(selling, *due(selling))

    selling.read_orders(packed(foreign))

    assert {one.tracking_number for one in shown(selling)} == {"9409", ""}
    with pytest.raises(SettingsError, match="has not made the label yet"):
        labels_of(selling, key)


def test_an_order_that_is_packed_here_is_held_and_routed_as_ones_own(hub: Bench) -> None:
    door = Door(hub.database, stock={EAST: {"TEA": 10}})
    door.hub.read_orders(packed())
    door.route()
    door.push()

    with hub.database.reading() as tx:
        found = views.order(tx, S1)

    assert found is not None
    said = {step.stage: step.text for step in found.progress}
    assert (said["Hold released"], said["Routed"]) == (
        "Nothing holds it",
        "Routing card 'All' decided: East ships 3 units through wms",
    )


def test_the_number_is_the_platforms_own_and_neither_entered_nor_corrected(selling: Bench) -> None:
    with pytest.raises(SettingsError, match="leave carrier and number out"):
        enter(selling, Tracking("UPS", "1Z-GUESSED"))
    key = enter(selling, NOTHING)
    tell(selling, "p1")
    with pytest.raises(SettingsError, match="the label of tiktok"):
        correct(selling, key, Tracking("UPS", "1Z-WRONG"))

    selling.read_orders(packed(parcel("p1", "9400", "USPS", TEA=3), shipped={"TEA": 3}))

    [one] = shown(selling)
    assert (one.carrier, one.tracking_number) == ("USPS", "9400")


def test_labels_are_those_of_the_packages_that_were_made(selling: Bench) -> None:
    key = enter(selling, NOTHING)
    with pytest.raises(SettingsError, match="has not made the label yet"):
        labels_of(selling, key)

    tell(selling, "p1+p2")

    assert labels_of(selling, key) == (SHOP, ("p1", "p2"))


def test_a_label_that_was_refused_says_why(selling: Bench) -> None:
    key = enter(selling, NOTHING)
    [one] = due(selling)
    settle(selling, one, Rejected(key, "No means of payment", code="21022026"))

    with pytest.raises(SettingsError, match="made no label: No means of payment"):
        labels_of(selling, key)
    assert [case.kind for case in selling.cases()] == ["fulfillment_refused"]

    settle(selling, one, Confirmed(key, ChannelId("p1")))
    assert selling.cases() == []


def test_a_package_that_was_made_in_seller_center_has_its_label_too(selling: Bench) -> None:
    selling.read_orders(packed(parcel("p9", "9400", "USPS", TEA=3), shipped={"TEA": 3}))

    [one] = shown(selling)

    assert labels_of(selling, one.id) == (SHOP, ("p9",))


def test_there_are_no_labels_of_what_is_gone_unknown_or_the_sellers_own(selling: Bench) -> None:
    key = enter(selling, NOTHING)
    void(selling, key)
    with pytest.raises(SettingsError, match="taken back"):
        labels_of(selling, key)
    with pytest.raises(SettingsError, match="there is no fulfillment"):
        labels_of(selling, "ful_none")

    selling.read_orders(packed(fulfilled_by=FulfilledBy.SELLER, shipping_address=ADDRESS))
    with pytest.raises(SettingsError, match="the seller's own label"):
        labels_of(selling, key)


@pytest.mark.parametrize("by", [FulfilledBy.PLATFORM_LABEL, PACKED_HERE])
def test_stock_is_lowered_once_whoever_packs(hub: Bench, by: FulfilledBy) -> None:
    hub.open_shop(TEA=10)
    is_packed_here = by is PACKED_HERE
    placed = packed(
        fulfilled_by=by,
        status=OrderStatus.READY_FOR_FULFILLMENT if is_packed_here else OrderStatus.FULFILLED,
    )
    hub.read_orders(placed)
    before = hub.offered("TEA")
    if is_packed_here:
        enter(hub, NOTHING)
        tell(hub, "p1")

    hub.read_orders(
        replace(
            placed,
            status=OrderStatus.FULFILLED,
            parcels=(parcel("p1", "9400", "USPS", TEA=3),),
            lines=tuple(replace(line, quantity_shipped=3) for line in placed.lines),
            modified_at=NOW + timedelta(hours=1),
        )
    )

    assert (before, hub.offered("TEA")) == (7, 7)
    assert hub.ledger_differences() == {}
