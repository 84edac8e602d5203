"""The account's page as people in a warehouse use it: ship a part, mark, hold, void, and what is refused."""

from __future__ import annotations

import httpx2 as httpx
import pytest

from simulators.shipstation.conftest import order

FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.fixture
def order_id(api: httpx.Client) -> int:
    return int(api.post("/orders/createorder", json=order()).json()["orderId"])


def press(sim: httpx.Client, path: str, **fields: str) -> httpx.Response:
    return sim.post(path, data=fields, headers=FORM)


def test_a_part_is_shipped_and_then_the_rest(api: httpx.Client, sim: httpx.Client, order_id: int) -> None:
    assert "Buy a label" in sim.get("/").text

    assert (
        press(sim, f"orders/{order_id}/label", sku="MUG", quantity="1", tracking_number="1Z1").status_code
        == 303
    )
    part = api.get(f"/orders/{order_id}").json()["orderStatus"]
    shown = sim.get("/").text
    press(sim, f"orders/{order_id}/label", sku="", quantity="", tracking_number="1Z2")

    state = sim.get("/state").json()
    assert (part, state["orders"][0]["status"]) == ("awaiting_shipment", "shipped")
    assert [[units for _, units in one["items"]] for one in state["shipments"]] == [[1], [1, 1]]
    assert "1Z1" in shown
    assert "Buy a label" not in sim.get("/").text


def test_what_is_done_by_hand_can_be_undone_where_the_platform_allows_it(
    sim: httpx.Client, order_id: int
) -> None:
    press(sim, f"orders/{order_id}/label")
    (label,) = sim.get("/state").json()["shipments"]

    assert press(sim, f"shipments/{label['id']}/void").status_code == 303
    assert press(sim, f"shipments/{label['id']}/void").status_code == 400
    assert "(void)" in sim.get("/").text
    press(sim, f"orders/{order_id}/status", status="on_hold")
    assert press(sim, f"orders/{order_id}/mark", tracking_number="M").status_code == 303
    assert sim.get("/state").json()["fulfillments"][0]["trackingNumber"] == "M"


@pytest.mark.parametrize(
    ("path", "fields", "told"),
    [
        ("label", {"sku": "NOPE"}, "Nothing of NOPE is left"),
        ("label", {"sku": "MUG", "quantity": "3"}, "MUG has 2 left, not 3"),
        ("label", {"quantity": "1"}, "Which SKU?"),
        ("status", {"status": ""}, "Status is missing"),
    ],
)
def test_only_what_is_there_can_be_shipped(
    sim: httpx.Client, order_id: int, path: str, fields: dict[str, str], told: str
) -> None:
    refused = press(sim, f"orders/{order_id}/{path}", **fields)

    assert refused.status_code == 400
    assert told in refused.text
    assert press(sim, f"orders/5/{path}", **fields).status_code == 400
