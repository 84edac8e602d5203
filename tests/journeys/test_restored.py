"""A backup in the middle of life, more life, and back: nothing is sent twice, and the numbers come right."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crossdock import backups
from crossdock.app import Hub
from crossdock.operations.setup import restored
from crossdock.store import tables
from journeys.test_created_orders_under_attack import retry
from journeys.test_fulfillments import ONE, PULLS, SHOP_PUSHES, TWO, merchant
from journeys.test_stock import adjustments, assert_ledger_adds_up, both, live, tracked_skus
from support.command import Command
from support.world import STORE, World


def take_backup(made: World, folder: Path) -> Path:
    file = folder / "hub.backup"
    backups.backup(made.config, file, now=datetime.now(UTC))
    return file


def bring_back(made: World, file: Path) -> None:
    made.hub.close()
    backups.restore(made.config, file, now=datetime.now(UTC), force=True)
    made.hub = Hub.open(made.config)


def catch_up(made: World) -> None:
    """As the engine does: held flows are tried again until all has been read."""
    for _ in range(4):
        made.sync()
        time.sleep(0.05)
    with made.database.reading() as tx:
        assert restored.state(tx) is None, restored.awaited(tx, restored.state(tx))


def test_sales_that_were_reported_after_the_backup_are_not_reported_again(
    any_world: World, tmp_path: Path
) -> None:
    made = live(any_world)
    [sku, *_] = tracked_skus(made)
    made.sell(sku, 1)
    made.sync()
    file = take_backup(made, tmp_path)
    made.sell(sku, 2)
    made.sync()
    before = both(made, sku)
    assert adjustments(made) == 2

    bring_back(made, file)
    catch_up(made)

    assert adjustments(made) == 2
    assert both(made, sku) == before
    assert not made.open_cases()
    assert len(made.rows(tables.order)) == 2
    assert_ledger_adds_up(made)


def test_life_goes_on_after_a_restore(small_world: World, tmp_path: Path) -> None:
    made = live(small_world)
    [sku, *_] = tracked_skus(made)
    file = take_backup(made, tmp_path)
    made.sell(sku, 2)
    made.sell_in_store(sku, 1)
    made.sync()
    before = both(made, sku)

    bring_back(made, file)
    catch_up(made)
    made.sell(sku, 1)
    made.sync()

    assert both(made, sku) == (before[0] - 1, before[1] - 1)
    assert adjustments(made) == 2
    assert_ledger_adds_up(made)


def test_a_sale_that_was_never_reported_is_kept_from_sale_until_a_person_says_so(
    small_world: World, tmp_path: Path
) -> None:
    """Nobody can tell it from one that was reported: undersell, and say so."""
    made = live(small_world)
    [sku, *_] = tracked_skus(made)
    before = both(made, sku)
    file = take_backup(made, tmp_path)
    made.sell(sku, 2)

    bring_back(made, file)
    catch_up(made)

    assert both(made, sku) == (before[0], before[1] - 2)
    assert adjustments(made) == 0
    [case] = made.open_cases("report_unclear")
    assert "restored from a backup" in case.cause
    retry(made, "report_unclear")
    made.sync()
    assert both(made, sku) == (before[0] - 2, before[1] - 2)
    assert adjustments(made) == 1
    assert not made.open_cases()


def test_orders_created_and_shipments_told_after_the_backup_are_found_and_not_made_again(
    small_world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One order was created before the backup and shipped after it, the other is all news to the restored hub."""
    here = merchant(small_world, monkeypatch, store=PULLS, shop=SHOP_PUSHES)
    before = both(small_world, here.sku)
    first = here.sell(3)
    file = take_backup(small_world, tmp_path)
    here.ship_in_store(3, ONE)
    here.sync()
    second = small_world.sell(here.sku, 2)["id"]
    here.sync()
    packages = small_world.shop.journal.count("POST", r"/packages")
    assert small_world.store.journal.count("POST", r"/v2/orders$") == 2

    bring_back(small_world, file)
    catch_up(small_world)

    assert small_world.store.journal.count("POST", r"/v2/orders$") == 2
    assert here.on_shop(first) == [(ONE, 3)]
    assert here.status(first) == "Fulfilled"
    assert {row.channel_id for row in small_world.rows(tables.order) if row.copy_of is None} == {
        first,
        second,
    }
    assert both(small_world, here.sku) == (before[0] - 5, before[1] - 5)
    assert small_world.open_cases() == []
    assert small_world.shop.journal.count("POST", r"/packages") == packages
    assert_ledger_adds_up(small_world)


def test_what_was_recorded_in_the_hub_after_the_backup_is_known_again_from_the_platforms(
    small_world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = merchant(small_world, monkeypatch, store=PULLS | {"push_fulfillments": True}, shop=SHOP_PUSHES)
    number = here.sell(3)
    file = take_backup(small_world, tmp_path)
    here.add(number, tracking=TWO)
    here.sync()
    assert (here.in_store(), here.on_shop(number)) == ([(TWO, 3)], [(TWO, 3)])

    bring_back(small_world, file)
    catch_up(small_world)

    assert (here.in_store(), here.on_shop(number)) == ([(TWO, 3)], [(TWO, 3)])
    assert here.status(number) == "Fulfilled"
    assert sum(line["quantity_shipped"] for line in here.shown(number)["lines"]) == 3
    assert_ledger_adds_up(small_world)


def test_an_order_canceled_after_the_backup_gives_its_units_back_once(
    small_world: World, tmp_path: Path
) -> None:
    made = live(small_world)
    [sku, *_] = tracked_skus(made)
    before = both(made, sku)
    placed = made.sell(sku, 2, on_hold=True)
    made.sync()
    file = take_backup(made, tmp_path)
    made.act(f"{made.shop_address}/_sim/orders/{placed['id']}/cancel", {})
    made.sync()
    made.sync()
    assert both(made, sku) == before
    reported = adjustments(made)

    bring_back(made, file)
    catch_up(made)

    assert adjustments(made) == reported
    assert both(made, sku) == before
    assert_ledger_adds_up(made)


def test_numbers_that_changed_since_are_read_before_anything_is_written(
    small_world: World, tmp_path: Path
) -> None:
    """The backup says that TikTok Shop was told the old number; it shows the new one, and that is right."""
    made = live(small_world)
    [sku, *_] = tracked_skus(made)
    file = take_backup(made, tmp_path)
    made.act(f"{made.store_address}/_sim/stock", {"sku": sku, "quantity": 3})
    made.sync(STORE)
    made.sync()
    now = both(made, sku)
    assert now[0] == now[1]
    wrote = made.writes()

    bring_back(made, file)
    catch_up(made)

    assert both(made, sku) == now
    assert made.writes() == wrote


@pytest.mark.engine
def test_by_the_command_line_too_one_sync_after_a_restore_brings_everything_right(
    small_world: World, tmp_path: Path, command: Callable[[World], Command]
) -> None:
    made, file = live(small_world), str(tmp_path / "hub.backup")
    [sku, *_] = tracked_skus(made)
    crossdock = command(made)
    assert crossdock("backup", file).code == 0
    made.sell(sku, 2)
    made.sync()
    before = both(made, sku)
    made.hub.close()
    assert crossdock("restore", file, "--force").code == 0

    done = crossdock.apart("sync", "--once")

    assert done.code == 0, done.out + done.err
    made.hub = Hub.open(made.config)
    assert both(made, sku) == before
    assert adjustments(made) == 1
    assert_ledger_adds_up(made)
