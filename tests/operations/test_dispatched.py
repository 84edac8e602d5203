"""What warehouses ship and count: known by request and line, once, and never against what left since."""

from __future__ import annotations

from datetime import timedelta

import pytest

from crossdock.connectors.contract import Rules
from crossdock.domain.channel import ChannelId, ChannelSku, ChannelStock, Parcel, ShippedUnits
from crossdock.domain.fulfillment import OrderShipments
from crossdock.domain.shipping import NewsKind, RequestNews, RequestState
from crossdock.operations import exceptions
from crossdock.operations.routing import request_news, stopping
from crossdock.operations.warehouse import counted, dispatched
from crossdock.store import tables
from crossdock.store.database import Database
from operations.own_bench import change
from support import shipping
from support.door import EAST, WEST, WMS, Door
from support.make import NOW, line, order, product
from support.shipping import S1


@pytest.fixture
def door(database: Database) -> Door:
    made = Door(database, stock={EAST: {"TEA": 9, "MUG": 9}, WEST: {"TEA": 9}})
    made.hub.read_orders(order("S1", line("TEA", 3), line("MUG", 2)))
    made.route()
    made.push()
    return made


def parcel(key: str, *parts: ShippedUnits, number: str = "1Z1") -> Parcel:
    return Parcel(ChannelId(key), parts, carrier="UPS", tracking_number=number, shipped_at=NOW)


def of_line(number: str, units: int) -> ShippedUnits:
    return ShippedUnits(ChannelId(number), units)


def of_sku(sku: str, units: int) -> ShippedUnits:
    return ShippedUnits(ChannelId(""), units, channel_sku=ChannelSku(sku))


def read(door: Door, number: str, *parcels: Parcel, rules: Rules | None = None) -> int:
    with door.hub.step(WMS, rules=rules or Rules()) as (tx, task):
        return dispatched.ingest(tx, task, [OrderShipments(ChannelId(number), parcels)])


def count(door: Door, units: int, *, place: str = EAST, sku: str = "TEA", ago: float = 0) -> int:
    stock = ChannelStock(ChannelId(sku), ChannelSku(sku), ChannelId(place), units, units)
    with door.hub.step(WMS) as (tx, task):
        return counted.ingest(tx, task, [stock], counted_at=task.now - timedelta(seconds=ago))


def test_lines_are_known_by_their_number_in_the_request_or_by_sku(door: Door) -> None:
    assert read(door, "S1-1", parcel("P1", of_sku("TEA", 1)), parcel("P2", of_sku("MUG", 2))) == 2
    assert shipping.lines(door.hub) == {"TEA": (1, 0, 2), "MUG": (2, 0, 0)}

    numbers = {row.position: row.line_id for row in door.hub.rows(tables.shipping_request_line)}
    skus = {row.id: row.channel_sku for row in door.hub.rows(tables.order_line)}
    tea = next(str(number) for number, key in numbers.items() if skus[key] == "TEA")
    read(
        door,
        "S1-1",
        parcel("P1", of_sku("TEA", 1)),
        parcel("P2", of_sku("MUG", 2)),
        parcel("P3", of_line(tea, 2)),
    )

    assert shipping.lines(door.hub) == {"TEA": (3, 0, 0), "MUG": (2, 0, 0)}
    assert (door.status(), door.requests()) == ("Fulfilled", {"S1-1": RequestState.SHIPPED})


def test_what_is_read_again_changes_nothing_and_what_is_gone_is_taken_back(door: Door) -> None:
    both = (parcel("P1", of_sku("TEA", 3)), parcel("P2", of_sku("MUG", 2)))
    assert (read(door, "S1-1", *both), read(door, "S1-1", *both)) == (2, 0)
    assert door.stock(EAST)["TEA"] == (6, 0)

    assert read(door, "S1-1", both[1]) == 1
    assert (door.status(), door.requests()) == ("Partially Fulfilled", {"S1-1": RequestState.SENT})
    assert door.stock(EAST)["TEA"] == (9, 3)


def test_every_fulfillment_names_its_request_and_location(door: Door) -> None:
    read(door, "S1-1", parcel("P1", of_sku("TEA", 1)))

    [row] = door.hub.rows(tables.fulfillment)
    [request] = door.hub.rows(tables.shipping_request)
    assert (row.request_id, row.location_id) == (request.id, door.place(EAST))
    assert (row.carrier, row.tracking_number, row.order_id) == ("UPS", "1Z1", S1)


def test_more_than_was_ordered_is_said(door: Door) -> None:
    read(door, "S1-1", parcel("P1", of_sku("TEA", 4)))

    assert shipping.lines(door.hub)["TEA"] == (3, 0, 0)
    [case] = door.hub.cases("fulfillment_exceeds")
    assert "1 unit more than the order has left to ship" in case.cause


def test_an_order_that_we_do_not_know_is_told_only_of_a_warehouse_that_works_for_us_alone(door: Door) -> None:
    stranger = parcel("P9", of_sku("TEA", 1))
    assert read(door, "X-1", stranger) == 0
    assert door.hub.cases() == []

    read(door, "X-1", stranger, rules=Rules(works_for_us_alone=True))
    [case] = door.hub.cases("shipment_unknown")
    assert "“X-1” was shipped, which is no shipping request of the hub" in case.cause
    assert case.subject_id == "X-1"
    assert door.hub.rows(tables.fulfillment) == []


def test_a_line_that_the_request_does_not_have_is_told_and_the_rest_is_taken(door: Door) -> None:
    assert read(door, "S1-1", parcel("P1", of_sku("TEA", 1), of_sku("NOPE", 2), of_line("9", 1))) == 1

    assert shipping.lines(door.hub) == {"TEA": (1, 0, 2), "MUG": (0, 0, 2)}
    line_9, nope = sorted(door.hub.cases(), key=lambda case: case.cause)
    assert {line_9.kind, nope.kind} == {"shipment_line_unknown"}
    said = "wms says that 2 units of “NOPE” of shipping request S1-1 left, which has no such line; it has: "
    assert nope.cause.startswith(said)
    assert ("TEA" in nope.cause, "MUG" in nope.cause, nope.subject_id) == (True, True, S1)
    assert "“line 9”" in line_9.cause

    read(door, "S1-1", parcel("P1", of_sku("TEA", 1), of_line("9", 1)))
    assert [case.key for case in door.hub.cases()] == [line_9.key]


def test_a_parcel_of_unknown_lines_only_is_no_fulfillment_and_its_case_stays_dismissed(door: Door) -> None:
    assert read(door, "S1-1", parcel("P1", of_sku("NOPE", 1))) == 0
    assert (door.hub.rows(tables.fulfillment), door.status()) == ([], "Sent To Fulfillment")

    [case] = door.hub.cases("shipment_line_unknown")
    with door.hub.step() as (tx, task):
        exceptions.close_by_person(tx, case.id, state="dismissed", now=task.now, by="me")
    read(door, "S1-1", parcel("P1", of_sku("NOPE", 1)))
    assert door.hub.cases() == []


def test_an_answer_about_an_unknown_request_is_told_of_a_warehouse_that_works_for_us_alone(
    door: Door,
) -> None:
    def hear(rules: Rules) -> None:
        with door.hub.step(WMS, rules=rules) as (tx, task):
            request_news.ingest(tx, task, [RequestNews("X-1", NewsKind.NOT_STOPPED, "packed")])

    hear(Rules())
    assert door.hub.cases() == []

    hear(Rules(works_for_us_alone=True))
    [case] = door.hub.cases("request_unknown")
    assert "says of “X-1” that it is not stopped, which is no shipping request" in case.cause
    assert (case.subject_id, door.requests()) == ("X-1", {"S1-1": RequestState.SENT})


def test_what_leaves_though_it_was_being_stopped_has_left(door: Door) -> None:
    with door.hub.step() as (tx, task):
        stopping.stop(tx, task, "S1-1")
    read(door, "S1-1", parcel("P1", of_sku("TEA", 3)))

    assert shipping.lines(door.hub)["TEA"] == (3, 0, 0)
    assert door.asked() == {"S1-1 East": {"MUG": 2}}


# Counts


def test_a_count_is_the_number_on_the_shelf_with_what_is_committed_beside_it(door: Door) -> None:
    assert (count(door, 20), count(door, 20)) == (1, 0)
    assert door.stock(EAST)["TEA"] == (20, 3)


def test_what_left_after_the_count_is_not_there_any_more(door: Door) -> None:
    door.hub.tick(100)
    read(door, "S1-1", parcel("P1", of_sku("TEA", 3)))

    count(door, 9, ago=50)
    assert door.stock(EAST)["TEA"] == (6, 0), "it was counted before the three left"

    door.hub.tick(100)
    count(door, 6, ago=10)
    assert door.stock(EAST)["TEA"] == (6, 0)


def test_an_older_count_than_the_last_is_left_out(door: Door) -> None:
    door.hub.tick(1000)
    count(door, 20, ago=10)
    assert count(door, 5, ago=500) == 0

    assert door.stock(EAST)["TEA"] == (20, 3)


def test_a_count_that_finds_what_was_there_is_the_last_one_all_the_same(door: Door) -> None:
    door.hub.tick(1000)
    count(door, 20, ago=400)
    assert count(door, 20, ago=10) == 0

    assert count(door, 5, ago=200) == 0
    assert door.stock(EAST)["TEA"] == (20, 3)


def test_a_locked_record_stays(door: Door) -> None:
    change(door.hub, "TEA", EAST, is_locked=True)

    assert count(door, 1) == 0
    assert door.stock(EAST)["TEA"] == (9, 3)


def test_what_fits_no_sku_or_location_is_told_and_closes_once_it_does(door: Door) -> None:
    count(door, 5, sku="NEW")
    count(door, 5, place="Nowhere")
    assert sorted(case.kind for case in door.hub.cases()) == ["count_unknown", "count_unknown"]
    assert any("none of its linked locations: East, West" in case.cause for case in door.hub.cases())

    door.hub.read_products(product("NEW"))
    count(door, 5, sku="NEW")
    assert len(door.hub.cases()) == 1


def test_a_warehouse_with_one_location_need_not_name_it(database: Database) -> None:
    door = Door(database, stock={EAST: {"TEA": 9}})
    count(door, 4, place="")

    assert door.stock(EAST)["TEA"] == (4, 0)
