"""A sample of every call that the client can make. A new method of the client needs one line in `SAMPLES`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from connectors.bigcommerce.order_bench import LINKED, STORE, order
from connectors.bigcommerce.scripted import API_PATH
from connectors.samples import RecordingHttp, Request, Sample, recorded
from crossdock.connectors.bigcommerce.api_path import ApiPath
from crossdock.connectors.bigcommerce.client import Client
from crossdock.connectors.bigcommerce.mapping.created_order import from_order

SINCE = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
HOOK = {
    "scope": "store/order/*",
    "destination": "https://hub.example.com/webhooks/my-store",
    "is_active": True,
    "headers": {"X-Hub-Key": "a-key"},
}
PICTURE = "https://cdn.example.com/tee.jpg"
NEW_VARIANT = {
    "sku": "TEE-RED-L",
    "option_values": [{"id": 101, "option_id": 201}, {"id": 104, "option_id": 202}],
}
NEW_PRODUCT = {
    "name": "Trail Tee",
    "type": "physical",
    "weight": 6,
    "price": 19.5,
    "sku": "TEE",
    "categories": [23],
    "inventory_tracking": "variant",
    "is_visible": True,
    "images": [{"image_url": PICTURE, "is_thumbnail": True}],
    "variants": [
        {
            "sku": "TEE-RED-S",
            "option_values": [
                {"option_display_name": "Color", "label": "Red"},
                {"option_display_name": "Size", "label": "S"},
            ],
        }
    ],
}
CONNECTION, WEBHOOKS = "Connection", "Webhooks"
PRODUCTS, PUBLISH = "Pull products", "Push products"
REFUNDS = "Pull returns"
ORDERS, CREATED, CANCEL = "Pull orders", "Push sales: orders", "Push cancellations"
REFUNDS = "Pull returns"
STOCK, SALES, LOCATIONS = "Pull inventory", "Push sales: adjustments", "Pull locations"
NUMBERS = "Push inventory"
SHIPPED, SHIP = "Pull fulfillments", "Push fulfillments"
TRACKING = {
    "tracking_number": "9400111899223100012345",
    "shipping_provider": "usps",
    "tracking_carrier": "",
    "tracking_link": "",
    "shipping_method": "Priority",
}
SHIPMENT = {"order_address_id": 131, **TRACKING, "items": [{"order_product_id": 194, "quantity": 2}]}


def probing(place: str) -> Callable[[Client], None]:
    return lambda c: c.probe(place)


SAMPLES = (
    Sample("store", CONNECTION, lambda c: c.store()),
    Sample("inventory_settings", CONNECTION, lambda c: c.inventory_settings()),
    *(
        Sample("probe", CONNECTION, probing(place))
        for place in ("/v3/catalog/products", "/v2/orders", "/v3/inventory/items", "/v3/inventory/locations")
    ),
    Sample("products_after", PRODUCTS, lambda c: c.products_after(173)),
    Sample("products_after", PRODUCTS, lambda c: c.products_after(173, skus_only=True)),
    Sample("products_modified", PRODUCTS, lambda c: c.products_modified(SINCE, 2)),
    Sample("products_to_compare", "Pull drift", lambda c: c.products_to_compare(173)),
    Sample("tracked_products", STOCK, lambda c: c.tracked_products([174, 111])),
    Sample("brands", PRODUCTS, lambda c: c.brands([36])),
    Sample("categories", PRODUCTS, lambda c: c.categories([23, 24])),
    Sample("products_with", PUBLISH, lambda c: c.products_with([174])),
    Sample("products_with_skus", PUBLISH, lambda c: c.products_with_skus(["TEE", "MUG"])),
    Sample("products_with_skus", PUBLISH, lambda c: c.products_with_skus(["TEE, red"])),
    Sample("variants_with_sku", PUBLISH, lambda c: c.variants_with_sku("TEE-RED-S")),
    Sample("items_with_skus", PUBLISH, lambda c: c.items_with_skus(["TEE-RED-S", "TEE-RED-M"])),
    Sample("categories_named", PUBLISH, lambda c: c.categories_named("Shirts")),
    Sample("create_product", PUBLISH, lambda c: c.create_product(NEW_PRODUCT), limit="600 variants"),
    Sample(
        "update_products",
        PUBLISH,
        lambda c: c.update_products([{"id": 174, "name": "Trail Tee", "is_visible": False}]),
        limit="10 products a call",
    ),
    Sample(
        "update_variants",
        PUBLISH,
        lambda c: c.update_variants([{"id": 345, "price": 18.0}, {"id": 346, "upc": "036000291452"}]),
        limit="50 variants a call",
    ),
    Sample("update_variant", PUBLISH, lambda c: c.update_variant(174, 345, {"price": None})),
    Sample("create_variant", PUBLISH, lambda c: c.create_variant(174, NEW_VARIANT)),
    Sample("delete_variant", PUBLISH, lambda c: c.delete_variant(174, 345)),
    Sample("product_options", PUBLISH, lambda c: c.product_options(174)),
    Sample(
        "create_option_value",
        PUBLISH,
        lambda c: c.create_option_value(174, 202, {"label": "L", "sort_order": 3}),
    ),
    Sample(
        "create_image", PUBLISH, lambda c: c.create_image(174, {"image_url": PICTURE, "is_thumbnail": True})
    ),
    Sample("delete_image", PUBLISH, lambda c: c.delete_image(174, 485)),
    Sample("set_variant_image", PUBLISH, lambda c: c.set_variant_image(174, 345, PICTURE)),
    Sample("items", STOCK, lambda c: c.items(1)),
    Sample("items_of_variants", STOCK, lambda c: c.items_of_variants([345, 346])),
    Sample("items_of_products", STOCK, lambda c: c.items_of_products([174])),
    Sample("locations", LOCATIONS, lambda c: c.locations(1)),
    Sample(
        "adjust_absolute",
        NUMBERS,
        lambda c: c.adjust_absolute("stock", [{"location_id": 1, "variant_id": 345, "quantity": 12}]),
        limit="2,000 rows a call",
    ),
    Sample(
        "adjust_relative",
        SALES,
        lambda c: c.adjust_relative("sales", [{"location_id": 1, "variant_id": 345, "quantity": -2}]),
        limit="2,000 rows a call",
    ),
    Sample("orders", ORDERS, lambda c: c.orders(SINCE, SINCE, 1)),
    Sample("order_lines", ORDERS, lambda c: c.order_lines(218, 1)),
    Sample("orders_referring_to", CREATED, lambda c: c.orders_referring_to("576461413038785752")),
    Sample("create_order", CREATED, lambda c: c.create_order(from_order(order(), LINKED, STORE))),
    Sample("shipping_addresses", CREATED, lambda c: c.shipping_addresses("218")),
    Sample(
        "update_shipping_address",
        CREATED,
        lambda c: c.update_shipping_address("218", 9, {"city": "Austin", "state": "Texas"}),
    ),
    Sample("update_order", CANCEL, lambda c: c.update_order("218", {"status_id": 5})),
    Sample("shipping_addresses", CREATED, lambda c: c.shipping_addresses("218")),
    Sample(
        "update_shipping_address",
        CREATED,
        lambda c: c.update_shipping_address(
            "218", 131, {"first_name": "Jane", "city": "Austin", "zip": "78751"}
        ),
    ),
    Sample("order_standing", CANCEL, lambda c: c.order_standing("218")),
    Sample("refunds", REFUNDS, lambda c: c.refunds(SINCE, 1)),
    Sample("order_standing", CANCEL, lambda c: c.order_standing("218")),
    Sample("refunds", REFUNDS, lambda c: c.refunds(SINCE, 2)),
    Sample("orders", SHIPPED, lambda c: c.orders(SINCE, SINCE, 1)),
    Sample("order_lines", SHIPPED, lambda c: c.order_lines(218, 1)),
    Sample("shipments", SHIPPED, lambda c: c.shipments(218, 1)),
    Sample("order_standing", SHIP, lambda c: c.order_standing("218")),
    Sample("order_lines", SHIP, lambda c: c.order_lines("218", 2)),
    Sample("shipments", SHIP, lambda c: c.shipments("218", 2)),
    Sample("create_shipment", SHIP, lambda c: c.create_shipment("218", SHIPMENT), limit="one address a call"),
    Sample("update_shipment", SHIP, lambda c: c.update_shipment("218", 11, TRACKING)),
    Sample("delete_shipment", SHIP, lambda c: c.delete_shipment("218", 11)),
    Sample("update_order", SHIP, lambda c: c.update_order("218", {"status_id": 3})),
    Sample("hooks", WEBHOOKS, lambda c: c.hooks()),
    Sample("create_hook", WEBHOOKS, lambda c: c.create_hook(HOOK)),
    Sample("update_hook", WEBHOOKS, lambda c: c.update_hook(18048287, HOOK)),
)


def request_of(sample: Sample) -> Request:
    """The request that a sample makes, by its path below the store."""
    client = Client(RecordingHttp(), ApiPath.parse(API_PATH), "the-token")
    made = recorded(sample, client)
    return replace(made, path=made.path.removeprefix("/stores/abc123"))
