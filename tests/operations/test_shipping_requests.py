"""Shipping requests: made by routing or by hand, sent once their channel has been read, settled by what comes back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from crossdock.connectors.errors import SettingsError
from crossdock.domain.aftersales import CancellationState
from crossdock.domain.channel import Address
from crossdock.domain.order import FulfilledBy, OrderStatus
from crossdock.domain.shipping import NewsKind, RequestState
from crossdock.domain.sync import Entity, Outcome, Rejected, Unclear
from crossdock.operations.orders import cancellations
from crossdock.operations.orders.cancellations import Wish
from crossdock.operations.orders.order_record import order_id
from crossdock.operations.routing import leaving, request_push, requested, requests, stopping
from crossdock.operations.routing.request_push import Due
from crossdock.operations.routing.requests import Ask
from crossdock.store import tables
from crossdock.store.database import Database
from support.door import EAST, WEST, WMS, Door
from support.make import SHOP, line, order

S1 = order_id(SHOP, "S1")


@pytest.fixture
def door(database: Database) -> Door:
    return Door(database, stock={EAST: {"TEA": 3, "MUG": 9}, WEST: {"TEA": 9}})


def buy(door: Door, tea: int = 2, mug: int = 0, **more: object) -> None:
    lines = [line("TEA", tea), *([line("MUG", mug)] if mug else [])]
    door.hub.read_orders(order("S1", *lines, **more))


def cancel(door: Door, **units: int) -> None:
    with door.hub.step(SHOP) as (tx, task):
        cancellations.cancel(tx, task, S1, Wish(units))


def test_s103_an_order_that_the_seller_ships_is_routed_and_its_location_is_asked(door: Door) -> None:
    buy(door)

    assert (door.route(), door.requests()) == (1, {"S1-1": RequestState.DUE})
    assert door.status() == "Ready For Fulfillment"
    assert door.push() == ["S1-1"]

    assert (door.status(), door.requests()) == ("Sent To Fulfillment", {"S1-1": RequestState.SENT})
    assert door.warehouse.books["S1-1"].units == {"1": 2}
    assert door.push() == [], "told once"


def test_s66_an_order_that_comes_in_fulfilled_makes_no_shipping_request(door: Door) -> None:
    buy(door, status=OrderStatus.FULFILLED, fulfilled_by=FulfilledBy.PLATFORM_WAREHOUSE)

    assert (door.route(), door.requests(), door.status()) == (0, {}, "Fulfilled")


def test_an_order_that_no_single_location_can_ship_is_split_and_its_stock_lies_where_it_ships(
    door: Door,
) -> None:
    buy(door, tea=10, mug=1)
    door.route()

    assert door.asked() == {"S1-1 East": {"TEA": 3, "MUG": 1}, "S1-2 West": {"TEA": 7}}
    assert door.stock(EAST) == {"TEA": (3, 3), "MUG": (9, 1)}
    assert door.stock(WEST) == {"TEA": (9, 7)}
    assert door.hub.ledger_differences() == {}


def test_what_leaves_is_taken_off_the_shelf_that_it_left_from(door: Door) -> None:
    buy(door, tea=10)
    door.route()
    door.push()
    door.warehouse.books["S1-2"].parcels["P1"] = {"1": 7}
    door.read_shipments()

    assert door.status() == "Partially Fulfilled"
    assert (door.stock(EAST)["TEA"], door.stock(WEST)["TEA"]) == ((3, 3), (2, 0))
    assert door.requests() == {"S1-1": RequestState.SENT, "S1-2": RequestState.SHIPPED}

    door.warehouse.books["S1-1"].parcels["P2"] = {"1": 3}
    assert (door.read_shipments(), door.read_shipments()) == (1, 0)
    assert (door.status(), door.stock(EAST)["TEA"]) == ("Fulfilled", (0, 0))


def test_an_order_without_stock_is_a_case_and_goes_on_by_itself_once_there_is_some(door: Door) -> None:
    buy(door, tea=40)
    assert door.route() == 0
    [case] = door.hub.cases("unroutable")
    assert "order S1" in case.cause.replace("Order", "order")
    assert door.status() == "Ready For Fulfillment"

    from operations.own_bench import change

    change(door.hub, "TEA", WEST, receive=40)
    assert door.route() == 1
    assert door.hub.cases("unroutable") == []


def test_nothing_leaves_before_the_channel_has_been_read_since_the_request_was_made(door: Door) -> None:
    door.flows_on([("pull", Entity.ORDERS), ("pull", Entity.CANCELLATIONS)])
    buy(door)
    door.route()

    assert door.push() == []
    [row] = door.hub.rows(tables.shipping_request)
    assert "pull-orders and tiktok/pull-cancellations has run" in row.message
    with door.hub.step(WMS) as (tx, task):
        held = leaving.sort_out(tx, task, of=WMS)
    assert [str(flow) for flow in held.unread] == ["tiktok/pull-cancellations", "tiktok/pull-orders"]

    door.read_until(door.hub.now)
    assert door.push() == ["S1-1"]


def test_a_reading_that_is_long_ago_is_none(door: Door) -> None:
    door.flows_on([("pull", Entity.ORDERS)])
    buy(door)
    door.route()
    door.read_until(door.hub.now)
    door.hub.tick(3600)

    assert door.push() == []


def test_nothing_leaves_while_the_buyer_asks_to_cancel(door: Door) -> None:
    buy(door)
    door.route()
    with door.hub.database.transaction() as tx:
        values = {"order_channel_id": "S1", "integration": SHOP, "origin": "buyer", "is_dirty": False}
        times = {"created_at": door.hub.now, "updated_at": door.hub.now}
        tx.execute(
            tables.cancellation.insert().values(
                id="can1", order_id=S1, state=CancellationState.REQUESTED, **values, **times
            )
        )

    assert door.push() == []
    [row] = door.hub.rows(tables.shipping_request)
    assert row.message == "Waits for the decision about the buyer's request to cancel"

    with door.hub.database.transaction() as tx:
        tx.execute(tables.cancellation.update().values(state=CancellationState.REFUSED))
    assert door.push() == ["S1-1"]


def test_s111_a_cancellation_before_it_is_sent_asks_no_location(door: Door) -> None:
    buy(door)
    door.route()
    buy(door, status=OrderStatus.CANCELED)
    door.hub.read_orders(order("S1", line("TEA", 2, quantity_canceled=2), status=OrderStatus.CANCELED))

    assert (door.push(), door.requests()) == ([], {"S1-1": RequestState.STOPPED})
    assert door.warehouse.books == {}


def test_s8_what_is_canceled_after_it_was_sent_is_stopped_at_its_location(door: Door) -> None:
    buy(door)
    door.route()
    door.push()
    cancel(door)

    assert door.requests() == {"S1-1": RequestState.STOPPING}
    assert door.push() == ["S1-1"]
    assert (door.requests(), door.warehouse.books["S1-1"].is_stopped) == (
        {"S1-1": RequestState.STOPPED},
        True,
    )
    assert "stopped by wms" in " ".join(door.hub.events(S1))


def test_a_stop_that_comes_too_late_is_said(door: Door) -> None:
    buy(door)
    door.route()
    door.push()
    cancel(door)
    door.push(lambda due: door.reply(due, "too late"))

    assert door.requests() == {"S1-1": RequestState.NOT_STOPPED}
    [case] = door.hub.cases("request_not_stopped")
    assert "could not stop shipping request S1-1" in case.cause
    assert "It is being packed" in case.cause


def test_single_units_that_are_canceled_are_taken_off_the_request(door: Door) -> None:
    buy(door, tea=3, mug=2)
    door.route()
    door.push()
    cancel(door, TEA=1)

    assert door.push() == ["S1-1"]
    assert sorted(door.warehouse.books["S1-1"].units.values()) == [2, 2]
    assert door.requests() == {"S1-1": RequestState.SENT}
    assert door.asked() == {"S1-1 East": {"TEA": 2, "MUG": 2}}


def test_units_of_a_stop_without_an_answer_are_asked_of_nobody_else(door: Door) -> None:
    buy(door)
    door.route()
    door.push()
    with door.hub.step() as (tx, task):
        stopping.stop(tx, task, "S1-1")
    door.push(lambda due: Unclear(due.change.key, "No answer"))

    assert (door.route(), door.asked()) == (0, {"S1-1 East": {"TEA": 2}})
    door.news("S1-1", NewsKind.STOPPED)
    with door.hub.step() as (tx, task):
        requests.reroute(tx, task, S1)
    assert (door.route(), door.asked()) == (1, {"S1-2 East": {"TEA": 2}})


def test_an_answer_that_was_lost_is_looked_for_and_sends_nothing_twice(door: Door) -> None:
    buy(door)
    door.route()
    door.push(lambda due: door.reply(due, "lost"))
    assert door.requests() == {"S1-1": RequestState.UNCLEAR}
    assert [case.kind for case in door.hub.cases()] == ["request_unclear"]
    assert door.push() == [], "not before its time"

    door.hub.tick(60)
    seen = []
    door.push(lambda due: seen.append(due.change.is_unclear) or door.reply(due, "taken"))  # type: ignore[func-returns-value]

    assert (seen, door.requests(), door.hub.cases()) == ([True], {"S1-1": RequestState.SENT}, [])


def test_a_refused_request_keeps_its_units_until_a_person_acts(door: Door) -> None:
    buy(door)
    door.route()
    door.push(lambda due: Rejected(due.change.key, "No such method", fix="Map the method"))

    [case] = door.hub.cases("request_refused")
    assert ("No such method" in case.cause, case.fix) == (True, "Map the method")
    assert (door.route(), door.push()) == (0, [])
    with door.hub.step() as (tx, task):
        request_push.retry(tx, task, "S1-1")
    assert (door.push(), door.hub.cases()) == (["S1-1"], [])


def test_what_a_warehouse_cancels_by_itself_waits_for_a_person(door: Door) -> None:
    buy(door)
    door.route()
    door.push()

    assert (
        door.news("S1-1", NewsKind.STOPPED, "Damaged"),
        door.news("S1-1", NewsKind.STOPPED, "Damaged"),
    ) == (1, 0)
    assert door.requests() == {"S1-1": RequestState.REFUSED}
    assert (door.route(), [case.kind for case in door.hub.cases()]) == (0, ["request_refused"])


def test_a_request_by_hand_takes_only_what_nobody_was_asked_for(door: Door) -> None:
    buy(door, tea=3)
    with door.hub.step() as (tx, task):
        assert requests.ask(tx, task, S1, Ask(WEST, {"TEA": 1})) == "S1-1"
    with (
        door.hub.step() as (tx, task),
        pytest.raises(SettingsError, match="3 of 'TEA' cannot be sent; 2 are open"),
    ):
        requests.ask(tx, task, S1, Ask(WEST, {"TEA": 3}))
    door.route()

    assert door.asked() == {"S1-1 West": {"TEA": 1}, "S1-2 East": {"TEA": 2}}


def test_a_location_that_is_linked_to_nothing_is_asked_by_nobody(door: Door) -> None:
    from operations.own_bench import decide

    decide(door.hub, WEST, linked_integration=None)
    buy(door)
    with (
        door.hub.step() as (tx, task),
        pytest.raises(SettingsError, match="not linked to a 3PL or warehouse"),
    ):
        requests.ask(tx, task, S1, Ask(WEST))


def test_units_that_come_to_an_order_later_are_asked_for_as_well(door: Door) -> None:
    buy(door, tea=1)
    door.route()
    door.push()
    buy(door, tea=3)

    assert (door.route(), door.asked()) == (1, {"S1-1 East": {"TEA": 1}, "S1-2 East": {"TEA": 2}})


def test_s108_an_order_with_an_unmatched_sku_waits_and_goes_on_once_it_is_matched(door: Door) -> None:
    from support.make import product

    door.hub.read_orders(order("S1", line("NEW", 1), line("MUG", 1)))
    assert (door.status(), door.route()) == ("To Be Validated", 0)
    [case] = door.hub.cases("line_unmatched")
    assert "“NEW”" in case.cause

    door.hub.read_products(product("NEW"))
    assert (door.status(), door.hub.cases("line_unmatched")) == ("Ready For Fulfillment", [])


def test_an_order_that_cannot_be_delivered_waits_until_its_address_is_put_right(door: Door) -> None:
    good = order("S1", line("TEA"))
    assert good.shipping_address is not None
    bad = replace(good, shipping_address=replace(good.shipping_address, city="", postal_code=""))
    door.hub.read_orders(bad)

    assert (door.status(), door.route()) == ("To Be Validated", 0)
    [case] = door.hub.cases("address_invalid")
    assert "the city is missing; the postal code is missing, which US needs" in case.cause
    door.hub.read_orders(replace(good, modified_at=good.modified_at + timedelta(minutes=1)))
    assert (door.status(), door.hub.cases()) == ("Ready For Fulfillment", [])


def test_a_second_order_of_the_same_number_waits(door: Door) -> None:
    door.hub.read_orders(order("S1", line("TEA")))
    door.hub.read_orders(order("S2", line("TEA"), number="S1"))

    assert (door.status("S1"), door.status("S2")) == ("Ready For Fulfillment", "To Be Validated")
    [case] = door.hub.cases("order_duplicate")
    assert "also under S1" in case.cause


def test_a_masked_address_is_no_mistake_of_the_buyers(door: Door) -> None:
    buy(door, shipping_address=Address(is_masked=True, country_code="US"))

    [case] = door.hub.cases("address_invalid")
    assert "the channel still hides it" in case.cause


def test_what_could_not_be_stopped_may_still_leave(door: Door) -> None:
    buy(door)
    door.route()
    door.push()
    cancel(door, TEA=1)
    door.push(lambda due: door.reply(due, "too late"))

    with door.hub.database.reading() as tx:
        parts = [part for each in requested.parts_of(tx, [S1]).values() for part in each]
    assert [(part.left, part.held) for part in parts] == [(2, 2)]


def test_an_order_that_is_canceled_while_it_is_being_sent_is_stopped_next(door: Door) -> None:
    buy(door)
    door.route()

    def answer(due: Due) -> Outcome:
        cancel(door)
        return door.reply(due, "taken")

    door.push(answer)
    assert door.requests() == {"S1-1": RequestState.STOPPING}
    door.push()
    assert (door.requests(), door.warehouse.books["S1-1"].is_stopped) == (
        {"S1-1": RequestState.STOPPED},
        True,
    )


def test_canceled_units_stay_committed_until_their_location_has_stopped_them(door: Door) -> None:
    buy(door)
    door.route()
    door.push()
    cancel(door)
    assert door.stock(EAST)["TEA"] == (3, 2), "they may leave yet"

    door.push()
    assert door.stock(EAST)["TEA"] == (3, 0)


def test_what_could_not_be_stopped_stays_committed_until_it_leaves_or_is_known_to_stay(door: Door) -> None:
    buy(door)
    door.route()
    door.push()
    cancel(door)
    door.push(lambda due: door.reply(due, "too late"))
    assert door.stock(EAST)["TEA"] == (3, 2)

    door.warehouse.books["S1-1"].parcels["P1"] = {"1": 2}
    door.read_shipments()
    assert (door.stock(EAST)["TEA"], door.requests()) == ((1, 0), {"S1-1": RequestState.SHIPPED})
    assert (door.status(), door.hub.cases()) == ("Fulfilled", []), "what left is not canceled"


def test_what_leaves_though_the_channel_has_canceled_it_is_over_with_a_case(door: Door) -> None:
    buy(door)
    door.route()
    door.push()
    door.hub.read_orders(order("S1", line("TEA", 2, quantity_canceled=2), status=OrderStatus.CANCELED))
    door.push(lambda due: door.reply(due, "too late"))
    door.warehouse.books["S1-1"].parcels["P1"] = {"1": 2}
    door.read_shipments()

    assert (door.stock(EAST)["TEA"], door.requests()) == ((1, 0), {"S1-1": RequestState.SHIPPED})
    [case] = door.hub.cases()
    assert (case.kind, "Have it sent back" in case.fix) == ("fulfillment_exceeds", True)
