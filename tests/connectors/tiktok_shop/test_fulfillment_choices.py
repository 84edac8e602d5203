"""Which units stand for a fulfillment, and which are chosen for the rest of it: by values and by properties."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import combinations
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from crossdock.connectors.tiktok_shop.mapping.lines import CANCELED, SHIPPED, Cost, Shipment, Unit
from crossdock.connectors.tiktok_shop.mapping.shipping import (
    Need,
    by_line_item,
    chosen_packages,
    chosen_units,
    look,
)
from crossdock.domain.channel import ChannelId, ChannelSku
from crossdock.domain.fulfillment import WantedFulfillment, WantedUnits

NUMBER = "TRACK-1"
OPEN = "AWAITING_SHIPMENT"


def unit(key: str, status: str = OPEN, package: str = "", number: str = "") -> Unit:
    shipment = Shipment(package, number)
    return Unit(key, "s", "p", "SKU", "", cost=Cost(), taxes=(), status=status, shipment=shipment)


def wanted(units: list[Unit], quantity: int, *taken: str) -> WantedFulfillment:
    ids = tuple(ChannelId(each.id) for each in units)
    part = WantedUnits(quantity, ids[0], ChannelId("s"), ChannelSku("SKU"), ids)
    return WantedFulfillment(
        ChannelId("7"), (part,), "UPS", NUMBER, taken=tuple(ChannelId(each) for each in taken)
    )


UNITS = st.lists(
    st.builds(
        lambda status, package, number: (status, package if status in SHIPPED else "", number),
        st.sampled_from([OPEN, "TO_SHIP", CANCELED, "IN_TRANSIT", "DELIVERED"]),
        st.sampled_from(["P1", "P2", "P3"]),
        st.sampled_from([NUMBER, "track 1", "OTHER"]),
    ),
    min_size=1,
    max_size=8,
).map(
    lambda some: [unit(str(n), status, package, number) for n, (status, package, number) in enumerate(some)]
)


@given(
    UNITS, st.integers(1, 8), st.sets(st.sampled_from(["P1", "P2"])), st.sets(st.sampled_from(["P2", "P3"]))
)
def test_only_open_units_are_chosen_and_never_more_than_are_lacking(
    units: list[Unit], quantity: int, known: set[str], taken: set[str]
) -> None:
    quantity = min(quantity, len(units))

    seen = look(units, wanted(units, quantity, *taken), known, in_packages=False)
    chosen = chosen_units(seen.needs)

    assert all(not each.has_left and not each.is_canceled for each in chosen)
    covered = quantity - sum(need.units for need in seen.needs)
    left = [each for each in units if each.has_left]
    # Where no known package is there any more, one that holds just these units is taken for it.
    is_renamed = bool(known) and not any(each.shipment.id in known for each in left)
    counting = [u for u in left if is_renamed or u.shipment.id in known or u.shipment.number != "OTHER"]
    assert covered <= len(counting)
    assert covered + len(chosen) <= quantity
    assert seen.is_complete is (covered == quantity)


@given(UNITS, st.integers(1, 8), st.randoms())
def test_the_choice_does_not_depend_on_the_order_of_the_answer(
    units: list[Unit], quantity: int, random: Random
) -> None:
    asked = wanted(units, min(quantity, len(units)))
    mixed = list(units)
    random.shuffle(mixed)

    assert look(units, asked, (), in_packages=False) == look(mixed, asked, (), in_packages=False)


@given(UNITS, st.integers(1, 8))
def test_what_was_chosen_once_is_found_the_next_time(units: list[Unit], quantity: int) -> None:
    asked = wanted(units, min(quantity, len(units)))
    before = look(units, asked, (), in_packages=False)
    chosen = {each.id for each in chosen_units(before.needs)}
    left = [
        replace(each, status="IN_TRANSIT", shipment=Shipment("P9", NUMBER)) if each.id in chosen else each
        for each in units
    ]

    after = look(left, asked, (), in_packages=False)

    assert chosen_units(after.needs) == []
    assert after.is_complete or len(chosen) < sum(need.units for need in before.needs)


PACKED = st.lists(st.tuples(st.sampled_from("ABC"), st.sampled_from(["1", "2", "3", "4"])), max_size=9)


@given(PACKED, st.integers(0, 4), st.integers(0, 4))
def test_packages_are_found_whenever_some_hold_just_what_is_lacking(
    packed: list[tuple[str, str]], of_a: int, of_b: int
) -> None:
    units = [unit(f"{line}{n}", package=package) for n, (line, package) in enumerate(packed)]
    lacking = Counter({line: each for line, each in (("A", of_a), ("B", of_b)) if each})
    needs = [
        Need(each, tuple(u for u in units if u.id.startswith(line)), ()) for line, each in lacking.items()
    ]
    if not needs:
        return
    held = {key: Counter(line for line, package in packed if package == key) for _, key in packed}

    found = chosen_packages(needs, units)

    ways = [way for n in range(1, len(held) + 1) for way in combinations(sorted(held), n)]
    fitting = [way for way in ways if sum((held[key] for key in way), Counter()) == lacking]
    assert (found is not None) is bool(fitting)
    if found is not None:
        assert sum((held[key] for key in found), Counter()) == lacking
        assert len(found) == len(fitting[0])


def test_ids_are_compared_as_numbers() -> None:
    units = [unit("10"), unit("9"), unit("1/12"), unit("1/3")]

    seen = look(units, wanted(units, 4), (), in_packages=False)

    assert [each.id for each in chosen_units(seen.needs)] == ["1/3", "1/12", "9", "10"]


def test_units_of_a_bundle_are_told_by_line_item() -> None:
    units = [unit("1/1"), unit("1/2", CANCELED), unit("2"), unit("3/1"), unit("3/2")]

    whole, single, half = by_line_item([units[0], units[2], units[4]], units)

    assert (whole.line_id, whole.part_ids, whole.is_whole) == ("1", ("1",), True)
    assert (single.line_id, single.part_ids, single.is_whole) == ("2", (), True)
    assert (half.line_id, half.part_ids, half.is_whole) == ("3", ("2",), False)
