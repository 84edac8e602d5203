"""Orders created in BigCommerce whose answers are lost, or whose originals change meanwhile: none is stuck or oversold."""

from __future__ import annotations

from typing import Any

import pytest

from crossdock.domain.sync import Direction, Entity, FlowKey
from crossdock.store import tables
from crossdock_simulators.kit import Fault
from journeys.test_stock import adjustments, assert_ledger_adds_up, both, live, reports, tracked_skus
from support.canceling import BY_ORDERS, client
from support.world import SHOP, STORE, World

READ_SALES = FlowKey(SHOP, Direction.PULL, Entity.ORDERS)
PUSH_SALES = FlowKey(STORE, Direction.PUSH, Entity.SALES)


@pytest.fixture
def creating(small_world: World) -> World:
    return live(small_world, store=BY_ORDERS)


def created(made: World) -> list[Any]:
    """The orders that the hub created in the store."""
    return [one for one in made.store.store.orders.values() if one.fields["external_order_id"]]


def cancel(made: World, placed: dict[str, Any]) -> None:
    """The buyer on TikTok Shop cancels within the first hour."""
    made.act(f"{made.shop_address}/_sim/orders/{placed['id']}/cancel", {})


def retry(made: World, kind: str) -> None:
    [case] = made.open_cases(kind)
    answer = client(made).post(f"/api/v1/exceptions/{case.id}/retry")
    assert answer.status_code == 202, answer.text


def test_a_cancellation_that_is_refused_after_its_answer_was_lost_stops_no_later_sale(
    creating: World,
) -> None:
    canceled, later = tracked_skus(creating, 2)
    placed = creating.sell(canceled, 2, on_hold=True)
    for _ in range(2):
        creating.sync()
    [one] = created(creating)
    path = rf"/v2/orders/{one.id}$"
    creating.store.faults.add(Fault("reset_before", method="PUT", path=path))
    creating.store.faults.add(Fault("error", method="PUT", path=path, status=404, times=None))
    cancel(creating, placed)
    creating.sync()
    before = both(creating, later)

    creating.sell(later, 1)
    for _ in range(3):
        creating.sync()

    assert len(created(creating)) == 2
    assert both(creating, later) == (before[0] - 1, before[1] - 1)
    [case] = creating.open_cases("created_not_canceled")
    assert f"order {one.id}" in case.cause
    assert creating.open_cases("report_unclear") == []
    assert_ledger_adds_up(creating)


def test_an_order_whose_answer_does_not_come_stops_no_later_sale(creating: World) -> None:
    canceled, later = tracked_skus(creating, 2)
    placed = creating.sell(canceled, 2, on_hold=True)
    for _ in range(2):
        creating.sync()
    [one] = created(creating)
    creating.store.faults.add(Fault("reset_before", method="PUT", path=rf"/v2/orders/{one.id}$"))
    cancel(creating, placed)
    creating.run(READ_SALES)
    creating.run(PUSH_SALES)
    creating.store.faults.add(Fault("error", path=rf"/v2/orders/{one.id}$", times=None))
    creating.sell(later, 1)

    creating.run(READ_SALES)
    assert creating.run(PUSH_SALES) == ""

    assert len(created(creating)) == 2
    creating.store.faults.clear()
    for _ in range(2):
        creating.sync()
    assert one.status_id == 5
    assert creating.open_cases() == []


@pytest.mark.parametrize("status", [2, 9])
def test_a_created_order_that_has_left_or_is_locked_keeps_its_status_and_its_units(
    small_world: World, status: int
) -> None:
    made = live(small_world, store=BY_ORDERS | {"locked_statuses": ["9"]})
    [sku] = tracked_skus(made)
    before = both(made, sku)
    placed = made.sell(sku, 2, on_hold=True)
    for _ in range(2):
        made.sync()
    [one] = created(made)
    made.act(f"{made.store_address}/_sim/orders/{one.id}/status", {"status_id": status})

    cancel(made, placed)
    for _ in range(3):
        made.sync()

    assert created(made)[0].status_id == status
    assert both(made, sku) == (before[0] - 2, before[1] - 2)
    [case] = made.open_cases("created_not_canceled")
    assert f"order {one.id}" in case.cause
    writes = made.writes()
    made.act(f"{made.store_address}/_sim/stock", {"sku": sku, "quantity": before[0]})
    made.sync()
    assert made.writes()[0] == writes[0], "a new number of the stock does not have it tried again"


def test_a_locked_order_is_canceled_once_a_person_has_unlocked_it(small_world: World) -> None:
    made = live(small_world, store=BY_ORDERS | {"locked_statuses": ["9"]})
    [sku] = tracked_skus(made)
    before = both(made, sku)
    placed = made.sell(sku, 2, on_hold=True)
    for _ in range(2):
        made.sync()
    made.act(f"{made.store_address}/_sim/orders/{created(made)[0].id}/status", {"status_id": 9})
    cancel(made, placed)
    for _ in range(2):
        made.sync()

    made.hub.apply(made.spec(store=BY_ORDERS | {"locked_statuses": []}))
    retry(made, "created_not_canceled")
    for _ in range(3):
        made.sync()

    assert created(made)[0].status_id == 5
    assert both(made, sku) == before
    assert made.open_cases() == []
    assert_ledger_adds_up(made)


def test_an_order_that_a_person_cancels_by_hand_after_all_gives_its_units_back_once(
    small_world: World,
) -> None:
    made = live(small_world, store=BY_ORDERS | {"locked_statuses": ["9"]})
    [sku] = tracked_skus(made)
    before = both(made, sku)
    placed = made.sell(sku, 2, on_hold=True)
    for _ in range(2):
        made.sync()
    [one] = created(made)
    made.act(f"{made.store_address}/_sim/orders/{one.id}/status", {"status_id": 9})
    cancel(made, placed)
    for _ in range(2):
        made.sync()

    made.act(f"{made.store_address}/_sim/orders/{one.id}/cancel", {})
    for _ in range(3):
        made.sync()

    assert both(made, sku) == before
    assert {state for _, state in reports(made)} == {"seen"}
    assert made.open_cases() == []
    assert_ledger_adds_up(made)


@pytest.mark.parametrize("orders", [True, False])
@pytest.mark.parametrize("kind", ["reset_after", "reset_before"])
def test_an_original_that_is_canceled_while_its_creation_is_unclear_leaves_nothing_behind(
    small_world: World, orders: bool, kind: Any
) -> None:
    made = live(small_world, store=BY_ORDERS | {"orders": orders})
    [sku] = tracked_skus(made)
    before = both(made, sku)
    placed = made.sell(sku, 2, on_hold=True)
    made.store.faults.add(Fault(kind, method="POST", path=r"/v2/orders$"))
    made.run(READ_SALES)
    made.run(PUSH_SALES)

    cancel(made, placed)
    made.run(READ_SALES)
    made.run(PUSH_SALES)
    for _ in range(3):
        made.sync()

    assert [one.status_id for one in created(made)] == [5] * (kind == "reset_after")
    assert both(made, sku) == before
    assert not {state for _, state in reports(made)} - {"seen", "void"}
    assert made.open_cases() == []
    assert_ledger_adds_up(made)


def test_a_report_that_a_person_sends_again_after_the_sale_was_canceled_is_not_sent(
    small_world: World,
) -> None:
    made = live(small_world)
    [sku] = tracked_skus(made)
    before = both(made, sku)
    placed = made.sell(sku, 2, on_hold=True)
    made.store.faults.add(Fault("reset_before", method="POST", path=r"/inventory/adjustments/relative$"))
    made.run(READ_SALES)
    made.run(PUSH_SALES)
    cancel(made, placed)
    for _ in range(2):
        made.sync()
    sent = adjustments(made)

    retry(made, "report_unclear")
    for _ in range(2):
        made.sync()

    assert adjustments(made) == sent
    assert both(made, sku) == before
    assert not any(row.committed for row in made.rows(tables.level))
    assert made.open_cases() == []


def test_a_sale_that_takes_the_place_of_a_canceled_one_is_no_report_of_nothing(small_world: World) -> None:
    made = live(small_world)
    [sku] = tracked_skus(made)
    before = both(made, sku)
    placed = made.sell(sku, 2, on_hold=True)
    for _ in range(2):
        made.sync()
    sent = adjustments(made)

    cancel(made, placed)
    made.sell(sku, 2)
    for _ in range(2):
        made.sync()

    assert adjustments(made) == sent
    assert both(made, sku) == (before[0] - 2, before[1] - 2)
    assert made.open_cases() == []
    assert_ledger_adds_up(made)


def test_orders_that_are_created_together_are_measured_together(creating: World) -> None:
    skus = tracked_skus(creating, 3)
    before = [both(creating, sku) for sku in skus]
    for sku in skus * 2:
        creating.sell(sku, 1)
    creating.run(READ_SALES)
    start = creating.store.journal.last_number

    creating.run(PUSH_SALES)

    calls = creating.store.journal.entries(start)
    assert len(created(creating)) == 6
    assert len([one for one in calls if "/inventory/" in one.path]) <= 4, "one reading before, and one after"
    assert len(calls) <= 22, [f"{one.method} {one.path}" for one in calls]
    for _ in range(2):
        creating.sync()
    assert [both(creating, sku) for sku in skus] == [(store - 2, shop - 2) for store, shop in before]
    assert_ledger_adds_up(creating)
