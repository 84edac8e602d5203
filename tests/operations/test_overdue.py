"""What nobody would notice otherwise: goods that never leave, and warehouses that are told nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from crossdock.domain.order import OrderStatus
from crossdock.domain.shipping import RequestState
from crossdock.domain.sync import Entity, Outcome, Rejected
from crossdock.operations import exceptions
from crossdock.operations.routing import by_hand, leaving, overdue, request_push
from crossdock.operations.setup import integrations
from crossdock.operations.task import HUB
from crossdock.store import tables
from crossdock.store.database import Database
from support.door import EAST, WMS, Door
from support.make import SHOP, line, order


@pytest.fixture
def door(database: Database) -> Door:
    """Order S1 of three teas, which East is asked for."""
    made = Door(database, stock={EAST: {"TEA": 30}})
    made.hub.read_orders(order("S1", line("TEA", 3)))
    made.route()
    return made


def cancel(door: Door, units: int) -> None:
    whole = {"status": OrderStatus.CANCELED, "channel_status": "CANCELLED"} if units == 3 else {}
    door.hub.read_orders(order("S1", line("TEA", 3, quantity_canceled=units), **whole))


def turn_off(door: Door) -> None:
    with door.hub.database.transaction() as tx:
        integrations.configure_flows(tx, WMS, {("push", Entity.SHIPPING_REQUESTS): False}, {})


def leave(door: Door, parcel: str, units: int) -> None:
    door.warehouse.books["S1-1"].parcels[parcel] = {"1": units}
    door.read_shipments()


def late(due: Any) -> Outcome:
    return Rejected(due.change.key, "It is being packed", code="too_late")


def watch(door: Door, **later: float) -> list[str]:
    door.hub.tick(timedelta(**later).total_seconds())
    with door.hub.step(HUB) as (tx, task):
        overdue.watch(tx, task)
    return [case.cause for case in door.hub.cases(overdue.KIND)]


def dismiss(door: Door) -> None:
    for case in door.hub.cases():
        with door.hub.step(HUB) as (tx, task):
            exceptions.close_by_person(tx, case.id, state="dismissed", now=task.now, by="ann")


@pytest.mark.parametrize(
    ("units", "said"),
    [(3, "wms is to stop shipping request S1-1"), (1, "Shipping request S1-1 of order S1 was changed")],
)
def test_a_warehouse_that_is_told_of_no_stop_is_named_within_hours(door: Door, units: int, said: str) -> None:
    door.push()
    turn_off(door)
    cancel(door, units)

    assert watch(door, hours=3) == []
    [cause] = watch(door, hours=2)
    assert cause.startswith(said)
    assert cause.endswith("wms is told nothing, as its setting is off")
    [case] = door.hub.cases(overdue.KIND)
    assert case.fix.startswith("Turn the orders of wms on, or tell wms yourself")


def test_a_request_that_may_have_arrived_is_not_forgotten_while_its_channel_cannot_be_read(
    door: Door,
) -> None:
    with door.hub.step(WMS) as (tx, task):
        [key] = leaving.sort_out(tx, task, of=WMS).ready
        request_push.take(tx, task, key)
    door.flows_on([("pull", Entity.ORDERS)])
    assert door.push() == []

    [cause] = watch(door, hours=5)
    assert cause.startswith("wms may have shipping request S1-1 of order S1, and has not been asked since")
    assert "Waits until tiktok/pull-orders has run" in cause


def test_what_a_warehouse_answered_is_told_by_one_case(door: Door) -> None:
    door.push()
    cancel(door, 3)
    door.push(lambda due: door.reply(due, "never arrived"))

    assert watch(door, hours=5) == []
    assert [case.kind for case in door.hub.cases()] == ["request_stop_unanswered"]


def test_the_rest_of_a_request_that_never_leaves_is_a_case(door: Door) -> None:
    door.push()
    door.hub.tick(timedelta(days=2).total_seconds())
    leave(door, "p1", 1)

    assert watch(door, days=2) == []
    [cause] = watch(door, days=2)
    assert cause.endswith("and nothing has left since 2026-03-03 12:00 UTC, with 2 units still to leave")
    with door.hub.step(SHOP) as (tx, task):
        by_hand.stopped(tx, task, "S1-1")
    assert (watch(door), door.requests()) == ([], {"S1-1": RequestState.SHIPPED})


def test_what_was_dismissed_is_told_again_after_it_moved_and_stopped_once_more(door: Door) -> None:
    door.push()
    watch(door, days=4)
    dismiss(door)
    leave(door, "p1", 1)

    assert watch(door, days=2) == []
    assert len(watch(door, days=2)) == 1


def test_what_could_not_be_stopped_and_was_dismissed_is_not_kept_for_ever_in_silence(door: Door) -> None:
    door.push()
    cancel(door, 3)
    door.push(late)
    assert watch(door, days=4) == []
    dismiss(door)

    [cause] = watch(door, days=1)
    assert cause.endswith("and nothing of it has left; wms could not stop it")
    [case] = door.hub.cases(overdue.KIND)
    assert "crossdock requests ship S1-1 --left-anyway" in case.fix


def test_dismissed_cases_take_nobody_elses_place(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overdue, "MOST", 2)
    door.push()
    request = tables.shipping_request
    with door.hub.database.transaction() as tx:
        found = tx.execute(sa.select(request)).one()
        for place in range(2, 5):
            later = found.sent_at + timedelta(minutes=place)
            more = {"id": f"r{place}", "number": f"S1-{place}", "sent_at": later}
            tx.execute(sa.insert(request).values(**{**found._mapping, **more}))

    assert len(watch(door, days=4)) == 2
    dismiss(door)
    assert [cause.split()[5] for cause in watch(door)] == ["S1-3", "S1-4"]
