"""Orders as a test or a person asks for them, checked and turned into the shop's own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from crossdock_simulators.kit.given import amount, truth, whole
from crossdock_simulators.tiktok_shop import cancellations, orders, recipients
from crossdock_simulators.tiktok_shop.records import ZERO, Line, Order, Product, Sku, Terms
from crossdock_simulators.tiktok_shop.shop import Shop

OPTIONS = frozenset(
    {
        "lines",
        "paid",
        "on_hold",
        "hold_minutes",
        "fulfillment_type",
        "shipping_type",
        "warehouse_id",
        "sample",
        "replacement",
        "exchange",
        "order_type",
        "fees",
        "tax_rate",
        "shipping_fee",
        "shipping_fee_seller_discount",
        "shipping_fee_platform_discount",
        "buyer_message",
        "recipient",
    }
)
ORDER_TYPES = (
    "NORMAL",
    "ZERO_LOTTERY",
    "AUCTION",
    "PRE_ORDER",
    "MADE_TO_ORDER",
    "BACK_ORDER",
    "VIRTUAL_ORDER",
)
FEES = frozenset(
    {"retail_delivery_fee", "small_order_fee", "buyer_service_fee", "handling_fee", "shipping_insurance_fee"}
)
LINE_OPTIONS = frozenset(
    {"seller_sku", "sku_id", "quantity", "gift", "seller_discount", "platform_discount", "price"}
)


def place(shop: Shop, asked: Mapping[str, Any]) -> Order:
    """Paid and on hold unless asked otherwise: `paid` false stops before, `on_hold` false skips the hold.

    A discount of a line is for each unit.
    """
    _refuse_unknown(asked, OPTIONS)
    lines = asked.get("lines") or []
    if not lines:
        raise ValueError("An order needs lines, each with a seller_sku or a sku_id")
    terms = _terms(shop, asked)
    units = [unit for line in lines for unit in _units(shop, line, terms)]
    order = orders.place(shop, terms, units, cancel=cancellations.cancel_as_system)
    if not truth(asked.get("paid", True)):
        return order
    return orders.pay(shop, order, cancel=cancellations.cancel_as_system)


def _terms(shop: Shop, asked: Mapping[str, Any]) -> Terms:
    buyer_id = shop.ids.new("buyer")
    number = len(shop.tables.orders)
    fulfillment = asked.get("fulfillment_type", "FULFILLMENT_BY_SELLER")
    shipping = asked.get("shipping_type", "TIKTOK" if fulfillment == orders.FBT else "SELLER")
    if fulfillment not in ("FULFILLMENT_BY_SELLER", orders.FBT) or shipping not in ("SELLER", "TIKTOK"):
        raise ValueError(f"No such order: fulfillment_type {fulfillment}, shipping_type {shipping}")
    order_type = str(asked.get("order_type", "NORMAL"))
    if order_type not in ORDER_TYPES:
        raise ValueError(f"No such order_type {order_type}; there are {', '.join(ORDER_TYPES)}")
    fees = {name: amount(fee) for name, fee in (asked.get("fees") or {}).items()}
    _refuse_unknown(fees, FEES)
    return Terms(
        buyer_id=buyer_id,
        buyer_email=f"{buyer_id[-8:]}@chat.seller.example",
        recipient=recipients.choose(shop.region, number, asked.get("recipient") or {}),
        warehouse_id=_warehouse_id(shop, asked.get("warehouse_id", ""), fulfillment),
        fulfillment_type=fulfillment,
        shipping_type=shipping,
        is_sample=truth(asked.get("sample", False)),
        is_replacement=truth(asked.get("replacement", False)),
        is_exchange=truth(asked.get("exchange", False)),
        order_type=order_type,
        goes_on_hold=truth(asked.get("on_hold", True)),
        hold_minutes=float(asked.get("hold_minutes", shop.switches.hold_minutes)),
        buyer_message=str(asked.get("buyer_message", "")),
        shipping_fee=amount(asked.get("shipping_fee", "0")),
        shipping_seller_discount=amount(asked.get("shipping_fee_seller_discount", "0")),
        shipping_platform_discount=amount(asked.get("shipping_fee_platform_discount", "0")),
        tax_rate=ZERO if shop.region.prices_include_tax else amount(asked.get("tax_rate", "0")),
        fees=fees,
    )


def _warehouse_id(shop: Shop, asked: str, fulfillment: str) -> str:
    if asked:
        if asked not in shop.warehouses:
            raise ValueError(f"No warehouse {asked}")
        return asked
    if fulfillment != orders.FBT:
        return shop.default_warehouse().id
    found = next((w.id for w in shop.warehouses.values() if w.fbt_id), "")
    if not found:
        raise ValueError("The shop has no FBT warehouse")
    return found


def _units(shop: Shop, asked: Mapping[str, Any], terms: Terms) -> Iterable[Line]:
    """One line for each unit, as the platform has it."""
    _refuse_unknown(asked, LINE_OPTIONS)
    product, sku = _offered(shop, asked)
    quantity = whole(asked, "quantity", default=1, least=1)
    level = shop.stock_of(sku.id).get(terms.warehouse_id)
    if level is None or quantity > level.available:
        there = level.available if level else 0
        raise ValueError(f"Only {there} of {sku.seller_sku} at warehouse {terms.warehouse_id}")
    is_gift = truth(asked.get("gift", False))
    is_free = is_gift or terms.is_sample or terms.is_replacement or terms.is_exchange
    uris = [a.image_uri for a in sku.sales_attributes if a.image_uri] or list(product.content.image_uris)
    image = shop.tables.images.get(uris[0]) if uris else None
    for _ in range(quantity):
        yield Line(
            id=shop.ids.new("line"),
            product_id=product.id,
            product_name=product.content.title,
            sku_id=sku.id,
            sku_name=sku.name,
            seller_sku=sku.seller_sku,
            image_url=image.url if image else "",
            original_price=ZERO if is_free else amount(asked.get("price", sku.price)),
            seller_discount=ZERO if is_free else amount(asked.get("seller_discount", "0")),
            platform_discount=ZERO if is_free else amount(asked.get("platform_discount", "0")),
            tax_rate=terms.tax_rate,
            is_gift=is_gift,
            gift_retail_price=sku.price if is_gift else ZERO,
        )


def _offered(shop: Shop, asked: Mapping[str, Any]) -> tuple[Product, Sku]:
    """The live SKU; a buyer can order nothing else."""
    wanted_id, wanted_name = asked.get("sku_id", ""), asked.get("seller_sku", "")
    owner = shop.tables.products.get(shop.tables.owners.get(wanted_id, ""))
    candidates = [owner] if owner else shop.products_named([wanted_name])
    for product in candidates:
        if product.status != "ACTIVATE":
            continue
        for sku in product.content.skus:
            if sku.id == wanted_id or (wanted_name and sku.seller_sku == wanted_name):
                return product, sku
    wanted = wanted_id or wanted_name
    raise ValueError(f"No SKU {wanted} is live" if wanted else "Which SKU? Give its seller_sku or sku_id")


def _refuse_unknown(asked: Mapping[str, Any], known: frozenset[str]) -> None:
    if unknown := asked.keys() - known:
        raise ValueError(f"Unknown options: {', '.join(sorted(unknown))}")
