"""Which shipping provider TikTok Shop is told: by the order's own list, the carrier map, and names people use."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import partial

import pytest

from connectors.tiktok_shop.fulfillment_bench import (
    NUMBER,
    OTHER_NUMBER,
    UPS_ID,
    USPS_ID,
    packages,
    placed,
    push,
    wanted,
)
from connectors.tiktok_shop.tiktok_bench import NOW, Sent, SimulatedShop, refusal, scripted
from crossdock.connectors.tiktok_shop.carriers import Carriers, CarrierSettings, NoProvider
from crossdock.connectors.tiktok_shop.mapping.carrier import Provider, are_same, chosen, pick
from crossdock.domain.sync import Confirmed, Rejected

USPS_NUMBER = "9400111899223344556677"
PROVIDERS = tuple(
    Provider(str(number), name)
    for number, name in enumerate(
        ("USPS", "UPS", "FedEx", "DHL Express", "DHL eCommerce", "Royal Mail", "Evri", "Correos", "UPS Mail"),
        1,
    )
)


@pytest.mark.parametrize(
    ("carrier", "name"),
    [
        ("usps", "USPS"),
        ("United States Postal Service", "USPS"),
        ("Federal Express", "FedEx"),
        ("fed-ex", "FedEx"),
        ("royal-mail", "Royal Mail"),
        ("ROYALMAIL", "Royal Mail"),
        ("DHL Express", "DHL Express"),
        ("dhl_ecommerce", "DHL eCommerce"),
        ("DHL Global Mail", "DHL eCommerce"),
        ("myHermes", "Evri"),
        ("Correos España", "Correos"),
        ("United Parcel Service", "UPS"),
        ("4", "DHL Express"),
    ],
)
def test_a_carrier_is_known_by_the_names_that_people_use(carrier: str, name: str) -> None:
    found = pick(carrier, PROVIDERS)

    assert found is not None
    assert found.name == name


@pytest.mark.parametrize("carrier", ["DHL", "Parcel Post", "", "U", "10", "Royal"])
def test_a_carrier_is_never_guessed(carrier: str) -> None:
    assert pick(carrier, PROVIDERS) is None


def test_a_name_of_its_own_wins_over_another_name_of_the_same_carrier() -> None:
    both = (Provider("1", "Federal Express"), Provider("2", "FedEx"))

    assert pick("fedex", both) == both[1]
    assert pick("federal express", both) == both[0]


def test_nameless_carriers_are_not_the_same() -> None:
    assert not are_same("", "")
    assert not are_same("-", "…")


def test_the_map_compares_names_as_people_write_them() -> None:
    carrier_map = {"Parcel Post": "USPS", "ups": "FedEx "}

    assert chosen("parcel-post", carrier_map) == "USPS"
    assert chosen("UPS", carrier_map) == "FedEx"
    assert chosen("Evri", carrier_map) == "Evri"


def test_a_carrier_that_the_order_does_not_take_is_refused_with_those_that_it_does(
    shop: SimulatedShop,
) -> None:
    order = placed(shop)

    [outcome] = push(shop, wanted(order, carrier="Bob's Vans"), carrier_map={"Parcel Post": "USPS"})

    assert isinstance(outcome, Rejected)
    assert outcome.code == "carrier_unknown"
    assert "it takes: DHL, FedEx, OnTrac, UPS, USPS" in outcome.reason
    assert "crossdock settings set tiktok" in outcome.fix
    assert "Parcel Post" in outcome.fix, "a setting is given whole, so the line keeps what it holds"
    assert packages(shop) == []


def test_the_carrier_map_leads_from_the_hubs_name_to_the_providers_id(shop: SimulatedShop) -> None:
    order = placed(shop)
    carrier_map = {"Bob's Vans": "usps", "Night Post": UPS_ID}

    outcomes = push(
        shop,
        wanted(order, USPS_NUMBER, {"MUG": 1}, carrier="BOBS VANS"),
        wanted(order, NUMBER, {"MUG": 2}, carrier="night post"),
        carrier_map=carrier_map,
    )

    assert [type(outcome) for outcome in outcomes] == [Confirmed, Confirmed]
    assert packages(shop) == [(USPS_NUMBER, USPS_ID, 1), (NUMBER, UPS_ID, 2)]


def test_a_map_that_leads_nowhere_says_so(shop: SimulatedShop) -> None:
    [outcome] = push(shop, wanted(placed(shop), carrier="UPS"), carrier_map={"UPS": "Royal Mail"})

    assert isinstance(outcome, Rejected)
    assert "'UPS' (which the carrier map calls 'Royal Mail') is no carrier" in outcome.reason


def test_a_fulfillment_without_a_carrier_is_refused(shop: SimulatedShop) -> None:
    [outcome] = push(shop, wanted(placed(shop), carrier=""))

    assert isinstance(outcome, Rejected)
    assert outcome.code == "carrier_unknown"
    assert "names no carrier" in outcome.reason


def test_carriers_are_asked_for_once_a_day_and_again_where_none_fits(shop: SimulatedShop) -> None:
    orders = [placed(shop) for _ in range(3)]
    push(shop, wanted(orders[0]))
    shop.simulator.journal.clear()

    push(shop, wanted(orders[1], OTHER_NUMBER))
    remembered = len(shop.calls("/shipping_providers"))
    push(shop, wanted(orders[2], carrier="Bob's Vans"), wanted(orders[2], carrier="Night Post"))

    assert remembered == 0
    assert len(shop.calls("/shipping_providers")) == 1


def test_yesterdays_carriers_are_asked_for_again() -> None:
    bench, http = scripted(lambda _: {"shipping_providers": [{"id": 1, "name": "UPS"}]})
    for day in (NOW, NOW, NOW.replace(day=25)):
        bench.clock = partial(datetime.fromtimestamp, day.timestamp(), UTC)
        assert carriers(bench).find("7", "ups") == Provider("1", "UPS")

    assert len(http.sent) == 2


def carriers(bench: object, **carrier_map: str) -> Carriers:
    from connectors.tiktok_shop.tiktok_bench import Bench

    assert isinstance(bench, Bench)
    client = bench.connector()._fulfillment
    return Carriers(client, bench.memory, bench.clock, CarrierSettings("tiktok", carrier_map))


def test_an_option_that_tiktok_ships_has_no_carriers_and_is_asked_about_once() -> None:
    bench, http = scripted(lambda _: refusal(98001004, "delivery option is fulfilled by TikTok", status=400))
    found = carriers(bench)

    first, second = found.find("7", "UPS"), found.find("7", "USPS")

    assert isinstance(first, NoProvider)
    assert isinstance(second, NoProvider)
    assert "as for those that TikTok ships itself" in first.reason
    assert len(http.sent) == 1


def test_a_mapped_id_does_where_no_list_is_to_be_had() -> None:
    bench, _ = scripted(lambda _: refusal(98001004, "no list", status=400))

    assert carriers(bench, UPS="717").find("7", "ups") == Provider("717")
    assert carriers(bench, UPS="717").find("", "ups") == Provider("717")


def test_an_order_without_a_delivery_option_asks_for_an_id() -> None:
    bench, http = scripted(lambda _: {})

    found = carriers(bench).find("", "UPS")

    assert isinstance(found, NoProvider)
    assert json.dumps({"UPS": "NAME"}) in found.fix
    assert http.sent == []


def test_a_long_list_of_carriers_is_cut() -> None:
    many = [{"id": str(n), "name": f"Carrier {n:03}"} for n in range(75)]
    bench, _ = scripted(lambda _: {"shipping_providers": many})

    found = carriers(bench).find("7", "Bob")

    assert isinstance(found, NoProvider)
    assert found.reason.endswith("Carrier 059 and 15 more")


def test_a_shop_without_carriers_says_none() -> None:
    def script(sent: Sent) -> object:
        assert sent.path.endswith("/shipping_providers")
        return {}

    found = carriers(scripted(script)[0]).find("7", "Bob")

    assert isinstance(found, NoProvider)
    assert found.reason.endswith("it takes: none")
