"""Numbers that TikTok Shop has the last word on: those of its own labels, and those that it refuses."""

from __future__ import annotations

import pytest

from crossdock.domain.sync import Direction, Entity, FlowKey
from journeys.test_hub_stock import MAIN, on_shelf
from journeys.test_hub_stock import both as offered_by_both
from journeys.test_stock import assert_ledger_adds_up
from support.delivering import ANYWHERE, MANUAL, WMS, Dispatch, dispatch
from support.merchant import NUMBER
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


def test_what_a_location_has_packed_is_told_no_more_once_tiktok_ships_it_all(
    small_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = packing(small_world, monkeypatch)
    number = here.sell(3, shipping_type="TIKTOK")
    here.ask.told("requests", "ship", f"{number}-1")

    here.ask.set(SHOP, {"shipped_by_tiktok": "record"})
    small_world.run(FlowKey(SHOP, Direction.PULL, Entity.ORDERS))
    here.sync()

    assert here.cases() == []
    assert small_world.shop.journal.count("POST", r"^/fulfillment/202512/packages$") == 0
    assert on_shelf(small_world, here.sku) == (22, 0)


def test_a_number_that_tiktok_shop_refuses_says_what_to_correct_and_heals_by_that(
    small_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = dispatch(small_world, monkeypatch)
    small_world.act(f"{small_world.shop_address}/_sim/switches", {"checks_tracking_patterns": True})
    number = here.sell(1)
    made = here.ask.told("fulfillments", "add", number, "--carrier", "UPS", "--tracking", "EA123456789US")
    here.sync()

    [case] = here.ask.told("exceptions", "--kind", "fulfillment_refused")["items"]
    assert "crossdock fulfillments correct" in case["fix"]
    assert "looks like USPS, not UPS" in case["fix"]
    assert here.on_shop(number) == []

    here.ask.told("fulfillments", "correct", made["id"], "--tracking", NUMBER)
    here.sync()

    assert here.on_shop(number) == [(NUMBER, 1)]
    assert here.cases() == []
    here.assert_idle()
