"""Stock of the simulated store: identities, adjustments, settings and locations."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx2 as httpx
import pytest

from crossdock_simulators.bigcommerce.app import Simulator
from crossdock_simulators.kit import Fault

Onhand = Callable[[str], int]
ABSOLUTE, RELATIVE = "/v3/inventory/adjustments/absolute", "/v3/inventory/adjustments/relative"
PLACE = {
    "code": "EAST",
    "label": "East",
    "address": {
        "address1": "5 Dock Road",
        "city": "Newark",
        "state": "New Jersey",
        "zip": "07101",
        "email": "dock@example.com",
        "geo_coordinates": {"latitude": 40.7, "longitude": -74.1},
        "country_code": "US",
    },
}


def step(quantity: int, **identity: Any) -> dict[str, Any]:
    return {"items": [{"location_id": 1, "quantity": quantity} | identity]}


def test_only_tracked_items_are_listed(api: httpx.Client, tee: Any, mug: Any) -> None:
    api.post("/v3/catalog/products", json={"name": "Card", "type": "digital", "weight": 0, "price": 1})
    rows = api.get("/v3/inventory/items").json()["data"]
    assert [row["identity"]["sku"] for row in rows] == ["TEE-RED-S", "TEE-RED-M", "MUG"]


@pytest.mark.parametrize("identity", ["variant_id", "sku"])
def test_an_item_tracked_by_product_refuses_other_identities(
    api: httpx.Client, mug: Any, identity: str
) -> None:
    value = mug["variants"][0]["id"] if identity == "variant_id" else "MUG"
    answer = api.put(ABSOLUTE, json=step(1, **{identity: value}))
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    said = f"[Item with {identity} {value} is tracked by product, please update stock by product id]"
    assert answer.json()["title"] == said


def test_one_bad_item_keeps_the_whole_call_from_being_applied(
    api: httpx.Client, tee: Any, onhand: Onhand
) -> None:
    items = step(50, sku="TEE-RED-S")["items"] + step(1, sku="NOBODY")["items"]
    assert api.put(ABSOLUTE, json={"items": items}).status_code == 422
    assert onhand("TEE-RED-S") == 5


def test_a_relative_step_needs_an_absolute_number_first(api: httpx.Client, tee: Any) -> None:
    api.post("/v3/inventory/locations", json=[PLACE])
    there = api.get("/v3/inventory/locations", params={"location_code:in": "EAST"}).json()["data"][0]["id"]
    body = {"items": [{"location_id": there, "sku": "TEE-RED-S", "quantity": 1}]}
    answer = api.post(RELATIVE, json=body)
    assert answer.status_code == 422
    assert "[sku TEE-RED-S] requires absolute adjustment before relative" in answer.json()["title"]
    api.put(ABSOLUTE, json={"items": [body["items"][0] | {"quantity": 0}]})
    assert api.post(RELATIVE, json=body).status_code == 200


def test_a_relative_step_below_the_safety_stock_is_refused(
    api: httpx.Client, tee: Any, onhand: Onhand
) -> None:
    settings = {"settings": [{"identity": {"sku": "TEE-RED-S"}, "safety_stock": 2}]}
    assert api.put("/v3/inventory/locations/1/items", json=settings).status_code == 200
    assert api.post(RELATIVE, json=step(-4, sku="TEE-RED-S")).status_code == 422
    assert api.post(RELATIVE, json=step(-3, sku="TEE-RED-S")).status_code == 200
    assert onhand("TEE-RED-S") == 2
    assert api.get("/v3/inventory/locations/1/items").json()["data"][0]["available_to_sell"] == 0


def test_an_adjustment_is_accepted_before_it_is_applied(
    simulator: Simulator, api: httpx.Client, tee: Any, onhand: Onhand
) -> None:
    simulator.store.switches.inventory_delay_seconds = 3600
    assert "transaction_id" in api.put(ABSOLUTE, json=step(9, sku="TEE-RED-S")).json()
    assert onhand("TEE-RED-S") == 5
    simulator.clock.advance(timedelta(hours=1))
    assert simulator.scheduler.wait_idle()
    assert onhand("TEE-RED-S") == 9


def test_a_dropped_adjustment_looks_accepted(
    simulator: Simulator, api: httpx.Client, tee: Any, onhand: Onhand
) -> None:
    simulator.faults.add(Fault("drop_write", path="adjustments"))
    assert "transaction_id" in api.put(ABSOLUTE, json=step(9, sku="TEE-RED-S")).json()
    assert onhand("TEE-RED-S") == 5


def test_more_than_two_thousand_items_are_too_many(api: httpx.Client, tee: Any) -> None:
    items = step(1, sku="TEE-RED-S")["items"]
    assert api.put(ABSOLUTE, json={"items": items * 2000}).status_code == 200
    assert api.put(ABSOLUTE, json={"items": items * 2001}).status_code == 422


def test_the_default_location_stays_and_codes_are_unique(api: httpx.Client) -> None:
    assert api.post("/v3/inventory/locations", json=[PLACE]).status_code == 200
    assert api.post("/v3/inventory/locations", json=[PLACE]).status_code == 422
    assert api.delete("/v3/inventory/locations", params={"location_id:in": 1}).status_code == 422
    assert api.put("/v3/inventory/locations", json=[{"id": 2, "enabled": False}]).status_code == 200
    active = api.get("/v3/inventory/locations", params={"is_active": "true"}).json()["data"]
    assert [place["id"] for place in active] == [1]


def test_a_disabled_location_takes_no_stock(api: httpx.Client, tee: Any) -> None:
    api.put("/v3/inventory/locations", json=[{"id": 1, "enabled": False}])
    assert api.put(ABSOLUTE, json=step(1, sku="TEE-RED-S")).status_code == 422
