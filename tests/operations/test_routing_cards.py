"""Routing cards as people keep them, what is refused of them, and the orders that are tried again."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

import pytest

from crossdock.connectors.errors import SettingsError
from crossdock.domain.filters import Filters
from crossdock.domain.routing import Destination, Region
from crossdock.operations.routing import cards
from crossdock.operations.routing.cards import Kept
from crossdock.operations.stock.own_locations import OwnLocation
from crossdock.operations.task import HUB
from crossdock.store import tables
from operations.own_bench import ANNEX, MAIN, add, change, compose
from operations.routing_bench import (
    add_card,
    add_warehouse,
    buy,
    card,
    link,
    routing_of,
    set_order,
)
from support.make import SHOP, Bench, location


def every(hub: Bench) -> list[Kept]:
    with hub.database.reading() as tx:
        return cards.every(tx)


def names(hub: Bench) -> list[str]:
    found = every(hub)
    assert [each.position for each in found] == list(range(1, len(found) + 1))
    return [each.card.name for each in found]


def test_a_card_is_kept_as_it_was_given_with_its_locations_by_id(own: Bench) -> None:
    filters = Filters(
        channels=(SHOP,), countries=("us", "GB"), tags=(" gift ", "gift"), min_total=Decimal("9.90")
    )
    given = card("Gifts", MAIN, filters=filters, allows_split=True, sends_future=True)
    regions = (Region("us", ("Texas",)), Region("CA"))
    add_card(own, replace(given, destinations=(Destination("M", regions),)))

    (kept,) = every(own)

    (main,) = own.rows(tables.location, tables.location.c.name == MAIN)
    assert kept.card.destinations == (Destination(main.id, (Region("US", ("Texas",)), Region("CA"))),)
    assert kept.card.filters == Filters(
        channels=(SHOP,), countries=("US", "GB"), tags=("gift",), min_total=Decimal("9.90")
    )
    assert (kept.is_on, kept.card.allows_split, kept.card.ignores_stock, kept.card.sends_future) == (
        True,
        True,
        False,
        True,
    )
    assert own.events(str(kept.id)) == ["Routing card 'Gifts' added"]


def test_cards_are_added_moved_and_removed_in_their_order(own: Bench) -> None:
    for name in ("One", "Two", "Three"):
        add_card(own, card(name, MAIN))
    add_card(own, card("First", MAIN), position=1)
    assert names(own) == ["First", "One", "Two", "Three"]

    with own.step(HUB) as (tx, task):
        cards.move(tx, task, "three", 2)
        cards.remove(tx, task, "First")

    assert names(own) == ["Three", "One", "Two"]


def test_a_change_keeps_the_place_of_a_card_and_says_what_changed(own: Bench) -> None:
    for name in ("One", "Two"):
        add_card(own, card(name, MAIN))
    with own.step(HUB) as (tx, task):
        cards.change(tx, task, "One", card("Uno", ANNEX, allows_split=True), is_on=False)
        cards.change(tx, task, "Two", card("Two", MAIN), is_on=True)

    first, second = every(own)

    assert names(own) == ["Uno", "Two"]
    assert not first.is_on
    assert own.events(str(first.id))[-1] == (
        "Routing card 'Uno' changed: name, destinations, allows_split, is_on"
    )
    assert len(own.events(str(second.id))) == 1


REFUSED = [
    (card("", MAIN), "name", "1 to 100 characters"),
    (card("one", MAIN), "name", "'One' already"),
    (card("X"), "destinations", "at least one location"),
    (card("X", "Nowhere"), "destinations", "there are: Annex, Main"),
    (card("X", MAIN, "M"), "destinations", "named twice"),
    (card("X", MAIN, filters=Filters(countries=("USA",))), "filters.countries", "two letters"),
    (card("X", MAIN, filters=Filters(channels=("nobody",))), "filters.channels", "no integration"),
    (card("X", MAIN, filters=Filters(min_total=Decimal(-1))), "filters.min_total", "from 0 up"),
    (card("X", MAIN, filters=Filters(max_weight=Decimal("NaN"))), "filters.max_weight", "from 0 up"),
    (
        card("X", MAIN, filters=Filters(min_weight=Decimal(9), max_weight=Decimal(1))),
        "filters.min_weight",
        "more than max_weight",
    ),
    (
        replace(card("X", MAIN), destinations=(Destination(MAIN, (Region("England"),)),)),
        "destinations.regions",
        "two letters",
    ),
]


def test_what_cannot_be_is_refused_with_its_field(own: Bench) -> None:
    add_card(own, card("One", MAIN))

    for wanted, field, said in REFUSED:
        with pytest.raises(SettingsError, match=re.escape(said)) as refused:
            add_card(own, wanted)
        assert refused.value.field == field, said
    for position in (0, 3):
        with pytest.raises(SettingsError, match="position"):
            add_card(own, card("Two", MAIN), position=position)
    with pytest.raises(SettingsError, match="there are: One"), own.step(HUB) as (tx, task):
        cards.remove(tx, task, "Two")
    assert names(own) == ["One"]


@pytest.fixture
def waiting(own: Bench) -> tuple[Bench, str]:
    """An order of A that no card took."""
    add_warehouse(own)
    add_card(own, card("One", MAIN))
    key = buy(own, "1", A=2)
    set_order(own, key, routing="failed")
    return own, key


def test_an_order_that_no_card_took_is_tried_again_when_cards_change(waiting: tuple[Bench, str]) -> None:
    hub, key = waiting
    add_card(hub, card("Two", ANNEX))
    assert routing_of(hub, key) == "pending"

    set_order(hub, key, routing="failed")
    with hub.step(HUB) as (tx, task):
        cards.change(tx, task, "One", card("One", MAIN), is_on=True)
    assert routing_of(hub, key) == "failed"
    with hub.step(HUB) as (tx, task):
        cards.move(tx, task, "Two", 1)
    assert routing_of(hub, key) == "pending"


def test_an_order_that_no_card_took_is_tried_again_when_locations_change(
    waiting: tuple[Bench, str],
) -> None:
    hub, key = waiting
    link(hub, MAIN)
    assert routing_of(hub, key) == "pending"

    set_order(hub, key, routing="failed")
    add(hub, OwnLocation("Third"))
    assert routing_of(hub, key) == "pending"

    set_order(hub, key, routing="failed")
    hub.read_locations(location("7", "Fourth"))
    assert routing_of(hub, key) == "pending"


def test_an_order_that_no_card_took_is_tried_again_when_its_stock_comes_in(
    waiting: tuple[Bench, str],
) -> None:
    hub, key = waiting
    change(hub, "B", MAIN, on_hand=5)
    assert routing_of(hub, key) == "failed"

    change(hub, "A", MAIN, receive=5)
    assert routing_of(hub, key) == "pending"

    for more in ({"on_hand": 1}, {"buffer": 0}):
        set_order(hub, key, routing="failed")
        change(hub, "A", MAIN, **more)
        assert routing_of(hub, key) == "failed", more

    change(hub, "A", MAIN, future=9)
    assert routing_of(hub, key) == "pending"


def test_an_order_of_a_bundle_is_tried_again_when_a_component_comes_in(own: Bench) -> None:
    compose(own, "C", A=2, B=1)
    key = buy(own, "1", C=1)
    set_order(own, key, routing="failed")

    change(own, "B", MAIN, receive=1)

    assert routing_of(own, key) == "pending"


def test_orders_that_are_routed_stay_so_whatever_changes(waiting: tuple[Bench, str]) -> None:
    hub, key = waiting
    set_order(hub, key, routing="routed")

    add_card(hub, card("Two", ANNEX))
    change(hub, "A", MAIN, receive=5)

    assert routing_of(hub, key) == "routed"
