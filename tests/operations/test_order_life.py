"""What becomes of orders in the hub: copies read too early, parts that left, holds, twins, and the archive."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from crossdock.connectors.contract import Rules
from crossdock.connectors.errors import SettingsError
from crossdock.domain.automations import Change, Changeable, Tag
from crossdock.domain.channel import ChannelOrder, Parcel, ShippedUnits
from crossdock.domain.filters import Filters
from crossdock.domain.order import OrderStatus, Review
from crossdock.domain.routing import Card, Destination
from crossdock.domain.shipping import RequestState
from crossdock.domain.sync import Postponed
from crossdock.operations.automations import acting
from crossdock.operations.fulfillments import fulfillments
from crossdock.operations.fulfillments.fulfillments import Entry, Tracking
from crossdock.operations.orders import editing, order_life, reviewing
from crossdock.operations.orders.order_record import order_id
from crossdock.operations.routing import requests
from crossdock.operations.task import HUB
from crossdock.store import tables
from crossdock.store.database import Database
from support.door import EAST, WEST, Door
from support.make import ADDRESS, NOW, SHOP, STORE, line, order

S1 = order_id(SHOP, "S1")
REQUEST = tables.shipping_request


@pytest.fixture
def door(database: Database) -> Door:
    return Door(database, stock={EAST: {"TEA": 5, "MUG": 5}, WEST: {"TEA": 5, "MUG": 0}})


def buy(door: Door, units: int = 2, **more: Any) -> None:
    door.hub.read_orders(order("S1", line("TEA", units), **more))


def enter(door: Door, **units: int) -> None:
    with door.hub.step(SHOP) as (tx, task):
        fulfillments.enter(tx, task, S1, Entry(Tracking("UPS", "1Z1"), units))


def reroute(door: Door, order: str = S1) -> None:
    with door.hub.step(SHOP) as (tx, task):
        requests.reroute(tx, task, order)


def only_card(door: Door, card: Card) -> None:
    with door.hub.step(HUB) as (tx, _):
        tx.execute(sa.delete(tables.routing_card))
    door.add_card(card)


def east(door: Door, filters: Filters) -> Card:
    return Card("One", (Destination(door.place(EAST)),), filters)


def kept(door: Door) -> dict[str, str]:
    with door.hub.step(HUB) as (tx, task):
        return order_life.why_kept(tx, task, [S1])


# Copies


def signed(**more: Any) -> ChannelOrder:
    """What the hub created in the store for S1."""
    return order("77", line("TEA"), external_source="crossdock", external_reference="S1", **more)


def test_a_copy_whose_original_is_not_known_is_nobodys_to_route_and_holds_no_stock(door: Door) -> None:
    door.hub.rules[STORE] = Rules(hold_minutes=600, reviews_after_hold=True)
    door.hub.read_orders(signed(shipping_address=None), of=STORE)

    row = door.order("77")
    assert (row.status, row.routing, row.is_held, row.problems) == ("Ready For Fulfillment", "", False, "{}")
    assert (door.route(), door.stock(EAST)["TEA"], door.hub.cases()) == (0, (5, 0), [])
    with pytest.raises(SettingsError, match="copy of another order"):
        reroute(door, order_id(STORE, "77"))
    with (
        door.hub.step(HUB) as (tx, task),
        pytest.raises(SettingsError, match="copy of an order that has not been read"),
    ):
        fulfillments.enter(tx, task, order_id(STORE, "77"), Entry(Tracking("UPS", "1Z7")))


@pytest.mark.parametrize("is_read_again", [False, True])
def test_it_is_the_copy_of_its_original_as_soon_as_that_is_read(door: Door, is_read_again: bool) -> None:
    door.hub.read_orders(signed(), of=STORE)
    buy(door, 1)
    if is_read_again:
        door.hub.read_orders(signed(modified_at=NOW + timedelta(hours=1)), of=STORE)

    assert (door.order("77").copy_of, door.order("77").stands_for) == (S1, "")
    assert (door.route(), door.asked()) == (1, {"S1-1 East": {"TEA": 1}})
    assert door.stock(EAST)["TEA"] == (5, 1)


def test_what_a_copy_has_shipped_is_not_shipped_again_by_its_original(door: Door) -> None:
    units = (ShippedUnits(line("TEA").channel_id, 1, channel_sku=line("TEA").channel_sku),)
    parcel = Parcel(signed().channel_id, units, carrier="UPS", tracking_number="1Z7")
    door.hub.read_orders(signed(parcels=(parcel,)), of=STORE)
    buy(door, 1)

    assert (door.status(), door.route()) == ("Fulfilled", 0)


def test_what_was_asked_for_an_order_that_turns_out_to_be_a_copy_is_taken_back(door: Door) -> None:
    door.hub.read_orders(order("77", line("TEA")), of=STORE)
    door.route()
    assert door.stock(EAST)["TEA"] == (5, 1)
    buy(door, 1)
    door.hub.read_orders(signed(), of=STORE)
    door.route()

    assert door.requests() == {"77-1": RequestState.STOPPED, "S1-1": RequestState.DUE}
    assert door.stock(EAST)["TEA"] == (5, 1)


# What is left of an order


def test_the_rest_of_an_order_that_was_sent_by_hand_in_part_is_routed(door: Door) -> None:
    buy(door)
    enter(door, TEA=1)

    assert (door.status(), door.route(), door.asked()) == (
        "Partially Fulfilled",
        1,
        {"S1-1 East": {"TEA": 1}},
    )


def test_what_somebody_else_has_is_not_routed_when_a_part_of_it_is_entered(door: Door) -> None:
    buy(door, sent := 2)
    with door.hub.step(SHOP) as (tx, task):
        tx.execute(sa.update(tables.order).values(sent_at=task.now))
        order_life.settle(tx, task, [S1])
    enter(door, TEA=sent - 1)

    assert (door.status(), door.order().routing) == ("Partially Fulfilled", "")


def test_the_rest_of_what_the_channel_ships_is_routed_when_a_person_asks(door: Door) -> None:
    buy(door)
    buy(door, status=OrderStatus.READY_FOR_FULFILLMENT)
    shipped = line("TEA", 2, quantity_shipped=1)
    door.hub.read_orders(order("S1", shipped, status=OrderStatus.PARTIALLY_FULFILLED))
    assert (door.order().routing, door.route()) == ("", 0)

    reroute(door)
    door.hub.read_orders(
        order("S1", shipped, status=OrderStatus.PARTIALLY_FULFILLED, modified_at=NOW + timedelta(minutes=1))
    )
    assert (door.route(), door.asked()) == (1, {"S1-1 East": {"TEA": 1}})


def test_a_line_that_was_shipped_and_then_taken_off_hides_no_other(door: Door) -> None:
    shipped = line("TEA", 1, quantity_shipped=1)
    door.hub.read_orders(order("S1", shipped, line("MUG"), status=OrderStatus.PARTIALLY_FULFILLED))
    door.hub.read_orders(order("S1", line("MUG"), status=OrderStatus.PARTIALLY_FULFILLED))

    assert door.status() == "Partially Fulfilled"
    reroute(door)
    assert (door.route(), door.asked()) == (1, {"S1-1 East": {"MUG": 1}})


def test_an_order_all_lines_of_which_were_canceled_is_canceled_until_one_is_open_again(door: Door) -> None:
    buy(door)
    door.hub.read_orders(order("S1", line("TEA", 2, quantity_canceled=2)))
    assert (door.status(), door.order().routing) == ("Canceled", "")
    with door.hub.step(SHOP) as (tx, task):
        tx.execute(sa.update(tables.order_line).values(quantity_canceled=1))
        order_life.settle(tx, task, [S1])

    assert (door.status(), door.order().routing) == ("Ready For Fulfillment", "pending")


# Keeping it


@pytest.mark.parametrize("way", ["held", "to review", "held there"])
def test_what_no_location_has_is_kept_after_a_part_has_left(database: Database, way: str) -> None:
    door = Door(database, stock={EAST: {"TEA": 1}, WEST: {"TEA": 1}})
    buy(door)
    door.route()
    later = Postponed("", "later", again_in=timedelta(hours=1))
    door.push(lambda due: door.reply(due, "taken") if due.request.number == "S1-1" else later)
    door.warehouse.books["S1-1"].parcels["P"] = {"1": 1}
    door.read_shipments()
    assert (door.status(), kept(door)) == ("Partially Fulfilled", {})

    with door.hub.step(SHOP) as (tx, task):
        if way == "held":
            reviewing.hold(tx, task, S1)
        elif way == "to review":
            reviewing.require_review(tx, task, S1)
    if way == "held there":
        there = order("S1", line("TEA", 2, quantity_shipped=1), status=OrderStatus.ON_HOLD)
        door.hub.read_orders(there)
    door.hub.tick(7200)

    assert (door.status(), door.push()) == ("Partially Fulfilled", [])
    said = {"held": "it is held", "to review": "it is marked for review"}
    assert kept(door) == {S1: said.get(way, "its channel has it On Hold")}
    if way == "held there":
        ready = order("S1", line("TEA", 2, quantity_shipped=1), status=OrderStatus.PARTIALLY_FULFILLED)
        door.hub.read_orders(ready)
    else:
        with door.hub.step(SHOP) as (tx, task):
            reviewing.mark_ready(tx, task, S1)
    assert door.push() == ["S1-2"]


def test_an_order_that_its_locations_have_whole_cannot_be_held(door: Door) -> None:
    buy(door)
    door.route()
    door.push()

    with door.hub.step(SHOP) as (tx, task), pytest.raises(SettingsError, match="nothing is left of it"):
        reviewing.hold(tx, task, S1)


def test_the_hold_of_a_reservation_begins_when_it_is_paid(door: Door) -> None:
    door.hub.rules[SHOP] = Rules(hold_minutes=60)
    buy(door, status=OrderStatus.NEW, is_reservation=True)
    door.hub.tick(3500)
    buy(door)
    paid = door.hub.now

    row = door.order()
    assert (row.status, row.hold_until) == ("On Hold", paid + timedelta(minutes=60))
    assert "after it was paid" in row.hold_reason


@pytest.mark.parametrize("is_held_on", [True, False])
def test_a_persons_word_on_a_reservation_stays_when_it_is_paid(door: Door, is_held_on: bool) -> None:
    door.hub.rules[SHOP] = Rules(hold_minutes=60)
    buy(door, status=OrderStatus.NEW, is_reservation=True)
    with door.hub.step(SHOP) as (tx, task):
        decide = reviewing.hold if is_held_on else reviewing.mark_ready
        decide(tx, task, S1)
    buy(door)

    row = door.order()
    assert (row.is_held, row.hold_until) == (is_held_on, None)


# Twins and the archive


def test_the_second_of_two_orders_with_one_number_goes_on_once_the_first_is_canceled(door: Door) -> None:
    buy(door, 1)
    door.route()
    door.hub.read_orders(order("S2", line("TEA"), number="S1"))
    assert (door.status("S2"), len(door.hub.cases("order_duplicate"))) == ("To Be Validated", 1)

    door.hub.read_orders(order("S1", line("TEA", 1, quantity_canceled=1)))
    assert (door.status("S1"), door.status("S2")) == ("Canceled", "Ready For Fulfillment")
    assert (door.order("S2").routing, door.hub.cases("order_duplicate")) == ("pending", [])


def test_the_first_of_two_orders_with_one_number_goes_on_whatever_becomes_of_it(door: Door) -> None:
    buy(door, 1)
    door.hub.read_orders(order("S2", line("TEA"), number="S1"))
    buy(door, 1, modified_at=NOW + timedelta(minutes=1))

    assert (door.status("S1"), door.status("S2")) == ("Ready For Fulfillment", "To Be Validated")


def test_an_archived_order_that_its_channel_opens_again_is_taken_out(door: Door) -> None:
    buy(door)
    door.hub.read_orders(order("S1", line("TEA", 2, quantity_canceled=2)))
    with door.hub.step(SHOP) as (tx, task):
        assert editing.archive(tx, task, S1) is OrderStatus.ARCHIVED
    door.hub.read_orders(order("S1", line("TEA", 2, quantity_canceled=2), number="S1b"))
    assert door.status() == "Archived"

    buy(door)
    assert (door.status(), door.order().is_archived, door.route()) == ("Ready For Fulfillment", False, 1)
    assert [what for what in door.hub.events(S1) if what.startswith("Taken out of the archive")]


# Trying again


def test_an_order_that_no_card_took_is_routed_again_when_it_changes(door: Door) -> None:
    only_card(door, east(door, Filters(countries=("US",))))
    buy(door, shipping_address=replace(ADDRESS, country_code="CA"))
    assert (door.route(), door.order().routing) == (0, "failed")

    buy(door)
    assert (door.order().routing, door.route(), door.hub.cases()) == ("pending", 1, [])


def test_an_order_that_no_card_took_needs_no_card_once_it_is_canceled(door: Door) -> None:
    only_card(door, east(door, Filters(countries=("CA",))))
    buy(door)
    door.route()
    buy(door, modified_at=NOW + timedelta(minutes=1))
    assert (door.order().routing, len(door.hub.cases("unroutable"))) == ("pending", 1)

    door.hub.read_orders(order("S1", line("TEA", 2, quantity_canceled=2)))
    assert door.hub.cases() == []


@pytest.mark.parametrize(
    ("action", "filters"),
    [
        (Tag(add=("vip",)), Filters(tags=("vip",))),
        (Change(Changeable.SHIPPING_METHOD, "Express"), Filters(methods=("Express",))),
    ],
)
def test_a_rule_that_changes_an_order_has_it_routed_again(door: Door, action: Any, filters: Filters) -> None:
    only_card(door, east(door, filters))
    buy(door)
    assert (door.route(), door.order().routing) == (0, "failed")

    with door.hub.step(SHOP) as (tx, task):
        acting.act(tx, task, S1, action, rule="VIP")
    assert (door.order().routing, door.route()) == ("pending", 1)


def test_an_order_that_was_stored_as_pending_is_looked_at_before_it_is_routed(door: Door) -> None:
    buy(door, shipping_address=replace(ADDRESS, lines=()))
    with door.hub.step(HUB) as (tx, task):
        was = {"status": OrderStatus.READY_FOR_FULFILLMENT, "routing": "pending", "problems": "{}"}
        tx.execute(sa.update(tables.order).values(review=Review.NONE, **was))
        assert order_life.still_pending(tx, task, [S1]) == []

    assert (door.status(), len(door.hub.cases("address_invalid"))) == ("To Be Validated", 1)
