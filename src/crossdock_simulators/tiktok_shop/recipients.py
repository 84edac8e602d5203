"""Invented buyers and their addresses, and how the platform shows or masks them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Final

from crossdock_simulators.tiktok_shop.calls import Data
from crossdock_simulators.tiktok_shop.records import Recipient
from crossdock_simulators.tiktok_shop.regions import Region

_US: Final = (
    Recipient(
        "Dana King",
        "(+1)2135550134",
        "1199 Sample Ave",
        "Suite 100",
        "San Jose",
        "Santa Clara",
        "California",
        "CA",
        "95110",
    ),
    Recipient(
        "Lee Ortega", "(+1)5125550177", "48 Juniper St", "", "Austin", "Travis", "Texas", "TX", "78701"
    ),
    Recipient(
        "Maya Brooks", "(+1)3035550112", "7 Aspen Way", "Apt 3", "Denver", "Denver", "Colorado", "CO", "80202"
    ),
)
_GB: Final = (
    Recipient(
        "Amelia Shaw",
        "(+44)7700900123",
        "12 Mill Lane",
        "",
        "Leeds",
        "West Yorkshire",
        "England",
        "ENG",
        "LS1 4AP",
    ),
    Recipient(
        "Owen Price", "(+44)7700900456", "3 Harbour Road", "Flat 2", "Cardiff", "", "Wales", "WLS", "CF10 1EP"
    ),
)
_EU: Final = (
    Recipient("Jonas Weber", "(+49)15555512345", "Lindenweg 4", "", "Berlin", "", "Berlin", "BE", "10115"),
)
BY_REGION: Final[Mapping[str, tuple[Recipient, ...]]] = {"US": _US, "GB": _GB}


def choose(region: Region, number: int, given: Mapping[str, Any]) -> Recipient:
    """One of the market's people, with whatever the order asked for instead."""
    people = BY_REGION.get(region.code, _EU)
    person = people[number % len(people)]
    known = {f.name for f in fields(Recipient)}
    if unknown := given.keys() - known:
        raise ValueError(f"Unknown fields of a recipient: {', '.join(sorted(unknown))}")
    values = {name: getattr(person, name) for name in known}
    return Recipient(**(values | {name: str(value) for name, value in given.items()}))


def address(recipient: Recipient, region: Region, *, masked: bool) -> Data:
    """Street, phone and name are masked where the platform ships; place names never are."""
    person = recipient if not masked else _masked(recipient)
    first, _, last = person.name.partition(" ")
    detail = ", ".join(part for part in (person.line1, person.line2) if part)
    places = (recipient.city, recipient.county, recipient.state, region.country, recipient.postal_code)
    return {
        "full_address": ", ".join(part for part in (detail, *places) if part),
        "phone_number": person.phone,
        "name": person.name,
        "first_name": first,
        "last_name": last,
        "region_code": region.code,
        "postal_code": recipient.postal_code,
        "post_town": recipient.city if region.code == "GB" else "",
        "address_line1": person.line1,
        "address_line2": person.line2,
        "address_line3": "",
        "address_line4": "",
        "address_detail": detail,
        "district_info": _districts(recipient, region),
        "delivery_preferences": {"drop_off_location": ""},
    }


def _districts(recipient: Recipient, region: Region) -> list[Data]:
    levels = [
        ("L0", "Country", region.country, region.code),
        ("L1", "State", recipient.state, recipient.state_code),
        ("L2", "County", recipient.county, ""),
        ("L3", "City", recipient.city, ""),
    ]
    return [
        {"address_level": level, "address_level_name": kind, "address_name": name, "iso_code": code}
        for level, kind, name, code in levels
        if name
    ]


def _masked(recipient: Recipient) -> Recipient:
    first, _, last = recipient.name.partition(" ")
    return Recipient(
        name=f"{first[:1]}*** {last[:1]}***",
        phone=f"{recipient.phone[:7]}-***-{recipient.phone[-4:]}",
        line1="***",
        line2="***" if recipient.line2 else "",
        city=recipient.city,
        county=recipient.county,
        state=recipient.state,
        state_code=recipient.state_code,
        postal_code=recipient.postal_code,
    )
