"""Runs that end between a call and its answer: nothing is sent twice, and no number is believed that may be wrong."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from crossdock.connectors.bigcommerce.connector import BigCommerce
from crossdock.domain.sync import Direction, Entity, FlowKey
from crossdock.operations import publishing
from crossdock.operations.stock import pending
from crossdock.sync.lease import StoppedError
from crossdock_simulators.kit import Fault
from journeys.test_stock import ADJUSTMENTS, adjustments, both, live, tracked_skus
from support.world import SHOP, STORE, World

PUSH_STOCK = FlowKey(SHOP, Direction.PUSH, Entity.INVENTORY)
PUSH_SALES = FlowKey(STORE, Direction.PUSH, Entity.SALES)


class Killed(BaseException):
    """What no code of the hub catches."""


@pytest.fixture
def live_world(small_world: World) -> World:
    return live(small_world)


def count_in_store(made: World, sku: str, units: int) -> None:
    made.act(f"{made.store_address}/_sim/stock", {"sku": sku, "quantity": units})
    made.sync(STORE)


def test_a_number_whose_answer_was_not_kept_is_looked_at_although_it_is_the_old_one_again(
    live_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    [sku] = tracked_skus(live_world)
    count_in_store(live_world, sku, 9)
    live_world.sync()
    count_in_store(live_world, sku, 4)

    def die(*_: Any) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(publishing, "count_attempts", die)
        with pytest.raises(Killed):
            live_world.run(PUSH_STOCK)
    written = both(live_world, sku)[1]
    count_in_store(live_world, sku, 9)
    live_world.run(PUSH_STOCK)

    store, shop = both(live_world, sku)
    assert store == shop
    assert shop == written + 5


def test_a_report_that_was_stopped_before_its_call_is_sent_at_the_next_start(
    live_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    [sku] = tracked_skus(live_world)
    before = both(live_world, sku)
    live_world.sell(sku, 2)
    live_world.sync(SHOP)

    def stop(*_: Any) -> str:
        raise StoppedError("The worker is stopping")

    with monkeypatch.context() as patched:
        patched.setattr(BigCommerce, "report_sales", stop)
        with pytest.raises(StoppedError):
            live_world.run(PUSH_SALES)
    live_world.run(PUSH_SALES)

    assert both(live_world, sku) == (before[0] - 2, before[1] - 2)
    assert adjustments(live_world) == 1
    assert not live_world.open_cases("report_unclear")


def test_a_report_that_stays_unclear_costs_one_look_a_run(
    live_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pending, "UNCLEAR_SHOWS_WITHIN", timedelta(0))
    [sku] = tracked_skus(live_world)
    live_world.store.faults.add(Fault("reset_before", path=ADJUSTMENTS))
    live_world.sell(sku, 2)
    live_world.sync()
    live_world.run(PUSH_SALES)
    before = len(live_world.store.journal.entries())

    live_world.run(PUSH_SALES)

    looked = [entry.path for entry in live_world.store.journal.entries()[before:] if "_sim" not in entry.path]
    assert len(looked) <= 2, looked
    assert live_world.open_cases("report_unclear")
