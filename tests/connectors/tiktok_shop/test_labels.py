"""Orders that travel with TikTok's own label: one package and one label for what was packed, however often it is told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.tiktok_shop.fulfillment_bench import market, packages, placed, push, read, wanted
from connectors.tiktok_shop.tiktok_bench import SimulatedShop
from crossdock.connectors.contract import OffersLabels
from crossdock.connectors.errors import RefusedError
from crossdock.connectors.tiktok_shop.mapping.labels import from_services, handover
from crossdock.connectors.tiktok_shop.payloads_fulfillment import HandoverSlots, Service, Services, Slot
from crossdock.domain.channel import ChannelId, ChannelOrder
from crossdock.domain.fulfillment import WantedFulfillment
from crossdock.domain.order import FulfilledBy, OrderStatus
from crossdock.domain.sync import Confirmed, Rejected, Unclear
from crossdock_simulators.kit import Fault

BUY = "/fulfillment/202512/packages"
PACK = {"shipped_by_tiktok": "pack", "orders": True}


@pytest.fixture
def mexican() -> Iterator[SimulatedShop]:
    with market("MX") as shop:
        yield shop


def labeled(shop: SimulatedShop, **asked: Any) -> ChannelOrder:
    return placed(shop, shipping_type="TIKTOK", **asked)


def packed(order: ChannelOrder, quantities: dict[str, int] | None = None, **more: Any) -> WantedFulfillment:
    """What a location has packed: it has no number, for that is TikTok's to give."""
    return wanted(order, "", quantities, **({"carrier": "", "has_platform_label": True} | more))


def packed_here(shop: SimulatedShop, order_id: str) -> ChannelOrder:
    """The order as it is read while locations pack such orders."""
    pages = shop.connector(**PACK).pull_orders(None)
    return next(order for page in pages for order in page.records if order.channel_id == order_id)


def test_a_setting_says_who_packs(shop: SimulatedShop) -> None:
    recorded = labeled(shop)

    here = packed_here(shop, recorded.channel_id)

    assert (recorded.status, recorded.fulfilled_by) == (OrderStatus.FULFILLED, FulfilledBy.PLATFORM_LABEL)
    assert here.status is OrderStatus.READY_FOR_FULFILLMENT
    assert here.fulfilled_by is FulfilledBy.PLATFORM_LABEL_PACKED_HERE
    assert here.shipping_address is not None
    assert here.shipping_address.is_masked


def test_the_label_is_bought_by_the_default_service_and_named(shop: SimulatedShop) -> None:
    order = labeled(shop)

    [outcome] = push(shop, packed(order))

    assert isinstance(outcome, Confirmed)
    assert outcome.notes == ("TikTok Shop made the label: USPS Ground Advantage for 5.17 USD",)
    [parcel] = read(shop, order.channel_id).parcels or ()
    assert parcel.channel_id == outcome.channel_id
    assert (parcel.carrier, parcel.tracking_number[:4]) == ("USPS", "9400")


def test_told_again_nothing_is_bought(shop: SimulatedShop) -> None:
    order = labeled(shop)
    [first] = push(shop, packed(order))
    assert isinstance(first, Confirmed)

    [known] = push(shop, packed(order), known=first.channel_id)
    [corrected] = push(shop, packed(order, carrier="UPS", tracking_number="1Z9"), known=first.channel_id)
    [forgotten] = push(shop, packed(order))

    assert {one.channel_id for one in (known, corrected, forgotten) if isinstance(one, Confirmed)} == {
        first.channel_id
    }
    assert shop.calls(BUY) == [f"POST {BUY}"]


@pytest.mark.parametrize("quantity", [1, 2])
def test_an_answer_that_was_lost_buys_no_second_label(shop: SimulatedShop, quantity: int) -> None:
    order = labeled(shop)
    part = packed(order, {"MUG": quantity})
    shop.simulator.faults.add(Fault("error_after", path=BUY))

    [lost] = push(shop, part)
    [again] = push(shop, part, is_unclear=True)

    assert isinstance(lost, Unclear)
    assert isinstance(again, Confirmed)
    assert [units for _, _, units in packages(shop)] == [quantity]


def test_an_order_packed_in_two_places_gets_two_labels(shop: SimulatedShop) -> None:
    order = labeled(shop)
    [first] = push(shop, packed(order, {"MUG": 1}))
    assert isinstance(first, Confirmed)
    taken = (ChannelId(first.channel_id),)

    [second] = push(shop, packed(order, {"MUG": 2}, taken=taken))

    assert isinstance(second, Confirmed)
    assert sorted(units for _, _, units in packages(shop)) == [1, 2]
    assert read(shop, order.channel_id).status is OrderStatus.FULFILLED


def test_a_label_that_somebody_made_in_seller_center_is_this_one(shop: SimulatedShop) -> None:
    order = labeled(shop)
    there = shop.do(f"/orders/{order.channel_id}/ship")["package_id"]

    [outcome] = push(shop, packed(order))

    assert isinstance(outcome, Confirmed)
    assert outcome.channel_id == there
    assert shop.calls(BUY) == []


def test_a_label_that_cannot_be_bought_is_a_case_with_a_way_out(shop: SimulatedShop) -> None:
    order = labeled(shop)
    shop.do("/switches", sells_labels=False)

    [refused] = push(shop, packed(order))
    shop.do("/switches", sells_labels=True)
    [healed] = push(shop, packed(order))

    assert isinstance(refused, Rejected)
    assert (refused.code, "Seller Center" in refused.fix) == ("21022026", True)
    assert isinstance(healed, Confirmed)


def test_the_sellers_own_order_has_no_such_label(shop: SimulatedShop) -> None:
    order = placed(shop)

    [outcome] = push(shop, packed(order))

    assert isinstance(outcome, Rejected)
    assert outcome.code == "no_label"
    assert shop.calls("/fulfillment/") == []


def test_a_label_is_fetched_by_an_address_that_nobody_keeps(shop: SimulatedShop) -> None:
    order = labeled(shop)
    [outcome] = push(shop, packed(order))
    assert isinstance(outcome, Confirmed)
    connector = shop.connector(**PACK)
    assert isinstance(connector, OffersLabels)

    [label] = connector.shipping_labels([ChannelId(outcome.channel_id)])

    [parcel] = read(shop, order.channel_id).parcels or ()
    assert (label.parcel, label.tracking_number) == (parcel.channel_id, parcel.tracking_number)
    assert label.url.startswith("https://labels.example/")
    with pytest.raises(RefusedError):
        connector.shipping_labels([ChannelId("1")])


@pytest.mark.parametrize(
    ("settings", "switches", "way"),
    [
        ({}, {}, "drop-off"),
        ({}, {"offers_drop_off": False}, "pickup"),
        ({"handover": "pickup"}, {}, "pickup"),
    ],
)
def test_elsewhere_the_package_is_handed_over(
    mexican: SimulatedShop, settings: dict[str, str], switches: dict[str, bool], way: str
) -> None:
    order = labeled(mexican)
    mexican.do("/switches", **switches)

    [outcome] = push(mexican, packed(order), **PACK, **settings)

    assert isinstance(outcome, Confirmed)
    assert outcome.notes == (f"package {outcome.channel_id}: {way}",)
    assert read(mexican, order.channel_id).parcels


def test_elsewhere_what_nobody_fetches_is_refused(mexican: SimulatedShop) -> None:
    order = labeled(mexican)
    mexican.do("/switches", offers_drop_off=False, offers_pickup=False)

    [outcome] = push(mexican, packed(order), **PACK)
    [part] = push(mexican, packed(order, {"MUG": 1}), **PACK)

    assert isinstance(outcome, Rejected)
    assert isinstance(part, Rejected)
    assert (outcome.code, part.code) == ("no_handover", "package_in_part")


slots = st.builds(
    HandoverSlots,
    can_pickup=st.sampled_from([True, False, None]),
    can_drop_off=st.sampled_from([True, False, None]),
    pickup_slots=st.none()
    | st.lists(
        st.builds(Slot, start_time=st.integers(1, 9), end_time=st.integers(10, 19), avaliable=st.booleans())
    ),
)


@given(slots, st.sampled_from(["PICKUP", "DROP_OFF"]))
def test_only_what_is_offered_is_asked_for(offered: HandoverSlots, preferred: str) -> None:
    said = handover(offered, preferred)

    free = [slot for slot in offered.pickup_slots or () if slot.avaliable]
    ways = {
        "DROP_OFF": offered.can_drop_off is not False,
        "PICKUP": offered.can_pickup is not False and bool(free),
    }
    assert (said is None) == (not any(ways.values()))
    if said is not None:
        assert ways[said["handover_method"]]
        assert said["handover_method"] == preferred or not ways[preferred]
    if said is not None and "pickup_slot" in said:
        assert said["pickup_slot"]["start_time"] == min(slot.start_time for slot in free)


def test_without_a_default_the_cheapest_service_is_bought() -> None:
    dear, cheap = Service(id="1", price="9.20"), Service(id="2", price="5.17")

    assert from_services(Services(shipping_services=[dear, cheap]))["shipping_service_id"] == "2"
    assert (
        from_services(Services(shipping_services=[replace_default(dear), cheap]))["shipping_service_id"]
        == "1"
    )
    assert from_services(Services(weight={"value": "", "unit": "POUND"})) == {}


def replace_default(service: Service) -> Service:
    return Service(id=service.id, price=service.price, is_default=True)
