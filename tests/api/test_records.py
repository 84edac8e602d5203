"""Products, orders, stock and locations through the API."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

import pytest

from api import seed
from api.bench import NOW, SHOP, STORE, Bench
from crossdock.domain.sync import Entity
from crossdock.operations.catalog import products
from crossdock.operations.setup import integrations


def test_products_are_listed_with_their_standing(merchant: Bench) -> None:
    found = merchant.get("/products")["items"]

    assert [(each["title"], each["variants"], each["skus"]) for each in found] == [
        ("Mug", 2, ["MUG-RED", "MUG-BLUE"]),
        ("Teapot", 1, ["TEA-1"]),
    ]
    assert [each["channels"][0]["state"] for each in found] == ["waiting", "waiting"]


def test_products_can_be_paged_and_filtered(merchant: Bench) -> None:
    first = merchant.get("/products", limit=1)
    rest = merchant.get("/products", limit=1, after=first["next"])

    assert [each["title"] for each in first["items"] + rest["items"]] == ["Mug", "Teapot"]
    assert rest["next"] == ""
    assert [each["title"] for each in merchant.get("/products", search="mug-")["items"]] == ["Mug"]
    assert merchant.get("/products", state="in review")["items"] == []
    assert merchant.reader.get("/api/v1/products", params={"state": "lost"}).status_code == 422


def test_the_tiktok_shop_row_of_a_product_has_no_channel_sku(merchant: Bench) -> None:
    (variant,) = merchant.get("/products/TEA-1")["variants"]

    rows = {each["connector"]: each for each in variant["listings"]}
    assert rows["bigcommerce"]["channel_sku"] == "TEA-1"
    assert "channel_sku" not in rows["tiktok_shop"]


@pytest.mark.parametrize("sku", ["A/B", " A", "A ", "a?b#c", "..", "100%", "Ä€", "A/ledger"])
def test_any_sku_can_be_asked_for(merchant: Bench, sku: str) -> None:
    with merchant.database.transaction() as tx:
        strange = seed.product("p9", "Strange", seed.variant("v9", sku))
        products.ingest(tx, merchant.task(tx, STORE), [strange], read_began_at=NOW)
    place = quote(sku, safe="") if sku != ".." else "%2E%2E"
    assert merchant.get(f"/inventory/{place}")["sku"] == sku
    assert merchant.get(f"/products/{place}")["title"] == "Strange"
    assert merchant.get("/ledger", sku=sku) == []


def test_orders_are_listed_without_their_buyers_and_shown_with_them(merchant: Bench) -> None:
    seed.sell(merchant, *seed.some_orders())

    assert [each["number"] for each in merchant.get("/orders")["items"]] == ["N3", "N2", "N1"]
    assert "Jane Roe" not in merchant.reader.get("/api/v1/orders").text
    assert merchant.get("/orders/N1")["shipping_address"]["name"] == "Jane Roe"


def test_orders_can_be_paged_and_filtered(merchant: Bench) -> None:
    seed.sell(merchant, *seed.some_orders())
    later = seed.order(
        "9", seed.line("l9", "TEA-1", 1), placed_at=NOW - timedelta(days=1), is_reservation=True
    )
    seed.sell(merchant, later, integration=STORE)

    first = merchant.get("/orders", limit=2)
    rest = merchant.get("/orders", limit=2, after=first["next"])
    assert [each["number"] for each in first["items"] + rest["items"]] == ["N3", "N2", "N1"]
    assert merchant.get("/orders", integration=STORE)["items"] == []
    assert len(merchant.get("/orders", everything=True)["items"]) == 4
    assert [each["number"] for each in merchant.get("/orders", search="MUG")["items"]] == ["N2"]
    assert merchant.get("/orders", status="Fulfilled")["items"] == []


def test_the_explanation_of_a_number_can_be_checked_by_hand(merchant: Bench) -> None:
    seed.sell(merchant, *seed.some_orders())

    found = merchant.get("/inventory/TEA-1")

    (channel,) = found["channels"]
    assert channel["offered"] == 12 + 3 - 2 - 1 - channel["buffer"] == 11
    assert sum(each["units"] for each in found["commitments"]) == found["committed"] == 3


def test_a_location_is_excluded_and_its_stock_stops_counting(merchant: Bench) -> None:
    outlet = next(each for each in merchant.get("/locations") if each["name"] == "Outlet")

    answer = merchant.send("PATCH", f"/locations/{outlet['id']}", {"is_excluded": True})

    assert (answer["is_excluded"], answer["counts"]) == (True, False)
    assert merchant.get("/inventory/TEA-1")["available"] == 12
    merchant.send("PATCH", f"/locations/{outlet['id']}", {"is_excluded": False})
    assert merchant.get("/inventory/TEA-1")["available"] == 15


def test_s53_a_location_can_be_opened_and_linked_to_a_warehouse_and_to_nothing_else(
    merchant: Bench,
) -> None:
    place = next(each["id"] for each in merchant.get("/locations") if each["name"] == "Main warehouse")
    before = merchant.get(f"/locations/{place}")
    with merchant.database.transaction() as tx:
        integrations.configure_flows(tx, "wms", {("push", Entity.SHIPPING_REQUESTS): True}, {})

    answer = merchant.send(
        "PATCH", f"/locations/{place}", {"linked_integration": "wms", "excluded_for": [SHOP]}
    )
    wrong = [
        merchant.client.patch(f"/api/v1/locations/{place}", json=body)
        for body in (
            {"linked_integration": "nobody"},
            {"linked_integration": STORE},
            {"excluded_for": ["nobody"]},
        )
    ]

    assert before["why_no_destination"] == "Main warehouse is not linked to a 3PL or warehouse"
    assert (answer["linked_integration"], answer["excluded_for"]) == ("wms", [SHOP])
    assert answer["why_no_destination"] == ""
    assert [each.status_code for each in wrong] == [422, 422, 422]
    assert [each.json()["errors"][0]["field"] for each in wrong] == [
        "linked_integration",
        "linked_integration",
        "excluded_for",
    ]
    assert "choose from wms" in wrong[1].json()["detail"]
    assert merchant.get(f"/locations/{place}") == answer
    assert merchant.send("PATCH", f"/locations/{place}", {"linked_integration": ""})["why_no_destination"]


def test_only_what_people_decide_about_a_location_can_be_changed(merchant: Bench) -> None:
    place = merchant.get("/locations")[0]["id"]

    assert merchant.client.patch(f"/api/v1/locations/{place}", json={"name": "Mine"}).status_code == 422
    assert merchant.client.patch("/api/v1/locations/nothing", json={}).status_code == 404


def test_a_record_has_a_timeline(merchant: Bench) -> None:
    (key,) = seed.sell(merchant, seed.order("1", seed.line("l1", "TEA-1", 1)))

    events = merchant.get("/events", subject_kind="order", subject_id=key)

    assert [each["what"] for each in events] == ["Order N1 read: AWAITING_SHIPMENT, 1 line, 10.00 USD"]


def test_the_summary_counts(merchant: Bench) -> None:
    seed.sell(merchant, *seed.some_orders())

    found = merchant.get("/summary")

    assert (found["products"], found["variants"]) == (2, 3)
    assert found["orders"] == {SHOP: {"Ready For Fulfillment": 2, "To Be Validated": 1}}
    assert found["open_cases"] == {"line_unmatched": 1}
    assert (found["channels"][0]["linked"], found["channels"][0]["waiting"]) == (1, 2)
