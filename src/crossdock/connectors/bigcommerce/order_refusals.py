"""Why the store refuses to create an order: which goods stand in the way, and what would clear it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from crossdock.connectors.errors import GoodsRefusedError, RefusedGoods
from crossdock.connectors.http import Answer

STOCK = frozenset({"OutOfStock", "ExceedsMaxQuantity", "InsufficientQuantity"})
OPTIONS = frozenset({"MandatoryProductOptions", "InvalidProductOption", "InvalidProductOptionValue"})
STOCK_FIX = (
    "Correct the stock or the quantity limits of the named products in BigCommerce; it is tried again when their "
    "numbers change."
)
OPTIONS_FIX = (
    "Make the named option of the product optional in BigCommerce, or give its sales a stock adjustment; "
    "then retry this case."
)


def goods_refused(answer: Answer) -> GoodsRefusedError | None:
    """None where the answer names no goods."""
    try:
        found = [
            error
            for error in _errors(msgspec.json.decode(answer.body))
            if error.get("type") in STOCK | OPTIONS
        ]
    except msgspec.DecodeError:
        return None
    if not found:
        return None
    is_stock = all(error["type"] in STOCK for error in found)
    products = [error.get("product") or {} for error in found]
    goods = RefusedGoods(
        is_stock,
        frozenset(str(each["id"]) for each in products if each.get("id") and not each.get("sku")),
        frozenset(str(each["sku"]["sku"]) for each in products if isinstance(each.get("sku"), dict)),
    )
    told = "; ".join(dict.fromkeys(_told(error) for error in found))
    return GoodsRefusedError(told, goods, code=str(answer.status), fix=STOCK_FIX if is_stock else OPTIONS_FIX)


def _errors(body: Any) -> Iterator[dict[str, Any]]:
    for part in body if isinstance(body, list) else [body]:
        details = part.get("details") if isinstance(part, dict) else None
        errors = details.get("errors") if isinstance(details, dict) else None
        yield from (error for error in errors or () if isinstance(error, dict))


def _told(error: dict[str, Any]) -> str:
    product = error.get("product") or {}
    level = product["sku"] if isinstance(product.get("sku"), dict) else product
    name = f"“{level.get('sku') or product.get('name') or product.get('id')}”"
    match error["type"]:
        case "OutOfStock":
            return f"{name} is out of stock ({level.get('inventory_level', 0)} left)"
        case "ExceedsMaxQuantity":
            return f"{name} may be ordered {product.get('maximum_quantity')} at a time at most"
        case "InsufficientQuantity":
            return f"{name} may be ordered {product.get('minimum_quantity')} at a time at least"
        case "MandatoryProductOptions":
            options = product.get("required_product_options") or []
            named = ", ".join(
                str(each.get("name") or each.get("id")) for each in options if isinstance(each, dict)
            )
            return (
                f"{name} needs a choice of {named or 'its required options'}, which no other channel can give"
            )
        case _:
            return f"{name} does not take the chosen option"
