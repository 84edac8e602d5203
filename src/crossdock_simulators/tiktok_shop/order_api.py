"""Calls about orders and about the ids other systems give them."""

from __future__ import annotations

from collections.abc import Callable

from crossdock_simulators.tiktok_shop import order_view
from crossdock_simulators.tiktok_shop.calls import (
    Body,
    Bounds,
    Call,
    Data,
    in_window,
    one_of,
    page_of,
    sorting,
)
from crossdock_simulators.tiktok_shop.endpoint import Endpoint
from crossdock_simulators.tiktok_shop.errors import ApiError
from crossdock_simulators.tiktok_shop.records import ExternalOrder, Order
from crossdock_simulators.tiktok_shop.shop import Shop

SCOPE = "seller.order.info"
PAGES = Bounds(100, default=20)
IDS_A_CALL = 50
STATUSES = (
    "UNPAID",
    "ON_HOLD",
    "AWAITING_SHIPMENT",
    "PARTIALLY_SHIPPING",
    "AWAITING_COLLECTION",
    "IN_TRANSIT",
    "DELIVERED",
    "COMPLETED",
    "CANCELLED",
)
SHIPPING_TYPES = ("TIKTOK", "SELLER", "TIKTOK_DIGITAL")
PLATFORMS = (
    "SHOPIFY",
    "WOOCOMMERCE",
    "BIGCOMMERCE",
    "MAGENTO",
    "SALESFORCE_COMMERCE_CLOUD",
    "CHANNEL_ADVISOR",
    "AMAZON",
    "ORDER_MANAGEMENT_SYSTEM",
    "WAREHOUSE_MANAGEMENT_SYSTEM",
    "ERP_SYSTEM",
)
# Only newer versions of the detail know these fields.
SINCE_202507 = ("buyer_nickname", "is_subscription_order", "order_type")
LINE_FIELDS_SINCE_202507 = ("gift_retail_price",)


def search(shop: Shop, call: Call) -> Data:
    wanted = _matcher(call.body)
    key, is_descending = sorting(call, {"create_time": _created, "update_time": _updated})
    matching = [order for order in shop.tables.orders.values() if wanted(order)]
    matching.sort(key=key, reverse=is_descending)
    page = page_of(call, matching, PAGES)
    return {"orders": [order_view.shown(shop, order) for order in page.records]} | page.rest()


def by_ids(shop: Shop, call: Call) -> Data:
    orders = [shop.order(order_id) for order_id in call.listed("ids", limit=IDS_A_CALL)]
    return {"orders": [order_view.shown(shop, order) for order in orders]}


def by_ids_202309(shop: Shop, call: Call) -> Data:
    answer = by_ids(shop, call)
    for order in answer["orders"]:
        for name in SINCE_202507:
            order.pop(name, None)
        for line in order["line_items"]:
            for name in LINE_FIELDS_SINCE_202507:
                line.pop(name, None)
        for district in order.get("recipient_address", {}).get("district_info", []):
            district.pop("iso_code", None)
    return answer


def price_detail(shop: Shop, _: Call, order_id: str) -> Data:
    return order_view.price_detail(shop, shop.order(order_id))


def add_external_orders(shop: Shop, call: Call) -> Data:
    """An upsert for each order and platform; the codes inside are strings, unlike elsewhere."""
    given = call.body.required_objects("orders")
    if len(given) > 100:
        raise ApiError(36009004, "at most 100 orders")
    errors = []
    for body in given:
        order_id, external = body.required_text("id"), _external_order(body)
        problem = _reference_problem(shop, order_id, external)
        if problem is None:
            shop.tables.external_orders[order_id, external.platform] = external
            continue
        detail = {"order_id": order_id, "external_order": {"id": external.id, "platform": external.platform}}
        errors.append({"code": str(problem.code), "message": problem.message, "detail": detail})
    return {"errors": errors}


def external_orders(shop: Shop, call: Call, order_id: str) -> Data:
    shop.order(order_id)
    found = shop.tables.external_orders.get((order_id, _platform(call)))
    return {"external_orders": [_shown(found)] if found else []}


def find_external_order(shop: Shop, call: Call) -> Data:
    platform, external_id = _platform(call), call.required("external_order_id")
    found = [
        {"id": order_id, "external_order": _shown(external)}
        for (order_id, where), external in shop.tables.external_orders.items()
        if where == platform and external.id == external_id
    ]
    return {"orders": found} if found else {}


def _created(order: Order) -> object:
    return order.created


def _updated(order: Order) -> object:
    return order.updated


def _matcher(body: Body) -> Callable[[Order], bool]:
    exact = {
        "status": one_of(body, "order_status", STATUSES),
        "shipping_type": one_of(body, "shipping_type", SHIPPING_TYPES),
        "buyer_id": body.text("buyer_user_id"),
    }
    asks_cancel, warehouses = body.boolean("is_buyer_request_cancel"), set(body.texts("warehouse_ids"))
    if len(warehouses) > 100:
        raise ApiError(36009004, "at most 100 warehouse_ids")
    created, updated = in_window(body, "create_time"), in_window(body, "update_time")

    def wanted(order: Order) -> bool:
        if exact["status"] not in (None, order.status):
            return False
        if exact["shipping_type"] not in (None, order.terms.shipping_type):
            return False
        if exact["buyer_id"] not in (None, order.terms.buyer_id):
            return False
        if asks_cancel not in (None, order.is_buyer_request_cancel):
            return False
        if warehouses and order.terms.warehouse_id not in warehouses:
            return False
        return created(order.created) and updated(order.updated)

    return wanted


def _external_order(body: Body) -> ExternalOrder:
    given = body.required_object("external_order")
    lines = given.required_objects("line_items")
    if len(lines) > 100:
        raise ApiError(36009004, "at most 100 line_items")
    pairs = tuple((line.required_text("id"), line.required_text("origin_id")) for line in lines)
    return ExternalOrder(given.required_text("id"), given.required_text("platform"), pairs)


def _reference_problem(shop: Shop, order_id: str, external: ExternalOrder) -> ApiError | None:
    order = shop.tables.orders.get(order_id)
    if order is None:
        return ApiError(21008111, order_id)
    if external.platform not in PLATFORMS:
        return ApiError(36009004, f"platform {external.platform!r}")
    unknown = [origin for _, origin in external.lines if order.line(origin) is None]
    return ApiError(36009004, f"origin_id {unknown[0]}") if unknown else None


def _platform(call: Call) -> str:
    platform = call.required("platform")
    if platform not in PLATFORMS:
        raise ApiError(36009004, f"platform {platform!r}")
    return platform


def _shown(external: ExternalOrder) -> Data:
    lines = [{"id": line_id, "origin_id": origin} for line_id, origin in external.lines]
    return {"id": external.id, "platform": external.platform, "line_items": lines}


_EXTERNAL = "/order/202406/orders"
ENDPOINTS = (
    Endpoint("POST", "/order/202309/orders/search", search, SCOPE),
    Endpoint("GET", "/order/202507/orders", by_ids, SCOPE),
    Endpoint("GET", "/order/202309/orders", by_ids_202309, SCOPE),
    Endpoint("GET", "/order/202407/orders/{order_id}/price_detail", price_detail, SCOPE),
    Endpoint("POST", f"{_EXTERNAL}/external_orders", add_external_orders, SCOPE, is_write=True),
    Endpoint("GET", f"{_EXTERNAL}/{{order_id}}/external_orders", external_orders, SCOPE),
    Endpoint("POST", f"{_EXTERNAL}/external_order_search", find_external_order, SCOPE),
)
