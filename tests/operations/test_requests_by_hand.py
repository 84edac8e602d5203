"""What a person says of shipping requests and of their cases, and what is missed when nothing leaves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from crossdock.connectors.errors import SettingsError
from crossdock.domain.automations import Trigger
from crossdock.domain.shipping import RequestState
from crossdock.operations import exceptions, retrying
from crossdock.operations.automations import agenda
from crossdock.operations.orders.order_record import order_id
from crossdock.operations.routing import by_hand, overdue
from crossdock.operations.task import HUB
from crossdock.operations.views import views
from crossdock.store.database import Database
from crossdock.sync.routing import route_orders
from support.door import EAST, WEST, WMS, Door
from support.make import SHOP, line, order

S1 = order_id(SHOP, "S1")
REFUSED = "refused"


@pytest.fixture
def door(database: Database) -> Door:
    """Order S1 of two teas, which East is asked for."""
    made = Door(database, stock={EAST: {"TEA": 9}, WEST: {"TEA": 9}})
    made.hub.read_orders(order("S1", line("TEA", 2)))
    made.route()
    return made


def say(door: Door, what: Callable[..., Any], number: str = "S1-1") -> list[str]:
    with door.hub.step(SHOP) as (tx, task):
        return [str(flow) for flow in what(tx, task, number)]


def push(door: Door, how: str = "taken") -> list[str]:
    return door.push(lambda due: door.reply(due, how))


def retry(door: Door, kind: str) -> list[str]:
    [case] = door.hub.cases(kind)
    with door.hub.step(case.integration) as (tx, task):
        found = views.exception(tx, case.id)
        assert found is not None
        return [str(flow) for flow in retrying.retry(tx, task, found, by="ann")]


def test_a_request_that_nobody_was_told_of_is_stopped_at_once_and_routed_anew(door: Door) -> None:
    assert say(door, by_hand.stop) == [f"{WMS}/push-shipping_requests", "hub/push-routing"]

    assert (door.requests(), door.order().routing) == ({"S1-1": RequestState.STOPPED}, "pending")
    door.route()
    assert door.asked() == {f"S1-2 {EAST}": {"TEA": 2}}


@pytest.mark.parametrize("how", ["sent", "too late", "refused"])
def test_a_person_knows_that_it_will_not_leave_whatever_its_warehouse_has_said(door: Door, how: str) -> None:
    push(door, REFUSED if how == "refused" else "taken")
    if how == "too late":
        say(door, by_hand.stop)
        push(door, how)
        assert door.requests() == {"S1-1": RequestState.NOT_STOPPED}

    say(door, by_hand.stopped)

    assert door.requests() == {"S1-1": RequestState.STOPPED}
    assert (door.status(), door.order().routing, door.hub.cases()) == ("Ready For Fulfillment", "pending", [])
    assert (door.route(), door.asked()) == (1, {f"S1-2 {EAST}": {"TEA": 2}})
    assert door.hub.ledger_differences() == {}
    with pytest.raises(
        SettingsError, match="request S1-1 is stopped; stopped are those that are not stopped"
    ):
        say(door, by_hand.stopped)


def test_what_has_left_of_it_stays_so(door: Door) -> None:
    push(door)
    door.warehouse.books["S1-1"].parcels["P1"] = {"1": 1}
    door.read_shipments()

    say(door, by_hand.stopped)

    assert door.requests() == {"S1-1": RequestState.SHIPPED}
    assert (door.status(), door.order().routing) == ("Partially Fulfilled", "pending")


def test_a_refused_request_is_told_again_from_its_case_and_by_its_number(door: Door) -> None:
    push(door, REFUSED)
    assert retry(door, "request_refused") == [f"{WMS}/push-shipping_requests", "hub/push-routing"]
    push(door, REFUSED)
    say(door, by_hand.retry)

    assert (push(door), door.requests(), door.hub.cases()) == (["S1-1"], {"S1-1": RequestState.SENT}, [])
    with pytest.raises(SettingsError, match=f"request S1-1 is sent; there is nothing to tell {WMS}"):
        say(door, by_hand.retry)


def test_cases_of_routing_and_of_addresses_are_looked_at_again(door: Door) -> None:
    door.hub.read_orders(order("S2", line("TEA", 99)), order("S3", line("TEA"), shipping_address=None))
    door.route()

    assert retry(door, "unroutable") == ["hub/push-routing"]
    assert door.order("S2").routing == "pending"
    assert retry(door, "address_invalid") == ["hub/push-routing"]
    assert len(door.hub.cases("address_invalid")) == 1, "nothing has changed about it"


def watch(door: Door, **later: float) -> list[str]:
    door.hub.tick(timedelta(**later).total_seconds())
    with door.hub.step(HUB) as (tx, task):
        overdue.watch(tx, task)
    return [case.cause for case in door.hub.cases(overdue.KIND)]


def test_a_request_of_which_nothing_leaves_for_days_is_a_case_until_it_moves(door: Door) -> None:
    push(door)
    assert watch(door, days=2.9) == []
    [cause] = watch(door, days=0.2)
    assert cause.startswith(f"{WMS} has had shipping request S1-1 of order S1 since 2026-03-01")
    assert watch(door) == [cause], "one case, however often it is looked at"
    assert retry(door, overdue.KIND) == [f"{WMS}/pull-fulfillments"]

    door.warehouse.books["S1-1"].parcels["P1"] = {"1": 1}
    door.read_shipments()

    assert watch(door) == []


def test_what_a_person_dismissed_is_not_missed_again(door: Door) -> None:
    push(door)
    watch(door, days=4)
    [case] = door.hub.cases(overdue.KIND)
    with door.hub.step(HUB) as (tx, task):
        exceptions.close_by_person(tx, case.id, state="dismissed", now=task.now, by="ann")

    assert watch(door, days=1) == []


def noted(door: Door, act: Callable[..., Any]) -> int:
    with door.hub.step(SHOP) as (tx, task):
        act(tx, task)
        return sum(each.trigger is Trigger.SHIPPING_REQUEST_UPDATED for each in agenda.take(tx))


def test_rules_are_asked_when_the_state_of_a_request_changes(door: Door) -> None:
    assert noted(door, lambda tx, task: by_hand.stop(tx, task, "S1-1")) > 0
    assert noted(door, lambda *_: None) == 0


class Worked:
    """What the routing flow works with, on the door's own hub."""

    def __init__(self, door: Door) -> None:
        self._hub, self.tally = door.hub, SimpleNamespace(read=0, written=0, confirmed=0, rejected=0)

    def transaction(self) -> Any:
        return self._hub.database.transaction()

    def task(self) -> Any:
        return self._hub.task(HUB)


def test_each_run_of_the_routing_misses_what_does_not_leave(door: Door) -> None:
    push(door)
    door.hub.tick(timedelta(days=4).total_seconds())

    route_orders(Worked(door))  # type: ignore[arg-type]  # it needs no more of a run

    assert [case.kind for case in door.hub.cases()] == [overdue.KIND]
