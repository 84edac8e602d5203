"""How products, variants, options and images look in answers of version 3."""

from __future__ import annotations

from crossdock_simulators.bigcommerce import wire
from crossdock_simulators.bigcommerce.catalog_fields import PRODUCT_DEFAULTS, VARIANT_DEFAULTS
from crossdock_simulators.bigcommerce.records import Image, Json, Option, OptionValue, Product, Variant
from crossdock_simulators.bigcommerce.store import DEFAULT_LOCATION, Store

INCLUDES = frozenset(
    [
        "variants",
        "images",
        "primary_image",
        "options",
        "modifiers",
        "custom_fields",
        "channels",
        "videos",
        "bulk_pricing_rules",
    ]
)


def product(store: Store, record: Product, include: frozenset[str] = frozenset()) -> Json:
    """One product with the asked sub-resources."""
    base = store.variants[record.variants[0]] if record.variants and not record.options else None
    body = PRODUCT_DEFAULTS | record.own
    body |= {
        "id": record.id,
        "calculated_price": record.price,
        "inventory_level": product_level(store, record),
        "option_set_id": record.id if record.options else None,
        "date_created": wire.iso(record.created),
        "date_modified": wire.iso(record.modified),
        "base_variant_id": base.id if base else None,
    }
    body.pop("custom_fields", None)
    for name in include:
        body[name] = _included(store, record, name)
    return body


def _included(store: Store, record: Product, name: str) -> object:
    match name:
        case "variants":
            return [variant(store, record, store.variants[number]) for number in record.variants]
        case "images":
            return [image(store, record, one) for one in store.images_of(record)]
        case "primary_image":
            thumbnails = [image(store, record, one) for one in record.images if one.is_thumbnail]
            return thumbnails[0] if thumbnails else {}
        case "options":
            return [option(record, one) for one in record.options]
        case "modifiers":
            return record.modifiers
        case "custom_fields":
            return record.own.get("custom_fields", [])
        case "channels":
            return sorted(record.channels)
        case _:
            return []


def variant(store: Store, parent: Product, record: Variant) -> Json:
    """One variant; null means that it follows its product."""
    own = record.own
    price = own.get("sale_price") if own.get("sale_price") is not None else own.get("price")
    weight = own.get("weight")
    body = VARIANT_DEFAULTS | own
    body |= {
        "id": record.id,
        "product_id": record.product_id,
        "sku_id": record.sku_id,
        "calculated_price": parent.price if price is None else price,
        "calculated_weight": parent.own.get("weight", 0) if weight is None else weight,
        "inventory_level": variant_level(store, parent, record),
        "option_values": [_choice(parent, *choice) for choice in record.choices],
    }
    if not record.choices:
        body["sku"] = parent.sku
    return body


def _choice(parent: Product, option_id: int, value_id: int) -> Json:
    chosen = next(one for one in parent.options if one.id == option_id)
    value = next(one for one in chosen.values if one.id == value_id)
    name = chosen.display_name
    return {"id": value.id, "label": value.label, "option_id": option_id, "option_display_name": name}


def product_level(store: Store, record: Product) -> int:
    """The catalog shows the default location only; a product tracked by variant shows their sum."""
    return sum(max(store.peek(item, DEFAULT_LOCATION).available, 0) for item in store.items_of(record))


def variant_level(store: Store, parent: Product, record: Variant) -> int:
    if parent.tracking != "variant":
        return 0
    return max(store.peek(("variant", record.id), DEFAULT_LOCATION).available, 0)


def option(parent: Product, record: Option) -> Json:
    return {
        "id": record.id,
        "product_id": parent.id,
        "name": f"{record.display_name}{parent.id}",
        "display_name": record.display_name,
        "type": record.type,
        "sort_order": record.sort_order,
        "option_values": [option_value(one) for one in record.values],
        "config": {},
    }


def option_value(record: OptionValue) -> Json:
    return {
        "id": record.id,
        "label": record.label,
        "sort_order": record.sort_order,
        "value_data": record.value_data,
        "is_default": record.is_default,
    }


def image(store: Store, parent: Product, record: Image) -> Json:
    address = f"{store.address}/images/{record.file}"
    return {
        "id": record.id,
        "product_id": parent.id,
        "is_thumbnail": record.is_thumbnail,
        "sort_order": record.sort_order,
        "description": record.description,
        "image_file": record.file,
        "url_zoom": address,
        "url_standard": address,
        "url_thumbnail": address,
        "url_tiny": address,
        "date_modified": wire.iso(record.modified),
    }
