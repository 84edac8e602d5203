"""Calls about packages: marking as shipped, correcting tracking, reading."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from crossdock_simulators.tiktok_shop import cancellations, logistics, orders, packing
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
from crossdock_simulators.tiktok_shop.packages_view import found_package, package_detail
from crossdock_simulators.tiktok_shop.records import Order, Package
from crossdock_simulators.tiktok_shop.shop import Shop

SCOPE = "seller.fulfillment.basic"
PAGES = Bounds(50)
STATUSES = ("TO_FULFILL", "PROCESSING", "FULFILLING", "COMPLETED", "CANCELLED")
CORRECTION_WINDOW = timedelta(hours=72)
CORRECTIONS = 3
SAME_TRACKING_ORDERS = 20
SPLIT_LIMIT = 50


def mark_shipped_202309(shop: Shop, call: Call, order_id: str) -> Data:
    return _mark_shipped(shop, order_id, call.body.texts("order_line_item_ids"), call.body)


def mark_shipped(shop: Shop, call: Call, order_id: str) -> Data:
    """No item is a bundle here, so none has a part to name."""
    given = call.body.objects("order_line_list")
    if parts := [part for each in given if (part := each.text("sub_item_id"))]:
        raise ApiError(98001004, f"sub_item_id {parts[0]} is not of a bundle")
    line_ids = [each.required_text("order_line_id") for each in given]
    return _mark_shipped(shop, order_id, line_ids, _only_shipping_info(call.body))


def ship_package(shop: Shop, call: Call, package_id: str) -> Data:
    _ship_waiting(shop, package_id, call.body)
    return {}


def ship_packages(shop: Shop, call: Call) -> Data:
    errors = []
    for given in call.body.required_objects("packages"):
        package_id = given.required_text("id")
        try:
            _ship_waiting(shop, package_id, given)
        except ApiError as error:
            detail = {"package_id": package_id}
            errors.append({"code": error.code, "message": error.message, "detail": detail})
    return {"errors": errors}


def correct_order(shop: Shop, call: Call, order_id: str) -> Data:
    """Only for an order in one package; a split one is corrected package by package."""
    order = shop.order(order_id)
    ids = {line.package_id for line in order.lines} - {""}
    if not ids:
        raise ApiError(21011043)
    if len(ids) > 1:
        raise ApiError(21011052, "the order has several packages")
    _correct(shop, shop.tables.packages[ids.pop()], call.body)
    return {}


def correct_package_202309(shop: Shop, call: Call, package_id: str) -> Data:
    _correct(shop, package_of(shop, package_id), call.body)
    return {}


def correct_package(shop: Shop, call: Call, package_id: str) -> Data:
    _correct(shop, package_of(shop, package_id), _only_shipping_info(call.body))
    return {}


def search(shop: Shop, call: Call) -> Data:
    status = one_of(call.body, "package_status", STATUSES)
    created, updated = in_window(call.body, "create_time"), in_window(call.body, "update_time")

    def paid(package: Package) -> datetime:
        order = shop.tables.orders[package.order_ids[0]]
        return order.times.get("paid_time", order.created)

    key, is_descending = sorting(
        call, {"create_time": lambda p: p.created, "order_pay_time": paid, "update_time": lambda p: p.updated}
    )
    matching = [
        package
        for package in shop.tables.packages.values()
        if status in (None, package.status) and created(package.created) and updated(package.updated)
    ]
    matching.sort(key=key, reverse=is_descending)
    page = page_of(call, matching, PAGES)
    return {"packages": [found_package(shop, package) for package in page.records]} | page.rest()


def detail(shop: Shop, _: Call, package_id: str) -> Data:
    return package_detail(shop, package_of(shop, package_id))


def split_attributes(shop: Shop, call: Call) -> Data:
    asked = [shop.order(order_id) for order_id in call.listed("order_ids", limit=SPLIT_LIMIT)]
    return {"split_attributes": [_split_attribute(order) for order in asked]}


def _mark_shipped(shop: Shop, order_id: str, line_ids: Sequence[str], shipping: Body) -> Data:
    order = shop.order(order_id)
    tracking, provider = (
        shipping.required_text("tracking_number"),
        shipping.required_text("shipping_provider_id"),
    )
    if not shop.region.marks_packages:
        raise ApiError(21011003, "in this market the package is there already, and is shipped by its id")
    _check_shippable(order)
    chosen = chosen_lines(order, line_ids)
    logistics.check_tracking(shop, provider, tracking)
    _check_unused(shop, order, tracking)
    settle_request(shop, order)
    order = shop.order(order_id)
    package = packing.new_package(shop, [order.id], chosen)
    orders.ship(shop, package, tracking_number=tracking, provider_id=provider)
    return {"order_id": order.id, "order_line_item_ids": chosen, "package_id": package.id}


def _check_shippable(order: Order) -> None:
    if order.terms.fulfillment_type == orders.FBT or order.terms.shipping_type != "SELLER":
        raise ApiError(21011004)
    check_state(order)


def check_state(order: Order) -> None:
    """Whether anything of the order can leave now."""
    if order.status in ("UNPAID", "ON_HOLD"):
        raise ApiError(21011003, order.status)
    if order.status == "CANCELLED":
        raise ApiError(21011041)
    if order.status in ("DELIVERED", "COMPLETED"):
        raise ApiError(21011027)
    if not order.open_lines:
        raise ApiError(21011006)


def chosen_lines(order: Order, line_ids: Sequence[str]) -> list[str]:
    """The lines named, or all that are open; each must be open and of this order."""
    if len(set(line_ids)) < len(line_ids):
        raise ApiError(98001004, "an order line is named twice")
    for line_id in line_ids:
        line = order.line(line_id)
        if line is None:
            raise ApiError(98001004, f"order line {line_id} is not of order {order.id}")
        if line.status == "CANCELLED":
            raise ApiError(21011041, line_id)
        if line.package_id:
            raise ApiError(21011040, line_id)
    return list(line_ids) or [line.id for line in order.open_lines]


def _check_unused(shop: Shop, order: Order, tracking_number: str) -> None:
    """One number may serve several orders of one recipient, up to a limit."""
    with_it = (p for p in shop.tables.packages.values() if p.tracking_number == tracking_number)
    sharing = {order_id for package in with_it for order_id in package.order_ids} - {order.id}
    strangers = [o for o in sharing if shop.tables.orders[o].terms.recipient != order.terms.recipient]
    if strangers or len(sharing) >= SAME_TRACKING_ORDERS:
        raise ApiError(21011025, tracking_number)


def settle_request(shop: Shop, order: Order) -> None:
    """In the US shipping rejects a buyer's pending request; elsewhere the request comes first."""
    pending = cancellations.pending_of(shop, order.id)
    if pending is None:
        return
    if not shop.region.ships_during_cancellation:
        raise ApiError(21008044)
    cancellations.reject(shop, pending)


def _ship_waiting(shop: Shop, package_id: str, body: Body) -> None:
    package = package_of(shop, package_id)
    if package.status == "CANCELLED":
        raise ApiError(21011041)
    if package.status != "TO_FULFILL":
        raise ApiError(21011006)
    held = [shop.order(order_id) for order_id in package.order_ids]
    for order in held:
        if order.status not in ("AWAITING_SHIPMENT", "PARTIALLY_SHIPPING"):
            raise ApiError(21011003, order.status)
    own = body.object("self_shipment")
    if own is not None:
        if any(order.terms.shipping_type != "SELLER" for order in held):
            raise ApiError(21011004)
        tracking, provider = own.required_text("tracking_number"), own.required_text("shipping_provider_id")
        logistics.check_tracking(shop, provider, tracking)
    else:
        one_of(body, "handover_method", ("PICKUP", "DROP_OFF"))
        tracking, provider = f"TT{package.id}", logistics.PROVIDERS[0].id
    for order in held:
        settle_request(shop, order)
    orders.ship(shop, package, tracking_number=tracking, provider_id=provider)


def _correct(shop: Shop, package: Package, body: Body) -> None:
    tracking, provider = body.required_text("tracking_number"), body.required_text("shipping_provider_id")
    order = shop.order(package.order_ids[0])
    if order.terms.shipping_type != "SELLER" or order.terms.fulfillment_type == orders.FBT:
        raise ApiError(21011004)
    if package.shipped is None:
        raise ApiError(21011043)
    if package.status in ("COMPLETED", "CANCELLED"):
        raise ApiError(21011052, package.status)
    if shop.now() > package.shipped + CORRECTION_WINDOW:
        raise ApiError(21011051)
    if package.corrections >= CORRECTIONS:
        raise ApiError(21011050)
    logistics.check_tracking(shop, provider, tracking)
    _check_unused(shop, order, tracking)
    shop.tables.packages[package.id] = replace(
        package,
        tracking_number=tracking,
        provider_id=provider,
        corrections=package.corrections + 1,
        updated=shop.now(),
    )


def _only_shipping_info(body: Body) -> Body:
    """More than one entry is for sellers on a white list, and this one is not on it."""
    entries = body.required_objects("shipping_info_list")
    if len(entries) > 1:
        raise ApiError(98001004, "shipping_info_list takes one entry")
    return entries[0]


def package_of(shop: Shop, package_id: str) -> Package:
    if (package := shop.tables.packages.get(package_id)) is None:
        raise ApiError(21011001, package_id)
    return package


def _split_attribute(order: Order) -> Data:
    fits = order.status == "AWAITING_SHIPMENT" and len(order.open_lines) > 1
    content: Data = {"order_id": order.id, "can_split": fits, "must_split": False, "must_split_reasons": []}
    return content if fits else content | {"reason": "The order has one item or is not waiting for shipment"}


def _write(version: str, path: str, handler: Callable[..., Data]) -> Endpoint:
    return Endpoint("POST", f"/fulfillment/{version}{path}", handler, SCOPE, is_write=True)


ENDPOINTS = (
    _write("202309", "/orders/{order_id}/packages", mark_shipped_202309),
    _write("202610", "/orders/{order_id}/packages", mark_shipped),
    _write("202309", "/packages/ship", ship_packages),
    _write("202309", "/packages/{package_id}/ship", ship_package),
    _write("202309", "/orders/{order_id}/shipping_info/update", correct_order),
    _write("202309", "/packages/{package_id}/shipping_info/update", correct_package_202309),
    _write("202610", "/packages/{package_id}/shipping_info/update", correct_package),
    Endpoint("POST", "/fulfillment/202309/packages/search", search, SCOPE),
    Endpoint("GET", "/fulfillment/202309/packages/{package_id}", detail, SCOPE),
    Endpoint("GET", "/fulfillment/202309/orders/split_attributes", split_attributes, SCOPE),
)
