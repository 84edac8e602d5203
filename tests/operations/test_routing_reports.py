"""What is told about routing: the report of a decision, rehearsals, and the coverage of all cards."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from crossdock.connectors.errors import SettingsError
from crossdock.domain.channel import Address
from crossdock.domain.filters import Filters
from crossdock.domain.order import FulfilledBy
from crossdock.domain.routing import Destination, Region, preferred
from crossdock.operations.orders.order_record import order_id
from crossdock.operations.routing import coverage, rehearsal, reporting, requests
from crossdock.operations.routing.coverage import Coverage
from crossdock.operations.routing.rehearsal import Rehearsal, Sample
from crossdock.operations.routing.reporting import Lost, Report, Shipper
from crossdock.operations.routing.state import Routing
from crossdock.operations.stock.own_locations import OwnLocation
from crossdock.operations.task import HUB
from crossdock.store import tables
from crossdock.store.codec import pack
from operations.own_bench import ANNEX, MAIN, add, change
from operations.routing_bench import (
    TEXAS,
    WAREHOUSE,
    add_card,
    add_warehouse,
    buy,
    card,
    decided,
    link,
    set_order,
)
from support.make import NOW, SHOP, STORE, Bench, line, order


def report_of(hub: Bench, order_id: str) -> Report:
    """As it is kept with the order and read again."""
    found = reporting.kept(pack(reporting.describe(decided(hub, order_id)[0])))
    assert found is not None
    return found


def rehearsed(hub: Bench, wanted: str | Sample) -> Rehearsal:
    with hub.step(HUB) as (tx, task):
        if isinstance(wanted, Sample):
            return rehearsal.of_sample(tx, task, wanted)
        found = rehearsal.of_order(tx, task, wanted)
    assert found is not None
    return found


def covered(hub: Bench, days: int = 30) -> Coverage:
    with hub.step(HUB) as (tx, task):
        return coverage.report(tx, task, days=days)


def test_s91_an_order_whose_location_has_no_warehouse_is_told_so_with_the_location(own: Bench) -> None:
    add_warehouse(own)
    add_card(own, card("All", MAIN))
    change(own, "A", MAIN, on_hand=5)

    found = report_of(own, buy(own, "1", A=1))

    assert reporting.summary(found) == (
        "No routing card takes the order: location Main is not linked to a 3PL or warehouse, "
        "so the order has no routing destination"
    )
    assert "crossdock locations set" in reporting.fix(found)


def test_s91_without_any_card_the_case_names_the_location_and_how_it_is_linked(own: Bench) -> None:
    add_warehouse(own)
    change(own, "A", MAIN, on_hand=5)
    at = Address("Ann", "", ("1 Elm Street",), "Austin", "TX", "78701", "US")
    own.read_orders(order("1", line("A", 1), shipping_address=at))
    key = order_id(SHOP, "1")
    with own.step(HUB) as (tx, task):
        requests.route(tx, task, [key])

    [case] = own.cases("unroutable")
    told = "location Main is not linked to a 3PL or warehouse, so the order has no routing destination"
    assert told in case.cause
    assert case.fix == (
        f"Link the location: crossdock locations set Main --linked-to {WAREHOUSE}. "
        "And add a routing card: crossdock routing add NAME --to Main"
    )
    assert told in rehearsed(own, key).summary
    assert rehearsed(own, key).report.unlinked == ("Main is not linked to a 3PL or warehouse",)


def test_the_fix_has_the_words_of_a_shell_and_leaves_open_which_of_several_warehouses() -> None:
    lost = Report(Routing.FAILED, lost=(Lost("All", ()),), unlinked=("The attic is not linked",))

    assert reporting.fix(lost, "The attic").endswith("locations set 'The attic' --linked-to WAREHOUSE")


def test_location_preferences_are_no_card_in_words() -> None:
    by = Report(Routing.ROUTED, preferred(SHOP, "loc").name, (Shipper(MAIN, "loc", WAREHOUSE, 1),))

    assert reporting.summary(by) == (
        f"The location preferences of {SHOP} decided: Main ships 1 unit through {WAREHOUSE}"
    )


def test_a_country_has_a_card_whose_location_cannot_ship(own: Bench) -> None:
    add_card(own, card("All", MAIN))
    buy(own, "1", A=1)

    found = covered(own)

    assert (found.unrouted, found.uncovered_countries) == (1, ())


def test_s99_the_report_names_rule_and_location_and_says_that_skus_do_not_control_routing(
    own: Bench,
) -> None:
    add_warehouse(own)
    add(own, OwnLocation("Attic"))
    link(own, MAIN)
    link(own, ANNEX, to=STORE)
    change(own, "A", MAIN, on_hand=5)
    add_card(own, card("Gifts", MAIN, filters=Filters(tags=("gift",))))
    add_card(own, card("All", "Attic", ANNEX, MAIN))

    found = report_of(own, buy(own, "1", A=2))

    assert found.unlinked == (
        "Attic is not linked to a 3PL or warehouse",
        "Annex is linked to store, which is no 3PL or warehouse",
    )
    assert reporting.in_words(found) == [
        "Routing card 'All' decided: Main ships 2 units through wms",
        "Passed over: Attic is not linked to a 3PL or warehouse",
        "Passed over: Annex is linked to store, which is no 3PL or warehouse",
        "Not taken by 'Gifts': its tags are none, not gift",
        "Nothing can ship from there: Attic is not linked to a 3PL or warehouse",
        "Nothing can ship from there: Annex is linked to store, which is no 3PL or warehouse",
        "SKU matching does not control routing: the routing cards do, and the locations that they name",
    ]


def test_without_cards_or_stock_the_report_says_what_to_do(own: Bench) -> None:
    add_warehouse(own)
    link(own, MAIN)
    key = buy(own, "1", A=2)
    none = report_of(own, key)
    add_card(own, card("All", MAIN))
    short = report_of(own, key)

    assert reporting.summary(none) == (
        "There is no routing card that is on, so the order has no routing destination"
    )
    assert "crossdock routing add" in reporting.fix(none)
    assert reporting.summary(short) == "No routing card takes the order: 'All': Main has 0 of 2 A"
    assert "tried again by itself" in reporting.fix(short)


@pytest.fixture
def routed(own: Bench) -> Bench:
    """Two linked locations; Main ships within the United States, and Annex everywhere."""
    add_warehouse(own)
    link(own, MAIN, ANNEX)
    change(own, "A", MAIN, on_hand=3)
    change(own, "A", ANNEX, on_hand=5)
    at_home = replace(card("Home", MAIN), destinations=(Destination(MAIN, (Region("US"),)),))
    add_card(own, at_home)
    add_card(own, card("Resting", ANNEX), is_on=False)
    add_card(own, card("Abroad", MAIN, ANNEX))
    return own


def test_a_past_order_is_rehearsed_as_if_nothing_of_it_had_been_asked_for(routed: Bench) -> None:
    key = buy(routed, "1", A=2)
    set_order(routed, key, fulfilled_by=FulfilledBy.PLATFORM_LABEL)

    found = rehearsed(routed, key)

    assert (found.order, found.summary) == (
        "1",
        "Routing card 'Home' decided: Main ships 2 units through wms",
    )
    assert [(each.card, each.wins, each.why) for each in found.cards] == [
        ("Home", True, ()),
        ("Resting", False, ("it is off",)),
        ("Abroad", False, ("'Home' is tried before it",)),
    ]
    assert [(each.location, each.why) for each in found.cards[2].locations] == [
        (MAIN, "ships 2 units"),
        (ANNEX, "not needed: a location before it ships everything"),
    ]
    assert found.notes == (rehearsal.NO_REQUEST,)


@pytest.mark.parametrize("shipped", [1, 3])
def test_what_has_left_of_a_past_order_is_rehearsed_as_if_it_still_lay_there(
    routed: Bench, shipped: int
) -> None:
    key = buy(routed, "1", A=3)
    before = rehearsed(routed, key)

    left = line("A", 3, "1-A", quantity_shipped=shipped)
    routed.read_orders(order("1", left, shipping_address=TEXAS, modified_at=NOW + timedelta(hours=1)))

    assert sum(row.on_hand for row in routed.rows(tables.level)) == 3 - shipped + 5
    assert rehearsed(routed, key) == before
    assert before.summary == "Routing card 'Home' decided: Main ships 3 units through wms"


def test_a_made_up_order_is_rehearsed_and_nothing_is_changed_by_it(routed: Bench) -> None:
    sample = Sample(SHOP, "ca", {"A": 4}, tags=("gift",), total=Decimal(5), currency="CAD")

    found = rehearsed(routed, sample)

    assert found.report.card == "Abroad"
    assert [each.location for each in found.report.shippers] == [ANNEX]
    assert [(each.location, each.why) for each in found.cards[0].locations] == [
        (MAIN, "Main does not ship to CA")
    ]
    assert found.cards[2].why == ("Main has 3 of 4 A",)
    assert routed.committed("A") == 0


def test_a_made_up_order_that_cannot_be_is_refused_with_its_field(routed: Bench) -> None:
    good = Sample(SHOP, "US", {"A": 1})
    for wrong, field in (
        (replace(good, units={}), "lines"),
        (replace(good, units={"A": 0}), "lines"),
        (replace(good, channel="nobody"), "channel"),
        (replace(good, country="Texas"), "country"),
        (replace(good, weight=Decimal(-1)), "weight"),
    ):
        with pytest.raises(SettingsError) as refused:
            rehearsed(routed, wrong)
        assert refused.value.field == field


def test_a_sku_that_no_product_has_is_rehearsed_as_such(routed: Bench) -> None:
    found = rehearsed(routed, Sample(SHOP, "US", {"MYSTERY": 1}))

    assert "MYSTERY is no product of the hub" in found.summary


def test_coverage_tells_what_each_card_takes_and_what_nobody_takes(routed: Bench) -> None:
    add(routed, OwnLocation("Attic"))
    add_card(routed, card("Attic only", "Attic"))
    buy(routed, "1", A=2)
    buy(routed, "2", A=9)

    found = covered(routed)

    assert (found.orders, found.unrouted, found.preferred, found.is_cut) == (2, 1, 0, False)
    assert [(each.card, each.is_on, each.orders) for each in found.cards] == [
        ("Home", True, 1),
        ("Resting", False, 0),
        ("Abroad", True, 0),
        ("Attic only", True, 0),
    ]
    assert [each.shadowed_by for each in found.cards] == ["", "", "", "Abroad"]
    assert not found.cards[3].is_never_reached
    assert [(each.location, each.why_not) for each in found.cards[3].destinations] == [
        ("Attic", "Attic is not linked to a 3PL or warehouse")
    ]
    assert ("'Attic only': Attic is not linked to a 3PL or warehouse", 1) in [
        (each.what, each.orders) for each in found.lacked
    ]
    assert found.uncovered_countries == ()


def test_coverage_names_countries_and_locations_that_no_card_has(own: Bench) -> None:
    add_warehouse(own)
    link(own, MAIN)
    blind = replace(card("Canada", MAIN, ignores_stock=True), filters=Filters(countries=("CA",)))
    add_card(own, blind)
    buy(own, "1", A=1)

    found = covered(own)

    assert [(each.what, each.orders) for each in found.uncovered_countries] == [("US", 1)]
    assert found.unnamed_locations == (ANNEX,)
    assert found.unrouted == 1


def test_a_card_behind_one_that_takes_everything_unseen_is_never_reached(routed: Bench) -> None:
    add_card(routed, card("Everything", MAIN, ignores_stock=True), position=1)

    found = covered(routed)

    assert [each.is_never_reached for each in found.cards] == [False, True, True, True]
    assert {each.shadowed_by for each in found.cards[1:]} == {"Everything"}


def test_coverage_leaves_out_what_is_older_and_refuses_a_period_that_is_none(routed: Bench) -> None:
    key = buy(routed, "1", A=1)
    set_order(routed, key, placed_at=routed.now - timedelta(days=3))

    assert covered(routed, days=2).orders == 0
    assert covered(routed, days=4).orders == 1
    with pytest.raises(SettingsError, match="days"):
        covered(routed, days=0)


def test_a_report_names_the_warehouse_that_ships(routed: Bench) -> None:
    found = report_of(routed, buy(routed, "1", A=1))

    assert [(each.location, each.integration, each.units) for each in found.shippers] == [
        (MAIN, WAREHOUSE, 1)
    ]
