"""Where the stock of a location goes, and where the orders of a warehouse are taken from."""

from __future__ import annotations

from dataclasses import replace

from crossdock.domain.channel import ChannelId, ChannelLocation, ChannelProduct, LocationKind
from crossdock.domain.sync import Entity
from crossdock.operations.setup import integrations, spec_locations
from crossdock.operations.setup.spec_locations import LocationSpec
from crossdock.operations.stock import location_map, locations, own_stock
from crossdock.operations.stock.location_map import LocationMap
from crossdock.store import tables
from support.make import SHOP, STORE, Bench, line, listing, location, order, product, stock, variant


def two_places(hub: Bench) -> None:
    """The store has stock in Austin, its default location, and in Dover; the shop has two warehouses and returns."""
    hub.read_locations(location("1", "Austin", is_default=True), location("2", "Dover"))
    hub.read_locations(
        location("w1", "West", is_default=True),
        location("w2", "East"),
        location("w3", "Back", kind=LocationKind.RETURNS),
        of=SHOP,
    )
    hub.read_products(product("TEA-1"))
    hub.read_listings(listing("TEA-1"))
    hub.read_stock(stock("TEA-1", 10, "1"), stock("TEA-1", 10, "2"))


def taken_from(hub: Bench) -> dict[str, int]:
    names = {row.id: row.name for row in hub.rows(tables.location)}
    return {names[row.location_id]: row.committed for row in hub.rows(tables.level) if row.committed}


def shown(hub: Bench) -> LocationMap:
    with hub.database.reading() as tx:
        return location_map.of_channel(tx, SHOP, hub.rules[SHOP], owner=STORE)


def test_s63_by_location_preference_orders_are_taken_from_the_right_location(hub: Bench) -> None:
    two_places(hub)
    hub.rules[SHOP] = replace(hub.rules[SHOP], location_preferences={"East": "Dover", "w1": "Austin"})

    hub.read_orders(order("1", line("TEA-1", 2), location_id=ChannelId("w2")))
    assert taken_from(hub) == {"Dover": 2}

    hub.read_orders(order("2", line("TEA-1", 3), location_id=ChannelId("w1")))
    assert taken_from(hub) == {"Dover": 2, "Austin": 3}


def test_a_preference_goes_before_the_warehouse_map(hub: Bench) -> None:
    two_places(hub)
    hub.rules[SHOP] = replace(
        hub.rules[SHOP], warehouse_map={"Austin": "East"}, location_preferences={"East": "Dover"}
    )

    hub.read_orders(order("1", line("TEA-1", 2), location_id=ChannelId("w2")))

    assert taken_from(hub) == {"Dover": 2}


def test_without_a_preference_the_default_location_gives(hub: Bench) -> None:
    two_places(hub)

    hub.read_orders(order("1", line("TEA-1", 2), location_id=ChannelId("w2")))

    assert taken_from(hub) == {"Austin": 2}


def test_the_map_says_what_happens_to_every_location(hub: Bench) -> None:
    two_places(hub)
    hub.rules[SHOP] = replace(
        hub.rules[SHOP],
        warehouse_map={"Dover": "East"},
        location_preferences={"West": "Austin"},
        unmapped_to_default=False,
    )

    found = shown(hub)

    assert {feed.location: (feed.warehouse, feed.why) for feed in found.feeds} == {
        "Austin": (
            "",
            "Outside the Location to warehouse map, and “Quantities of unmapped locations” is Nowhere",
        ),
        "Dover": ("East", "By the Location to warehouse map"),
    }
    assert {take.warehouse: (take.location, take.why) for take in found.takes} == {
        "West": ("Austin", "By location preference"),
        "East": ("Dover", "By the Location to warehouse map"),
        "Back": ("", "For returns; nothing is sold from here"),
    }
    assert found.warnings == []


def test_unmapped_locations_go_to_the_default_warehouse_and_it_says_so(hub: Bench) -> None:
    two_places(hub)

    found = shown(hub)

    assert {feed.location: (feed.warehouse, feed.why) for feed in found.feeds} == {
        "Austin": ("West", "Outside the map: to the default warehouse"),
        "Dover": ("West", "Outside the map: to the default warehouse"),
    }


def test_an_excluded_location_feeds_nothing_and_says_why(hub: Bench) -> None:
    two_places(hub)
    hub.rules[SHOP] = replace(hub.rules[SHOP], inventory_location="Dover")

    whys = {feed.location: feed.why for feed in shown(hub).feeds}

    assert whys["Austin"] == "“Push inventory from a specific location only” is Dover"
    assert whys["Dover"] == "Outside the map: to the default warehouse"


def test_missing_warehouses_are_flagged(hub: Bench) -> None:
    hub.rules[SHOP] = replace(hub.rules[SHOP], needs_return_warehouse=True)
    assert shown(hub).warnings == [], "nothing is known yet"

    hub.read_locations(location("w1", "West"), of=SHOP)
    assert shown(hub).warnings == ["There is no active return warehouse"]


def test_names_that_mean_nothing_are_a_case_until_they_are_corrected(hub: Bench) -> None:
    two_places(hub)
    hub.rules[SHOP] = replace(hub.rules[SHOP], location_preferences={"North": "Dover", "East": "Rome"})
    with hub.step(SHOP) as (tx, task):
        location_map.check(tx, task)

    (case,) = hub.cases("location_map")
    assert "'Rome' is no hub location; there are Austin, Dover" in case.cause
    assert "'North' is no warehouse" in case.cause

    hub.rules[SHOP] = replace(hub.rules[SHOP], location_preferences={"East": "Dover"})
    with hub.step(SHOP) as (tx, task):
        location_map.check(tx, task)
    assert hub.cases() == []


def sweep(hub: Bench, of: str, *places: ChannelLocation) -> None:
    """A full reading of the locations; what it does not see is gone."""
    with hub.step(of) as (tx, task):
        locations.ingest(tx, task, places, read_began_at=task.now)
        locations.sweep(tx, task, began_at=task.now)


def judged(hub: Bench) -> list[str]:
    with hub.step(SHOP) as (tx, task):
        location_map.check(tx, task)
    return [case.cause.partition(": ")[2] for case in hub.cases("location_map")]


def test_the_one_location_that_stock_comes_from_is_a_case_when_it_is_renamed_or_gone(hub: Bench) -> None:
    two_places(hub)
    hub.rules[SHOP] = replace(hub.rules[SHOP], inventory_location="Dover")
    assert judged(hub) == []

    sweep(hub, STORE, location("1", "Austin", is_default=True), location("2", "Dover North"))
    assert judged(hub) == ["'Dover' is no hub location; there are Austin, Dover North"]

    hub.rules[SHOP] = replace(hub.rules[SHOP], inventory_location="Dover North")
    sweep(hub, STORE, location("1", "Austin", is_default=True))
    assert judged(hub) == ["the hub location 'Dover North' is not in use; there are Austin"]

    hub.rules[SHOP] = replace(hub.rules[SHOP], inventory_location="")
    assert judged(hub) == []


def test_the_one_location_is_of_no_concern_while_no_stock_is_pushed(hub: Bench) -> None:
    two_places(hub)
    hub.rules[SHOP] = replace(hub.rules[SHOP], inventory_location="Rome")
    with hub.step() as (tx, _):
        integrations.configure_flows(tx, SHOP, {("push", Entity.INVENTORY): False}, {})

    assert judged(hub) == []


def test_a_warehouse_that_is_gone_gets_nothing_and_a_mapped_one_is_a_case(hub: Bench) -> None:
    two_places(hub)
    hub.rules[SHOP] = replace(hub.rules[SHOP], warehouse_map={"Dover": "East"})
    assert hub.offers("TEA-1")["TEA-1"].quantities == (("w1", 10), ("w2", 10))

    sweep(hub, SHOP, location("w1", "West", is_default=True))

    assert hub.offers("TEA-1")["TEA-1"].quantities == (("w1", 20),)
    assert judged(hub) == ["the warehouse 'East' is not in use; there are West"]


def test_a_warehouse_that_is_out_of_use_is_told_nothing_though_the_listing_has_stock_there(
    hub: Bench,
) -> None:
    two_places(hub)
    hub.read_listings(replaced_listing("w1", "w2"))
    hub.rules[SHOP] = replace(hub.rules[SHOP], warehouse_map={"Austin": "West", "Dover": "East"})

    sweep(hub, SHOP, location("w2", "East", is_default=True), location("w1", "West", is_active=False))

    assert hub.offers("TEA-1")["TEA-1"].quantities == (("w1", 0), ("w2", 20))


def replaced_listing(*warehouses: str) -> ChannelProduct:
    one = variant("TEA-1", "l-TEA-1", warehouse_ids=tuple(ChannelId(each) for each in warehouses))
    return ChannelProduct(ChannelId("of-l-TEA-1"), "Tea", (one,))


def test_a_location_that_was_made_anew_under_its_name_takes_the_place_of_the_one_that_is_gone(
    hub: Bench,
) -> None:
    two_places(hub)
    hub.rules[SHOP] = replace(hub.rules[SHOP], warehouse_map={"Dover": "East"})

    sweep(hub, SHOP, location("w1", "West", is_default=True), location("w0", "East"))
    sweep(hub, STORE, location("1", "Austin", is_default=True), location("0", "Dover"))
    hub.read_stock(stock("TEA-1", 7, "0"))

    assert hub.offers("TEA-1")["TEA-1"].quantities == (("w0", 7), ("w1", 10))
    assert judged(hub) == []
    with hub.step() as (tx, task):
        assert own_stock.find_location(tx, task, "Dover").channel_id == "0"
        assert spec_locations.find(tx, LocationSpec(location="Dover")).channel_id == "0"
        assert spec_locations.find(tx, LocationSpec(location="East", integration=SHOP)).channel_id == "w0"
