"""Matching by exactly equal SKU: never a guess, never two as one, whatever the order."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from crossdock.domain.matching import Known, Matching, Offered, differences, folded, match

SKUS = st.text(alphabet="abAB 1\t", max_size=4)


@st.composite
def sides(draw: st.DrawFn) -> tuple[list[Offered], list[Known]]:
    """Listings of one channel with any SKUs; variants, whose master SKUs are unique and never empty."""
    listings = [Offered(f"l{i}", f"p{i}", sku) for i, sku in enumerate(draw(st.lists(SKUS, max_size=8)))]
    masters = draw(st.lists(SKUS.filter(bool), max_size=8, unique=True))
    return listings, [Known(f"v{i}", sku) for i, sku in enumerate(masters)]


@given(sides())
def test_only_exactly_equal_skus_link(both: tuple[list[Offered], list[Known]]) -> None:
    listings, variants = both
    skus = {listing.channel_id: listing.sku for listing in listings}
    masters = {variant.variant_id: variant.sku for variant in variants}

    found = match(listings, variants)

    assert all(skus[channel] == masters[variant] for channel, variant in found.links.items())


@given(sides())
def test_a_link_is_unique_both_ways(both: tuple[list[Offered], list[Known]]) -> None:
    links = match(*both).links

    assert len(set(links.values())) == len(links)


@given(sides())
def test_every_sku_that_is_alone_on_both_sides_is_linked(both: tuple[list[Offered], list[Known]]) -> None:
    listings, variants = both
    offered = [listing.sku for listing in listings]

    linked = set(match(listings, variants).links.values())

    assert linked == {v.variant_id for v in variants if offered.count(v.sku) == 1}


@given(sides())
def test_duplicates_are_named_whole_and_never_linked(both: tuple[list[Offered], list[Known]]) -> None:
    listings, variants = both

    found = match(listings, variants)

    twice = {each.sku for each in listings if each.sku and [o.sku for o in listings].count(each.sku) > 1}
    assert {duplicate.sku for duplicate in found.duplicates} == twice
    for duplicate in found.duplicates:
        assert {o.channel_id for o in duplicate.listings} == {
            o.channel_id for o in listings if o.sku == duplicate.sku
        }
        assert not {o.channel_id for o in duplicate.listings} & found.links.keys()


@given(sides())
def test_near_misses_differ_by_case_or_white_space_alone(both: tuple[list[Offered], list[Known]]) -> None:
    for miss in match(*both).near_misses:
        assert miss.channel_sku != miss.master_sku
        assert folded(miss.channel_sku) == folded(miss.master_sku)
        assert "differ by" in differences(miss.channel_sku, miss.master_sku)


@given(sides(), st.randoms(use_true_random=False))
def test_the_order_of_records_changes_nothing(
    both: tuple[list[Offered], list[Known]], random: Random
) -> None:
    listings, variants = both
    expected = match(listings, variants)

    random.shuffle(listings)
    random.shuffle(variants)

    assert match(listings, variants) == expected


def test_a_near_miss_shows_both_skus_with_what_the_eye_misses() -> None:
    found = match([Offered("1", "p", "tea-01 ")], [Known("v", "TEA-01")])

    assert found.links == {}
    (miss,) = found.near_misses
    assert (miss.channel_sku, miss.master_sku) == ("tea-01 ", "TEA-01")
    shown = differences(miss.channel_sku, miss.master_sku)
    assert shown == "“tea-01␣” | “TEA-01” (differ by white space and case)"


def test_listings_without_sku_are_left_alone() -> None:
    assert match([Offered("1", "p", ""), Offered("2", "p", "")], [Known("v", "A")]) == Matching({}, (), ())


def test_a_sku_typed_in_for_the_channel_takes_the_place_of_the_master_sku() -> None:
    listings = [Offered("1", "p", "THEIRS"), Offered("2", "p", "OURS")]

    assert match(listings, [Known("v", "OURS", override="THEIRS")]).links == {"1": "v"}


def test_a_sku_typed_in_for_one_variant_beats_the_master_sku_of_another() -> None:
    variants = [Known("v1", "A", override="B"), Known("v2", "B")]

    for some in (variants, variants[::-1]):
        assert match([Offered("1", "p", "B")], some).links == {"1": "v1"}
