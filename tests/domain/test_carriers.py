"""Carriers: the shapes of their numbers, their other names, and who may be meant by one that nobody maps."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.domain import carriers
from crossdock.domain.carriers import CARRIERS, MOST_CANDIDATES, doubt, find, known_as, named, of_number

NAMES = st.sampled_from([name for each in CARRIERS for name in (each.name, *each.aliases)])
TEXTS = st.text(max_size=30)

NUMBERS = {
    "1Z999AA10123456784": "UPS",
    "9400 1000 0000 0000 0000 00": "USPS",
    "420123459400100000000000000000": "USPS",
    "EA123456785US": "USPS",
    "770123456789": "FedEx",
    "961234567890123456789012": "",
    "1234567890": "DHL Express",
    "JJD000390007827148723": "DHL Express",
    "GM295322453000000000": "DHL eCommerce",
    "AB123456789GB": "Royal Mail",
    "H01HYA0012345678": "Evri",
    "15501234567890": "DPD",
    "TBA123456789012": "Amazon Logistics",
    "YT2412345678901234": "YunExpress",
}


@pytest.mark.parametrize(("number", "carrier"), NUMBERS.items())
def test_a_number_is_of_the_carrier_that_gives_such(number: str, carrier: str) -> None:
    assert (carrier in {each.name for each in of_number(number)}) is bool(carrier)


@pytest.mark.parametrize(
    ("carrier", "number", "said"),
    [
        ("USPS", "1Z999AA10123456784", "1Z999AA10123456784 looks like UPS, not USPS"),
        ("United Parcel Service", "TBA123456789012", "TBA123456789012 looks like Amazon Logistics, not UPS"),
        ("FedEx", "12345", "12345 does not look like a number of FedEx: 12, 15 or 20 digits"),
        ("UPS", "1z 999 aa1 0123 456 784", ""),
        ("UPS Next Day Air", "1Z999AA10123456784", ""),
        ("Royal Mail", "AB123456789GB", ""),
        ("Our own van", "tour 7", ""),
        ("DHL", "anything", ""),
        ("UPS", "", ""),
    ],
)
def test_a_number_is_doubted_only_where_its_carrier_gives_others(
    carrier: str, number: str, said: str
) -> None:
    assert doubt(carrier, number) == said


def test_names_of_one_carrier_are_one_and_services_that_platforms_tell_apart_are_not() -> None:
    assert known_as("Federal-Express") == known_as("fedex") == known_as("FedEx Express")
    assert known_as("DHL eCommerce") != known_as("DHL Express")
    assert known_as("DHL") not in (known_as("DHL Express"), known_as("DHL eCommerce"))
    assert known_as("Pigeon & Sons") == "pigeonsons"


def test_a_service_belongs_to_the_carrier_that_its_name_begins_with() -> None:
    assert [one.name for name in ("UPS Ground", "FedEx Home Delivery") if (one := named(name))] == [
        "UPS",
        "FedEx",
    ]
    assert named("Upside Logistics") is None


def test_the_platforms_carrier_is_found_by_another_name_by_likeness_and_by_the_number() -> None:
    taken = ["UPS", "USPS", "FedEx", "DHL eCommerce", "OnTrac"]

    assert find("United Parcel Service", among=taken)[0].name == "UPS"
    assert find("U.P.S. Ground", among=taken)[0].name == "UPS"
    assert find("FedExx", among=taken)[0].name == "FedEx"
    assert {each.name for each in find("DHL", among=taken)} == {"DHL eCommerce"}
    assert find("our courier", "1Z999AA10123456784", among=taken)[0].name == "UPS"
    assert find("our courier", among=taken) == ()


@given(NAMES, st.lists(TEXTS, max_size=6))
def test_a_carrier_is_always_found_first_among_its_own_names(name: str, others: list[str]) -> None:
    found = find(name, among=[*others, name])

    assert known_as(found[0].name) == known_as(name)


@given(TEXTS, TEXTS, st.lists(TEXTS, min_size=1, max_size=9))
def test_only_names_that_are_taken_are_found_the_likeliest_first(
    name: str, number: str, among: list[str]
) -> None:
    found = find(name, number, among=among)

    assert {each.name for each in found} <= set(among)
    assert len({each.name for each in found}) == len(found) <= MOST_CANDIDATES
    assert all(0 < each.share <= 1 and each.why for each in found)
    assert [each.share for each in found] == sorted((each.share for each in found), reverse=True)


@given(NAMES, TEXTS)
@settings(max_examples=25)
def test_case_and_marks_of_a_name_say_nothing(name: str, number: str) -> None:
    assert find(name, number) == find(name.upper(), number) == find(name.replace(" ", "-"), number)


@given(
    st.sampled_from([each for each in CARRIERS if each.looks]),
    st.from_regex(r"[0-9A-Z]{1,40}", fullmatch=True),
)
def test_a_number_that_a_carrier_may_give_is_never_doubted(carrier: carriers.Carrier, number: str) -> None:
    assert (doubt(carrier.name, number) == "") is carrier.may_be(number)
