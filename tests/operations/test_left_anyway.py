"""Goods that left although their request was stopped: recorded when a person insists, and off sale until they are back."""

from __future__ import annotations

import pytest

from crossdock.connectors.errors import SettingsError
from crossdock.domain.order import OrderStatus
from crossdock.domain.shipping import RequestState
from crossdock.operations.fulfillments.fulfillments import Entry
from crossdock.operations.orders.order_record import order_id
from crossdock.operations.routing import by_hand, requests
from crossdock.operations.routing.requests import Ask
from crossdock.operations.warehouse import shipping
from crossdock.store import tables
from support.door import EAST, WEST, Door
from support.make import SHOP, Bench
from support.shipping import UPS, lines, sold, status, void
from support.shipping import cancel as cancel_here


def ship(hub: Bench, number: str, units: dict[str, int] | None = None, **more: bool) -> str:
    with hub.step(SHOP, actor="ada") as (tx, task):
        return shipping.ship(tx, task, number, Entry(UPS, units or {}, **({"left_anyway": True} | more)))


def cancel(door: Door, units: int = 3) -> None:
    """The shop cancels so many of its three teas."""
    whole = {"status": OrderStatus.CANCELED, "channel_status": "CANCELLED"} if units == 3 else {}
    door.hub.read_orders(sold({"TEA": 3}, canceled={"TEA": units}, **whole))


@pytest.fixture
def door(hub: Bench) -> Door:
    """Three of ten teas of the hub's own shelf are sold, and a warehouse has the request."""
    made = Door(hub.database, stock={EAST: {"TEA": 10}})
    made.hub.read_orders(sold({"TEA": 3}))
    made.route()
    made.push()
    return made


def test_what_left_although_it_was_stopped_stays_off_sale_until_it_is_taken_back(door: Door) -> None:
    cancel(door)
    door.push()
    assert (door.requests(), door.stock(EAST)["TEA"]) == ({"S1-1": RequestState.STOPPED}, (10, 0))
    assert door.hub.rows(tables.shipping_request)[0].message == ""
    with pytest.raises(SettingsError, match=r"S1-1 was stopped; .* --left-anyway"):
        ship(door.hub, "S1-1", left_anyway=False)

    key = ship(door.hub, "S1-1")

    assert (status(door.hub), lines(door.hub)["TEA"]) == ("Canceled", (0, 3, 0))
    assert (door.stock(EAST)["TEA"], door.hub.offered("TEA")) == ((7, 0), 7)
    [case] = door.hub.cases("fulfillment_exceeds")
    assert (
        "holds 3 units more than the order has left to ship: units of it are canceled already" in case.cause
    )
    [row] = door.hub.rows(tables.fulfillment)
    [request] = door.hub.rows(tables.shipping_request)
    assert (row.request_id, row.location_id) == (request.id, door.place(EAST))
    with pytest.raises(SettingsError, match="nothing left to ship"):
        ship(door.hub, "S1-1")

    void(door.hub, key)

    assert (door.stock(EAST)["TEA"], door.hub.offered("TEA")) == ((10, 0), 10)
    assert door.hub.cases("fulfillment_exceeds") == []
    assert door.hub.ledger_differences() == {}


def test_units_that_were_stopped_of_a_request_leave_with_the_rest_of_it(door: Door) -> None:
    cancel(door, 1)
    door.push()
    with pytest.raises(SettingsError, match="3 of 'TEA' cannot be shipped; shipping request S1-1 has 2 open"):
        ship(door.hub, "S1-1", {"TEA": 3}, left_anyway=False)

    ship(door.hub, "S1-1", {"TEA": 3})

    assert (status(door.hub), lines(door.hub)["TEA"]) == ("Fulfilled", (2, 1, 0))
    assert door.stock(EAST)["TEA"] == (7, 0)
    assert door.requests() == {"S1-1": RequestState.SHIPPED}
    assert "holds 1 unit more" in door.hub.cases("fulfillment_exceeds")[0].cause


def test_a_stopped_request_that_left_takes_the_place_of_the_one_that_was_made_for_it(hub: Bench) -> None:
    door = Door(hub.database, stock={EAST: {"TEA": 3}, WEST: {"TEA": 3}})
    door.hub.read_orders(sold({"TEA": 3}))
    door.route()
    door.push()
    with door.hub.step(SHOP) as (tx, task):
        by_hand.stop(tx, task, "S1-1")
    door.push()
    door.route()
    assert door.requests()["S1-2"] is RequestState.DUE

    ship(door.hub, "S1-1")

    assert (status(door.hub), lines(door.hub)["TEA"]) == ("Fulfilled", (3, 0, 0))
    assert door.requests() == {"S1-1": RequestState.STOPPED, "S1-2": RequestState.STOPPED}
    assert door.stock(EAST)["TEA"] == (0, 0)
    assert door.hub.cases("fulfillment_exceeds") == []


@pytest.mark.parametrize("places", [(EAST,), (EAST, WEST)])
def test_what_left_twice_is_off_the_shelf_twice_until_one_of_them_is_taken_back(
    hub: Bench, places: tuple[str, ...]
) -> None:
    door = Door(hub.database, stock={place: {"TEA": 9} for place in places})
    door.hub.read_orders(sold({"TEA": 3}))
    door.route()
    door.push()
    with door.hub.step(SHOP) as (tx, task):
        by_hand.stop(tx, task, "S1-1")
    door.push()
    if len(places) == 2:
        with door.hub.step(SHOP) as (tx, task):
            requests.ask(tx, task, order_id(SHOP, "S1"), Ask(WEST))
    door.route()
    door.push()
    door.warehouse.books["S1-2"].parcels["p"] = {"1": 3}
    door.read_shipments()

    def shelves() -> tuple[int, int]:
        at = [door.stock(place)["TEA"] for place in places]
        return sum(units for units, _ in at), sum(promised for _, promised in at)

    before = 9 * len(places) - 3
    assert shelves() == (before, 0)

    key = ship(door.hub, "S1-1")

    assert (shelves(), door.hub.offered("TEA")) == ((before - 3, 0), before - 3)
    assert [door.stock(place)["TEA"] for place in places[:-1]] == [(6, 0)] * (len(places) - 1)
    assert "holds 3 units more" in door.hub.cases("fulfillment_exceeds")[0].cause
    door.read_shipments()
    assert shelves() == (before - 3, 0)

    void(door.hub, key)

    assert (shelves(), door.hub.cases(), door.hub.ledger_differences()) == ((before, 0), [], {})


def test_a_parcel_that_is_told_twice_is_taken_off_the_shelf_once(door: Door) -> None:
    ship(door.hub, "S1-1", left_anyway=False)
    door.warehouse.books["S1-1"].parcels["p"] = {"1": 3}
    door.read_shipments()

    assert door.stock(EAST)["TEA"] == (7, 0)
    assert len(door.hub.cases("fulfillment_exceeds")) == 1


def test_an_order_that_was_canceled_names_the_way_to_say_that_it_left(door: Door) -> None:
    cancel(door)
    door.push(lambda due: door.reply(due, "too late"))
    [case] = door.hub.cases("request_not_stopped")
    assert "crossdock requests ship S1-1 --left-anyway" in case.fix

    with pytest.raises(SettingsError, match=r"is Canceled, .* crossdock requests ship NUMBER --left-anyway"):
        ship(door.hub, "S1-1", left_anyway=False)
    ship(door.hub, "S1-1")

    assert (door.stock(EAST)["TEA"], door.requests()) == ((7, 0), {"S1-1": RequestState.SHIPPED})
    assert door.hub.cases("request_not_stopped") == []


def test_what_the_hub_alone_has_canceled_gives_way_to_what_left(door: Door) -> None:
    cancel_here(door.hub)
    door.push()
    assert status(door.hub) == "Canceled"

    ship(door.hub, "S1-1", {"1": 2})

    assert lines(door.hub)["TEA"] == (2, 1, 0)
    assert door.stock(EAST)["TEA"] == (8, 0)


def test_nothing_is_said_to_have_left_that_was_never_asked_for(door: Door) -> None:
    cancel(door)
    door.push()

    for units, why in (({"TEA": 4}, "4 of 'TEA' cannot be shipped"), ({"CUP": 1}, "no line 'CUP'")):
        with pytest.raises(SettingsError, match=why):
            ship(door.hub, "S1-1", units)
    assert door.hub.rows(tables.fulfillment) == []
