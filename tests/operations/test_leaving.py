"""What may leave and what waits, decided as each request's turn comes; and what became of what was told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from crossdock.domain.aftersales import CancellationState
from crossdock.domain.order import OrderStatus
from crossdock.domain.shipping import NewsKind, RequestState
from crossdock.domain.sync import Entity, Outcome, Rejected, Unclear
from crossdock.operations.orders import cancellations, reviewing
from crossdock.operations.orders.cancellations import Wish
from crossdock.operations.orders.order_record import order_id
from crossdock.operations.routing import leaving, overdue, request_push
from crossdock.operations.task import HUB
from crossdock.store import tables
from crossdock.store.database import Database
from support.door import EAST, WEST, WMS, Door
from support.make import SHOP, line, order

REQUEST = tables.shipping_request
S1 = order_id(SHOP, "S1")


@pytest.fixture
def door(database: Database) -> Door:
    return Door(database, stock={EAST: {"TEA": 30}, WEST: {"TEA": 30}})


def buy(door: Door, number: str = "S1", units: int = 2, **more: Any) -> str:
    door.hub.read_orders(order(number, line("TEA", units, f"{number}-tea"), **more))
    return order_id(SHOP, number)


def cancel(door: Door, order: str = S1, **units: int) -> None:
    with door.hub.step(SHOP) as (tx, task):
        cancellations.cancel(tx, task, order, Wish(units))


def lost(due: Any) -> Outcome:
    return Unclear(due.change.key, "No answer")


def test_what_is_canceled_while_another_is_sent_does_not_leave_after_it(door: Door) -> None:
    second = buy(door, "S2")
    buy(door, "S1")
    door.route()

    def answer(due: Any) -> Outcome:
        cancel(door, second if due.change.desired.number == "S1-1" else S1)
        return door.reply(due, "taken")

    [sent] = door.push(answer)
    [other] = {"S1-1", "S2-1"} - {sent}
    assert door.requests()[other] is RequestState.STOPPED
    assert other not in door.warehouse.books


def test_what_is_held_while_another_is_sent_waits(door: Door) -> None:
    second = buy(door, "S2")
    buy(door, "S1")
    door.route()

    def answer(due: Any) -> Outcome:
        with door.hub.step(SHOP) as (tx, task):
            reviewing.hold(tx, task, second if due.change.desired.number == "S1-1" else S1)
        return door.reply(due, "taken")

    assert len(door.push(answer)) == 1
    assert sorted(door.requests().values()) == [RequestState.DUE, RequestState.SENT]


def test_what_was_never_answered_is_not_sent_again_while_its_order_waits(door: Door) -> None:
    buy(door)
    door.route()
    door.push(lost)
    door.hub.tick(100)
    with door.hub.database.transaction() as tx:
        values = {"order_channel_id": "S1", "integration": SHOP, "origin": "buyer", "order_id": S1}
        times = {"created_at": door.hub.now, "updated_at": door.hub.now}
        state = CancellationState.REQUESTED
        tx.execute(tables.cancellation.insert().values(id="can1", state=state, **values, **times))

    assert door.push() == []
    [row] = door.hub.rows(REQUEST)
    assert row.message == "Waits for the decision about the buyer's request to cancel"


def test_a_refused_request_of_which_a_unit_is_canceled_is_not_told_by_itself(door: Door) -> None:
    buy(door)
    door.route()
    door.push(lambda due: Rejected(due.change.key, "No such method"))
    cancel(door, TEA=1)

    assert (door.push(), door.requests()) == ([], {"S1-1": RequestState.REFUSED})
    with door.hub.step() as (tx, task):
        request_push.retry(tx, task, "S1-1")
    assert door.push() == ["S1-1"]
    assert door.warehouse.books["S1-1"].units == {"1": 1}


def test_what_waits_keeps_nobody_else_from_leaving(door: Door) -> None:
    door.flows_on([("pull", Entity.ORDERS)])
    for place in range(5):
        buy(door, f"W{place}", 1)
    door.hub.read_orders(order("B1", line("TEA", 1)), of="store")
    door.route()

    assert door.push() == ["B1-1"]
    with door.hub.step(HUB) as (tx, task):
        woken = leaving.wanted_flows(tx, task)
    assert [str(flow) for flow in woken] == ["tiktok/pull-orders"], (
        "what others wait for, and nothing for them"
    )


def test_a_long_reading_is_young_when_it_ends(door: Door) -> None:
    door.flows_on([("pull", Entity.ORDERS)])
    buy(door)
    door.route()
    began = door.hub.now
    door.hub.tick(600)
    ended = {"read_until": began, "last_success_at": door.hub.now}
    with door.hub.database.transaction() as tx:
        tx.execute(sa.update(tables.flow).where(tables.flow.c.direction == "pull").values(**ended))

    assert door.push() == ["S1-1"]


def test_an_acknowledgement_hides_no_cancellation_and_the_channel_is_told_that_it_was_sent(
    door: Door,
) -> None:
    buy(door)
    door.route()
    door.push(lost)
    cancel(door, TEA=1)
    door.news("S1-1", NewsKind.ACCEPTED)

    [row] = door.hub.rows(REQUEST)
    assert (row.state, row.is_dirty) == (RequestState.SENT, True)
    assert door.order().sent_at is not None
    door.hub.tick(100)
    door.push()
    assert door.warehouse.books["S1-1"].units == {"1": 1}


def test_a_stop_without_an_answer_is_told_and_closes_with_the_answer(door: Door) -> None:
    buy(door)
    door.route()
    door.push()
    cancel(door)
    door.push(lost)

    [case] = door.hub.cases()
    assert (case.kind, "has not answered" in case.cause) == ("request_stop_unanswered", True)
    door.news("S1-1", NewsKind.STOPPED)
    assert (door.requests(), door.hub.cases()) == ({"S1-1": RequestState.STOPPED}, [])


def waits(due: Any) -> Outcome:
    return Unclear(due.change.key, "It was asked by a file", is_asked=True)


def test_a_stop_that_is_answered_later_is_told_once_it_waits_long(door: Door) -> None:
    buy(door)
    door.route()
    door.push()
    cancel(door)
    door.push(waits)
    assert (door.requests(), door.hub.cases()) == ({"S1-1": RequestState.STOPPING}, [])

    door.hub.tick(3601)
    assert door.push(waits) == ["S1-1"]
    [case] = door.hub.cases()
    assert (case.kind, "asked by a file" in case.cause) == ("request_stop_unanswered", True)


def test_a_change_that_is_answered_later_is_told_only_where_canceled_units_may_leave(door: Door) -> None:
    def told() -> list[str]:
        door.hub.tick(3601)
        door.push(waits)
        return [case.cause for case in door.hub.cases()]

    buy(door)
    door.route()
    door.push()
    with door.hub.database.transaction() as tx:
        tx.execute(sa.update(REQUEST).values(is_dirty=True))
    door.push(lost)
    assert [case.kind for case in door.hub.cases()] == ["request_unclear"]
    assert told() == []

    cancel(door, TEA=1)
    door.push(waits)
    assert door.hub.cases() == []
    [cause] = told()
    assert "Units of shipping request S1-1 are canceled, and may leave: It was asked by a file" in cause


def test_a_whole_stop_is_asked_for_also_where_a_part_was_not_possible(door: Door) -> None:
    buy(door)
    door.route()
    door.push()
    cancel(door, TEA=1)
    door.push(lambda due: door.reply(due, "too late"))
    assert (door.requests(), door.push()) == ({"S1-1": RequestState.NOT_STOPPED}, [])

    cancel(door)
    assert door.push() == ["S1-1"]
    assert (door.requests(), door.hub.cases()) == ({"S1-1": RequestState.STOPPED}, [])


def test_a_stop_that_came_too_late_is_asked_for_once(door: Door) -> None:
    buy(door)
    door.route()
    door.push()
    cancel(door)
    door.push(lambda due: door.reply(due, "too late"))
    buy(door, status=OrderStatus.CANCELED)

    assert (door.push(), door.requests()) == ([], {"S1-1": RequestState.NOT_STOPPED})


def moved(door: Door) -> None:
    before = order("S1", line("TEA", 2, "S1-tea"))
    assert before.shipping_address is not None
    after = replace(before.shipping_address, lines=("2 Other Street",))
    door.hub.read_orders(replace(before, shipping_address=after, modified_at=door.hub.tick()))


def test_a_location_is_told_of_another_address_once(door: Door) -> None:
    buy(door)
    door.route()
    door.push()
    moved(door)

    seen: list[Any] = []
    assert door.push(lambda due: seen.append(due.change.desired) or door.reply(due, "taken")) == ["S1-1"]  # type: ignore[func-returns-value]
    assert seen[0].address.lines == ("2 Other Street",)
    assert (door.push(), door.requests()) == ([], {"S1-1": RequestState.SENT})


def test_a_location_that_takes_no_change_is_a_case_and_keeps_its_request(door: Door) -> None:
    buy(door)
    door.route()
    door.push()
    moved(door)
    door.push(lambda due: door.reply(due, "too late"))

    [case] = door.hub.cases()
    assert (case.kind, "did not take the change" in case.cause) == ("request_not_changed", True)
    assert (door.push(), door.requests()) == ([], {"S1-1": RequestState.SENT})


def test_what_waits_for_hours_before_it_is_sent_is_told(door: Door) -> None:
    door.flows_on([("pull", Entity.ORDERS)])
    buy(door)
    door.route()
    door.push()
    door.hub.now += timedelta(hours=5)
    with door.hub.step(HUB) as (tx, task):
        overdue.watch(tx, task)

    [case] = door.hub.cases("request_overdue")
    assert "Waits until tiktok/pull-orders has run" in case.cause
    door.read_until(door.hub.now)
    door.push()
    with door.hub.step(HUB) as (tx, task):
        overdue.watch(tx, task)
    assert door.hub.cases() == []


def test_a_warehouse_that_is_told_nothing_is_named(door: Door) -> None:
    buy(door)
    door.route()
    off = {"is_on": False}
    with door.hub.database.transaction() as tx:
        tx.execute(sa.update(tables.flow).where(tables.flow.c.integration == WMS).values(**off))
    door.hub.now += timedelta(hours=5)
    with door.hub.step(HUB) as (tx, task):
        overdue.watch(tx, task)

    [case] = door.hub.cases("request_overdue")
    assert "wms is told nothing, as its setting is off" in case.cause
