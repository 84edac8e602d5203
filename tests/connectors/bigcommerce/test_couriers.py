"""Carriers that the store has no key for, and the words by which its tracking service knows them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.bigcommerce.scripted import Reply, Request, Script, connector
from connectors.bigcommerce.shipping_bench import Yard, confirmed, push, wanted
from connectors.bigcommerce.simulated import open_shop
from crossdock.connectors.bigcommerce.mapping.shipment import courier_of, provider_of, to_parcel
from crossdock.connectors.bigcommerce.payloads_shipment import Shipment
from crossdock.domain.carriers import CARRIERS, folded
from crossdock.domain.channel import ChannelId, ChannelSku
from crossdock.domain.fulfillment import WantedFulfillment, WantedUnits
from crossdock.domain.sync import Change, Confirmed


@pytest.fixture
def yard() -> Iterator[Yard]:
    with open_shop(30) as shop:
        yield Yard(shop)


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("DHL", "dhl"),
        ("DHL Express Worldwide", "dhl"),
        ("DHL Global Mail", "dhl-global-mail"),
        ("DPD UK", "dpd-uk"),
        ("DPD", "dpd"),
        ("myHermes", "myhermes-uk"),
        ("Royal Mail", ""),
        ("City Courier", ""),
        ("", ""),
    ],
)
def test_the_tracking_service_has_words_for_carriers_without_a_key(name: str, word: str) -> None:
    assert (courier_of(name) if not provider_of(name) else "") == word


def test_the_store_can_make_the_link_for_a_carrier_that_its_tracking_service_knows(yard: Yard) -> None:
    order = yard.place(2)

    confirmed(push(yard, wanted(order, {0: 1}, carrier="Evri")))
    confirmed(push(yard, wanted(order, {0: 1}, carrier="Evri", tracking_number="")))

    with_number, without = (one.fields for one in order.shipments)
    assert (with_number["shipping_provider"], with_number["tracking_carrier"]) == ("", "myhermes-uk")
    assert with_number["shipping_method"] == "Evri"
    assert without["tracking_carrier"] == ""


@given(st.sampled_from(sorted({each.name for each in CARRIERS})))
def test_what_is_read_back_names_the_same_carrier(name: str) -> None:
    word = courier_of(name)

    if word:
        raw = Shipment(id=1, items=[], tracking_carrier=word, tracking_number="1")
        assert folded(name).startswith(folded(to_parcel(raw, {}).carrier)[:3])
        assert courier_of(to_parcel(raw, {}).carrier) == word


def test_a_word_that_the_store_refuses_keeps_no_shipment_back() -> None:
    bodies: list[Any] = []

    def create(request: Request) -> Reply:
        bodies.append(request.body)
        if request.body["tracking_carrier"]:
            return 400, [{"message": "The field 'tracking_carrier' is invalid."}]
        return 201, {"id": 50}

    line = {"id": 1, "quantity": 1, "order_address_id": 31, "sku": "S1"}
    script = Script(
        {
            ("GET", "/v2/orders/7"): lambda _: (200, {"status_id": 2}),
            ("GET", "/v2/orders/7/products"): lambda _: (200, [line]),
            ("GET", "/v2/orders/7/shipments"): lambda _: (204, None),
            ("POST", "/v2/orders/7/shipments"): create,
        }
    )
    hub, _ = connector(script)
    units = (WantedUnits(1, ChannelId("1"), ChannelId(""), ChannelSku("")),)
    change = Change("ful_1", WantedFulfillment(ChannelId("7"), units, "DHL", "JJD000390007892546123"))

    (outcome,) = hub.push_fulfillments([change])

    assert isinstance(outcome, Confirmed)
    assert outcome.channel_id == "50"
    assert [body["tracking_carrier"] for body in bodies] == ["dhl", ""]
