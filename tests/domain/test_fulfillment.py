"""Units of parcels find their lines, each once; what has left and how far an order is follow from them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.domain.channel import ChannelId, ChannelSku, Parcel, ShippedUnits
from crossdock.domain.fulfillment import (
    Left,
    Room,
    is_same_parcel,
    place,
    place_all,
    shipped_units,
)

UNITS = st.integers(0, 5)
NAMES = st.sampled_from(["", "a", "b"])
ROOMS = st.lists(
    st.builds(Room, st.sampled_from(["1", "2", "3"]), UNITS, NAMES, NAMES),
    max_size=3,
    unique_by=lambda room: room.line_id,
)
PARTS = st.lists(
    st.builds(
        ShippedUnits,
        st.sampled_from(["", "1", "2", "9"]).map(ChannelId),
        st.integers(1, 4),
        NAMES.map(ChannelId),
        NAMES.map(ChannelSku),
    ),
    max_size=5,
)


def part(line: str, quantity: int, variant: str = "", sku: str = "") -> ShippedUnits:
    return ShippedUnits(ChannelId(line), quantity, ChannelId(variant), ChannelSku(sku))


@given(parts=PARTS, rooms=ROOMS)
def test_every_unit_is_placed_once_or_too_much_and_no_line_gets_more_than_it_has_room(
    parts: list[ShippedUnits], rooms: list[Room]
) -> None:
    placed, over = place(parts, rooms)

    assert sum(placed.values()) + over == sum(each.quantity for each in parts)
    assert all(units > 0 for units in placed.values())
    assert all(placed.get(room.line_id, 0) <= room.units for room in rooms)


def test_a_named_line_comes_before_those_of_its_variant_and_these_before_those_of_its_sku() -> None:
    rooms = [Room("1", 1, sku="TEA"), Room("2", 1, variant_id="v"), Room("3", 1)]

    assert place([part("3", 3, "v", "TEA")], rooms) == ({"3": 1, "2": 1, "1": 1}, 0)
    assert place([part("", 1, "v", "TEA")], rooms) == ({"2": 1}, 0)
    assert place([part("", 1, sku="HAT")], rooms) == ({}, 1)


@given(ordered=UNITS, canceled=UNITS, told=UNITS, fulfilled=UNITS)
def test_shipped_canceled_and_open_units_are_what_was_ordered(
    ordered: int, canceled: int, told: int, fulfilled: int
) -> None:
    canceled = min(canceled, ordered)

    shipped = shipped_units(ordered=ordered, canceled=canceled, told=told, fulfilled=fulfilled)

    assert 0 <= shipped <= ordered - canceled
    assert shipped == min(max(told, fulfilled), ordered - canceled)


@pytest.mark.parametrize(("number", "units", "is_same"), [("1Z", 2, True), ("1Z", 1, False), ("", 2, False)])
def test_a_parcel_under_another_id_is_known_by_number_and_units(
    number: str, units: int, is_same: bool
) -> None:
    one = Parcel(ChannelId("1"), (part("a", 1), part("a", 1)), "UPS", "1Z")
    other = Parcel(ChannelId("2"), (part("a", units),), "United Parcel Service", number)

    assert is_same_parcel(one, other) is is_same


LEFT = st.lists(st.builds(Left, st.uuids().map(str), recorded=PARTS.map(tuple)), max_size=4)


@given(left=LEFT, entered=st.dictionaries(st.sampled_from(["1", "2"]), st.integers(1, 4)), rooms=ROOMS)
def test_units_of_all_fulfillments_have_a_place_or_none_and_canceled_ones_are_told_apart(
    left: list[Left], entered: dict[str, int], rooms: list[Room]
) -> None:
    rooms = [replace(room, canceled=1) for room in rooms]
    there = {room.line_id for room in rooms}
    by_hand = Left("by hand", entered={line: units for line, units in entered.items() if line in there})

    places = place_all([*left, by_hand], rooms)

    assert places.parts["by hand"] == by_hand.entered, "what people entered stays where it is"
    for one in left:
        placed = sum(places.parts[one.id].values())
        assert placed + places.over[one.id] == sum(part.quantity for part in one.recorded)
    for room in rooms:
        held = sum(parts.get(room.line_id, 0) for parts in places.parts.values())
        own = by_hand.entered.get(room.line_id, 0)
        assert held - own <= max(0, room.units - own)
        assert 0 <= places.canceled[room.line_id] <= room.canceled
        assert sum(places.canceled.values()) <= sum(places.over.values())


def test_what_is_canceled_takes_no_unit_while_another_line_has_room() -> None:
    rooms = [Room("1", 0, variant_id="v", canceled=2), Room("2", 1, variant_id="v")]

    places = place_all([Left("a", recorded=(part("1", 2, "v"),))], rooms)

    assert places.parts == {"a": {"2": 1}}
    assert (places.over, places.canceled) == ({"a": 1}, {"1": 1, "2": 0})


def test_goods_that_the_order_never_had_are_not_among_the_canceled() -> None:
    places = place_all([Left("a", recorded=(part("9", 2, sku="HAT"),))], [Room("1", 0, canceled=3)])

    assert (places.over, places.canceled) == ({"a": 2}, {"1": 0})
