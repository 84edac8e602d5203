"""How orders, their lines, addresses and shipments look in answers of version 2."""

from __future__ import annotations

from decimal import Decimal

from crossdock_simulators.bigcommerce import order_statuses, orders, wire
from crossdock_simulators.bigcommerce.records import Json, Order, OrderLine, Shipment
from crossdock_simulators.bigcommerce.store import Store

MAX_SIDE_LOADED = 50
ZERO = "0.0000"
RATE = "1.0000000000"
_PROVIDERS = {"usps": "USPS", "ups": "UPS", "fedex": "FedEx", "royalmail": "Royal Mail", "": ""}


def order(
    store: Store, record: Order, include: frozenset[str] = frozenset(), as_object: bool = False
) -> Json:
    currency = record.fields["default_currency_code"] or store.switches.currency
    digital = all(line.type != "physical" for line in record.lines)
    body = record.fields | {
        "id": record.id,
        "status_id": record.status_id,
        "status": order_statuses.NAMES[record.status_id],
        "custom_status": order_statuses.NAMES[record.status_id],
        "date_created": wire.rfc2822(record.created),
        "date_modified": wire.rfc2822(record.modified),
        "date_shipped": wire.rfc2822(record.shipped),
        "items_total": sum(line.quantity for line in record.lines),
        "items_shipped": sum(line.quantity_shipped for line in record.lines),
        "shipping_address_count": len(record.addresses),
        "order_is_digital": digital,
        "is_deleted": record.archived,
        "payment_status": "",
        "billing_address": record.billing | {"form_fields": []},
        "order_source": "external" if record.fields["external_source"] else "manual",
        "external_id": None,
        "ebay_order_id": "0",
        "currency_id": 1,
        "currency_code": currency,
        "currency_exchange_rate": RATE,
        "default_currency_id": 1,
        "default_currency_code": currency,
        "store_default_currency_code": store.switches.currency,
        "store_default_to_transactional_exchange_rate": RATE,
        "products": link(store, f"/orders/{record.id}/products"),
        "shipping_addresses": link(store, f"/orders/{record.id}/shippingaddresses"),
        "coupons": link(store, f"/orders/{record.id}/coupons"),
    }
    return body | _amounts(record) | _side_loaded(store, record, include, as_object)


def _amounts(record: Order) -> Json:
    sub_ex, sub_inc = orders.subtotal(record, "ex_tax"), orders.subtotal(record, "inc_tax")
    ex, inc = orders.total(record, "ex_tax"), orders.total(record, "inc_tax")
    body: Json = {
        "subtotal_ex_tax": wire.money(sub_ex),
        "subtotal_inc_tax": wire.money(sub_inc),
        "subtotal_tax": wire.money(sub_inc - sub_ex),
        "total_ex_tax": wire.money(ex),
        "total_inc_tax": wire.money(inc),
        "total_tax": wire.money(inc - ex),
        "discount_amount": wire.money(record.discount),
        "coupon_discount": wire.money(orders.coupon_discount(record)),
        "store_credit_amount": ZERO,
        "gift_certificate_amount": ZERO,
        "refunded_amount": ZERO,
        "is_tax_inclusive_pricing": False,
    }
    shipping = (record.shipping_ex_tax, record.shipping_inc_tax)
    costs = {"shipping": shipping, "handling": record.handling, "wrapping": record.wrapping}
    for name, (cost_ex, cost_inc) in costs.items():
        body |= {
            f"base_{name}_cost": wire.money(cost_ex),
            f"{name}_cost_ex_tax": wire.money(cost_ex),
            f"{name}_cost_inc_tax": wire.money(cost_inc),
            f"{name}_cost_tax": wire.money(cost_inc - cost_ex),
            f"{name}_cost_tax_class_id": 2,
        }
    return body


def _side_loaded(store: Store, record: Order, include: frozenset[str], as_object: bool) -> Json:
    body: Json = {"consignments": link(store, f"/orders/{record.id}/consignments")}
    if include & {"consignments", "consignments.line_items"}:
        whole = consignments(store, record, with_lines="consignments.line_items" in include)
        body["consignments"] = whole if as_object else [whole]
    body["fees"] = record.fees if "fees" in include else link(store, f"/orders/{record.id}/fees")
    return body


def consignments(store: Store, record: Order, *, with_lines: bool = False) -> Json:
    """Costs are numbers here, and side-loaded lines stop at fifty with a warning."""
    shipping = []
    for row in record.addresses:
        body = {name: value for name, value in row.items() if name != "shipping_method"}
        body |= _address_totals(record, row["id"]) | {"shipping_method": row["shipping_method"]}
        body |= {name: wire.number(cost) for name, cost in _address_costs(record, row["id"]).items()}
        body |= _address_rest(store, record, row["id"])
        lines = [one for one in record.lines if address_of(record, one) == row["id"]]
        body["line_items"] = [link(store, f"/orders/{record.id}/products")]
        if with_lines:
            body["line_items"] = [line(record, one) for one in lines[:MAX_SIDE_LOADED]]
            if len(lines) > MAX_SIDE_LOADED:
                body["__warning__"] = f"Only the first {MAX_SIDE_LOADED} line items are included."
        shipping.append(body)
    digital = [one for one in record.lines if one.type != "physical"]
    downloads = [{"line_items": [line(record, one) for one in digital[:MAX_SIDE_LOADED]]}] if digital else []
    return {"pickups": [], "shipping": shipping, "downloads": downloads, "email": {"gift_certificates": []}}


def address_of(record: Order, one: OrderLine) -> int:
    """Every physical line goes to one of the addresses; digital ones go nowhere."""
    return int(record.addresses[one.address]["id"]) if record.addresses and one.type == "physical" else 0


def line(record: Order, one: OrderLine) -> Json:
    total_ex, total_inc = one.price_ex_tax * one.quantity, one.price_inc_tax * one.quantity
    discounts = []
    if one.discount:
        code = record.coupons[0]["code"] if record.coupons else None
        name = "Coupon" if code else "Discount"
        amount = wire.money(one.discount)
        discounts = [
            {"id": code or "manual", "amount": amount, "name": name, "code": code, "target": "order"}
        ]
    body: Json = dict.fromkeys(_ZEROS, ZERO) | _LINE_REST
    return body | {
        "id": one.id,
        "order_id": record.id,
        "product_id": one.product_id,
        "variant_id": one.variant_id,
        "order_address_id": address_of(record, one),
        "name": one.name,
        "name_customer": one.name,
        "name_merchant": one.name,
        "sku": one.sku,
        "upc": one.upc,
        "type": one.type,
        "base_price": wire.money(one.price_ex_tax),
        "price_ex_tax": wire.money(one.price_ex_tax),
        "price_inc_tax": wire.money(one.price_inc_tax),
        "price_tax": wire.money(one.price_inc_tax - one.price_ex_tax),
        "base_total": wire.money(total_ex),
        "total_ex_tax": wire.money(total_ex),
        "total_inc_tax": wire.money(total_inc),
        "total_tax": wire.money(total_inc - total_ex),
        "discounted_total_inc_tax": wire.money(total_inc - one.discount),
        "weight": wire.money(one.weight),
        "quantity": one.quantity,
        "quantity_shipped": one.quantity_shipped,
        "quantity_refunded": one.quantity_refunded,
        "is_refunded": one.quantity_refunded >= one.quantity,
        "option_set_id": one.product_id if one.options else None,
        "applied_discounts": discounts,
        "product_options": one.options,
    }


def address(store: Store, record: Order, row: Json) -> Json:
    body = row | {"order_id": record.id} | _address_totals(record, row["id"])
    body |= {name: wire.money(cost) for name, cost in _address_costs(record, row["id"]).items()}
    return body | _address_rest(store, record, row["id"])


def shipment(store: Store, record: Order, one: Shipment) -> Json:
    row = next((row for row in record.addresses if row["id"] == one.address_id), {})
    receiver = {name: value for name, value in row.items() if name not in ("id", "shipping_method")}
    provider, number = one.fields["shipping_provider"], one.fields["tracking_number"]
    generated = f"{store.address}/track/{number}" if number and provider else ""
    return one.fields | {
        "id": one.id,
        "order_id": record.id,
        "customer_id": record.fields["customer_id"],
        "order_address_id": one.address_id,
        "date_created": wire.rfc2822(one.created),
        "billing_address": record.billing,
        "shipping_address": receiver,
        "items": one.items,
        "shipping_provider_display_name": _PROVIDERS.get(provider, provider),
        "generated_tracking_link": one.fields["tracking_link"] or generated,
    }


def link(store: Store, resource: str) -> Json:
    return {"url": f"{store.address}/stores/{store.store_hash}/v2{resource}", "resource": resource}


def _address_totals(record: Order, address_id: int) -> Json:
    lines = [one for one in record.lines if address_of(record, one) == address_id]
    return {
        "items_total": sum(one.quantity for one in lines),
        "items_shipped": sum(one.quantity_shipped for one in lines),
    }


def _address_costs(record: Order, address_id: int) -> dict[str, Decimal]:
    """The whole shipping cost belongs to the first address."""
    first = record.addresses[0]["id"] == address_id
    ex_tax, inc_tax = (record.shipping_ex_tax, record.shipping_inc_tax) if first else (Decimal(0), Decimal(0))
    costs = {
        "base_cost": ex_tax,
        "cost_ex_tax": ex_tax,
        "cost_inc_tax": inc_tax,
        "cost_tax": inc_tax - ex_tax,
    }
    handling = ("base_handling_cost", "handling_cost_ex_tax", "handling_cost_inc_tax", "handling_cost_tax")
    return costs | dict.fromkeys(handling, Decimal(0))


def _address_rest(store: Store, record: Order, address_id: int) -> Json:
    quotes = f"/orders/{record.id}/shippingaddresses/{address_id}/shippingquotes"
    return {
        "cost_tax_class_id": 2,
        "handling_cost_tax_class_id": 2,
        "shipping_zone_id": 0,
        "shipping_zone_name": "",
        "shipping_quotes": link(store, quotes),
        "form_fields": [],
    }


_ZEROS = [
    "width",
    "height",
    "depth",
    "base_cost_price",
    "cost_price_inc_tax",
    "cost_price_ex_tax",
    "cost_price_tax",
    "refund_amount",
    "base_wrapping_cost",
    "wrapping_cost_ex_tax",
    "wrapping_cost_inc_tax",
    "wrapping_cost_tax",
    "fixed_shipping_cost",
]
_LINE_REST: Json = {
    "order_pickup_method_id": 0,
    "return_id": 0,
    "wrapping_id": 0,
    "wrapping_name": "",
    "wrapping_message": "",
    "event_name": None,
    "event_date": None,
    "ebay_item_id": "",
    "ebay_transaction_id": "",
    "parent_order_product_id": None,
    "is_bundled_product": False,
    "bin_picking_number": "",
    "external_id": None,
    "brand": "",
    "configurable_fields": [],
    "gift_certificate_id": None,
}
