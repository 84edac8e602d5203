"""The fields of products and variants: their defaults, their types, and what a client may write."""

from __future__ import annotations

from typing import Any, Final

from crossdock_simulators.bigcommerce import errors, wire
from crossdock_simulators.bigcommerce.records import Json

PRODUCT_DEFAULTS: Final[Json] = {
    "name": "",
    "type": "physical",
    "sku": "",
    "description": "",
    "weight": 0,
    "width": 0,
    "depth": 0,
    "height": 0,
    "price": 0,
    "cost_price": 0,
    "retail_price": 0,
    "sale_price": 0,
    "map_price": 0,
    "tax_class_id": 0,
    "product_tax_code": "",
    "categories": [],
    "brand_id": 0,
    "option_set_id": None,
    "option_set_display": "right",
    "inventory_level": 0,
    "inventory_warning_level": 0,
    "inventory_tracking": "none",
    "reviews_rating_sum": 0,
    "reviews_count": 0,
    "total_sold": 0,
    "fixed_cost_shipping_price": 0,
    "is_free_shipping": False,
    "is_visible": True,
    "is_featured": False,
    "related_products": [-1],
    "warranty": "",
    "bin_picking_number": "",
    "layout_file": "product.html",
    "upc": "",
    "mpn": "",
    "gtin": "",
    "search_keywords": "",
    "availability": "available",
    "availability_description": "",
    "gift_wrapping_options_type": "any",
    "gift_wrapping_options_list": [],
    "sort_order": 0,
    "condition": "New",
    "is_condition_shown": False,
    "order_quantity_minimum": 0,
    "order_quantity_maximum": 0,
    "page_title": "",
    "meta_keywords": [],
    "meta_description": "",
    "view_count": 0,
    "preorder_message": "",
    "is_preorder_only": False,
    "is_price_hidden": False,
    "price_hidden_label": "",
}
VARIANT_DEFAULTS: Final[Json] = {
    "sku": "",
    "price": None,
    "sale_price": None,
    "retail_price": None,
    "map_price": None,
    "weight": None,
    "width": None,
    "height": None,
    "depth": None,
    "is_free_shipping": False,
    "fixed_cost_shipping_price": None,
    "purchasing_disabled": False,
    "purchasing_disabled_message": "",
    "image_url": "",
    "cost_price": 0,
    "upc": "",
    "mpn": "",
    "gtin": "",
    "inventory_level": 0,
    "inventory_warning_level": 0,
    "bin_picking_number": "",
}
# The ledger of the inventory service owns levels, so they are never kept with the other fields.
PRODUCT_WRITABLE: Final = (PRODUCT_DEFAULTS.keys() | {"custom_url", "custom_fields"}) - {
    "option_set_id",
    "inventory_level",
    "total_sold",
    "view_count",
}
VARIANT_WRITABLE: Final = VARIANT_DEFAULTS.keys() - {"inventory_level"}
_CHOICES: Final = {
    "type": ("physical", "digital"),
    "inventory_tracking": ("none", "product", "variant"),
    "availability": ("available", "disabled", "preorder"),
    "condition": ("New", "Used", "Refurbished"),
}
_AMOUNTS: Final = frozenset(
    [
        "price",
        "sale_price",
        "retail_price",
        "cost_price",
        "map_price",
        "weight",
        "width",
        "height",
        "depth",
        "fixed_cost_shipping_price",
    ]
)
_LENGTHS: Final = {"sku": 255, "upc": 14, "gtin": 14, "bin_picking_number": 255, "product_tax_code": 255}
_COUNTS: Final = frozenset(
    ["inventory_warning_level", "order_quantity_minimum", "order_quantity_maximum", "sort_order", "brand_id"]
)
MAX_LEVEL: Final = 2_147_483_647


def checked_product(given: Json) -> Json:
    """The writable fields of a product body; unknown ones are ignored as the real API does."""
    if "name" in given and not (isinstance(given["name"], str) and 1 <= len(given["name"]) <= 250):
        raise errors.invalid("name", "must be a text of 1 to 250 characters")
    return {name: _checked(name, value, True) for name, value in given.items() if name in PRODUCT_WRITABLE}


def checked_variant(given: Json) -> Json:
    return {name: _checked(name, value, False) for name, value in given.items() if name in VARIANT_WRITABLE}


def checked_level(value: Any) -> int:
    """The catalog clamps levels that are too high."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise errors.invalid("inventory_level", "must be a whole number of at least 0")
    return min(value, MAX_LEVEL)


def _checked(name: str, value: Any, of_product: bool) -> Any:
    if name in _AMOUNTS:
        return _amount(name, value, nullable=not of_product)
    if name in _COUNTS and (isinstance(value, bool) or not isinstance(value, int) or value < 0):
        raise errors.invalid(name, "must be a whole number of at least 0")
    if name in _CHOICES and value not in _CHOICES[name]:
        raise errors.invalid(name, f"must be one of {', '.join(_CHOICES[name])}")
    default = (PRODUCT_DEFAULTS if of_product else VARIANT_DEFAULTS).get(name)
    if isinstance(default, str):
        return _text(name, value)
    if isinstance(default, list) and not isinstance(value, list):
        raise errors.invalid(name, "must be an array")
    if isinstance(default, bool) and not isinstance(value, bool):
        raise errors.invalid(name, "must be a boolean")
    return value


def _amount(name: str, value: Any, *, nullable: bool) -> Any:
    if value is None and nullable:
        return None
    amount = wire.decimal(value)
    if amount is None or amount < 0:
        raise errors.invalid(name, "must be a number of at least 0")
    return wire.number(amount.quantize(wire.FOUR_PLACES))


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise errors.invalid(name, "must be a string")
    if len(value) > _LENGTHS.get(name, 1_000_000):
        raise errors.invalid(name, "too long")
    return value
