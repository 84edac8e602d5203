"""A location that another warehouse ships from now, or none any more: its former warehouse is told of no more."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from crossdock.domain.shipping import RequestState
from crossdock.domain.sync import Entity
from crossdock.operations.routing.state import Routing
from crossdock.operations.setup import integrations
from crossdock.operations.stock import locations, own_locations
from crossdock.operations.task import HUB, SourcesOfTruth
from crossdock.store import tables
from crossdock.store.database import Database
from support import make
from support.door import EAST, WEST, WMS, Door
from support.make import NOW, STORE, line, order

OTHER = "other"


@pytest.fixture
def door(database: Database) -> Door:
    door = Door(database, stock={EAST: {"TEA": 3}, WEST: {"TEA": 9}})
    with database.transaction() as tx:
        integrations.add(tx, OTHER, OTHER, b"", now=NOW)
        integrations.configure_flows(tx, OTHER, {("push", Entity.SHIPPING_REQUESTS): True}, {})
    door.hub.read_orders(order("S1", line("TEA", 2)))
    door.route()
    assert door.asked() == {"S1-1 East": {"TEA": 2}}
    return door


def change(door: Door, place: str, **values: Any) -> None:
    own = own_locations.change if "is_active" in values or "name" in values else locations.change
    with door.hub.step(HUB) as (tx, task):
        own(tx, task, door.place(place), **values)


def warehouses(door: Door) -> dict[str, tuple[str, str]]:
    found = door.hub.rows(tables.shipping_request, by=tables.shipping_request.c.number)
    return {row.number: (row.integration, row.state) for row in found}


def test_a_due_request_goes_to_the_warehouse_that_the_location_is_linked_to_now(door: Door) -> None:
    change(door, EAST, linked_integration=OTHER)

    assert door.order().routing == Routing.PENDING
    assert door.push() == []
    door.route()

    assert warehouses(door) == {"S1-1": (WMS, "stopped"), "S1-2": (OTHER, "due")}
    assert (door.stock(EAST)["TEA"], door.stock(WEST)["TEA"]) == ((3, 2), (9, 0))


@pytest.mark.parametrize("values", [{"linked_integration": None}, {"is_active": False}])
def test_a_due_request_of_a_location_that_ships_no_more_is_routed_elsewhere(
    door: Door, values: dict[str, object]
) -> None:
    change(door, EAST, **values)
    door.route()

    assert door.asked() == {"S1-2 West": {"TEA": 2}}
    assert (door.stock(EAST)["TEA"], door.stock(WEST)["TEA"]) == ((3, 0), (9, 2))


def test_what_a_warehouse_has_stays_with_it_and_nothing_else_of_a_location_takes_anything_back(
    door: Door,
) -> None:
    change(door, EAST, is_unlimited=True)
    change(door, EAST, name="East End")
    assert door.requests() == {"S1-1": RequestState.DUE}
    door.push()

    change(door, "East End", linked_integration=OTHER)

    assert warehouses(door) == {"S1-1": (WMS, "sent")}
    assert door.order().routing == Routing.ROUTED


@pytest.mark.parametrize("is_swept", [True, False])
def test_a_channels_location_that_is_read_as_gone_ships_no_more(door: Door, *, is_swept: bool) -> None:
    door.hub.truth = SourcesOfTruth(catalog=STORE, inventory=STORE)
    key = locations.location_id(STORE, "7")
    door.hub.read_locations(make.location("7", "Yard"))
    change(door, "Yard", linked_integration=WMS)
    with door.hub.step() as (tx, _):
        tx.execute(tables.shipping_request.update().values(location_id=key))

    if is_swept:
        with door.hub.step(STORE) as (tx, task):
            locations.sweep(tx, task, began_at=task.now + timedelta(seconds=1))
    else:
        door.hub.read_locations(make.location("7", "Yard", is_active=False))

    assert (door.requests(), door.order().routing) == ({"S1-1": RequestState.STOPPED}, Routing.PENDING)
