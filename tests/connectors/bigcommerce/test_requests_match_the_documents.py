"""Every request that the connector sends is one that the published documents describe."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from connectors.bigcommerce import documents
from connectors.bigcommerce.order_bench import line, order
from connectors.bigcommerce.shipping_bench import Yard, wanted
from connectors.bigcommerce.simulated import Shop, open_shop
from connectors.samples import Request
from crossdock.connectors.http import Answer, Http
from crossdock.domain.channel import ChannelId, ChannelSku, StockAdjustment
from crossdock.domain.sync import Change, Confirmed

pytestmark = pytest.mark.skipif(not documents.IS_THERE, reason=documents.ABSENT)


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
    _ship(shop, http)
    # The linked line names a product that the store may not have enough of: the first is asked for untracked.
    hub.create_order(order(line("1"), line("2")), {ChannelId("1"): _unlimited(shop)})
    hub.ensure_webhooks("http://127.0.0.1:9/webhooks/my-store")
    next(iter(shop.simulator.store.hooks.values())).is_active = False
    hub.ensure_webhooks("http://127.0.0.1:9/webhooks/my-store")


def _ship(shop: Shop, http: RecordingHttp) -> None:
    yard = Yard(shop)
    hub, placed = shop.hub(http=http), yard.place(2)
    shop.simulator.store.switches.shipments_change_status = False
    want = wanted(placed, {0: 1})
    (made,) = hub.push_fulfillments([Change("ful_1", want)])
    assert isinstance(made, Confirmed)
    list(hub.push_fulfillments([Change("ful_1", replace(want, carrier="Courier"), made.channel_id)]))
    list(hub.pull_fulfillments(None))
    list(hub.push_fulfillments([Change("ful_1", replace(want, is_voided=True), made.channel_id)]))
    list(hub.tell_sent([Change("ord_1", ChannelId(str(yard.place(1).id)), ChannelId(""))]))


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
        ("GET", "/orders/N"),
        ("PUT", "/orders/N"),
        ("GET", "/orders/N/shipments"),
        ("POST", "/orders/N/shipments"),
        ("PUT", "/orders/N/shipments/N"),
        ("DELETE", "/orders/N/shipments/N"),
        ("GET", "/hooks"),
        ("POST", "/hooks"),
        ("PUT", "/hooks/N"),
    }


def test_every_request_is_as_documented(sent: list[Any]) -> None:
    requests = [
        Request(method, place, query, lowered(headers), body) for method, place, query, body, headers in sent
    ]

    assert {
        f"{request}: {found}" for request in requests for found in documents.problems_of(request)
    } == set()
    assert sum(request.body is not None for request in requests) >= 4


def lowered(headers: dict[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def test_no_order_is_created_with_a_field_that_the_documents_do_not_know(sent: list[Any]) -> None:
    """The platform refuses unknown and read-only fields, while its schema would let them pass."""
    known = documents.properties(documents.body_schema("POST", "/v2/orders"))
    bodies = [body for method, place, _, body, _ in sent if (method, place) == ("POST", "/v2/orders")]
    assert bodies
    for body in bodies:
        assert body.keys() <= known.keys(), body.keys() - known.keys()
        lines = [documents.properties(choice).keys() for choice in known["products"]["items"]["anyOf"]]
        for product in body["products"]:
            assert any(product.keys() <= names for names in lines), product
        assert body["billing_address"].keys() <= documents.properties(known["billing_address"]).keys()
        for address in body["shipping_addresses"]:
            assert address.keys() <= documents.properties(known["shipping_addresses"]["items"]).keys()


def test_the_fields_asked_for_are_fields_of_the_record(sent: list[Any]) -> None:
    asked = {
        (place, field)
        for _, place, query, _, _ in sent
        for field in query.get("include_fields", "").split(",")
        if field
    }
    assert asked
    for place, field in asked:
        records = documents.properties(documents.answer_schema("GET", place, "200"))["data"]["items"]
        assert field in documents.properties(records), (place, field)
