"""What has left on one side is known on the other, per line and unit, once; told through the command line."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from crossdock.sync.fulfillments import fulfillments_to_tell
from crossdock_simulators.tiktok_shop.seed import load_listings
from journeys.test_catalog import COMPLETE, listing
from journeys.test_stock import assert_ledger_adds_up, both, live, stock_at_tiktok, tracked_skus
from support.merchant import NUMBER, Merchant
from support.world import SHOP, STORE, World, world

ONE, TWO, THREE = NUMBER, "1Z999AA10123456785", "1Z999AA10123456786"
BY_ORDERS = {"sales_report": "order"}
PULLS = BY_ORDERS | {"pull_fulfillments": True}
SHOP_PUSHES = COMPLETE | {"push_fulfillments": True}


def merchant(made: World, monkeypatch: pytest.MonkeyPatch, **settings: Any) -> Merchant:
    ready = live(made, **settings)
    return Merchant(ready, monkeypatch, sku=tracked_skus(ready)[0])


# BigCommerce → hub → TikTok Shop


def test_s104_a_tiktok_order_shipped_in_bigcommerce_shows_its_tracking_on_tiktok_shop(
    any_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = merchant(any_world, monkeypatch, store=PULLS, shop=SHOP_PUSHES)
    before = both(any_world, here.sku)
    number = here.sell(3)

    here.ship_in_store(3, ONE)
    here.sync()

    assert here.on_shop(number) == [(ONE, 3)]
    assert (here.status_on_shop(number), here.status(number)) == ("AWAITING_COLLECTION", "Fulfilled")
    [one] = here.shown(number)["fulfillments"]
    assert (one["source"], one["carrier"], one["tracking_number"]) == (STORE, "UPS", ONE)
    assert here.channels(number) == {SHOP: "told"}
    assert both(any_world, here.sku) == (before[0] - 3, before[1] - 3)
    assert_ledger_adds_up(any_world)


def test_s110_an_order_shipped_in_two_parts_is_shown_so_on_both_sides(
    small_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = merchant(small_world, monkeypatch, store=PULLS, shop=SHOP_PUSHES)
    number = here.sell(3)

    here.ship_in_store(1, ONE)
    here.sync()

    assert (here.status_on_shop(number), here.status(number)) == ("PARTIALLY_SHIPPING", "Partially Fulfilled")
    assert here.order_in_store().status_id == 3
    assert here.on_shop(number) == [(ONE, 1)]
    assert [line["quantity_shipped"] for line in here.shown(number)["lines"]] == [1]

    here.ship_in_store(2, TWO)
    here.sync()

    assert (here.status_on_shop(number), here.status(number)) == ("AWAITING_COLLECTION", "Fulfilled")
    assert sorted(here.on_shop(number)) == [(ONE, 1), (TWO, 2)]
    writes = small_world.writes()
    here.sync()
    assert small_world.writes() == writes, "each part is told once"
    assert here.world.open_cases() == []


def test_s8_fulfillments_go_from_the_hub_to_tiktok_shop_and_both_ways_with_bigcommerce(
    small_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each switch for itself: what is off moves nothing."""
    here = merchant(small_world, monkeypatch, store=BY_ORDERS)
    number = here.sell(3)
    here.ship_in_store(1, ONE)
    here.sync()
    assert here.shown(number)["fulfillments"] == [], "the pull is off"

    here.set(STORE, "pull_fulfillments=true")
    here.sync()
    assert here.channels(number) == {SHOP: "waiting"}
    here.set(SHOP, "push_fulfillments=true")
    here.sync()
    assert here.on_shop(number) == [(ONE, 1)]

    here.add(number, tracking=TWO)
    here.sync()
    assert here.in_store() == [(ONE, 1)], "the push to BigCommerce is off"
    here.set(STORE, "push_fulfillments=true")
    here.sync()
    assert here.in_store() == [(ONE, 1), (TWO, 2)]
    assert sorted(here.on_shop(number)) == [(ONE, 1), (TWO, 2)]


def test_a_shipment_that_is_corrected_in_bigcommerce_is_corrected_on_tiktok_shop(
    small_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = merchant(small_world, monkeypatch, store=PULLS, shop=SHOP_PUSHES)
    number = here.sell(2)
    shipment = here.ship_in_store(2, ONE)
    here.sync()

    path = f"orders/{here.order_in_store().id}/shipments/{shipment}"
    here.call_store("PUT", path, {"tracking_number": TWO})
    here.sync()

    assert here.on_shop(number) == [(TWO, 2)]
    assert len(here.shown(number)["fulfillments"]) == 1


# Hub → both


def test_a_fulfillment_of_the_hub_reaches_tiktok_shop_and_the_copy_in_bigcommerce(
    any_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    both_ways = PULLS | {"push_fulfillments": True}
    here = merchant(any_world, monkeypatch, store=both_ways, shop=SHOP_PUSHES)
    before = both(any_world, here.sku)
    number = here.sell(3)

    made = here.add(number, "--line", f"{here.sku}=2", "--reference", "box-1")
    here.sync()
    assert (here.on_shop(number), here.in_store()) == ([(ONE, 2)], [(ONE, 2)])
    assert (here.status_on_shop(number), here.order_in_store().status_id) == ("PARTIALLY_SHIPPING", 3)
    assert here.channels(number) == {SHOP: "told", STORE: "told"}

    here.ask.told("fulfillments", "correct", made["id"], "--tracking", TWO)
    here.sync()
    assert (here.on_shop(number), here.in_store()) == ([(TWO, 2)], [(TWO, 2)])
    assert here.channels(number) == {SHOP: "told", STORE: "told"}

    assert here.add(number, "--reference", "box-1")["id"] == made["id"]
    here.add(number, tracking=THREE)
    here.sync()
    assert here.status(number) == "Fulfilled"
    assert (here.status_on_shop(number), here.order_in_store().status_id) == ("AWAITING_COLLECTION", 2)
    assert [one["source"] for one in here.shown(number)["fulfillments"]] == ["hub", "hub"], "no echo"
    assert both(any_world, here.sku) == (before[0] - 3, before[1] - 3)
    assert any_world.open_cases() == []
    assert_ledger_adds_up(any_world)


def test_s61_with_pull_and_push_on_a_bigcommerce_order_fulfilled_in_the_hub_is_shipped_there_once(
    any_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    both_ways = {"pull_fulfillments": True, "push_fulfillments": True}
    here = merchant(any_world, monkeypatch, store=both_ways)
    number = here.sell_in_store(3)
    path = f"/orders/{number}/fulfillments"

    body = {"lines": {here.sku: 1}, "carrier": "UPS", "tracking_number": ONE}
    here.ask.send("POST", path, body)
    here.sync()
    assert (here.in_store(number), here.order_in_store(number).status_id) == ([(ONE, 1)], 3)
    assert here.status(number) == "Partially Fulfilled"

    here.ask.send("POST", path, {"carrier": "FedEx", "tracking_number": "770123456789"})
    here.sync()
    assert here.in_store(number) == [(ONE, 1), ("770123456789", 2)]
    assert (here.order_in_store(number).status_id, here.status(number)) == (2, "Fulfilled")
    writes = any_world.writes()
    here.sync()

    assert any_world.writes() == writes, "no echo"
    assert [one["source"] for one in here.shown(number)["fulfillments"]] == ["hub", "hub"]


def test_what_is_taken_back_is_deleted_in_bigcommerce_and_refused_by_tiktok_shop(
    small_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = merchant(small_world, monkeypatch, store=PULLS | {"push_fulfillments": True}, shop=SHOP_PUSHES)
    number = here.sell(2)
    made = here.add(number, "--line", f"{here.sku}=1")
    here.sync()

    here.ask.told("fulfillments", "void", made["id"])
    here.sync()

    assert here.in_store() == []
    assert here.channels(number) == {SHOP: "refused", STORE: "told"}
    [case] = small_world.open_cases("fulfillment_refused")
    assert "nothing was sent: TikTok Shop has no call that takes a shipment back" in case.cause
    [line] = here.shown(number)["lines"]
    assert line["quantity_shipped"] == 1, "TikTok Shop still says that it left"


def test_an_order_that_was_sent_gets_the_status_in_progress(
    small_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = merchant(small_world, monkeypatch, store={"in_progress": True})
    number = here.sell_in_store(1)

    here.ask.told("orders", "sent", number)
    here.sync()

    assert (here.order_in_store(number).status_id, here.status(number)) == (9, "Sent To Fulfillment")


def test_nobody_is_woken_for_what_the_settings_leave_untold(
    small_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A push that is on for one of the two would be woken for the other after every run, and do nothing."""
    here = merchant(small_world, monkeypatch, store=BY_ORDERS | {"in_progress": True}, shop=SHOP_PUSHES)
    number = here.sell(2)
    here.ask.told("orders", "sent", number)
    here.sync()
    assert here.order_in_store().status_id == 9, "TikTok Shop has no word for it"

    here.add(number)
    here.sync()

    assert (here.on_shop(number), here.in_store()) == ([(ONE, 2)], [])
    assert here.channels(number) == {SHOP: "told", STORE: "waiting"}
    with small_world.database.reading() as tx:
        assert fulfillments_to_tell(tx, small_world.hub.desk) == []
    [told] = [
        each for each in here.shown(number)["fulfillments"][0]["channels"] if each["state"] == "waiting"
    ]
    assert told["message"] == f"“Push fulfillments” of {STORE} is off"


def test_s14_in_other_regions_fulfillments_still_sync(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with world(tmp_path, products=6, region="DE") as made:
        sku = next(sku for sku, units in sorted(made.store_stock().items()) if units > 5)
        load_listings(made.shop.shop, [listing(sku)])
        made.connect(shop={"products": "push", "push_fulfillments": True})
        made.approve_all()
        for _ in range(2):
            made.sync()
        assert [case.kind for case in made.open_cases()] == ["flow_refused"]
        here = Merchant(made, monkeypatch, sku=sku)
        number = here.sell(2)

        here.add(number, carrier="DHL", tracking="JD014600003828")
        here.sync()

        assert here.on_shop(number) == [("JD014600003828", 2)]
        assert here.status_on_shop(number) == "AWAITING_COLLECTION"


# What is off


def test_a_fulfillment_waits_for_the_settings_it_names_and_is_told_once_they_are_on(
    small_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = merchant(small_world, monkeypatch, store=BY_ORDERS)
    number = here.sell(2)
    made = here.add(number)
    here.sync()

    assert small_world.shop.journal.count("POST", r"^/fulfillment/") == 0
    assert small_world.store.journal.count(None, r"/shipments") == 0
    shown = here.ask.told("fulfillments", "show", made["id"])
    assert {each["integration"]: each["message"] for each in shown["channels"]} == {
        SHOP: f"“Push fulfillments” of {SHOP} is off",
        STORE: f"“Push fulfillments” of {STORE} is off",
    }

    here.set(SHOP, "push_fulfillments=true")
    here.set(STORE, "push_fulfillments=true")
    here.sync()

    assert (here.on_shop(number), here.in_store()) == ([(ONE, 2)], [(ONE, 2)])


# What is not told, or only later


def test_an_unknown_carrier_names_those_there_are_and_is_told_once_it_is_mapped(
    small_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = merchant(small_world, monkeypatch, shop=SHOP_PUSHES)
    number = here.sell(1)
    here.add(number, carrier="Brown Van", tracking=ONE)
    here.sync()

    [case] = here.ask.told("exceptions", "--kind", "carrier_unknown")["items"]
    assert all(name in case["cause"] for name in ("'Brown Van'", "UPS", "FedEx", "OnTrac"))
    assert "carrier_map" in case["fix"]
    assert here.on_shop(number) == []

    here.set(SHOP, 'carrier_map={"Brown Van": "UPS"}')
    here.sync()

    assert here.on_shop(number) == [(ONE, 1)]
    assert small_world.open_cases() == []


def test_what_a_platform_ships_itself_comes_with_its_order_and_is_told_to_nobody(
    small_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = merchant(small_world, monkeypatch, shop=SHOP_PUSHES)
    by_label = here.sell(2, shipping_type="TIKTOK")
    small_world.act(f"{small_world.shop_address}/_sim/orders/{by_label}/ship", {"tracking_number": ONE})
    stock_at_tiktok(small_world, here.sku)
    from_warehouse = here.sell(1, fulfillment_type="FULFILLMENT_BY_TIKTOK")
    here.sync()

    [one] = here.shown(by_label)["fulfillments"]
    assert (one["source"], one["tracking_number"], one["channels"]) == (SHOP, ONE, [])
    assert one["lines"][0]["quantity"] == 2
    assert {here.status(number) for number in (by_label, from_warehouse)} == {"Fulfilled"}
    for number in (by_label, from_warehouse):
        assert "is shipped by tiktok" in here.ask.said("fulfillments", "add", number)
    assert small_world.shop.journal.count("POST", r"^/fulfillment/") == 0


def test_a_buyer_who_cancels_before_it_ships_is_met_by_the_fulfillment(
    small_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the US shipping is the rejection of a request that is still open."""
    here = merchant(small_world, monkeypatch, shop=SHOP_PUSHES)
    number = here.sell(2)
    small_world.act(f"{small_world.shop_address}/_sim/orders/{number}/cancel", {})
    here.sync()

    here.add(number)
    here.sync()

    assert (here.on_shop(number), here.status(number)) == ([(ONE, 2)], "Fulfilled")
    assert small_world.open_cases() == []


def test_a_fulfillment_says_when_and_by_whom(small_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    here = merchant(small_world, monkeypatch, shop=SHOP_PUSHES)
    number = here.sell(1)
    left = "2026-03-02T10:00:00+01:00"

    made = here.ask.send("POST", f"/orders/{number}/fulfillments", {"shipped_at": left})

    assert datetime.fromisoformat(made["shipped_at"]) == datetime.fromisoformat(left)
    assert made["actor"] == "setup script"
    here.sync()
    [case] = small_world.open_cases("fulfillment_refused")
    assert "no tracking number" in case.cause
