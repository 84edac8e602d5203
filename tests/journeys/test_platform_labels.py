"""Orders that TikTok ships and a location packs: from card to pick list, to TikTok's label, and back with its number."""

from __future__ import annotations

import pytest

from journeys.test_hub_stock import MAIN, on_shelf
from journeys.test_hub_stock import both as offered_by_both
from journeys.test_stock import assert_ledger_adds_up
from support.delivering import ANYWHERE, MANUAL, WMS, Dispatch, dispatch
from support.world import SHOP, World


def packing(made: World, monkeypatch: pytest.MonkeyPatch) -> Dispatch:
    here = dispatch(made, monkeypatch)
    here.link(MANUAL, links={MAIN: WMS}, routing=ANYWHERE)
    here.ask.set(SHOP, {"shipped_by_tiktok": "pack"})
    return here


def test_s65_a_location_may_pack_what_tiktok_ships_and_gets_its_label(
    small_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = packing(small_world, monkeypatch)
    number = here.sell(3, shipping_type="TIKTOK")
    assert here.requests(number) == [(MAIN, "sent", 3)]
    assert (here.status(number), here.cases()) == ("Sent To Fulfillment", [])
    assert here.pick_list() == {here.sku: 3}
    assert here.on_shop(number) == []

    here.ask.told("requests", "ship", f"{number}-1")
    [made] = here.shown(number)["fulfillments"]
    assert "has not made the label yet" in here.ask.said("fulfillments", "label", made["id"])
    here.sync()

    [(tracking, units)] = here.on_shop(number)
    assert (tracking[:4], units) == ("9400", 3)
    [label] = here.ask.told("fulfillments", "label", made["id"])
    assert (label["tracking_number"], label["url"][:8]) == (tracking, "https://")
    [shown] = here.shown(number)["fulfillments"]
    assert (shown["id"], shown["carrier"], shown["tracking_number"]) == (made["id"], "USPS", tracking)
    assert (here.status(number), here.status_on_shop(number)) == ("Fulfilled", "AWAITING_COLLECTION")
    assert here.requests(number) == [(MAIN, "shipped", 0)]
    assert offered_by_both(small_world, here.sku) == (22, 22)
    assert on_shelf(small_world, here.sku) == (22, 0)
    assert small_world.shop.journal.count("POST", r"^/fulfillment/202512/packages$") == 1
    assert_ledger_adds_up(small_world)
    here.assert_idle()
