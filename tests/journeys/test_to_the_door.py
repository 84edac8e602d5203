"""From order to door: cards choose the location, its warehouse ships, and the platforms show what has left."""

from __future__ import annotations

import pytest

from journeys.test_hub_stock import ANNEX, MAIN, both, on_shelf
from journeys.test_stock import assert_ledger_adds_up
from support.delivering import ANYWHERE, MANUAL, WMS, dispatch
from support.merchant import NUMBER
from support.world import World

TWO = "1Z999AA10123456785"


def test_s104_a_tiktok_order_goes_over_a_manual_warehouse_and_its_tracking_comes_back(
    any_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = dispatch(any_world, monkeypatch)
    here.link(MANUAL, links={MAIN: WMS}, routing=ANYWHERE)
    number = here.sell(3)
    assert here.requests(number) == [(MAIN, "sent", 3)]
    assert here.pick_list() == {here.sku: 3}
    assert here.status(number) == "Sent To Fulfillment"

    here.ship(f"{number}-1")
    here.sync()

    assert (here.on_shop(number), here.status_on_shop(number)) == ([(NUMBER, 3)], "AWAITING_COLLECTION")
    print([p for p in any_world.shop.shop.tables.packages.values()])
    assert here.status(number) == "Fulfilled"
    assert here.requests(number) == [(MAIN, "shipped", 0)]
    assert here.pick_list() == {}
    assert both(any_world, here.sku) == (22, 22)
    assert on_shelf(any_world, here.sku) == (22, 0)
    assert_ledger_adds_up(any_world)
    here.assert_idle()
