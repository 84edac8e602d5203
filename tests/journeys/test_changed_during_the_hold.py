"""A TikTok Shop buyer thinks again while the order is held: the hub's order, its stock and its copy go with it."""

from __future__ import annotations

from typing import Any

import pytest

from journeys.test_created_orders import created
from journeys.test_hub_stock import both as offered_by_both
from journeys.test_hub_stock import on_shelf, own, simple_skus
from journeys.test_stock import assert_ledger_adds_up, both, live, tracked_skus
from support.asking import Asking
from support.world import SHOP, World

PAST_THE_HOLD = {"advance_seconds": 3700}
PULL = f"{SHOP}/pull-orders"


def keep(made: World, order: dict[str, Any], sku: str, units: int) -> None:
    """The buyer lowers the quantity."""
    url = f"{made.shop_address}/_sim/orders/{order['id']}/quantity"
    made.act(url, {"seller_sku": sku, "quantity": units})


def release(made: World) -> None:
    made.act(f"{made.shop_address}/_sim/clock", PAST_THE_HOLD)
    for _ in range(2):
        made.sync()


def units(shown: dict[str, Any]) -> list[tuple[int, int]]:
    """(ordered, canceled) per line."""
    return [(line["quantity"], line["quantity_canceled"]) for line in shown["lines"]]


def changes(shown: dict[str, Any]) -> list[str]:
    return [event["what"] for event in shown["events"] if event["what"].startswith("Changed on the channel")]


def test_a_lower_quantity_replaces_the_order_and_frees_the_units(
    small_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = own(small_world)
    ask = Asking(made, monkeypatch)
    [sku] = simple_skus(made)
    placed = made.sell(sku, 3, on_hold=True)
    made.sync()
    held = ask.told("orders", placed["id"])
    assert (held["order"]["status"], units(held), on_shelf(made, sku)) == ("On Hold", [(3, 0)], (25, 3))

    keep(made, placed, sku, 1)
    made.sync()

    shown = ask.told("orders", placed["id"])
    assert (shown["order"]["status"], units(shown)) == ("On Hold", [(3, 2)])
    [said] = changes(shown)
    assert f"{sku} 3 → 1" in said
    [promised] = ask.told("explain", "sku", sku)["explanation"]["commitments"]
    assert (promised["number"], promised["units"]) == (placed["id"], 1)
    assert on_shelf(made, sku) == (25, 1)
    made.sync()
    assert offered_by_both(made, sku) == (24, 24)

    release(made)
    shown = ask.told("orders", placed["id"])
    assert (shown["order"]["status"], units(shown)) == ("Ready For Fulfillment", [(3, 2)])
    assert on_shelf(made, sku) == (25, 1)
    assert_ledger_adds_up(made)


def test_what_the_store_was_told_of_the_sale_is_corrected(small_world: World) -> None:
    made = live(small_world)
    [sku] = tracked_skus(made)
    before = both(made, sku)
    placed = made.sell(sku, 3, on_hold=True)
    for _ in range(2):
        made.sync()
    assert both(made, sku) == (before[0] - 3, before[1] - 3)

    keep(made, placed, sku, 2)
    for _ in range(2):
        made.sync()
    release(made)

    assert both(made, sku) == (before[0] - 2, before[1] - 2)
    assert made.open_cases() == []
    assert_ledger_adds_up(made)


def test_a_change_before_the_order_is_created_in_bigcommerce_is_in_it(small_world: World) -> None:
    made = live(small_world, store={"sales_report": "order"})
    [sku] = tracked_skus(made)
    before = both(made, sku)
    placed = made.sell(sku, 3, on_hold=True)
    made.sync(PULL)

    keep(made, placed, sku, 1)
    made.sync(PULL)
    for _ in range(2):
        made.sync()
    release(made)

    there = created(made)
    assert [(line.sku, line.quantity) for line in there.lines] == [(sku, 1)]
    assert there.status_id == 11
    assert both(made, sku) == (before[0] - 1, before[1] - 1)
    assert made.open_cases() == []


def test_a_change_after_it_was_created_in_bigcommerce_is_a_case_until_the_store_shows_it(
    small_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lines of a created order are left to people: changing them clears their discounts, and stock may not follow."""
    made = live(small_world, store={"sales_report": "order"})
    [sku] = tracked_skus(made)
    before = both(made, sku)
    placed = made.sell(sku, 3, on_hold=True)
    for _ in range(2):
        made.sync()
    there = created(made)

    keep(made, placed, sku, 1)
    for _ in range(2):
        made.sync()

    ask = Asking(made, monkeypatch)
    [case] = [each for each in ask.told("exceptions")["items"] if each["kind"] == "order_reduced"]
    assert f"lost 2 of “{sku}”, and order {there.id}" in case["cause"]
    assert both(made, sku)[1] == before[1] - 3, "not offered before the store shows it"

    release(made)
    assert created(made).status_id == 11, "it goes on meanwhile"
    made.act(f"{made.store_address}/_sim/stock", {"sku": sku, "quantity": before[0] - 1})
    for _ in range(3):
        made.sync()

    assert made.open_cases() == []
    assert both(made, sku)[1] == made.store_stock()[sku]
    assert_ledger_adds_up(made)


def test_nothing_kept_ends_the_order_and_its_copy(small_world: World) -> None:
    made = live(small_world, store={"sales_report": "order"})
    [sku] = tracked_skus(made)
    before = both(made, sku)
    placed = made.sell(sku, 2, on_hold=True)
    for _ in range(2):
        made.sync()

    keep(made, placed, sku, 0)
    for _ in range(3):
        made.sync()

    assert created(made).status_id == 5
    assert both(made, sku) == before
    assert made.open_cases() == []
    assert_ledger_adds_up(made)


def test_a_corrected_address_comes_with_the_release(
    small_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """TikTok Shop shows no address before; the one it shows then is the buyer's last."""
    made = live(small_world)
    ask = Asking(made, monkeypatch)
    [sku] = tracked_skus(made)
    placed = made.sell(sku, 1, on_hold=True)
    made.sync()
    assert ask.told("orders", placed["id"])["shipping_address"] is None

    url = f"{made.shop_address}/_sim/orders/{placed['id']}/address"
    made.act(url, {"line1": "7 New Street", "city": "Portland"})
    release(made)

    address = ask.told("orders", placed["id"])["shipping_address"]
    assert (address["lines"][0], address["city"]) == ("7 New Street", "Portland")
