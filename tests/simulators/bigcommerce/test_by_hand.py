"""The store's page as a person uses it: ship, set a status, set stock, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx2 as httpx
import pytest

Onhand = Callable[[str], int]
FORM = {"content-type": "application/x-www-form-urlencoded"}
Press = Callable[..., httpx.Response]


@pytest.fixture
def press(sim: httpx.Client) -> Press:
    """Send a form as the page would, which has to be taken unless `status` says otherwise."""

    def send(path: str, status: int = 303, **fields: str) -> httpx.Response:
        answer = sim.post(path, data=fields, headers=FORM)
        assert answer.status_code == status, answer.text
        return answer

    return send


@pytest.fixture
def order_id(sim: httpx.Client, tee: Any, mug: Any) -> int:
    lines = [{"sku": "TEE-RED-S", "quantity": 2}, {"sku": "MUG", "quantity": 1}]
    return int(sim.post("orders", json={"lines": lines}).json()["id"])


def test_a_merchant_ships_a_part_and_then_the_rest(
    api: httpx.Client, sim: httpx.Client, press: Press, order_id: int
) -> None:
    path, shipments = f"orders/{order_id}/ship", f"/v2/orders/{order_id}/shipments"
    assert "Ship as the merchant" in sim.get("/").text

    press(path, sku="TEE-RED-S", quantity="1", tracking_number="1Z1", shipping_provider="ups")
    part = api.get(f"/v2/orders/{order_id}").json()["status_id"]
    shown = sim.get("/").text
    press(path, sku="", quantity="", tracking_number="", shipping_provider="")

    first, second = api.get(shipments).json()
    assert (part, api.get(f"/v2/orders/{order_id}").json()["status_id"]) == (3, 2)
    assert (first["tracking_number"], first["shipping_provider"]) == ("1Z1", "ups")
    assert [row["quantity"] for row in second["items"]] == [1, 1]
    assert "2 × TEE-RED-S, 1 shipped" in shown
    assert "1Z1" in shown
    assert "Ship as the merchant" not in sim.get("/").text


def test_each_address_gets_a_shipment_of_its_own(api: httpx.Client, sim: httpx.Client, tee: Any) -> None:
    lines = [{"sku": "TEE-RED-S", "address": 0}, {"sku": "TEE-RED-M", "address": 1}]
    order_id = sim.post("orders", json={"lines": lines}).json()["id"]

    sim.post(f"orders/{order_id}/ship", json={})

    made = api.get(f"/v2/orders/{order_id}/shipments").json()
    assert len({one["order_address_id"] for one in made}) == len(made) == 2


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"sku": "NOPE"}, "Nothing of NOPE is left"),
        ({"sku": "MUG", "quantity": "2"}, "MUG has 1 left, not 2"),
        ({"quantity": "1"}, "Which SKU?"),
        ({"quantity": "x"}, "Quantity has to be a whole number"),
        ({"tracking_number": "1" * 51}, "tracking_number"),
        ({"shipping_provider": "pigeon"}, "shipping_provider"),
    ],
)
def test_a_merchant_ships_only_what_is_there(
    api: httpx.Client, press: Press, order_id: int, fields: dict[str, str], told: str
) -> None:
    assert told in press(f"orders/{order_id}/ship", 400, **fields).text
    assert api.get(f"/v2/orders/{order_id}/shipments").status_code == 204


def test_a_status_is_set_on_the_page(sim: httpx.Client, press: Press, order_id: int, onhand: Onhand) -> None:
    press(f"orders/{order_id}/status", status_id="5")

    assert '<option value="5" selected>Cancelled</option>' in sim.get("/").text
    assert onhand("TEE-RED-S") == 5
    assert "There is no status 15" in press(f"orders/{order_id}/status", 400, status_id="15").text


def test_stock_is_set_at_a_location_that_is_named(sim: httpx.Client, press: Press, mug: Any) -> None:
    assert '<option value="1">Default location</option>' in sim.get("/").text

    press("stock", sku="MUG", location_id="1", quantity="7")

    assert sim.get("/state").json()["stock"][0]["onhand"] == 7


def test_a_total_has_two_decimals_and_its_currency(sim: httpx.Client, order_id: int) -> None:
    assert "47.00 USD" in sim.get("/").text


@pytest.mark.parametrize(
    ("path", "fields", "told"),
    [
        ("orders", {"sku": "MUG", "quantity": "9999"}, "Mug: OutOfStock, 10 left."),
        ("orders", {"sku": "MUG", "quantity": "0"}, "Quantity has to be at least 1, not 0"),
        ("orders", {"sku": "MUG", "quantity": ""}, "Quantity is missing"),
        ("orders", {"sku": "NOPE", "quantity": "1"}, "There is no SKU NOPE"),
        ("orders", {"sku": "", "quantity": "1"}, "SKU is missing"),
        ("stock", {"sku": "MUG", "quantity": "-5"}, "Quantity has to be at least 0, not -5"),
        ("stock", {"sku": "MUG", "quantity": "5", "location_id": "99"}, "There is no location 99"),
        ("orders/99/cancel", {}, "There is no order 99"),
        ("products/99", {"name": "x"}, "There is no product 99"),
        ("products/1", {"name": ""}, "JSON data is missing or invalid. name: must be a text"),
    ],
)
def test_a_mistake_is_told_in_a_sentence(
    sim: httpx.Client, press: Press, mug: Any, path: str, fields: dict[str, str], told: str
) -> None:
    in_json = sim.post(path, json=fields)

    assert told in press(path, 400, **fields).text
    assert in_json.status_code == 400
    assert told in in_json.json()["error"]
    assert sim.get("/state").json()["orders"] == []
    assert sim.get("/state").json()["stock"][0]["onhand"] == 10
