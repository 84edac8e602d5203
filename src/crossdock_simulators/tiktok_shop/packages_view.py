"""Packages as search and detail show them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from crossdock_simulators.tiktok_shop import logistics, recipients
from crossdock_simulators.tiktok_shop.calls import Data
from crossdock_simulators.tiktok_shop.orders import FBT
from crossdock_simulators.tiktok_shop.records import Line, Order, Package
from crossdock_simulators.tiktok_shop.shop import Shop, seconds

ADDRESS_FIELDS = (
    "full_address",
    "phone_number",
    "name",
    "postal_code",
    "address_detail",
    "region_code",
    "address_line1",
    "address_line2",
    "address_line3",
    "address_line4",
)


def found_package(shop: Shop, package: Package) -> Data:
    return {"id": package.id, "status": package.status} | _common(shop, package)


def package_detail(shop: Shop, package: Package) -> Data:
    """The id and the status have other names here than in the search."""
    held = [shop.tables.orders[order_id] for order_id in package.order_ids]
    terms = held[0].terms
    option = logistics.option_of(terms.shipping_type, terms.fulfillment_type)
    masked = terms.shipping_type == "TIKTOK" or terms.fulfillment_type == FBT
    address = recipients.address(terms.recipient, shop.region, masked=masked)
    return {
        "package_id": package.id,
        "package_status": package.status,
        "package_sub_status": package.sub_status,
        "shipping_type": terms.shipping_type,
        "split_and_combine_tag": _tag(package, held),
        "has_multi_skus": len({line.sku_id for line in _packed(package, held)}) > 1,
        "note_tag": "BUYER_NOTED" if terms.buyer_message else "BUYER_UNNOTED",
        "delivery_option_id": option.id,
        "delivery_option_name": option.name,
        "recipient_address": {name: address[name] for name in ADDRESS_FIELDS},
        "warehouse_id": terms.warehouse_id,
    } | _common(shop, package)


def _tag(package: Package, held: Sequence[Order]) -> str:
    if len(held) > 1:
        return "COMBINE"
    return "SPLIT" if len(package.line_ids) < len(held[0].lines) else "DEFAULT"


def _packed(package: Package, held: Iterable[Order]) -> list[Line]:
    return [line for order in held for line in order.lines if line.id in package.line_ids]


def _common(shop: Shop, package: Package) -> Data:
    held = (shop.tables.orders[order_id] for order_id in package.order_ids)
    return {
        "orders": [{"id": order.id, "skus": _skus(order, package)} for order in held],
        "order_line_item_ids": list(package.line_ids),
        "tracking_number": package.tracking_number,
        "shipping_provider_id": package.provider_id,
        "shipping_provider_name": logistics.provider_name(package.provider_id),
        "create_time": seconds(package.created),
        "update_time": seconds(package.updated),
    }


def _skus(order: Order, package: Package) -> list[Data]:
    lines = _packed(package, [order])
    quantities = Counter(line.sku_id for line in lines)
    firsts = {line.sku_id: line for line in reversed(lines)}
    return [
        {"id": sku_id, "name": firsts[sku_id].sku_name, "image_url": firsts[sku_id].image_url}
        | {"quantity": quantity}
        for sku_id, quantity in quantities.items()
    ]
