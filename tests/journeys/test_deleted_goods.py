"""A product that is deleted where its stock is counted, while sales of it are still to be told there, holds nothing back."""

from __future__ import annotations

from typing import Any

import pytest

from crossdock.domain.sync import Direction, Entity, FlowKey
from crossdock.store import tables
from crossdock_simulators.bigcommerce.catalog import delete_product
from crossdock_simulators.kit import Fault
from journeys.test_catalog import COMPLETE
from journeys.test_stock import ADJUSTMENTS, adjustments, assert_ledger_adds_up, live, reports, tracked_skus
from journeys.test_stock_under_faults import beside_others
from support.world import STORE, World


@pytest.fixture
def live_world(small_world: World) -> World:
    return live(small_world)


def committed(made: World) -> int:
    return sum(row.committed for row in made.rows(tables.level))


def variant_of(made: World, sku: str) -> str:
    [row] = made.rows(tables.variant, tables.variant.c.sku == sku)
    return str(row.id)


def delete_in_store(made: World, sku: str) -> None:
    """The hub hears of it by its next sweep."""
    [row] = made.rows(
        tables.listing, tables.listing.c.integration == STORE, tables.listing.c.channel_sku == sku
    )
    delete_product(made.store.store, made.store.store.products[int(row.product_channel_id)])
    made.hub.resync(STORE, Direction.PULL, Entity.PRODUCTS)


def sold_but_untold(made: World, fault: Any) -> str:
    """A sale on TikTok Shop whose report meets this fault; answers its SKU."""
    [sku] = tracked_skus(made)
    made.store.faults.add(fault)
    made.sell(sku, 2)
    for name in ("tiktok/pull-orders", "store/push-sales"):
        made.run(FlowKey.parse(name))
    assert committed(made) == 2
    return sku


@pytest.mark.parametrize(
    ("fault", "state"),
    [
        (Fault("too_many_requests", path=ADJUSTMENTS, retry_after=0.1), "open"),
        (Fault("reset_before", path=ADJUSTMENTS), "unclear"),
        (Fault("drop_write", path=ADJUSTMENTS), "answered"),
    ],
)
def test_reports_of_what_the_store_deleted_end_and_free_what_they_held(
    live_world: World, fault: Any, state: str
) -> None:
    sku = sold_but_untold(live_world, fault)
    variant = variant_of(live_world, sku)
    assert reports(live_world) == [(-2, state)]
    sent = adjustments(live_world)

    delete_in_store(live_world, sku)
    live_world.store.faults.clear()
    live_world.sync("store/pull-products")
    live_world.sync()

    assert reports(live_world) == [(-2, "seen")]
    assert (committed(live_world), adjustments(live_world)) == (0, sent)
    assert_ledger_adds_up(live_world)
    assert not live_world.open_cases("report_unclear")
    event = tables.event
    told = [row.what for row in live_world.rows(event, event.c.subject_id == variant)]
    assert any("-2 units were still to be told to store" in what for what in told)


def test_a_cancellation_of_what_the_store_deleted_waits_for_nothing(live_world: World) -> None:
    [sku] = tracked_skus(live_world)
    placed = live_world.sell(sku, 2, on_hold=True)
    live_world.sync()
    assert reports(live_world) == [(-2, "seen")]
    delete_in_store(live_world, sku)
    live_world.sync("store/pull-products")

    live_world.act(f"{live_world.shop_address}/_sim/orders/{placed['id']}/cancel", {})
    live_world.sync()

    assert reports(live_world) == [(-2, "seen"), (2, "seen")]
    assert committed(live_world) == 0


def test_what_is_only_left_out_of_the_catalog_keeps_its_report_until_it_is_read_again(
    live_world: World,
) -> None:
    sku = sold_but_untold(live_world, Fault("too_many_requests", path=ADJUSTMENTS, retry_after=0.1))
    before = live_world.store_stock()[sku]
    other = beside_others(live_world)
    assert other != sku

    live_world.hub.apply(live_world.spec(store={"product_skus": [other]}, shop=COMPLETE), confirm=True)
    for name in ("store/pull-products", "store/push-sales"):
        live_world.sync(name)
    assert reports(live_world) == [(-2, "open")]
    assert committed(live_world) == 2

    live_world.hub.apply(live_world.spec(store={"product_skus": []}, shop=COMPLETE), confirm=True)
    for _ in range(2):
        live_world.sync()
    assert reports(live_world) == [(-2, "seen")]
    assert live_world.store_stock()[sku] == before - 2
