"""Sales on their way to the store: no number in between is told, and one order that fails holds up no other."""

from __future__ import annotations

from typing import Any

import pytest

from crossdock.connectors.bigcommerce.connector import BigCommerce
from crossdock.connectors.errors import UnavailableError
from crossdock.domain.sync import Direction, Entity, FlowKey
from crossdock.store import tables
from journeys.test_created_orders_under_attack import PUSH_SALES, READ_SALES, cancel, created, retry
from journeys.test_stock import assert_ledger_adds_up, both, live, tracked_skus
from support.canceling import BY_ORDERS
from support.world import SHOP, World

PUSH_STOCK = FlowKey(SHOP, Direction.PUSH, Entity.INVENTORY)


@pytest.fixture
def creating(small_world: World) -> World:
    return live(small_world, store=BY_ORDERS)


@pytest.mark.parametrize("settings", [BY_ORDERS, {}])
def test_a_sale_is_never_taken_off_twice_not_even_for_a_moment(
    small_world: World, settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = live(small_world, store=settings)
    [sku] = tracked_skus(made)
    before = both(made, sku)
    told = set()
    pull_orders = BigCommerce.pull_orders

    def and_push(connector: BigCommerce, since: Any) -> Any:
        made.run(PUSH_STOCK)
        told.add(made.shop_stock()[sku])
        return pull_orders(connector, since)

    monkeypatch.setattr(BigCommerce, "pull_orders", and_push)
    made.sell(sku, 3)
    for _ in range(2):
        made.sync()

    assert both(made, sku) == (before[0] - 3, before[1] - 3)
    assert told == {before[1] - 3}
    assert_ledger_adds_up(made)


def refuse_to_answer(monkeypatch: pytest.MonkeyPatch, *failing: str, status: str = "500") -> list[str]:
    """The store fails whenever one of these orders of the shop is created; answers the orders that were tried."""
    tried: list[str] = []
    create_order = BigCommerce.create_order

    def create(connector: BigCommerce, order: Any, *rest: Any, **more: Any) -> Any:
        tried.append(order.channel_id)
        if not failing or order.channel_id in failing:
            raise UnavailableError(f"BigCommerce answered {status} to /v2/orders")
        return create_order(connector, order, *rest, **more)

    monkeypatch.setattr(BigCommerce, "create_order", create)
    return tried


def test_an_order_that_the_store_fails_at_is_set_aside_and_the_others_go_on(
    creating: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    skus = tracked_skus(creating, 3)
    failing = creating.sell(skus[0], 1)
    for sku in skus[1:]:
        creating.sell(sku, 1)
    tried = refuse_to_answer(monkeypatch, failing["id"])
    creating.run(READ_SALES)

    assert creating.run(PUSH_SALES) == ""
    assert len(created(creating)) == 2
    [case] = creating.open_cases()
    assert (case.kind, failing["id"] in case.cause) == ("order_unclear", True)

    for _ in range(3):
        creating.sync()
    assert tried.count(failing["id"]) == 2, "it has its turn in the next run, and then after a pause"
    assert [one.id for one in creating.open_cases()] == [case.id]

    monkeypatch.undo()
    retry(creating, "order_unclear")
    for _ in range(2):
        creating.sync()
    assert len(created(creating)) == 3
    assert creating.open_cases() == []
    assert_ledger_adds_up(creating)


def test_a_store_that_fails_at_every_order_pauses_the_flow_and_opens_no_case_for_each(
    creating: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    skus = tracked_skus(creating, 5)
    for sku in skus:
        creating.sell(sku, 1)
    tried = refuse_to_answer(monkeypatch)
    creating.run(READ_SALES)

    for runs in (1, 2, 3):
        assert "500" in creating.run(PUSH_SALES)
        assert len(tried) <= 3 * runs
    assert len(creating.open_cases()) == 0
    assert set(tried) == {row.channel_id for row in creating.rows(tables.order) if row.integration == SHOP}

    monkeypatch.undo()
    for _ in range(2):
        creating.sync()
    assert len(created(creating)) == 5


def test_an_order_that_the_store_fails_at_holds_up_no_cancellation(
    creating: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    canceled, *others = tracked_skus(creating, 5)
    placed = creating.sell(canceled, 2, on_hold=True)
    for _ in range(2):
        creating.sync()
    [one] = created(creating)
    refuse_to_answer(monkeypatch)
    for sku in others:
        creating.sell(sku, 1)

    cancel(creating, placed)
    creating.run(READ_SALES)
    assert "500" in creating.run(PUSH_SALES)

    assert one.status_id == 5
