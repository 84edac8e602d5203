"""Location preferences, set through the API or the command line, decide where TikTok Shop's orders are taken from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from crossdock_simulators.tiktok_shop.app import SECOND_ID
from journeys.test_hub_stock import ANNEX, MAIN, own, simple_skus
from journeys.test_stock import assert_ledger_adds_up
from support.asking import Asking
from support.world import SHOP, World

PREFERENCES = "Location preferences"
Prefer = Callable[[Asking, dict[str, str]], None]


def by_api(ask: Asking, wanted: dict[str, str]) -> None:
    ask.set(SHOP, {PREFERENCES: wanted})


def by_command(ask: Asking, wanted: dict[str, str]) -> None:
    pairs = ", ".join(f"{warehouse}: {location}" for warehouse, location in wanted.items())
    ask.told("settings", "set", SHOP, f"{PREFERENCES}={{{pairs}}}")


def sell_from_second(made: World, sku: str, units: int) -> dict[str, Any]:
    """An order that TikTok Shop gives to the seller's second warehouse."""
    stocked = {"seller_sku": sku, "quantity": units, "warehouse_id": SECOND_ID}
    made.act(f"{made.shop_address}/_sim/stock", stocked)
    return made.sell(sku, units, warehouse_id=SECOND_ID)


def taken_from(ask: Asking, order: dict[str, Any], sku: str) -> dict[str, int]:
    """The locations that an order's units are promised at."""
    promised = ask.told("explain", "sku", sku)["explanation"]["commitments"]
    return {each["location"]: each["units"] for each in promised if each["number"] == order["id"]}


def shown(takes: list[dict[str, Any]]) -> dict[str, str]:
    return {each["warehouse"]: each["location"] for each in takes if each["kind"] == "warehouse"}


@pytest.mark.parametrize("prefer", [by_api, by_command])
def test_s63_location_preferences_are_configured_and_orders_go_to_the_right_location(
    small_world: World, monkeypatch: pytest.MonkeyPatch, prefer: Prefer
) -> None:
    made = own(small_world)
    ask = Asking(made, monkeypatch)
    [sku] = simple_skus(made)
    before = sell_from_second(made, sku, 1)
    made.sync()
    assert taken_from(ask, before, sku) == {MAIN: 1}, "the default location"

    prefer(ask, {"Second": ANNEX, "Main": MAIN})
    elsewhere, at_home = sell_from_second(made, sku, 2), made.sell(sku, 3)
    made.sync()

    by_map = shown(ask.get(f"/location-map/{SHOP}")["takes"])
    assert by_map == shown(ask.told("locations", "map", SHOP)["takes"])
    assert by_map == {"Main": MAIN, "Second": ANNEX}
    assert taken_from(ask, elsewhere, sku) == {ANNEX: 2}
    assert taken_from(ask, at_home, sku) == {MAIN: 3}
    levels = {each["location"]: each["committed"] for each in ask.get(f"/inventory/{sku}")["levels"]}
    assert {place: levels[place] for place in (MAIN, ANNEX)} == {MAIN: 4, ANNEX: 2}
    assert_ledger_adds_up(made)


@pytest.mark.parametrize("prefer", [by_api, by_command])
def test_a_name_that_is_no_location_is_a_case_until_it_is_corrected(
    small_world: World, monkeypatch: pytest.MonkeyPatch, prefer: Prefer
) -> None:
    made = own(small_world)
    ask = Asking(made, monkeypatch)

    prefer(ask, {"Second": "Anex"})
    made.sync()
    [case] = made.open_cases("location_map")
    assert f"'Anex' is no hub location; there are {ANNEX}, {MAIN}" in case.cause

    prefer(ask, {"Second": ANNEX})
    made.sync()
    assert made.open_cases("location_map") == []
