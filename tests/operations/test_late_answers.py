"""Answers of a warehouse that come late, come twice or cross with a change: what it has to hear of is told all the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from crossdock.connectors.errors import SettingsError
from crossdock.domain.order import FulfilledBy, OrderStatus
from crossdock.domain.shipping import NewsKind, RequestState
from crossdock.domain.sync import Entity, Outcome, Postponed, Rejected, Unclear
from crossdock.operations.fulfillments.fulfillments import Entry
from crossdock.operations.routing import by_hand
from crossdock.operations.warehouse import shipping
from crossdock.store import tables
from crossdock.store.database import Database
from support.door import EAST, Door
from support.make import SHOP, line, order
from support.shipping import UPS

REQUEST = tables.shipping_request


@pytest.fixture
def door(database: Database) -> Door:
    """Order S1 of three teas, which East is asked for."""
    made = Door(database, stock={EAST: {"TEA": 30}})
    made.hub.read_orders(order("S1", line("TEA", 3)))
    made.route()
    return made


def cancel(door: Door, units: int, **more: Any) -> None:
    whole = {"status": OrderStatus.CANCELED, "channel_status": "CANCELLED"} if units == 3 else {}
    door.hub.read_orders(order("S1", line("TEA", 3, quantity_canceled=units), **(whole | more)))


def move(door: Door, canceled: int = 0) -> None:
    """The buyer gives another address."""
    before = order("S1", line("TEA", 3, quantity_canceled=canceled))
    assert before.shipping_address is not None
    after = replace(before.shipping_address, lines=("2 Other Street",))
    door.hub.read_orders(replace(before, shipping_address=after, modified_at=door.hub.tick()))


def leave(door: Door, units: int, parcel: str = "p1") -> None:
    door.warehouse.books["S1-1"].parcels[parcel] = {"1": units}
    door.read_shipments()


def lost(due: Any) -> Outcome:
    return Unclear(due.change.key, "No answer")


def late(due: Any) -> Outcome:
    return Rejected(due.change.key, "It is being packed", code="too_late")


def for_now(due: Any) -> Outcome:
    return Rejected(due.change.key, "Busy", again_in=timedelta(minutes=1))


def pushed(door: Door, answer: Callable[[Any], Outcome] | None = None) -> list[tuple[bool, list[int], str]]:
    """What the warehouse is told: whether to stop, how many of each line, and where they go."""
    told: list[tuple[bool, list[int], str]] = []

    def reply(due: Any) -> Outcome:
        wanted = due.change.desired
        told.append((wanted.is_stopped, [each.quantity for each in wanted.lines], wanted.address.lines[0]))
        return answer(due) if answer else door.reply(due, "taken")

    door.hub.tick(100)
    door.push(reply)
    return told


def row(door: Door, number: str = "S1-1") -> Any:
    [found] = door.hub.rows(REQUEST, REQUEST.c.number == number)
    return found


def causes(door: Door) -> list[str]:
    return [case.cause for case in door.hub.cases()]


@pytest.mark.parametrize("answer", [None, lost], ids=["untold", "unanswered"])
def test_a_canceled_unit_is_told_also_after_all_others_have_left(
    door: Door, answer: Callable[[Any], Outcome] | None
) -> None:
    door.push()
    cancel(door, 1)
    if answer:
        door.push(answer)
    leave(door, 2)

    assert (row(door).state, row(door).is_dirty) == (RequestState.SENT, True)
    assert door.stock(EAST)["TEA"] == (28, 1), "it may leave, and is for sale to nobody"
    assert [told[1] for told in pushed(door)] == [[2]]
    assert (door.requests(), door.stock(EAST)["TEA"]) == ({"S1-1": RequestState.SHIPPED}, (28, 0))


@pytest.mark.parametrize("is_moved_first", [True, False])
def test_another_address_is_told_also_where_the_answer_was_lost(door: Door, *, is_moved_first: bool) -> None:
    door.push(lost)
    if is_moved_first:
        move(door)
    door.news("S1-1", NewsKind.ACCEPTED)
    if not is_moved_first:
        pushed(door)
        move(door)

    assert [told[2] for told in pushed(door)] == ["2 Other Street"]
    assert (door.requests(), pushed(door)) == ({"S1-1": RequestState.SENT}, [])


def test_what_is_sent_again_without_its_first_answer_is_looked_for_there(door: Door) -> None:
    door.push(lost)
    door.news("S1-1", NewsKind.ACCEPTED)

    seen: list[bool] = []
    door.push(lambda due: seen.append(due.change.is_unclear) or door.reply(due, "taken"))  # type: ignore[func-returns-value]
    assert seen == [True]


def test_a_request_that_the_warehouse_has_though_its_answer_was_lost_is_sent_and_says_so(door: Door) -> None:
    door.push(lambda due: door.reply(due, "lost"))
    pushed(door, late)

    assert (row(door).state, row(door).is_dirty, row(door).sent_at) == (
        RequestState.SENT,
        False,
        door.hub.now,
    )
    [cause] = causes(door)
    assert "whose first answer was lost, and takes it only as it has it: It is being packed" in cause
    assert door.order().sent_at is not None
    leave(door, 3)
    assert causes(door) == []


def test_a_warehouse_that_could_not_stop_all_of_it_is_asked_once(door: Door) -> None:
    door.push()
    cancel(door, 1)
    door.push(late)
    cancel(door, 3)
    door.push(lambda due: Unclear(due.change.key, "By file", is_asked=True))
    door.news("S1-1", NewsKind.NOT_STOPPED, "Packed")

    assert (door.requests(), pushed(door)) == ({"S1-1": RequestState.NOT_STOPPED}, [])
    assert causes(door) == ["wms could not stop shipping request S1-1, of which units are canceled: Packed"]


def test_another_address_is_told_of_what_could_not_be_stopped_in_part(door: Door) -> None:
    door.push()
    cancel(door, 1)
    door.push(late)
    assert pushed(door) == []
    move(door, canceled=1)

    assert pushed(door, late) == [(False, [3], "2 Other Street")]
    assert sorted(case.kind for case in door.hub.cases()) == ["request_not_changed", "request_not_stopped"]
    assert (door.requests(), pushed(door)) == ({"S1-1": RequestState.NOT_STOPPED}, [])
    cancel(door, 3)
    assert [told[0] for told in pushed(door)] == [True]


def test_a_warehouse_that_takes_the_address_is_asked_again_for_the_part(door: Door) -> None:
    door.push()
    cancel(door, 1)
    door.push(late)
    move(door, canceled=1)

    assert [told[1] for told in pushed(door)] == [[3]]
    assert [told[1] for told in pushed(door)] == [[2]]
    assert (door.requests(), causes(door)) == ({"S1-1": RequestState.SENT}, [])


def test_what_is_refused_for_now_waits_as_if_it_had_not_been_sent(door: Door) -> None:
    door.push(for_now)
    assert (row(door).state, row(door).is_dirty) == (RequestState.DUE, True)
    assert causes(door) == ["wms does not take shipping request S1-1 now: Busy"]

    door.flows_on([("pull", Entity.ORDERS)])
    assert pushed(door) == [], "its channel was not read since"
    cancel(door, 3)
    assert (door.requests(), causes(door)) == ({"S1-1": RequestState.STOPPED}, [])


@pytest.mark.parametrize("units", [1, 3])
def test_a_stop_that_is_refused_for_now_is_asked_again(door: Door, units: int) -> None:
    door.push()
    cancel(door, units)
    pushed(door, for_now)
    assert row(door).state == (RequestState.STOPPING if units == 3 else RequestState.SENT)
    assert "may leave" in causes(door)[0]

    assert [told[1] for told in pushed(door)] == [[3 - units]]
    assert causes(door) == []
    assert door.stock(EAST)["TEA"] == (30, 3 - units)


def test_an_answer_that_it_was_not_sent_yet_undoes_no_word_of_the_warehouse(door: Door) -> None:
    def answer(due: Any) -> Outcome:
        door.reply(due, "taken")
        door.news("S1-1", NewsKind.ACCEPTED)
        return Postponed(due.change.key, "Slow down", timedelta(seconds=30))

    door.push(answer)
    assert row(door).state == RequestState.SENT
    cancel(door, 3)
    assert [told[0] for told in pushed(door)] == [True]


def test_a_lost_answer_opens_no_case_of_what_was_refused_meanwhile(door: Door) -> None:
    def answer(due: Any) -> Outcome:
        door.news("S1-1", NewsKind.REFUSED, "No such method")
        return lost(due)

    door.push(answer)
    assert [case.kind for case in door.hub.cases()] == ["request_refused"]
    assert row(door).message == "No such method"


# Orders that their platform sees to by now


def read_as(door: Door, by: FulfilledBy, shipped: int = 0) -> None:
    done = {"status": OrderStatus.FULFILLED} if by is FulfilledBy.PLATFORM_LABEL else {}
    door.hub.read_orders(order("S1", line("TEA", 3, quantity_shipped=shipped), fulfilled_by=by, **done))


@pytest.fixture
def packing(database: Database) -> Door:
    """A warehouse is packing three teas with the shop's label when that is told to be none of the hub's business."""
    made = Door(database, stock={EAST: {"TEA": 30}})
    read_as(made, FulfilledBy.PLATFORM_LABEL_PACKED_HERE)
    made.route()
    made.push()
    read_as(made, FulfilledBy.PLATFORM_LABEL)
    return made


@pytest.mark.parametrize("before", [0, 1])
def test_what_was_packed_all_the_same_is_over_once_its_platform_shows_it_as_shipped(
    packing: Door, before: int
) -> None:
    if before:
        leave(packing, before)
    packing.push(late)
    [case] = packing.hub.cases("request_not_stopped")
    assert "whose order tiktok sees to now" in case.cause
    assert "this closes once tiktok shows all of it as shipped" in case.fix

    read_as(packing, FulfilledBy.PLATFORM_LABEL, shipped=3)

    assert packing.requests() == {"S1-1": RequestState.SHIPPED if before else RequestState.STOPPED}
    assert (causes(packing), packing.stock(EAST)["TEA"]) == ([], (27, 0))
    leave(packing, 3)
    assert (packing.stock(EAST)["TEA"], packing.hub.ledger_differences()) == ((27, 0), {})


@pytest.mark.parametrize("left_anyway", [True, False])
def test_nothing_is_entered_of_what_its_platform_ships_and_the_refusal_says_so_at_once(
    packing: Door, *, left_anyway: bool
) -> None:
    packing.push()
    said = r"order S1 of S1-1 is shipped by tiktok.*its parcels are read from there"
    with pytest.raises(SettingsError, match=said), packing.hub.step(SHOP) as (tx, task):
        shipping.ship(tx, task, "S1-1", Entry(UPS, {}, left_anyway=left_anyway))


def test_a_person_who_could_not_stop_it_is_not_told_of_canceled_units(door: Door) -> None:
    door.push()
    with door.hub.step(SHOP) as (tx, task):
        by_hand.stop(tx, task, "S1-1")
    door.push(late)

    [case] = door.hub.cases("request_not_stopped")
    assert "S1-1, which is not to leave any more: It is being packed" in case.cause
    assert "crossdock requests ship S1-1 --left-anyway" in case.fix
