"""Checks the body of an order as version 2 does, and makes addresses and lines of it."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any, Final

from crossdock_simulators.bigcommerce import countries, errors, order_statuses, wire
from crossdock_simulators.bigcommerce.records import Item, Json, OrderLine, Product, Variant
from crossdock_simulators.bigcommerce.store import DEFAULT_LOCATION, Store

ADDRESS_FIELDS: Final = [
    "first_name",
    "last_name",
    "company",
    "street_1",
    "street_2",
    "city",
    "state",
    "zip",
    "country",
    "country_iso2",
    "phone",
    "email",
]
KEPT: Final[Json] = {
    "customer_id": 0,
    "channel_id": 1,
    "external_source": None,
    "external_order_id": "",
    "external_merchant_id": None,
    "payment_method": "Manual",
    "payment_provider_id": "",
    "staff_notes": "",
    "customer_message": "",
    "customer_locale": "en",
    "default_currency_code": "",
    "ip_address": "",
    "ip_address_v6": "",
    "geoip_country": "",
    "geoip_country_iso2": "",
    "is_email_opt_in": False,
    "tax_provider_id": "",
    "cart_id": "",
}
PAIRS: Final = ("shipping_cost", "handling_cost", "wrapping_cost", "subtotal", "total")
_PAIR_FIELDS: Final = {f"{pair}_{tax}" for pair in PAIRS for tax in ("ex_tax", "inc_tax")}
_OTHERS: Final = {
    "status_id",
    "billing_address",
    "shipping_addresses",
    "products",
    "discount_amount",
    "date_created",
    "is_deleted",
    "fees",
    "items_total",
    "items_shipped",
    "order_is_digital",
    "refunded_amount",
    "consignments",
    "base_shipping_cost",
    "base_handling_cost",
    "base_wrapping_cost",
}
WRITABLE: Final = KEPT.keys() | _PAIR_FIELDS | _OTHERS


def check_fields(store: Store, given: Json) -> None:
    """What may be written at all, and the values that can be judged alone."""
    for name in given:
        if name not in WRITABLE:
            raise errors.v2_read_only(name)
    _check_whole(given, "customer_id", 0)
    status = given.get("status_id", 1)
    if isinstance(status, bool) or not isinstance(status, int) or not 0 <= status < len(order_statuses.NAMES):
        raise errors.v2_invalid("status_id")
    if "date_created" in given and wire.moment(str(given["date_created"]), store.now()) is None:
        raise errors.v2_invalid("date_created")
    if "order_is_digital" in given and not isinstance(given["order_is_digital"], bool):
        raise errors.v2_invalid("order_is_digital")
    for name in (_PAIR_FIELDS | {"discount_amount"}) & given.keys():
        amount(given, name)
    _check_channel(store, given)


def amount(given: Json, name: str) -> Decimal:
    """A number or a numeric text; both are taken."""
    value = wire.decimal(given.get(name, 0))
    if value is None or value < 0:
        raise errors.v2_invalid(name)
    return value


def address(given: Any, *, billing: bool) -> Json:
    """A complete address with both spellings of its country."""
    if not isinstance(given, dict):
        raise errors.v2_invalid("billing_address" if billing else "shipping_addresses")
    filled = {name: str(given.get(name) or "") for name in ADDRESS_FIELDS}
    if not filled["country"] and not filled["country_iso2"]:
        if billing:
            text = "Billing address country not supplied."
            raise errors.v2_invalid("billing_address.country", text)
        raise errors.v2_invalid("country")
    if billing and len(filled["zip"]) < 2:
        raise errors.v2_invalid("billing_address.zip")
    if filled["email"] and "@" not in filled["email"]:
        raise errors.v2_invalid("email")
    code = filled["country_iso2"].upper() or countries.BY_NAME.get(filled["country"].lower(), "")
    if code not in countries.BY_ISO2:
        raise errors.v2_invalid("country_iso2" if filled["country_iso2"] else "country")
    return filled | {"country_iso2": code, "country": countries.BY_ISO2[code]}


def line(store: Store, given: Any) -> OrderLine:
    """A catalog line, or a custom one that is not in the catalog and moves no stock."""
    if not isinstance(given, dict) or not (given.get("product_id") or given.get("name")):
        raise errors.v2_invalid("products.product_id, products.name")
    quantity = given.get("quantity")
    if isinstance(quantity, bool) or not isinstance(quantity, int) or quantity < 1:
        raise errors.v2_invalid("quantity")
    if given.get("product_id"):
        return _catalog_line(store, given, quantity)
    for name in ("price_inc_tax", "price_ex_tax"):
        if wire.decimal(given.get(name)) is None:
            raise errors.v2_invalid(f"products.{name}")
    name, sku = str(given["name"]), str(given.get("sku") or "")
    if len(name) > 250:
        raise errors.v2_invalid("products.name")
    ex_tax, inc_tax = amount(given, "price_ex_tax"), amount(given, "price_inc_tax")
    return OrderLine(store.next_id("line"), 0, 0, name, sku, quantity, ex_tax, inc_tax)


def check_quantities(store: Store, wanted: list[OrderLine]) -> None:
    """Stock at the default location, and the least and the most a shopper may take."""
    sums: Counter[Item] = Counter()
    found = []
    for one in wanted:
        product = store.products.get(one.product_id)
        if product is None:
            continue
        item = store.item_of(product, one.variant_id)
        if item is not None:
            sums[item] += one.quantity
            level = store.peek(item, DEFAULT_LOCATION)
            if sums[item] > level.available or not level.in_stock:
                found.append(_out_of_stock(store, product, item))
        found.extend(_out_of_bounds(product, one.quantity))
    if found:
        text = "Quantities of one or more products are out of stock or did not meet quantity requirements."
        raise errors.v2(409, text, {"errors": found})


def _catalog_line(store: Store, given: Json, quantity: int) -> OrderLine:
    product = store.products.get(given["product_id"]) if isinstance(given["product_id"], int) else None
    if product is None:
        raise errors.v2_invalid("products.product_id")
    variant = _chosen_variant(store, product, given)
    _check_modifiers(product, given)
    own = variant.own.get("sale_price") if variant.own.get("sale_price") is not None else None
    own = variant.own.get("price") if own is None else own
    price = Decimal(str(product.price if own is None else own))
    ex_tax = amount(given, "price_ex_tax") if "price_ex_tax" in given else price
    inc_tax = amount(given, "price_inc_tax") if "price_inc_tax" in given else price
    sku = variant.sku if variant.choices else product.sku
    name = str(given.get("name") or product.name)
    made = OrderLine(store.next_id("line"), product.id, variant.id, name, sku, quantity, ex_tax, inc_tax)
    made.type = product.own.get("type", "physical")
    made.weight = Decimal(str(variant.own.get("weight") or product.own.get("weight", 0)))
    made.upc = variant.own.get("upc") or product.own.get("upc", "")
    made.options = [_chosen_option(store, product, made.id, *choice) for choice in variant.choices]
    return made


def _chosen_variant(store: Store, product: Product, given: Json) -> Variant:
    if given.get("variant_id"):
        if given["variant_id"] not in product.variants:
            raise errors.v2_invalid("products.variant_id")
        return store.variants[given["variant_id"]]
    chosen = {
        (int(row["id"]), int(row["value"]))
        for row in given.get("product_options") or []
        if str(row.get("id")).isdecimal() and str(row.get("value")).isdecimal()
    }
    for number in product.variants:
        if set(store.variants[number].choices) == chosen:
            return store.variants[number]
    kind = "InvalidProductOptionValue" if chosen else "MandatoryProductOptions"
    required = [{"id": option.id, "name": option.display_name} for option in product.options]
    named = {"id": product.id, "name": product.name, "required_product_options": required}
    text = "The options of one or more products are invalid."
    raise errors.v2(400, text, {"errors": [{"type": kind, "product": named}]})


def _check_modifiers(product: Product, given: Json) -> None:
    """A required choice that does not tell variants apart has to be made all the same."""
    made = {str(row.get("id")) for row in given.get("product_options") or []}
    missing = [
        {"id": one["id"], "name": one["display_name"]}
        for one in product.modifiers
        if one.get("required") and str(one["id"]) not in made
    ]
    if missing:
        named = {"id": product.id, "name": product.name, "required_product_options": missing}
        text = "The options of one or more products are invalid."
        raise errors.v2(400, text, {"errors": [{"type": "MandatoryProductOptions", "product": named}]})


def _chosen_option(store: Store, product: Product, line_id: int, option_id: int, value_id: int) -> Json:
    option = next(one for one in product.options if one.id == option_id)
    label = next(one.label for one in option.values if one.id == value_id)
    name = option.display_name
    return {
        "id": store.next_id("line_option"),
        "option_id": option_id,
        "order_product_id": line_id,
        "product_option_id": option_id,
        "display_name": name,
        "display_name_customer": name,
        "display_name_merchant": name,
        "display_value": label,
        "display_value_customer": label,
        "display_value_merchant": label,
        "value": str(value_id),
        "type": "Multiple choice",
        "name": f"{name}{product.id}",
        "display_style": "Rectangle",
    }


def _out_of_stock(store: Store, product: Product, item: Item) -> Json:
    level = store.peek(item, DEFAULT_LOCATION).available
    body: Json = {"id": product.id, "name": product.name} | _link(store, f"/products/{product.id}")
    if item[0] == "variant" and (sku_id := store.variants[item[1]].sku_id) is not None:
        named = {"id": sku_id, "sku": store.variants[item[1]].sku, "inventory_level": level}
        body["sku"] = named | _link(store, f"/products/{product.id}/skus/{sku_id}")
    else:
        body["inventory_level"] = level
    return {"type": "OutOfStock", "product": body}


def _out_of_bounds(product: Product, quantity: int) -> list[Json]:
    least = product.own.get("order_quantity_minimum", 0)
    most = product.own.get("order_quantity_maximum", 0)
    named = {"id": product.id, "name": product.name}
    if least and quantity < least:
        return [{"type": "InsufficientQuantity", "product": named | {"minimum_quantity": least}}]
    if most and quantity > most:
        return [{"type": "ExceedsMaxQuantity", "product": named | {"maximum_quantity": most}}]
    return []


def _link(store: Store, resource: str) -> Json:
    return {"url": f"{store.address}/stores/{store.store_hash}/v2{resource}", "resource": resource}


def _check_whole(given: Json, name: str, least: int) -> None:
    value = given.get(name, least)
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise errors.v2_invalid(name)


def _check_channel(store: Store, given: Json) -> None:
    channel = store.channels.get(given.get("channel_id", 1))
    if channel is None or channel.fields["status"] not in ("active", "connected", "prelaunch"):
        raise errors.v2_invalid("channel_id")
