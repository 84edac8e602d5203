"""Every request that the connector sends is one that the published documents describe."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from openapi_schema_validator import OAS30Validator

from connectors.bigcommerce.simulated import Shop, open_shop
from connectors.bigcommerce.test_sales import line, order
from crossdock.connectors.http import Answer, Http
from crossdock.domain.channel import ChannelId, ChannelSku, StockAdjustment

SPECS = Path(__file__).parents[3].parent / "shared" / "specs" / "bigcommerce"
FILES = {
    "/v2/orders": "orders.v2.oas2.yml",
    "/v2/store": "store_information.v2.yml",
    "/v3/catalog/products": "catalog/products_catalog.v3.yml",
    "/v3/catalog/brands": "catalog/brands_catalog.v3.yml",
    "/v3/catalog/trees": "catalog/category-trees_catalog.v3.yml",
    "/v3/inventory/locations": "locations.v3.yml",
    "/v3/inventory": "inventory.v3.yml",
    "/v3/hooks": "webhooks.v3.yml",
    "/v3/settings": "settings.v3.yml",
}
# An order's text says that the sort takes a direction too, which the list of its values leaves out.
SORT_DIRECTION = re.compile(r":(asc|desc)$")

pytestmark = pytest.mark.skipif(
    not SPECS.is_dir(), reason="the platform's documents are not beside this checkout"
)


class RecordingHttp(Http):
    """Real calls, each kept with its query and body."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[tuple[str, str, dict[str, str], Any, dict[str, str]]] = []

    def send(self, method: str, url: str, **parts: Any) -> Answer:
        place = re.sub(r"^.*/stores/[^/]+", "", url)
        content = parts.get("content")
        body = json.loads(content) if content else None
        self.sent.append((method, place, dict(parts.get("params") or {}), body, dict(parts["headers"])))
        return super().send(method, url, **parts)


@pytest.fixture(scope="module")
def sent() -> Iterator[list[tuple[str, str, dict[str, str], Any, dict[str, str]]]]:
    """All that a hub can ask of a store."""
    with open_shop(30) as shop:
        http = RecordingHttp()
        _do_everything(shop, http)
        yield http.sent


def _do_everything(shop: Shop, http: RecordingHttp) -> None:
    on = {"orders": True, "products": "pull", "inventory": "pull", "locations": True}
    hub = shop.hub(http=http, facts={}, ignore_orders_created_before="2020-01-01", **on)
    hub.check()
    products = list(hub.pull_products(None))
    list(hub.pull_products(products[-1].cursor))
    list(hub.pull_locations(None))
    levels = [level for page in hub.pull_inventory(None) for level in page.records]
    list(
        hub.read_stock(
            [(levels[0].variant_id, levels[0].channel_sku), (ChannelId("product:7"), ChannelSku(""))]
        )
    )
    sale = StockAdjustment(levels[0].variant_id, levels[0].channel_sku, levels[0].location_id, 1)
    hub.report_sales([sale])
    variants = [variant for product in products[0].records for variant in product.variants]
    lines = [{"sku": variant.channel_sku, "quantity": 1} for variant in variants[:55]]
    shop.act("orders", lines=lines, oversell=True)
    list(hub.pull_orders(list(hub.pull_orders(None))[-1].cursor))
    hub.find_order("576461413038785752")
    # The linked line names a product that the store may not have enough of: the first is asked for untracked.
    hub.create_order(order(line("1"), line("2")), {ChannelId("1"): _unlimited(shop)})
    hub.ensure_webhooks("http://127.0.0.1:9/webhooks/my-store")
    next(iter(shop.simulator.store.hooks.values())).is_active = False
    hub.ensure_webhooks("http://127.0.0.1:9/webhooks/my-store")


def _unlimited(shop: Shop) -> tuple[ChannelId, ChannelId]:
    store = shop.simulator.store
    product = next(product for product in store.products.values() if product.tracking == "product")
    sku = product.sku
    shop.act("stock", sku=sku, location_id=1, quantity=1000)
    return ChannelId(str(product.id)), ChannelId(str(product.variants[0]))


def test_the_scenario_sends_every_kind_of_request(sent: list[Any]) -> None:
    kinds = {
        (method, re.sub(r"\d+", "N", place.removeprefix("/v3").removeprefix("/v2")))
        for method, place, *_ in sent
    }

    assert kinds == {
        ("GET", "/store"),
        ("GET", "/settings/inventory"),
        ("GET", "/catalog/products"),
        ("GET", "/catalog/brands"),
        ("GET", "/catalog/trees/categories"),
        ("GET", "/inventory/items"),
        ("GET", "/inventory/locations"),
        ("POST", "/inventory/adjustments/relative"),
        ("GET", "/orders"),
        ("GET", "/orders/N/products"),
        ("POST", "/orders"),
        ("GET", "/hooks"),
        ("POST", "/hooks"),
        ("PUT", "/hooks/N"),
    }


def test_every_path_method_and_parameter_is_documented(sent: list[Any]) -> None:
    for method, place, query, _, _ in sent:
        operation, parameters = operation_of(method, place)
        unknown = query.keys() - parameters.keys()
        assert not unknown, f"{method} {place} has no {unknown}"
        assert operation is not None
        for name, text in query.items():
            assert_value(f"{method} {place}", parameters[name], text)


def test_every_body_is_what_its_schema_asks_for(sent: list[Any]) -> None:
    checked = 0
    for method, place, _, body, headers in sent:
        if body is None:
            continue
        schema, document = body_schema(method, place)
        errors = sorted(OAS30Validator(inlined(schema, document)).iter_errors(body), key=str)
        assert not errors, f"{method} {place}: {errors[0].message}"
        assert headers["Content-Type"] == "application/json"
        checked += 1
    assert checked >= 4


def test_no_order_is_created_with_a_field_that_the_documents_do_not_know(sent: list[Any]) -> None:
    """The platform refuses unknown and read-only fields, while its schema would let them pass."""
    schema, document = body_schema("POST", "/v2/orders")
    known = properties(inlined(schema, document))
    bodies = [body for method, place, _, body, _ in sent if (method, place) == ("POST", "/v2/orders")]
    assert bodies
    for body in bodies:
        assert body.keys() <= known.keys(), body.keys() - known.keys()
        lines = [properties(choice).keys() for choice in known["products"]["items"]["anyOf"]]
        for product in body["products"]:
            assert any(product.keys() <= names for names in lines), product
        assert body["billing_address"].keys() <= properties(known["billing_address"]).keys()
        for address in body["shipping_addresses"]:
            assert address.keys() <= properties(known["shipping_addresses"]["items"]).keys()


def test_the_fields_asked_for_are_fields_of_the_record(sent: list[Any]) -> None:
    asked = {
        (place, field)
        for _, place, query, _, _ in sent
        for field in query.get("include_fields", "").split(",")
        if field
    }
    assert asked
    for place, field in asked:
        document = load(file_of(place))
        answer = path_item(place)[0]["get"]["responses"]["200"]
        content = inlined(answer, document)["content"]["application/json"]["schema"]
        assert field in properties(properties(content)["data"]["items"]), (place, field)


# The documents


def file_of(place: str) -> str:
    return next(name for prefix, name in FILES.items() if place.startswith(prefix))


@cache
def load(name: str) -> dict[str, Any]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load((SPECS / name).read_text(encoding="utf-8"), loader)


def path_item(place: str) -> tuple[dict[str, Any], dict[str, Any]]:
    document = load(file_of(place))
    path = re.sub(r"^/v[23]", "", place)
    for template, item in document["paths"].items():
        if re.fullmatch(re.sub(r"\\\{[^/]+?\\\}", r"[^/]+", re.escape(template)), path):
            return item, document
    raise AssertionError(f"{place} is in no document")


def operation_of(method: str, place: str) -> tuple[Mapping[str, Any], dict[str, Any]]:
    item, document = path_item(place)
    assert method.lower() in item, f"{method} {place} is not documented"
    operation = item[method.lower()]
    listed = [
        resolved(one, document) for one in [*item.get("parameters", []), *operation.get("parameters", [])]
    ]
    queries = {
        one["name"]: inlined(one.get("schema", {}), document) for one in listed if one["in"] == "query"
    }
    return operation, queries


def assert_value(place: str, schema: Mapping[str, Any], text: str) -> None:
    """Lists are written with commas, numbers as their digits."""
    kind = schema.get("type")
    if kind == "array":
        for part in text.split(","):
            assert_value(place, schema.get("items", {}), part)
    elif kind in ("integer", "number"):
        assert re.fullmatch(r"-?\d+(,\d+)*", text), f"{place}: {text} is no {kind}"
    elif "enum" in schema:
        assert SORT_DIRECTION.sub("", text) in schema["enum"], f"{place}: {text}"


def body_schema(method: str, place: str) -> tuple[Any, dict[str, Any]]:
    item, document = path_item(place)
    body = resolved(item[method.lower()]["requestBody"], document)
    return body["content"]["application/json"]["schema"], document


def resolved(node: Any, document: dict[str, Any]) -> Any:
    while isinstance(node, dict) and "$ref" in node:
        target: Any = document
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part.replace("~1", "/").replace("~0", "~")]
        node = target
    return node


def inlined(node: Any, document: dict[str, Any]) -> Any:
    node = resolved(node, document)
    if isinstance(node, dict):
        return {name: inlined(value, document) for name, value in node.items() if not name.startswith("x-")}
    return [inlined(value, document) for value in node] if isinstance(node, list) else node


def properties(schema: Any) -> dict[str, Any]:
    """The properties of an object, gathered from all the parts it is made of."""
    found = dict(schema.get("properties", {}))
    for part in schema.get("allOf", []):
        found |= properties(part)
    return found
