"""Every answer of the simulated store validates against the platform's published OpenAPI files."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest
import yaml
from openapi_schema_validator import OAS30Validator
from referencing import Registry
from referencing.jsonschema import DRAFT4

from crossdock_simulators.bigcommerce.app import Simulator
from crossdock_simulators.bigcommerce.seed import load_merchant
from crossdock_simulators.merchant import merchant

SHARED = Path(__file__).parents[3].parent / "shared"
SPECS = SHARED / "specs" / "bigcommerce"
REFERENCE = SHARED / "reference" / "bigcommerce.md"
FILES = {
    "/catalog/variants": "catalog/product-variants_catalog.v3.yml",
    "/catalog/products/{product_id}/variants": "catalog/product-variants_catalog.v3.yml",
    "/catalog/products/{product_id}/options": "catalog/product-variant-options_catalog.v3.yml",
    "/catalog/products": "catalog/products_catalog.v3.yml",
    "/catalog/summary": "catalog/products_catalog.v3.yml",
    "/catalog/brands": "catalog/brands_catalog.v3.yml",
    "/catalog/trees": "catalog/category-trees_catalog.v3.yml",
    "/inventory/locations/{location_id}/items": "inventory.v3.yml",
    "/inventory/locations": "locations.v3.yml",
    "/inventory": "inventory.v3.yml",
    "/channels": "channels.v3.yml",
    "/hooks": "webhooks.v3.yml",
    "/settings": "settings.v3.yml",
    "/store": "store_information.v2.yml",
    "/time": "store_information.v2.yml",
    "/currencies": "currencies.v2.yml",
}
# The files say null is impossible where the prose and live answers say it means "inherit" or "unset".
NULL_ALLOWED = re.compile(
    r"(price|weight|width|height|depth|sku_id|base_variant_id|option_set_id|external_source|external_id|"
    r"external_merchant_id|fixed_cost_shipping_price|value_data)$"
)
pytestmark = pytest.mark.skipif(not SPECS.is_dir(), reason="the published specifications are not here")


@cache
def document(name: str) -> Any:
    with (SPECS / name).open(encoding="utf-8") as file:
        return yaml.load(file, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


@cache
def registry(name: str) -> Registry[Any]:
    empty: Registry[Any] = Registry()
    filled: Registry[Any] = empty.with_resource("urn:doc", DRAFT4.create_resource(document(name)))
    return filled


def file_of(version: str, path: str) -> str:
    if path.startswith("/order"):
        return "orders.v2.oas2.yml" if version == "v2" else "orders.v3.yml"
    return next(file for prefix, file in FILES.items() if path.startswith(prefix))


def schema_at(file: str, path: str, method: str, status: str) -> str | None:
    """A reference to the JSON schema of one answer, or of the request; None when the file has none."""
    operation = document(file)["paths"][path][method]
    steps = ["paths", path, method]
    part = "requestBody" if status == "req" else "responses"
    found, steps = operation.get(part), [*steps, part]
    if status != "req":
        found, steps = found.get(status), [*steps, status]
    while found is not None and "$ref" in found:
        steps = [piece.replace("~1", "/").replace("~0", "~") for piece in found["$ref"][2:].split("/")]
        found = document(file)
        for step in steps:
            found = found[step]
    if not found or not found.get("content"):
        return None
    media = next(iter(found["content"]))
    pieces = [*steps, "content", media, "schema"]
    return "urn:doc#/" + "/".join(piece.replace("~", "~0").replace("/", "~1") for piece in pieces)


def problems(file: str, reference: str, content: Any) -> list[str]:
    validator = OAS30Validator({"$ref": reference}, registry=registry(file))
    return [
        f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"
        for error in validator.iter_errors(content)
        if not _known_contradiction(error)
    ]


def _known_contradiction(error: Any) -> bool:
    place = str(error.absolute_path[-1]) if error.absolute_path else ""
    if error.instance is None and NULL_ALLOWED.search(place):
        return True
    # Each branch of the choice is a list of lines; empty lists and one-link lists fit both.
    return error.validator in ("oneOf", "anyOf") and _all_known(error)


def _all_known(error: Any) -> bool:
    if not error.context:
        return True
    branches: dict[Any, list[Any]] = {}
    for inner in error.context:
        branches.setdefault(inner.schema_path[0], []).append(inner)
    return any(all(_known_contradiction(inner) for inner in found) for found in branches.values())


class Checked:
    """Calls the simulator and checks each answer against the file that describes the path."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client
        self.seen: list[str] = []

    def __call__(self, method: str, template: str, *ids: Any, **given: Any) -> Any:
        version, path = template[1:3], template[3:]
        filled = (
            re.sub(r"\{[^}]+\}", lambda _: str(left.pop(0)), template) if (left := list(ids)) else template
        )
        answer = self.client.request(method, filled, **given)
        content = answer.json() if answer.content else None
        assert answer.status_code < 300, f"{method} {filled}: {answer.status_code} {answer.text[:300]}"
        file = file_of(version, path)
        declared = document(file)["paths"][path][method.lower()]["responses"]
        status = str(answer.status_code) if str(answer.status_code) in declared else "200"
        reference = schema_at(file, path, method.lower(), status)
        if reference is not None and content is not None:
            found = problems(file, reference, content)
            assert not found, f"{method} {filled}: {found[:5]}"
            self.seen.append(path)
        return content


@pytest.fixture
def call(simulator: Simulator, api: httpx.Client) -> Iterator[Checked]:
    load_merchant(simulator.store, merchant(12, seed=3))
    checked = Checked(api)
    yield checked
    assert checked.seen, "nothing was checked"


def test_catalog_answers_conform(call: Checked) -> None:
    whole = {"include": "variants,images,custom_fields,primary_image"}
    products = call("GET", "/v3/catalog/products", params=whole)["data"]
    call("GET", "/v3/catalog/products", params={"include": "options,modifiers,variants"})
    number = next(one["id"] for one in products if one["base_variant_id"] is None)
    variant = next(one for one in products if one["id"] == number)["variants"][0]["id"]
    one = "/v3/catalog/products/{product_id}"
    call("GET", one, number, params=whole)
    call("PUT", one, number, json={"price": 12.34})
    call("PUT", "/v3/catalog/products", json=[{"id": number, "price": 11}])
    made = call(
        "POST", "/v3/catalog/products", json={"name": "N", "type": "physical", "weight": 1, "price": 2}
    )
    call("GET", f"{one}/images", number)
    call("GET", f"{one}/variants", number)
    call("GET", f"{one}/variants/{{variant_id}}", number, variant)
    call("PUT", f"{one}/variants/{{variant_id}}", number, variant, json={"price": 5})
    call("GET", "/v3/catalog/variants")
    call("PUT", "/v3/catalog/variants", json=[{"id": variant, "upc": "036000291452"}])
    options = call("GET", f"{one}/options", number)["data"]
    call("GET", f"{one}/options/{{option_id}}", number, options[0]["id"])
    call("GET", f"{one}/options/{{option_id}}/values", number, options[0]["id"])
    body = {"label": "Extra", "sort_order": 9}
    call("POST", f"{one}/options/{{option_id}}/values", number, options[0]["id"], json=body)
    values = [{"label": "A", "sort_order": 0}]
    option = {"display_name": "Fit", "type": "dropdown", "option_values": values}
    call("POST", f"{one}/options", made["data"]["id"], json=option)
    call("GET", "/v3/catalog/summary")


def test_answers_about_groups_conform(call: Checked) -> None:
    call("GET", "/v3/catalog/brands")
    brand = call("POST", "/v3/catalog/brands", json={"name": "Brand new"})["data"]["id"]
    call("GET", "/v3/catalog/brands/{brand_id}", brand)
    call("GET", "/v3/catalog/trees")
    call("GET", "/v3/catalog/trees/categories")
    call("POST", "/v3/catalog/trees/categories", json=[{"name": "Fresh", "tree_id": 1, "parent_id": 1}])
    call("GET", "/v3/catalog/trees/{tree_id}/categories", 1)
    call("GET", "/v3/catalog/products/channel-assignments")
    call("GET", "/v3/catalog/products/category-assignments")


def test_inventory_answers_conform(call: Checked) -> None:
    rows = call("GET", "/v3/inventory/items", params={"limit": 1000})["data"]
    item = next(one["identity"] for one in rows if one["identity"]["sku_id"])
    call("GET", "/v3/inventory/locations/{location_id}/items", 1)
    call("GET", "/v3/inventory/locations")
    row = {"location_id": 1, "variant_id": item["variant_id"], "quantity": 7}
    body = {"reason": "test", "items": [row]}
    call("PUT", "/v3/inventory/adjustments/absolute", json=body)
    call("POST", "/v3/inventory/adjustments/relative", json=body)
    settings = {"settings": [{"identity": {"variant_id": item["variant_id"]}, "safety_stock": 1}]}
    call("PUT", "/v3/inventory/locations/{location_id}/items", 1, json=settings)
    call("PUT", "/v3/inventory/locations", json=[{"id": 2, "label": "Renamed"}])


def test_order_answers_conform(simulator: Simulator, call: Checked) -> None:
    address = {"first_name": "J", "last_name": "D", "zip": "78751", "country_iso2": "US", "email": "j@d.com"}
    variant = next(one for one in simulator.store.variants.values() if one.choices)
    lines = [
        {"product_id": variant.product_id, "variant_id": variant.id, "quantity": 2},
        {"name": "Custom", "quantity": 1, "price_ex_tax": 5, "price_inc_tax": 5},
    ]
    body = {"status_id": 11, "billing_address": address, "shipping_addresses": [address], "products": lines}
    order = call("POST", "/v2/orders", json=body)["id"]
    one, shipments = "/v2/orders/{order_id}", "/v2/orders/{order_id}/shipments"
    call("GET", "/v2/orders")
    side = {"include": "consignments.line_items", "consignment_structure": "object"}
    call("GET", "/v2/orders", params=side)
    call("GET", "/v2/orders/count")
    call("GET", one, order, params=side)
    call("PUT", one, order, json={"staff_notes": "hello"})
    sold = call("GET", f"{one}/products", order)
    call("GET", f"{one}/products/{{product_id}}", order, sold[0]["id"])
    to = call("GET", f"{one}/shipping_addresses", order)[0]["id"]
    call("GET", f"{one}/shipping_addresses/{{id}}", order, to)
    call("GET", f"{one}/consignments", order)
    call("GET", "/v2/order_statuses")
    sent = {"order_address_id": to, "items": [{"order_product_id": sold[0]["id"], "quantity": 1}]}
    made = call("POST", shipments, order, json=sent)["id"]
    call("GET", shipments, order)
    call("GET", f"{shipments}/{{shipment_id}}", order, made)
    call("PUT", f"{shipments}/{{shipment_id}}", order, made, json={"tracking_number": "T2"})
    pay = "/v3/orders/{order_id}/payment_actions"
    items = {"items": [{"item_type": "PRODUCT", "item_id": sold[0]["id"], "quantity": 1}]}
    quote = call("POST", f"{pay}/refund_quotes", order, json=items)["data"]["total_refund_amount"]
    payments = [{"provider_id": "custom", "amount": quote, "offline": True}]
    call("POST", f"{pay}/refunds", order, json=items | {"payments": payments})
    call("GET", f"{pay}/refunds", order)
    call("GET", "/v3/orders/payment_actions/refunds")


def test_answers_about_the_store_conform(call: Checked) -> None:
    call("GET", "/v2/store")
    call("GET", "/v2/time")
    call("GET", "/v2/currencies")
    call("GET", "/v3/settings/inventory")
    call("GET", "/v3/channels")
    channel = {"name": "TikTok Shop", "type": "marketplace", "platform": "tiktok", "status": "connected"}
    made = call("POST", "/v3/channels", json=channel)["data"]["id"]
    call("GET", "/v3/channels/{channel_id}", made)
    rows = [
        {
            "product_id": 1,
            "state": "active",
            "variants": [{"product_id": 1, "variant_id": 1, "state": "active"}],
        }
    ]
    listing = call("POST", "/v3/channels/{channel_id}/listings", made, json=rows)["data"][0]["listing_id"]
    call("GET", "/v3/channels/{channel_id}/listings", made)
    call("GET", "/v3/channels/{channel_id}/listings/{listing_id}", made, listing)
    hook = {"scope": "store/order/*", "destination": "https://hub.example.com/hooks", "is_active": True}
    number = call("POST", "/v3/hooks", json=hook)["data"]["id"]
    call("GET", "/v3/hooks")
    call("GET", "/v3/hooks/{webhook_id}", number)
    call("PUT", "/v3/hooks/{webhook_id}", number, json={"is_active": False})
    call("GET", "/v3/hooks/admin")
    call("DELETE", "/v3/hooks/{webhook_id}", number)


def test_the_check_itself_finds_a_wrong_answer(call: Checked) -> None:
    orders = schema_at("orders.v2.oas2.yml", "/orders", "get", "200")
    assert orders is not None
    assert problems("orders.v2.oas2.yml", orders, [{"id": "218"}]) != []
    items = schema_at("inventory.v3.yml", "/inventory/items", "get", "200")
    assert items is not None
    assert problems("inventory.v3.yml", items, {"data": [{"identity": {"sku": 5}}]}) != []
    call("GET", "/v2/time")


def examples() -> dict[str, Any]:
    if not REFERENCE.is_file():
        return {}
    pattern = r"<!-- check: (\S+) \| (\w+ \S+) \| req -->\n```json\n(.*?)\n```"
    found = re.findall(pattern, REFERENCE.read_text(encoding="utf-8"), re.DOTALL)
    return {call: json.loads(body) for _, call, body in found}


def test_the_checked_request_examples_are_accepted(simulator: Simulator, api: httpx.Client) -> None:
    """Ids in the examples are invented, so they are replaced by those of records that exist."""
    given = examples()
    load_merchant(simulator.store, merchant(12, seed=3))
    variants = [one for one in simulator.store.variants.values() if one.choices]
    first, second = variants[0], variants[1]
    channel = api.post("/v3/channels", json=given["post /channels"])
    assert channel.status_code == 200
    batch = given["put /catalog/variants"]
    batch[0]["id"], batch[1]["id"] = first.id, second.id
    assert api.put("/v3/catalog/variants", json=batch).status_code == 200
    adjust = given["put /inventory/adjustments/absolute"]
    adjust["items"][0]["variant_id"] = first.id
    adjust["items"][1] = {"location_id": 1, "variant_id": second.id, "quantity": 7}
    assert api.put("/v3/inventory/adjustments/absolute", json=adjust).status_code == 200
    order = given["post /orders"]
    order["channel_id"] = channel.json()["data"]["id"]
    order["products"][0] |= {"product_id": first.product_id, "variant_id": first.id}
    made = api.post("/v2/orders", json=order)
    assert made.status_code == 201, made.text
    path = f"/v2/orders/{made.json()['id']}"
    sold = api.get(f"{path}/products").json()[0]["id"]
    to = api.get(f"{path}/shipping_addresses").json()[0]["id"]
    shipment = given["post /orders/{order_id}/shipments"] | {"order_address_id": to}
    shipment["items"][0]["order_product_id"] = sold
    assert api.post(f"{path}/shipments", json=shipment).status_code == 201
    quote = given["post /orders/{order_id}/payment_actions/refund_quotes"]
    quote["items"][0]["item_id"], quote["items"][1]["item_id"] = sold, to
    pay = f"/v3/orders/{made.json()['id']}/payment_actions/refund_quotes"
    assert api.post(pay, json=quote).status_code == 201
    assert api.put(path, json=given["put /orders/{order_id}"]).status_code == 200
    assert api.post("/v3/hooks", json=given["post /hooks"]).status_code == 200
    listings = given["post /channels/{channel_id}/listings"]
    assert api.post(f"/v3/channels/{order['channel_id']}/listings", json=listings).status_code == 200
