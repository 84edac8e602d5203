"""Calls about TikTok's own labels: rates, buying one, hand-over slots, and where the document is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from crossdock_simulators.tiktok_shop import logistics, orders, packages, packing
from crossdock_simulators.tiktok_shop.calls import Body, Call, Data
from crossdock_simulators.tiktok_shop.endpoint import Endpoint
from crossdock_simulators.tiktok_shop.errors import ApiError
from crossdock_simulators.tiktok_shop.records import Order, Package
from crossdock_simulators.tiktok_shop.shop import Shop, seconds

CARRIER: Final = "7117858858072016687"
WHOLE, PART = "1", "2"
DOCUMENTS: Final = (
    "SHIPPING_LABEL",
    "PACKING_SLIP",
    "SHIPPING_LABEL_AND_PACKING_SLIP",
    "SHIPPING_LABEL_PICTURE",
    "HAZMAT_LABEL",
)
_PRICED: Final[tuple[tuple[str, str, str], ...]] = (
    ("7208502187360519981", "USPS Priority", "9.20"),
    ("7208502187360519982", "USPS Ground Advantage", "5.17"),
)
_BY_DEFAULT: Final[str] = _PRICED[1][0]


def services(shop: Shop, call: Call, order_id: str) -> Data:
    order = _labeled(shop, order_id)
    listed = [each.required_text("order_line_id") for each in call.body.objects("order_line_list")]
    lines = packages.chosen_lines(order, listed or call.body.texts("order_line_item_ids"))
    weight, dimension = _measures(shop, call.body)
    return {
        "order_id": order.id,
        "order_line_id": lines,
        "weight": weight,
        "dimension": dimension,
        "shipping_services": [
            _service(shop, each) | {"is_default": each[0] == _BY_DEFAULT} for each in _PRICED
        ],
    }


def buy(shop: Shop, call: Call) -> Data:
    """One label for the whole order or a part of it; several orders in one package are not simulated."""
    kind = call.body.required_text("ship_type")
    if kind not in (WHOLE, PART):
        raise ApiError(98001004, f"ship_type {kind!r}")
    parts = call.body.required_objects("order_line_item") if kind == PART else []
    lines = [each.required_text("order_line_id") for each in parts]
    return _buy(shop, call.body, lines)


def buy_202309(shop: Shop, call: Call) -> Data:
    return _buy(shop, call.body, call.body.texts("order_line_item_ids"))


def slots(shop: Shop, _: Call, package_id: str) -> Data:
    package = packages.package_of(shop, package_id)
    if package.status != "TO_FULFILL":
        raise ApiError(21011006)
    first = shop.now().replace(minute=0, second=0, microsecond=0) + timedelta(hours=20)
    days = (first, first + timedelta(days=1))
    return {
        "can_pickup": shop.switches.offers_pickup,
        "can_drop_off": shop.switches.offers_drop_off,
        "can_van_collection": False,
        "pickup_slots": [
            {
                "start_time": seconds(day),
                "end_time": seconds(day + timedelta(hours=4)),
                "avaliable": place > 0,
            }
            for place, day in enumerate(days)
        ],
    }


def document(shop: Shop, call: Call, package_id: str) -> Data:
    package, kind = packages.package_of(shop, package_id), call.required("document_type")
    if kind not in DOCUMENTS:
        raise ApiError(36009004, f"document_type {kind!r}")
    if shop.tables.orders[package.order_ids[0]].terms.shipping_type != "TIKTOK":
        raise ApiError(21011004)
    if package.shipped is None:
        raise ApiError(21011043)
    address = f"https://labels.example/{package.id}/{kind.lower()}.pdf?expires={seconds(shop.now()) + 86_400}"
    return {"doc_url": address, "tracking_number": package.tracking_number}


def _buy(shop: Shop, body: Body, line_ids: Sequence[str]) -> Data:
    order = _labeled(shop, body.required_text("order_id"))
    if not shop.region.marks_packages:
        raise ApiError(21011003, "in this market the package is there already, and is shipped by its id")
    service = body.text("shipping_service_id") or _BY_DEFAULT
    chosen = next((each for each in _PRICED if each[0] == service), None)
    if chosen is None or not shop.switches.sells_labels:
        raise ApiError(21022026, service)
    lines = packages.chosen_lines(order, line_ids)
    packages.settle_request(shop, order)
    package = packing.new_package(shop, [order.id], lines)
    _ship(shop, package)
    weight, dimension = _measures(shop, body)
    return {
        "package_id": package.id,
        "create_time": seconds(package.created),
        "shipping_service_info": _service(shop, chosen),
        "weight": weight,
        "dimension": dimension,
    }


def _ship(shop: Shop, package: Package) -> None:
    number = f"9400{int(package.id) % 10**18:018d}"
    orders.ship(shop, package, tracking_number=number, provider_id=CARRIER)


def _labeled(shop: Shop, order_id: str) -> Order:
    order = shop.order(order_id)
    if order.terms.shipping_type != "TIKTOK" or order.terms.fulfillment_type == orders.FBT:
        raise ApiError(21011004, order_id)
    packages.check_state(order)
    return order


def _measures(shop: Shop, body: Body) -> tuple[Data, Data]:
    """As given, or what the platform knows of the goods; a measure alone is refused."""
    imperial = "POUND" in shop.region.weight_units
    weight, size = body.object("weight"), body.object("dimension")
    if weight is not None:
        given = {name: weight.required_text(name) for name in ("value", "unit")}
    else:
        given = {"value": "1.5", "unit": "POUND" if imperial else "GRAM"}
    names = ("length", "width", "height", "unit")
    if size is not None:
        return given, {name: size.required_text(name) for name in names}
    return given, dict(zip(names, ("12", "10", "2", "INCH" if imperial else "CM"), strict=True))


def _service(shop: Shop, priced: tuple[str, str, str]) -> Data:
    key, name, price = priced
    return {
        "id": key,
        "name": name,
        "price": price,
        "currency": shop.region.currency,
        "earliest_delivery_days": 2,
        "latest_delivery_days": 5,
        "shipping_provider_id": CARRIER,
        "shipping_provider_name": logistics.provider_name(CARRIER),
    }


_SCOPE: Final = packages.SCOPE
_PACKAGE: Final = "/fulfillment/202309/packages/{package_id}"
ENDPOINTS = (
    Endpoint("POST", "/fulfillment/202309/orders/{order_id}/shipping_services/query", services, _SCOPE),
    Endpoint("POST", "/fulfillment/202512/packages", buy, _SCOPE, is_write=True),
    Endpoint("POST", "/fulfillment/202309/packages", buy_202309, _SCOPE, is_write=True),
    Endpoint("GET", f"{_PACKAGE}/handover_time_slots", slots, _SCOPE),
    Endpoint("GET", f"{_PACKAGE}/shipping_documents", document, _SCOPE),
)
