"""Seeded random life on both platforms with faults; when the weather clears, everything must be right."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import pytest

from crossdock.operations.setup.integrations import Status
from crossdock.operations.stock import sales
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock_simulators.kit import Fault
from journeys.test_stock import assert_ledger_adds_up, live
from support.world import STORE, World, world

KINDS = ("error", "error_after", "reset_before", "reset_after", "truncate", "not_json", "too_many_requests")


@pytest.mark.parametrize("seed", range(1, 5))
def test_after_the_storm_every_number_is_right_and_nothing_happened_twice(tmp_path: Path, seed: int) -> None:
    random = Random(seed)
    with world(tmp_path, seed=seed, products=8) as made:
        live(made)
        placed: list[dict[str, Any]] = []
        for _ in range(12):
            _weather(made, random)
            for _ in range(random.randint(0, 3)):
                _live(made, random, placed)
            _work(made, random)
        made.store.faults.clear()
        made.shop.faults.clear()
        _calm_down(made)

        assert_right(made)


def _weather(made: World, random: Random) -> None:
    for simulator in (made.store, made.shop):
        if random.random() < 0.6:
            kind: Any = random.choice(KINDS)
            simulator.faults.add(Fault(kind, probability=0.4, times=3, retry_after=0.01))
    if random.random() < 0.2:
        made.shop.faults.add(Fault("drop_write", path=r"/inventory/update$"))
    made.act(
        f"{made.store_address}/_sim/switches", {"inventory_delay_seconds": random.choice([0, 0, 0.2, 1.0])}
    )


def _live(made: World, random: Random, placed: list[dict[str, Any]]) -> None:
    """One thing that a buyer or the merchant does; what the platform itself refuses did not happen."""
    skus = sorted(made.shop_stock())
    act = random.choice(["shop", "shop", "shop", "store", "store", "cancel", "count"])
    sku = random.choice(skus)
    if act == "shop" and made.shop_stock()[sku] >= 2:
        kind = random.choice(["SELLER", "SELLER", "TIKTOK"])
        placed.append(made.sell(sku, random.randint(1, 2), on_hold=random.random() < 0.4, shipping_type=kind))
    elif act == "store" and made.store_stock().get(sku, 0) >= 6:
        made.sell_in_store(sku, 1, oversell=True)
    elif act == "cancel" and placed:
        order = placed.pop(random.randrange(len(placed)))
        made.act(f"{made.shop_address}/_sim/orders/{order['id']}/cancel", {})
    elif act == "count" and made.store_stock().get(sku) is not None:
        made.act(f"{made.store_address}/_sim/stock", {"sku": sku, "quantity": random.randint(20, 60)})


def _work(made: World, random: Random) -> None:
    flows = made.hub.flows()
    random.shuffle(flows)
    for flow in flows[: random.randint(2, len(flows))]:
        made.run(flow)
        if random.random() < 0.15:
            made.reopen()


def _calm_down(made: World) -> None:
    """Let delays pass, orders be released and requests be decided; then what a person would do; then sync."""
    made.act(f"{made.store_address}/_sim/switches", {"inventory_delay_seconds": 0})
    made.act(f"{made.shop_address}/_sim/clock", {"advance_seconds": 7200})
    made.act(f"{made.store_address}/_sim/clock", {"advance_seconds": 60})
    made.store.scheduler.wait_idle()
    for _ in range(3):
        made.sync()
    _settle_unclear(made)
    for _ in range(3):
        made.sync()


def _settle_unclear(made: World) -> None:
    """The operator's part: a report whose effect no reading shows by now never arrived, and is sent again."""
    for case in made.open_cases("report_unclear"):
        with made.database.transaction() as tx:
            sales.send_again(
                tx, Task(integration=STORE, now=made.hub.clock(), cipher=made.hub.cipher), case.subject_id
            )


def assert_right(made: World) -> None:
    store, shop = made.store_stock(), made.shop_stock()
    reports = Counter(row.state for row in made.rows(tables.sale_report))
    assert {row.status for row in made.rows(tables.integration)} == {Status.CONNECTED}
    assert {sku: shop[sku] for sku in shop if sku in store} == {
        sku: max(0, store[sku]) for sku in shop if sku in store
    }
    assert set(reports) <= {"seen", "void"}
    assert_ledger_adds_up(made)
    assert all(row.committed == 0 for row in made.rows(tables.level))
    on_shop = set(made.shop.shop.tables.orders)
    assert {row.channel_id for row in made.rows(tables.order) if row.integration == "tiktok"} == on_shop
    assert len(made.rows(tables.order)) == len(on_shop) + len(made.store.store.orders)
    skus = [
        sku.seller_sku for product in made.shop.shop.tables.products.values() for sku in product.content.skus
    ]
    assert len(skus) == len(set(skus))
