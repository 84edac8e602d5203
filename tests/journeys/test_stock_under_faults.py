"""Stock stays right where an answer is lost, a write is refused, or a platform is slow to show what it took."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from crossdock.store import tables
from crossdock_simulators.kit import Fault
from journeys.test_stock import ADJUSTMENTS, adjustments, both, live, reports, tracked_skus
from support.world import SHOP, STORE, World


@pytest.fixture
def live_world(small_world: World) -> World:
    return live(small_world)


def beside_others(made: World) -> str:
    """A counted SKU of a product that has more of them, so that the product itself stays on sale."""
    tracked = set(tracked_skus(made, 2))
    tracked |= {
        sku for sku, units in made.shop_stock().items() if units and made.store_stock().get(sku) == units
    }
    several = [p.content.skus for p in made.shop.shop.tables.products.values() if len(p.content.skus) > 1]
    return next(sku.seller_sku for skus in several for sku in skus if sku.seller_sku in tracked)


@pytest.mark.parametrize("kind", ["reset_after", "error_after", "not_json", "truncate"])
def test_an_adjustment_whose_answer_was_lost_is_applied_once_and_settled_by_a_reading(
    live_world: World, kind: Any
) -> None:
    [sku] = tracked_skus(live_world)
    before = both(live_world, sku)
    live_world.store.faults.add(Fault(kind, path=ADJUSTMENTS))

    live_world.sell(sku, 2)
    for _ in range(3):
        live_world.retry()

    assert adjustments(live_world) == 1
    assert both(live_world, sku) == (before[0] - 2, before[1] - 2)
    assert [state for _, state in reports(live_world)] == ["seen"]
    assert not live_world.open_cases("report_unclear")


def test_an_adjustment_that_never_arrived_is_not_sent_again_blindly_and_its_units_stay_kept(
    live_world: World,
) -> None:
    [sku] = tracked_skus(live_world)
    before = both(live_world, sku)
    live_world.store.faults.add(Fault("reset_before", path=ADJUSTMENTS))

    live_world.sell(sku, 2)
    for _ in range(3):
        live_world.retry()

    [case] = live_world.open_cases("report_unclear")
    assert adjustments(live_world) == 1
    assert both(live_world, sku) == (before[0], before[1] - 2)
    assert sku in case.cause


def test_an_adjustment_refused_with_429_is_sent_again_once(live_world: World) -> None:
    [sku] = tracked_skus(live_world)
    before = both(live_world, sku)
    live_world.store.faults.add(Fault("too_many_requests", path=ADJUSTMENTS, retry_after=0.1))

    live_world.sell(sku, 2)
    for _ in range(2):
        live_world.retry()

    assert both(live_world, sku) == (before[0] - 2, before[1] - 2)
    assert live_world.store.store.writes["adjustment_relative"] == 1


def test_a_slow_store_keeps_the_units_until_its_number_shows_the_sale(live_world: World) -> None:
    [sku] = tracked_skus(live_world)
    before = both(live_world, sku)
    live_world.act(f"{live_world.store_address}/_sim/switches", {"inventory_delay_seconds": 3600})
    live_world.sell(sku, 2)
    live_world.sync()
    assert both(live_world, sku) == (before[0], before[1] - 2)
    assert [state for _, state in reports(live_world)] == ["answered"]

    live_world.store.clock.advance(timedelta(hours=2))
    live_world.store.scheduler.wait_idle()
    for _ in range(2):
        live_world.sync()

    assert both(live_world, sku) == (before[0] - 2, before[1] - 2)
    assert [state for _, state in reports(live_world)] == ["seen"]


def test_a_sale_in_the_store_while_a_report_is_under_way_is_not_taken_for_it(live_world: World) -> None:
    [sku] = tracked_skus(live_world)
    before = both(live_world, sku)
    live_world.act(f"{live_world.store_address}/_sim/switches", {"inventory_delay_seconds": 3600})
    live_world.sell(sku, 1)
    live_world.sync()

    live_world.sell_in_store(sku, 1)
    live_world.sync()

    assert [state for _, state in reports(live_world)] == ["answered"]
    assert both(live_world, sku) == (before[0] - 1, before[1] - 2)


@pytest.mark.parametrize("kind", ["drop_write", "error_after", "reset_after", "reset_before", "not_json"])
def test_a_stock_number_counts_only_once_it_has_been_read_back(live_world: World, kind: Any) -> None:
    [sku] = tracked_skus(live_world)
    live_world.shop.faults.add(Fault(kind, path=r"/inventory/update$"))

    live_world.act(f"{live_world.store_address}/_sim/stock", {"sku": sku, "quantity": 2})
    for _ in range(2):
        live_world.retry()

    store, shop = both(live_world, sku)
    assert shop == store
    assert not live_world.open_cases("silent_refusal")


def test_a_number_that_never_sticks_ends_as_an_exception_case(live_world: World) -> None:
    [sku] = tracked_skus(live_world)
    live_world.shop.faults.add(Fault("drop_write", path=r"/inventory/update$", times=None))

    live_world.act(f"{live_world.store_address}/_sim/stock", {"sku": sku, "quantity": 2})
    live_world.sync()

    [case] = live_world.open_cases("silent_refusal")
    assert sku in case.cause
    assert live_world.shop.journal.count("POST", r"/inventory/update$") < 20


def test_s107_a_refused_write_is_shown_with_the_platforms_words_and_not_counted_as_synced(
    live_world: World,
) -> None:
    sku = beside_others(live_world)
    live_world.act(f"{live_world.shop_address}/_sim/switches", {"accepts_zero_quantity": False})

    live_world.act(f"{live_world.store_address}/_sim/stock", {"sku": sku, "quantity": 0, "location_id": 1})
    for place in (2, 3):
        live_world.act(
            f"{live_world.store_address}/_sim/stock", {"sku": sku, "quantity": 0, "location_id": place}
        )
    live_world.sync()

    variant = next(row for row in live_world.rows(tables.variant) if row.sku == sku)
    publication = next(row for row in live_world.rows(tables.publication) if row.record_id == variant.id)
    [case] = live_world.open_cases("push_refused")
    assert publication.state == "rejected"
    assert publication.message
    assert publication.message in case.cause


def test_a_buyer_between_the_read_back_and_the_push_is_never_undone(live_world: World) -> None:
    """The shop's own orders are pulled before an absolute number is sent."""
    [sku] = tracked_skus(live_world)
    before = both(live_world, sku)
    live_world.sell(sku, 2)

    live_world.act(f"{live_world.store_address}/_sim/stock", {"sku": sku, "quantity": before[0] + 5})
    live_world.sync(STORE)
    live_world.sync(SHOP)
    live_world.sync()

    store, shop = both(live_world, sku)
    assert shop == store
