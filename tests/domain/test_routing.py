"""Routing cards: which one takes an order, who ships it, and what is said of the others."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.domain.filters import Filters, OrderFacts
from crossdock.domain.money import Money
from crossdock.domain.routing import (
    Card,
    Destination,
    Need,
    Place,
    Region,
    Routed,
    Shelf,
    Unroutable,
    Verdict,
    decide,
    parts_at,
    preferred,
    rehearse,
)

ORDER = OrderFacts(
    channel="shop",
    country="US",
    state="Texas",
    skus=frozenset({"A", "B"}),
    tags=frozenset(),
    total=Money.of(20, "USD"),
    weight=Decimal(500),
    method="Standard",
)


def place(key: str, linked: str = "wms", *, is_active: bool = True, **units: int) -> Place:
    shelves = {variant: Shelf(count) for variant, count in units.items()}
    return Place(key, key.title(), is_active, linked, linked == "wms", shelves)


def need(variant: str, units: int, line: str = "") -> Need:
    return Need(line or f"line-{variant}", variant, variant, units)


def to(*locations: str | Destination) -> tuple[Destination, ...]:
    return tuple(Destination(each) if isinstance(each, str) else each for each in locations)


def verdict(needs: list[Need], places: list[Place], *cards: Card) -> Verdict:
    return decide(ORDER, needs, {each.id: each for each in places}, cards)


def shipped(found: Verdict) -> dict[str, dict[str, int]]:
    assert isinstance(found, Routed), found
    return {part.location: dict(part.units) for part in found.parts}


def test_the_first_location_that_can_ship_everything_gets_it() -> None:
    places = [place("main", A=1), place("annex", A=2, B=1), place("far", A=9, B=9)]

    found = verdict([need("A", 2), need("B", 1)], places, Card("All", to("main", "annex", "far")))

    assert shipped(found) == {"annex": {"line-A": 2, "line-B": 1}}
    assert isinstance(found, Routed)
    assert found.notes == ("Main has 1 of 2 A", "Main has 0 of 1 B")


def test_without_a_look_at_stock_the_first_location_whose_region_fits_gets_it() -> None:
    canada = Destination("main", (Region("CA"), Region("US", ("Ohio",))))
    texas = Destination("annex", (Region("US", ("texas",)),))

    found = verdict(
        [need("A", 7)], [place("main"), place("annex")], Card("All", to(canada, texas), ignores_stock=True)
    )

    assert shipped(found) == {"annex": {"line-A": 7}}
    assert isinstance(found, Routed)
    assert found.notes == ("Main does not ship to Texas, US",)


def test_s91_a_location_without_a_warehouse_is_no_destination_and_is_named() -> None:
    places = [place("main", linked="", A=5), place("annex", linked="store", A=5)]

    found = verdict([need("A", 1)], places, Card("All", to("main", "annex", "gone")))

    assert isinstance(found, Unroutable)
    (tried,) = found.tried
    assert tried.unlinked == (
        "Main is not linked to a 3PL or warehouse",
        "Annex is linked to store, which is no 3PL or warehouse",
    )
    assert tried.lacked == (*tried.unlinked, "gone is no location of the hub")


def test_a_location_that_is_not_in_use_is_passed_over() -> None:
    found = verdict(
        [need("A", 1)],
        [place("main", is_active=False, A=5), place("annex", A=5)],
        Card("All", to("main", "annex")),
    )

    assert shipped(found) == {"annex": {"line-A": 1}}
    assert isinstance(found, Routed)
    assert found.notes == ("Main is not in use",)


def test_filters_that_are_not_met_lead_to_the_next_card_and_are_said() -> None:
    abroad = Card("Abroad", to("main"), Filters(countries=("GB",)))

    found = verdict([need("A", 1)], [place("main", A=1)], abroad, Card("Home", to("main")))

    assert isinstance(found, Routed)
    assert found.card == "Home"
    assert [(each.card, each.lacked) for each in found.tried] == [("Abroad", ("its country is US, not GB",))]


def test_several_locations_share_only_where_the_card_allows_it() -> None:
    places, needs = [place("main", A=2), place("annex", A=1, B=1)], [need("A", 3), need("B", 1)]

    whole = verdict(needs, places, Card("All", to("main", "annex")))
    split = verdict(needs, places, Card("All", to("main", "annex"), allows_split=True))

    assert isinstance(whole, Unroutable)
    assert whole.tried[0].lacked[0] == "Main has 2 of 3 A"
    assert shipped(split) == {"main": {"line-A": 2}, "annex": {"line-A": 1, "line-B": 1}}


def test_a_split_leaves_out_a_location_that_the_others_can_do_without() -> None:
    places = [place("main", A=1), place("annex", A=1), place("far", A=9)]

    found = verdict([need("A", 10)], places, Card("All", to("main", "annex", "far"), allows_split=True))

    assert shipped(found) == {"main": {"line-A": 1}, "far": {"line-A": 9}}


def test_a_split_that_does_not_cover_everything_is_none() -> None:
    found = verdict(
        [need("A", 9)],
        [place("main", A=2), place("annex", A=3)],
        Card("All", to("main", "annex"), allows_split=True),
    )

    assert isinstance(found, Unroutable)
    assert found.tried[0].lacked[-1] == "all its locations together cannot ship everything"


def test_stock_still_to_come_counts_only_where_the_card_says_so() -> None:
    main = replace(place("main"), shelves={"A": Shelf(-1, 3)})

    waits = verdict([need("A", 2)], [main], Card("All", to("main")))
    sent = verdict([need("A", 2)], [main], Card("All", to("main"), sends_future=True))
    too_many = verdict([need("A", 3)], [main], Card("All", to("main"), sends_future=True))

    assert isinstance(waits, Unroutable)
    assert shipped(sent) == {"main": {"line-A": 2}}
    assert isinstance(too_many, Unroutable)


def test_a_line_without_a_product_needs_a_card_that_does_not_look_at_stock() -> None:
    unknown = Need("line-1", "", "MYSTERY", 1)

    checked = verdict([unknown], [place("main", A=5)], Card("All", to("main")))
    blind = verdict([unknown], [place("main", A=5)], Card("All", to("main"), ignores_stock=True))

    assert isinstance(checked, Unroutable)
    assert "MYSTERY is no product of the hub" in checked.tried[0].lacked[0]
    assert shipped(blind) == {"main": {"line-1": 1}}


def test_what_nobody_counts_and_a_location_without_limit_need_no_stock() -> None:
    uncounted = Need("line-1", "A", "A", 4, is_counted=False)
    endless = replace(place("main"), is_unlimited=True)

    assert shipped(verdict([uncounted], [place("main")], Card("All", to("main")))) == {"main": {"line-1": 4}}
    assert shipped(verdict([need("B", 9)], [endless], Card("All", to("main")))) == {"main": {"line-B": 9}}


def test_a_bundle_and_its_component_do_not_get_the_same_unit() -> None:
    kit = Need("line-kit", "kit", "KIT", 2, {"A": 2, "B": 1})
    enough, short = place("main", A=5, B=2), place("main", A=4, B=2)
    keeping = replace(place("main", kit=2, A=1), keeps_bundles=True)

    assert shipped(verdict([kit, need("A", 1)], [enough], Card("All", to("main"))))
    assert isinstance(verdict([kit, need("A", 1)], [short], Card("All", to("main"))), Unroutable)
    assert shipped(verdict([kit, need("A", 1)], [keeping], Card("All", to("main"))))


def test_a_location_preference_comes_first_and_the_cards_follow_where_it_lacks_stock() -> None:
    places = [place("main", A=5), place("annex", A=1)]
    cards = (preferred("shop", "annex"), Card("All", to("main")))

    assert shipped(verdict([need("A", 1)], places, *cards)) == {"annex": {"line-A": 1}}
    found = verdict([need("A", 2)], places, *cards)
    assert shipped(found) == {"main": {"line-A": 2}}
    assert isinstance(found, Routed)
    assert found.tried[0].card == "Location preferences of shop"


def test_a_rehearsal_says_what_each_location_comes_to() -> None:
    places = {each.id: each for each in (place("main", A=1), place("annex", A=5), place("far", A=9))}
    card = Card("All", to("main", "annex", "far"))

    found = rehearse(ORDER, [need("A", 2)], places, card)
    kept_out = rehearse(ORDER, [need("A", 2)], places, replace(card, filters=Filters(countries=("GB",))))

    assert found.locations == (
        ("Main", "Main has 1 of 2 A"),
        ("Annex", "ships 2 units"),
        ("Far", "not needed: a location before it ships everything"),
    )
    assert {why for _, why in kept_out.locations} == {"not asked, as the filters of the card are not met"}


def test_an_order_that_needs_nothing_is_sent_nowhere() -> None:
    assert verdict([need("A", 0)], [place("main", A=1)], Card("All", to("main"))) == Routed("", ())


VARIANTS = ("A", "B", "C")
units = st.integers(0, 4)
places_strategy = st.fixed_dictionaries(
    {
        key: st.builds(
            lambda key, active, linked, stock, endless: replace(
                place(key, linked, is_active=active, **stock), is_unlimited=endless
            ),
            st.just(key),
            st.booleans(),
            st.sampled_from(["wms", "wms", "wms", "store", ""]),
            st.fixed_dictionaries(dict.fromkeys(VARIANTS, units)),
            st.sampled_from([False, False, False, True]),
        )
        for key in ("p1", "p2", "p3")
    }
)
destinations_strategy = st.lists(
    st.builds(
        Destination,
        st.sampled_from(["p1", "p2", "p3", "gone"]),
        st.sampled_from([(), (), (Region("US"),), (Region("CA"),)]),
    ),
    max_size=4,
    unique_by=lambda each: each.location,
)
cards_strategy = st.lists(
    st.builds(
        lambda number, destinations, countries, split, blind, future: Card(
            f"Card {number}",
            tuple(destinations),
            Filters(countries=countries),
            allows_split=split,
            ignores_stock=blind,
            sends_future=future,
        ),
        st.integers(0, 99),
        destinations_strategy,
        st.sampled_from([(), (), ("US",), ("GB",)]),
        st.booleans(),
        st.sampled_from([False, False, False, True]),
        st.booleans(),
    ),
    max_size=4,
    unique_by=lambda card: card.name,
)
needs_strategy = st.lists(
    st.builds(
        lambda number, variant, count: need(variant, count, f"line-{number}"),
        st.integers(0, 99),
        st.sampled_from(VARIANTS),
        units,
    ),
    max_size=4,
    unique_by=lambda each: each.line,
)


@settings(max_examples=60)
@given(needs=needs_strategy, places=places_strategy, cards=cards_strategy)
def test_what_is_routed_is_exactly_what_is_open_from_linked_locations_that_have_it(
    needs: list[Need], places: dict[str, Place], cards: list[Card]
) -> None:
    found = decide(ORDER, needs, places, cards)
    assert decide(ORDER, needs, places, cards) == found
    if isinstance(found, Unroutable):
        assert [each.card for each in found.tried] == [card.name for card in cards]
        assert all(each.lacked for each in found.tried)
        return
    sent: Counter[str] = Counter()
    for part in found.parts:
        assert part.units
        sent.update(part.units)
        at = places[part.location]
        assert at.is_active
        assert at.linked == part.integration == "wms"
    assert sent == Counter({each.line: each.units for each in needs if each.units})
    card = next((each for each in cards if each.name == found.card), None)
    if card is None:
        assert not found.parts
        return
    assert len(found.parts) == 1 or card.allows_split
    for part in found.parts:
        at = places[part.location]
        taken: Counter[str] = Counter()
        for each in needs:
            for variant, times in parts_at(at, each).items():
                taken[variant] += part.units.get(each.line, 0) * times
        if not (card.ignores_stock or at.is_unlimited):
            assert all(count <= at.shelves[variant].available for variant, count in taken.items())


@settings(max_examples=60)
@given(needs=needs_strategy, places=places_strategy, cards=cards_strategy)
def test_cards_below_the_one_that_takes_the_order_change_nothing(
    needs: list[Need], places: dict[str, Place], cards: list[Card]
) -> None:
    found = decide(ORDER, needs, places, cards)
    if isinstance(found, Routed):
        upto = next((n for n, card in enumerate(cards, start=1) if card.name == found.card), 0)
        assert decide(ORDER, needs, places, cards[:upto]) == found


@settings(max_examples=60)
@given(needs=needs_strategy.filter(lambda needs: any(each.units for each in needs)), places=places_strategy)
def test_with_stock_without_limit_the_first_location_that_fits_ships_everything(
    needs: list[Need], places: dict[str, Place]
) -> None:
    endless = {key: replace(each, is_unlimited=True) for key, each in places.items()}
    open_to_it = [key for key, each in endless.items() if not each.closed]

    found = decide(ORDER, needs, endless, [Card("All", to(*endless), allows_split=True)])

    if open_to_it:
        assert list(shipped(found)) == open_to_it[:1]
    else:
        assert isinstance(found, Unroutable)
