"""Bundles that a location keeps as such and another puts together: each gives its share in its own way."""

from __future__ import annotations

import pytest

from crossdock.domain.filters import Filters
from crossdock.domain.routing import Card, Destination
from crossdock.operations.fulfillments import fulfillments
from crossdock.operations.fulfillments.fulfillments import Entry, Tracking
from crossdock.operations.orders import returns
from crossdock.operations.routing import by_hand, requests
from crossdock.operations.routing.requests import Ask
from crossdock.operations.warehouse import picking
from crossdock.store import tables
from crossdock.store.database import Database
from operations.own_bench import compose, decide
from support.door import EAST, WEST, WMS, Door
from support.make import NOW, line, order
from support.shipping import S1


@pytest.fixture
def door(database: Database) -> Door:
    """East puts a kit together of two teas; West keeps kits."""
    door = Door(database, stock={EAST: {"KIT": 0, "TEA": 10}, WEST: {"KIT": 4, "TEA": 1}})
    compose(door.hub, "KIT", TEA=2)
    decide(door.hub, WEST, keeps_bundles=True)
    return door


def only(door: Door, *places: str, allows_split: bool = False) -> None:
    with door.hub.step() as (tx, _):
        tx.execute(tables.routing_card.delete())
    destinations = tuple(Destination(door.place(name)) for name in places)
    door.add_card(Card("Only", destinations, Filters(), allows_split))


def be_default(door: Door, place: str) -> None:
    with door.hub.step() as (tx, _):
        tx.execute(tables.location.update().values(is_default=tables.location.c.name == place))


def ask(door: Door, place: str, kits: int) -> str:
    with door.hub.step() as (tx, task):
        return requests.ask(tx, task, S1, Ask(place, {"KIT": kits}))


def ship(door: Door, number: str, kits: int) -> None:
    door.warehouse.books[number].parcels[f"P-{number}"] = {"1": kits}
    door.read_shipments()


def test_a_bundle_routed_to_a_location_that_keeps_it_is_taken_there_as_such(door: Door) -> None:
    only(door, WEST)
    door.hub.read_orders(order("S1", line("KIT", 2)))
    assert door.stock(EAST)["TEA"] == (10, 4), "provisionally"

    assert door.route() == 1
    assert (door.stock(EAST)["TEA"], door.stock(WEST)) == ((10, 0), {"KIT": (4, 2), "TEA": (1, 0)})
    door.push()
    ship(door, "S1-1", 2)

    assert (door.stock(EAST)["TEA"], door.stock(WEST)) == ((10, 0), {"KIT": (2, 0), "TEA": (1, 0)})
    assert door.hub.ledger_differences() == {}


def test_a_bundle_held_as_such_is_put_together_where_it_is_routed_to(door: Door) -> None:
    only(door, EAST)
    be_default(door, WEST)
    door.hub.read_orders(order("S1", line("KIT", 2)))
    assert door.stock(WEST)["KIT"] == (4, 2), "provisionally"

    door.route()
    door.push()
    ship(door, "S1-1", 2)

    assert (door.stock(EAST)["TEA"], door.stock(WEST)["KIT"]) == ((6, 0), (4, 0))
    assert door.hub.ledger_differences() == {}


def test_each_share_of_a_split_bundle_is_taken_picked_and_shipped_in_the_way_of_its_location(
    door: Door,
) -> None:
    only(door, WEST, EAST, allows_split=True)
    door.hub.read_orders(order("S1", line("KIT", 6)))

    assert door.route() == 1
    assert door.asked() == {"S1-1 West": {"KIT": 4}, "S1-2 East": {"KIT": 2}}
    assert (door.stock(EAST)["TEA"], door.stock(WEST)) == ((10, 4), {"KIT": (4, 4), "TEA": (1, 0)})
    door.push()
    with door.hub.database.reading() as tx:
        lists = picking.pick_lists(tx, WMS, now=NOW)
    assert {one.location: [(pick.sku, pick.quantity) for pick in one.picks] for one in lists} == {
        EAST: [("TEA", 4)],
        WEST: [("KIT", 4)],
    }
    ship(door, "S1-1", 4)
    ship(door, "S1-2", 2)

    assert (door.stock(EAST)["TEA"], door.stock(WEST)) == ((6, 0), {"KIT": (0, 0), "TEA": (1, 0)})


def test_what_has_left_stays_taken_as_it_was_whatever_is_asked_or_decided_later(door: Door) -> None:
    door.hub.read_orders(order("S1", line("KIT", 3)))
    number = ask(door, EAST, 1)
    door.push()
    ship(door, number, 1)

    ask(door, WEST, 2)
    decide(door.hub, EAST, keeps_bundles=True)
    compose(door.hub, "KIT", TEA=5)
    door.read_shipments()
    door.hub.read_orders(order("S1", line("KIT", 3, quantity_canceled=1)))

    assert door.stock(EAST) == {"KIT": (0, 0), "TEA": (8, 0)}
    assert door.stock(WEST) == {"KIT": (4, 1), "TEA": (1, 0)}
    assert door.hub.ledger_differences() == {}


def test_what_is_taken_back_of_two_locations_is_promised_once(door: Door) -> None:
    door.hub.read_orders(order("S1", line("KIT", 3)))
    numbers = [ask(door, WEST, 1), ask(door, EAST, 2)]

    for number in numbers:
        with door.hub.step() as (tx, task):
            by_hand.stop(tx, task, number)

    kits = door.stock(WEST)["KIT"][1] + door.stock(EAST)["TEA"][1] // 2
    assert (kits, door.hub.ledger_differences()) == (3, {})


def test_the_rest_of_a_bundle_is_taken_in_the_way_of_where_it_lies_whatever_left_elsewhere(
    door: Door,
) -> None:
    be_default(door, WEST)
    door.hub.read_orders(order("S1", line("KIT", 3)))
    with door.hub.step() as (tx, task):
        fulfillments.enter(tx, task, S1, Entry(Tracking("UPS", "1Z"), {"KIT": 1}))
    number = ask(door, EAST, 2)

    with door.hub.step() as (tx, task):
        by_hand.stop(tx, task, number)

    assert door.stock(EAST) == {"KIT": (0, 0), "TEA": (10, 4)}
    assert door.stock(WEST) == {"KIT": (3, 0), "TEA": (1, 0)}


def test_bundles_that_left_as_such_come_back_as_such_and_the_others_as_their_components(door: Door) -> None:
    door.hub.read_orders(order("S1", line("KIT", 3)))
    for place, kits in ((WEST, 1), (EAST, 2)):
        number = ask(door, place, kits)
        door.push()
        ship(door, number, kits)
    [row] = door.hub.rows(tables.order_line)

    with door.hub.database.reading() as tx:
        back = returns.as_taken(tx, row, 2)

    kit, tea = door.hub.variant_id("KIT"), door.hub.variant_id("TEA")
    assert back == {(kit, door.place(WEST)): 1, (tea, ""): 2}
