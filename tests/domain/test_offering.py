"""What a channel may offer of what there is: percentage, buffers, thresholds, locations and bundles."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from crossdock.domain.inventory import (
    Component,
    Destinations,
    LastUnits,
    Level,
    Offering,
    Share,
    bundle_levels,
    offering,
)

HUB_PLACES = ("a", "b", "c", "d")
THEIR_PLACES = ("W1", "W2", "W3")
ALL = Share()
UNITS = st.integers(-20, 50)
SMALL = st.integers(0, 5)
LEVELS = st.lists(
    st.builds(
        Level,
        st.sampled_from(HUB_PLACES),
        UNITS,
        committed=st.integers(0, 20),
        unavailable=SMALL,
        future=SMALL,
        committed_future=SMALL,
        buffer=SMALL,
        is_unlimited=st.sampled_from((False, False, False, True)),
    ),
    max_size=4,
    unique_by=lambda level: level.location_id,
)
SHARES = st.builds(
    Share,
    percentage=st.integers(0, 100),
    buffer=st.integers(0, 10),
    out_of_stock_below=st.integers(0, 6),
    last_units=st.builds(
        LastUnits, below=st.integers(0, 30), percentage=st.integers(0, 100), buffer=st.integers(0, 5)
    ),
    unlimited=st.integers(0, 999),
)


@st.composite
def destinations(draw: st.DrawFn) -> Destinations:
    places = tuple(draw(st.lists(st.sampled_from(THEIR_PLACES), min_size=1, unique=True)))
    mapped = draw(st.dictionaries(st.sampled_from(HUB_PLACES), st.sampled_from(THEIR_PLACES)))
    default = draw(st.sampled_from(places))
    return Destinations(places, default, mapped, unmapped_to_default=draw(st.booleans()))


def units_of(level: Level, share: Share) -> int:
    return share.unlimited if level.is_unlimited else level.promisable


def total_of(found: Offering) -> int:
    return sum(units for _, units in found.quantities)


@given(LEVELS, destinations(), SHARES)
def test_every_location_of_the_channel_is_named_once_and_none_below_zero(
    levels: list[Level], to: Destinations, share: Share
) -> None:
    found = offering(levels, to, share).quantities

    assert [place for place, _ in found] == sorted(to.all)
    assert all(units >= 0 for _, units in found)


@given(LEVELS, destinations())
def test_all_locations_together_offer_what_is_there(levels: list[Level], to: Destinations) -> None:
    counted = [level for level in levels if to.of(level.location_id) is not None]

    found = offering(levels, to, ALL)

    assert total_of(found) == found.total == max(0, sum(units_of(level, ALL) for level in counted))


@given(LEVELS, destinations(), SHARES)
def test_the_steps_lead_to_the_number(levels: list[Level], to: Destinations, share: Share) -> None:
    found = offering(levels, to, share)

    assert total_of(found) == found.total
    assert found.less_buffer == found.shared - share.buffer
    assert found.shared <= max(found.available, 0) * share.percentage / 100 or found.available < 0
    assert found.total in (0, found.less_buffer, found.guarded)
    assert found.total <= max(0, found.less_buffer)
    assert found.total == 0 or found.total >= share.out_of_stock_below


@given(LEVELS, destinations(), SHARES)
def test_a_location_offers_no_more_than_its_own_sources_have(
    levels: list[Level], to: Destinations, share: Share
) -> None:
    for place, units in offering(levels, to, share).quantities:
        own = sum(units_of(level, share) for level in levels if to.of(level.location_id) == place)
        assert units <= max(0, own)


@given(LEVELS, destinations(), SHARES, st.integers(1, 5))
def test_a_sale_never_raises_what_is_offered(
    levels: list[Level], to: Destinations, share: Share, sold: int
) -> None:
    after = [replace(level, committed=level.committed + sold) for level in levels]

    assert offering(after, to, share).total <= offering(levels, to, share).total


@given(
    st.integers(0, 60),
    st.lists(st.integers(0, 100), min_size=2, max_size=3),
    st.integers(1, 70),
    st.integers(0, 5),
)
def test_shares_of_the_last_units_never_promise_more_than_there_is(
    there: int, shares: list[int], below: int, buffer: int
) -> None:
    """Where they are of 100 % together, all channels can sell out at once."""
    to = Destinations(("W1",), "W1", {})
    parts = [each * 100 // max(100, sum(shares)) for each in shares]

    totals = [
        offering([Level("a", there)], to, Share(last_units=LastUnits(below, part, buffer))).total
        for part in parts
    ]

    assert sum(totals) <= there or there >= below


@given(LEVELS, destinations(), SHARES)
def test_the_guard_never_offers_more_than_there_would_be_without_it(
    levels: list[Level], to: Destinations, share: Share
) -> None:
    without = offering(levels, to, replace(share, last_units=LastUnits()))

    assert without.guarded is None
    assert offering(levels, to, share).total <= without.total


def test_below_its_threshold_the_guard_offers_a_share_less_a_buffer() -> None:
    to = Destinations(("W1",), "W1", {})
    share = Share(buffer=1, last_units=LastUnits(below=10, percentage=50, buffer=1))

    def offered(units: int) -> tuple[int | None, int]:
        found = offering([Level("a", units)], to, share)
        return found.guarded, found.total

    assert [offered(units) for units in (11, 10, 9, 5, 2, 1, 0, -3)] == [
        (None, 10),
        (None, 9),
        (3, 3),
        (1, 1),
        (0, 0),
        (-1, 0),
        (None, 0),
        (None, 0),
    ]


def test_the_lesser_of_the_guard_and_the_ordinary_number_counts() -> None:
    to = Destinations(("W1",), "W1", {})

    found = offering([Level("a", 8)], to, Share(percentage=20, last_units=LastUnits(10, 75)))

    assert (found.less_buffer, found.guarded, found.total) == (1, 6, 1)


def test_the_guard_counts_all_locations_together_and_leaves_stock_without_limit_alone() -> None:
    to = Destinations(("W1", "W2"), "W1", {"b": "W2"})
    share = Share(last_units=LastUnits(below=10), unlimited=5)

    assert offering([Level("a", 6), Level("b", 4)], to, share).guarded is None
    assert dict(offering([Level("a", 6), Level("b", 3)], to, share).quantities) == {"W1": 1, "W2": 3}
    assert offering([Level("a", 0, is_unlimited=True)], to, share).total == 5


def test_what_may_be_promised_counts_what_comes_and_leaves_out_what_is_held_back() -> None:
    level = Level("a", 10, committed=3, unavailable=1, future=5, committed_future=2, buffer=4)

    assert (level.available, level.promisable) == (6, 5)


def test_the_percentage_is_rounded_down_and_the_buffer_comes_after_it() -> None:
    to = Destinations(("W1",), "W1", {})

    found = offering([Level("a", 15)], to, Share(percentage=50, buffer=2))

    assert (found.available, found.shared, found.less_buffer, found.total) == (15, 7, 5, 5)


def test_with_fewer_units_than_the_threshold_there_are_none() -> None:
    to = Destinations(("W1",), "W1", {})

    def offered(units: int) -> int:
        return offering([Level("a", units)], to, Share(out_of_stock_below=3)).total

    assert [offered(units) for units in (4, 3, 2)] == [4, 3, 0]


def test_a_location_without_limit_offers_the_set_number_whatever_is_committed_there() -> None:
    to = Destinations(("W1",), "W1", {})

    found = offering([Level("a", -7, committed=9, is_unlimited=True)], to, Share(unlimited=50))

    assert found.quantities == (("W1", 50),)


def test_units_of_unmapped_locations_go_to_the_default_or_nowhere() -> None:
    levels = [Level("a", 3), Level("b", 4)]

    def offered(*, to_default: bool) -> dict[str, int]:
        to = Destinations(("W1", "W2"), "W1", {"b": "W2"}, unmapped_to_default=to_default)
        return dict(offering(levels, to, ALL).quantities)

    assert offered(to_default=True) == {"W1": 3, "W2": 4}
    assert offered(to_default=False) == {"W1": 0, "W2": 4}


def test_what_one_location_lacks_is_taken_from_the_fullest() -> None:
    to = Destinations(("W1", "W2", "W3"), "W1", {"a": "W1", "b": "W2", "c": "W3"})
    levels = [Level("a", 0, committed=2), Level("b", 5), Level("c", 4)]

    assert dict(offering(levels, to, Share(buffer=1)).quantities) == {"W1": 0, "W2": 2, "W3": 4}


# Bundles

COMPONENTS = st.lists(st.builds(Component, st.integers(1, 4), LEVELS), min_size=1, max_size=3)


@given(COMPONENTS)
def test_bundles_never_need_more_of_a_component_than_there_is(components: list[Component]) -> None:
    to = Destinations(("W1",), "W1", {})

    bundles = offering(bundle_levels(components, (), frozenset()), to, Share(unlimited=0)).total

    for one in components:
        if not any(level.is_unlimited for level in one.levels):
            assert bundles * one.quantity <= max(0, sum(level.promisable for level in one.levels))


@given(COMPONENTS)
def test_each_location_gives_what_its_scarcest_component_allows(components: list[Component]) -> None:
    for level in bundle_levels(components, (), frozenset()):
        bounds = [
            here.promisable // one.quantity
            for one in components
            for here in one.levels
            if here.location_id == level.location_id and not here.is_unlimited
        ]
        assert level.is_unlimited or level.on_hand == min([*bounds, level.on_hand])


def test_a_bundle_needs_all_its_components_at_one_location() -> None:
    mug = Component(2, [Level("a", 9), Level("b", 4)])
    lid = Component(1, [Level("a", 3)])

    assert bundle_levels([mug, lid], (), frozenset()) == (Level("a", 3), Level("b", 0))


def test_a_location_that_keeps_bundles_counts_them_as_such() -> None:
    mug = Component(2, [Level("a", 9), Level("b", 4)])

    made = bundle_levels([mug], [Level("a", 1), Level("b", 7)], frozenset({"b"}))

    assert made == (Level("a", 4), Level("b", 7))


def test_a_component_without_limit_does_not_bound_the_bundle() -> None:
    mug, card = Component(1, [Level("a", 5)]), Component(1, [Level("a", 0, is_unlimited=True)])

    assert bundle_levels([mug, card], (), frozenset()) == (Level("a", 5),)
    assert bundle_levels([card], (), frozenset()) == (Level("a", 0, is_unlimited=True),)
