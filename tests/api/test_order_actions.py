"""Acting on an order on its way, through the API."""

from __future__ import annotations

from typing import Any

import pytest

from api import seed
from api.bench import NOW, SHOP, STORE, Bench
from support import requesting

WAREHOUSE = requesting.WAREHOUSE


@pytest.fixture
def selling(merchant: Bench) -> Bench:
    """Three orders, and a warehouse that ships from the main location; the third has a SKU that nobody knows."""
    seed.sell(merchant, *seed.some_orders())
    with merchant.database.transaction() as tx:
        requesting.add_warehouse(tx, now=NOW)
    [main] = [each for each in merchant.get("/locations") if each["name"] == "Main warehouse"]
    merchant.send("PATCH", f"/locations/{main['id']}", {"linked_integration": WAREHOUSE})
    return merchant


def order(bench: Bench, number: str = "N1") -> Any:
    return bench.get(f"/orders/{number}")


def refusal(bench: Bench, method: str, path: str, body: Any = None) -> str:
    answer = bench.client.request(method, f"/api/v1{path}", json=body)
    assert answer.status_code == 422, answer.text
    return str(answer.json()["detail"])


def test_an_order_is_held_and_says_until_when(selling: Bench) -> None:
    held = selling.send("POST", "/orders/N1/hold", {"minutes": 60, "reason": "Address is asked for"})

    assert (held["order"]["status"], held["hold"]["reason"]) == ("On Hold", "Address is asked for")
    assert held["progress"][2]["color"] == "gray"
    assert "Address is asked for" in held["progress"][2]["text"]
    both = {"minutes": 60, "until": "2030-01-01T00:00:00Z"}
    assert "give one of them" in refusal(selling, "POST", "/orders/N1/hold", both)


def test_what_is_set_here_is_set_and_taken_back(selling: Bench) -> None:
    assert selling.send("PUT", "/orders/N1/tags/gift")["order"]["tags"] == ["gift"]
    assert [each["number"] for each in selling.get("/orders", tag="gift")["items"]] == ["N1"]
    assert selling.send("DELETE", "/orders/N1/tags/gift")["order"]["tags"] == []
    assert selling.send("PUT", "/orders/N1/note", {"note": "No invoice"})["note"] == "No invoice"
    assert selling.send("PUT", "/orders/N1/method", {"method": "Next Day"})["method"] == "Next Day"
    assert "can be archived" in refusal(selling, "POST", "/orders/N1/archive")


def test_an_order_that_is_over_is_put_away_and_taken_out(selling: Bench) -> None:
    selling.send("POST", "/orders/N1/cancel", {})
    assert selling.send("POST", "/orders/N1/archive")["order"]["status"] == "Archived"
    assert "N1" not in {each["number"] for each in selling.get("/orders")["items"]}
    assert "N1" in {each["number"] for each in selling.get("/orders", archived=True)["items"]}
    assert selling.send("DELETE", "/orders/N1/archive")["order"]["status"] == "Canceled"


def test_a_location_is_asked_by_hand_and_the_request_is_stopped(selling: Bench) -> None:
    asked = selling.client.post("/api/v1/orders/N1/shipping-requests", json={"location": "Main warehouse"})
    assert (asked.status_code, asked.json()["state"], asked.json()["warehouse"]) == (201, "due", WAREHOUSE)
    assert [each["number"] for each in selling.get("/orders", location="Main warehouse")["items"]] == ["N1"]
    assert "nothing open" not in order(selling)["routing"]["summary"]

    assert selling.send("POST", "/shipping-requests/N1-1/stop")["state"] == "stopped"
    assert "is stopped" in refusal(selling, "POST", "/shipping-requests/N1-1/stopped")
    assert "nothing to tell" in refusal(selling, "POST", "/shipping-requests/N1-1/retry")
    assert "is not linked" in refusal(selling, "POST", "/orders/N2/shipping-requests", {"location": "Outlet"})
    assert selling.client.post("/api/v1/shipping-requests/N9-1/stop").status_code == 404


def test_orders_are_found_by_what_people_look_for(selling: Bench) -> None:
    def numbers(**query: Any) -> list[str]:
        return [each["number"] for each in selling.get("/orders", **query)["items"]]

    assert numbers(exceptions=True) == ["N3"]
    assert numbers(sku="MUG-RED") == ["N2"]
    assert numbers(total_min="15", total_max="20") == ["N3", "N1"]
    assert numbers(placed_before=NOW.isoformat()) == []
    assert numbers(integration=STORE) == []
    assert "placed_from" in refusal(selling, "GET", "/orders?placed_from=2026-01-01T00:00:00")


def test_an_order_is_routed_again(selling: Bench) -> None:
    assert "routing" in selling.send("POST", "/orders/N1/route")["order"]
    assert "To Be Validated" in refusal(selling, "POST", "/orders/N3/route")
    assert order(selling, "N3")["problems"] == ["No product has the SKU NOBODY"]
    assert SHOP in order(selling)["progress"][0]["text"]
