"""Orders of the simulated store: validation, stock, lists, shipments and refunds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx2 as httpx
import pytest

from crossdock_simulators.bigcommerce.app import Simulator
from crossdock_simulators.kit import Fault

Onhand = Callable[[str], int]
Place = Callable[..., Any]
CUSTOM = {"name": "Outside the catalog", "sku": "X-1", "quantity": 1, "price_ex_tax": 5, "price_inc_tax": 5}


def line(product: Any, quantity: int = 1, variant: int = 0) -> dict[str, int]:
    return {
        "product_id": product["id"],
        "variant_id": product["variants"][variant]["id"],
        "quantity": quantity,
    }


def test_a_new_order_takes_stock_and_a_cancellation_gives_it_back_once(
    api: httpx.Client, tee: Any, place: Place, onhand: Onhand
) -> None:
    order = place(line(tee, 2))
    assert onhand("TEE-RED-S") == 3

    for _ in range(2):
        assert api.put(f"/v2/orders/{order['id']}", json={"status_id": 5}).status_code == 200

    assert onhand("TEE-RED-S") == 5


def test_a_store_that_keeps_stock_on_cancellation_returns_nothing(
    api: httpx.Client, tee: Any, place: Place, onhand: Onhand
) -> None:
    api.put("/v3/settings/inventory", json={"refund_order_stock_adjustment": False})
    order = place(line(tee, 2))
    api.put(f"/v2/orders/{order['id']}", json={"status_id": 5})
    assert onhand("TEE-RED-S") == 3


def test_a_store_that_takes_stock_late_waits_for_the_shipment(
    api: httpx.Client, tee: Any, place: Place, onhand: Onhand
) -> None:
    api.put("/v3/settings/inventory", json={"update_stock_behavior": "order_completed_or_shipped"})
    order = place(line(tee, 2))
    assert onhand("TEE-RED-S") == 5
    api.put(f"/v2/orders/{order['id']}", json={"status_id": 2})
    assert onhand("TEE-RED-S") == 3


def test_an_incomplete_order_takes_nothing(tee: Any, place: Place, onhand: Onhand) -> None:
    place(line(tee, 2), status_id=0)
    assert onhand("TEE-RED-S") == 5


def test_an_order_beyond_the_stock_is_refused_and_takes_nothing(
    api: httpx.Client, tee: Any, place: Place, onhand: Onhand
) -> None:
    body = {"billing_address": place(CUSTOM)["billing_address"], "products": [line(tee, 6)]}
    body["billing_address"].pop("form_fields")

    answer = api.post("/v2/orders", json=body)

    assert answer.status_code == 409
    assert answer.json()[0]["details"]["errors"][0]["type"] == "OutOfStock"
    assert onhand("TEE-RED-S") == 5


def test_two_lines_of_one_item_are_counted_together(api: httpx.Client, mug: Any, place: Place) -> None:
    body = {"billing_address": place(CUSTOM)["billing_address"], "products": [line(mug, 6), line(mug, 6)]}
    assert api.post("/v2/orders", json=body).status_code == 409


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"products": []}, "The required field 'products' was not supplied."),
        ({"products": [{"quantity": 1}]}, "The field 'products.product_id, products.name' is invalid."),
        ({"products": [CUSTOM | {"price_inc_tax": None}]}, "The field 'products.price_inc_tax' is invalid."),
        ({"products": [CUSTOM | {"quantity": 0}]}, "The field 'quantity' is invalid."),
        ({"customer_id": -1}, "The field 'customer_id' is invalid."),
        ({"channel_id": 99}, "The field 'channel_id' is invalid."),
        ({"date_created": "yesterday"}, "The field 'date_created' is invalid."),
        (
            {"external_id": "1"},
            "The field 'external_id' cannot be written to. Please remove it from your request before trying again.",
        ),
        ({"billing_address": {"zip": "78701"}}, "The field 'billing_address.country' is invalid."),
        ({"billing_address": {"zip": "78701", "country": "Atlantis"}}, "The field 'country' is invalid."),
    ],
)
def test_a_wrong_body_is_refused_in_the_words_of_version_2(
    api: httpx.Client, change: dict[str, Any], message: str
) -> None:
    body = {"billing_address": {"zip": "78701", "country": "United States"}, "products": [CUSTOM]}
    answer = api.post("/v2/orders", json=body | change)
    assert (answer.status_code, answer.json()[0]["message"]) == (400, message)
    assert api.get("/v2/orders").status_code == 204


def test_money_is_text_of_four_decimals_and_adds_up(place: Place) -> None:
    order = place(
        CUSTOM | {"quantity": 3, "price_ex_tax": "0.1", "price_inc_tax": "0.11"},
        shipping_cost_ex_tax="4.99",
        shipping_cost_inc_tax="4.99",
        discount_amount="0.03",
    )
    assert (order["subtotal_ex_tax"], order["total_ex_tax"]) == ("0.3000", "5.2600")
    assert (order["total_inc_tax"], order["total_tax"]) == ("5.2900", "0.0300")


def test_orders_are_found_by_the_reference_of_another_system(api: httpx.Client, place: Place) -> None:
    place(CUSTOM)
    wanted = place(CUSTOM, external_order_id="576461413038785752")
    found = api.get("/v2/orders", params={"external_order_id": "576461413038785752"}).json()
    assert [order["id"] for order in found] == [wanted["id"]]


def test_a_list_by_modification_date_begins_with_the_moment_that_is_asked_for(
    simulator: Simulator, api: httpx.Client, place: Place
) -> None:
    first, second = place(CUSTOM), place(CUSTOM)
    moment = simulator.clock.advance(timedelta(hours=1)).replace(microsecond=0)
    api.put(f"/v2/orders/{first['id']}", json={"staff_notes": "seen"})
    query = {"min_date_modified": moment.isoformat(), "sort": "date_modified:asc"}
    assert [order["id"] for order in api.get("/v2/orders", params=query).json()] == [first["id"]]
    everything = api.get("/v2/orders", params={"sort": "date_modified:asc"}).json()
    assert [order["id"] for order in everything] == [second["id"], first["id"]]


def test_side_loaded_lines_stop_at_fifty_and_say_so(api: httpx.Client, place: Place) -> None:
    order = place(*[CUSTOM] * 51)
    query = {"include": "consignments.line_items", "consignment_structure": "object"}
    shipping = api.get(f"/v2/orders/{order['id']}", params=query).json()["consignments"]["shipping"][0]
    assert len(shipping["line_items"]) == 50
    assert "__warning__" in shipping
    assert len(api.get(f"/v2/orders/{order['id']}/products", params={"limit": 250}).json()) == 51


def test_an_archived_order_is_gone_from_lists(api: httpx.Client, place: Place) -> None:
    order = place(CUSTOM)
    assert api.delete(f"/v2/orders/{order['id']}").status_code == 204
    assert api.get("/v2/orders").status_code == 204


def test_changing_a_line_moves_stock_by_the_difference(
    api: httpx.Client, tee: Any, place: Place, onhand: Onhand
) -> None:
    order = place(line(tee, 3))
    lines = api.get(f"/v2/orders/{order['id']}/products").json()
    api.put(f"/v2/orders/{order['id']}", json={"products": [{"id": lines[0]["id"], "quantity": 1}]})
    assert onhand("TEE-RED-S") == 4


def test_shipments_move_the_status_from_partial_to_shipped(api: httpx.Client, tee: Any, place: Place) -> None:
    order = place(line(tee, 2))
    path = f"/v2/orders/{order['id']}"
    sold = api.get(f"{path}/products").json()[0]["id"]
    to = api.get(f"{path}/shippingaddresses").json()[0]["id"]
    body = {
        "order_address_id": to,
        "items": [{"order_product_id": sold, "quantity": 1}],
        "tracking_number": "T1",
    }

    assert api.post(f"{path}/shipments", json=body).status_code == 201
    assert api.get(path).json()["status_id"] == 3
    assert api.post(f"{path}/shipments", json=body).status_code == 201
    shipped = api.get(path).json()
    assert (shipped["status_id"], shipped["items_shipped"]) == (2, 2)
    assert shipped["date_shipped"] != ""
    assert api.post(f"{path}/shipments", json=body).status_code == 400


def test_a_shipment_refuses_what_it_cannot_take(api: httpx.Client, tee: Any, place: Place) -> None:
    path = f"/v2/orders/{place(line(tee))['id']}"
    sold = api.get(f"{path}/products").json()[0]["id"]
    to = api.get(f"{path}/shipping_addresses").json()[0]["id"]
    item = {"order_product_id": sold, "quantity": 1}
    assert api.post(f"{path}/shipments", json={"items": [item]}).status_code == 400
    with_product = {"order_address_id": to, "items": [item | {"product_id": tee["id"]}]}
    assert "cannot be written" in api.post(f"{path}/shipments", json=with_product).text
    made = api.post(f"{path}/shipments", json={"order_address_id": to, "items": [item]}).json()
    assert api.put(f"{path}/shipments/{made['id']}", json={"items": [item]}).status_code == 400
    assert api.delete(f"{path}/shipments/{made['id']}").status_code == 204
    assert api.get(path).json()["status_id"] == 2


def test_a_shipment_takes_lines_of_its_own_address_only(
    api: httpx.Client, sim: httpx.Client, tee: Any
) -> None:
    rows = [{"sku": "TEE-RED-S"}, {"sku": "TEE-RED-S", "address": 1}]
    bought = sim.post("/orders", json={"lines": rows, "oversell": True})
    path = f"/v2/orders/{bought.json()['id']}"
    lines = api.get(f"{path}/products").json()
    places = [row["id"] for row in api.get(f"{path}/shipping_addresses").json()]
    assert [line["order_address_id"] for line in lines] == places
    items = [{"order_product_id": line["id"], "quantity": 1} for line in lines]

    both = api.post(f"{path}/shipments", json={"order_address_id": places[0], "items": items})
    own = api.post(f"{path}/shipments", json={"order_address_id": places[1], "items": items[1:]})

    assert (both.status_code, own.status_code) == (400, 201)


def test_a_refund_moves_the_status_and_no_stock(
    api: httpx.Client, tee: Any, place: Place, onhand: Onhand
) -> None:
    order = place(line(tee, 2))
    sold = api.get(f"/v2/orders/{order['id']}/products").json()[0]["id"]
    pay = f"/v3/orders/{order['id']}/payment_actions"
    items = {"items": [{"item_type": "PRODUCT", "item_id": sold, "quantity": 2}]}
    quote = api.post(f"{pay}/refund_quotes", json=items).json()["data"]
    assert quote["total_refund_amount"] == 39
    wrong = items | {"payments": [{"provider_id": "custom", "amount": 1, "offline": True}]}
    assert api.post(f"{pay}/refunds", json=wrong).status_code == 422
    right = items | {"payments": [{"provider_id": "custom", "amount": 39, "offline": True}]}
    assert api.post(f"{pay}/refunds", json=right).status_code == 201
    assert api.get(f"/v2/orders/{order['id']}").json()["status_id"] == 4
    assert onhand("TEE-RED-S") == 3


def test_a_dropped_write_is_answered_and_changes_nothing(
    simulator: Simulator, api: httpx.Client, tee: Any, place: Place, onhand: Onhand
) -> None:
    simulator.faults.add(Fault("drop_write", path="/v2/orders"))
    order = place(line(tee, 2))
    assert order["id"] > 0
    assert api.get("/v2/orders").status_code == 204
    assert onhand("TEE-RED-S") == 5
    assert place(line(tee, 1))["id"] == order["id"]


def test_an_order_that_changes_while_pages_turn_slips_past_the_reader(
    simulator: Simulator, api: httpx.Client, place: Place
) -> None:
    ids = [place(CUSTOM)["id"] for _ in range(4)]
    simulator.clock.advance(timedelta(minutes=1))
    simulator.faults.add(Fault("shift_page", path="/v2/orders"))
    query: dict[str, str | int] = {"sort": "date_modified:asc", "limit": 2}
    first = [order["id"] for order in api.get("/v2/orders", params=query | {"page": 1}).json()]
    second = [order["id"] for order in api.get("/v2/orders", params=query | {"page": 2}).json()]
    assert first == ids[:2]
    assert second == [ids[3], ids[0]]


def test_a_shopper_can_be_played_by_the_control_api(
    sim: httpx.Client, tee: Any, onhand: Onhand, api: httpx.Client
) -> None:
    lines = [{"sku": "tee-red-s", "quantity": 2}, {"sku": "TEE-RED-M", "quantity": 1}]
    placed = sim.post("/orders", json={"lines": lines, "discount": "10", "country": "GB"}).json()
    sold = api.get(f"/v2/orders/{placed['id']}/products").json()
    assert [row["discounted_total_inc_tax"] for row in sold] == ["32.3300", "16.1700"]
    assert onhand("TEE-RED-S") == 3
    sim.post(f"/orders/{placed['id']}/status", json={"status_id": 5})
    assert onhand("TEE-RED-S") == 5
    assert sim.post("/orders", json={"lines": [{"sku": "TEE-RED-S", "quantity": 9}]}).status_code == 400
    assert sim.post("/stock", json={"sku": "TEE-RED-S", "quantity": 77}).status_code == 200
    assert onhand("TEE-RED-S") == 77
    assert sim.get("/state").json()["writes"]["order_created"] == 1
    assert "Place an order" in sim.get("/").text
