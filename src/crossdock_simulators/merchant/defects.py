"""Mistakes as real catalogs have them, planted at fixed places, and the listings that suffer from them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from decimal import Decimal
from random import Random
from typing import Any, Final

from crossdock_simulators.merchant.goods import Merchant, SoldProduct, SoldVariant

MISSING_SKU: Final = "missing_sku"
CASE: Final = "case"
WHITESPACE: Final = "whitespace"
DUPLICATE: Final = "duplicate"
MISSING_IMAGE: Final = "missing_image"
MISSING_WEIGHT: Final = "missing_weight"
DEFECTS: Final = frozenset({MISSING_SKU, CASE, WHITESPACE, DUPLICATE, MISSING_IMAGE, MISSING_WEIGHT})
Listing = dict[str, Any]


def spoiled(products: Sequence[SoldProduct], planted: Collection[str]) -> list[SoldProduct]:
    """The mistakes of the store itself, each on one product of its own."""
    changed = list(products)
    simple = [place for place, one in enumerate(products) if not one.variants[0].choices]
    if MISSING_SKU in planted and simple:
        place = simple[0]
        variant = replace(changed[place].variants[0], sku="")
        changed[place] = replace(changed[place], sku="", variants=(variant,))
    if MISSING_IMAGE in planted and len(simple) > 1:
        changed[simple[1]] = replace(changed[simple[1]], images=())
    if MISSING_WEIGHT in planted and len(simple) > 2:
        changed[simple[2]] = replace(changed[simple[2]], weight=Decimal(0))
    return changed


def existing_listings(
    merchant: Merchant, count: int, *, seed: int = 0, defects: bool | Collection[str] = False
) -> list[Listing]:
    """Listings that another marketplace has already, with near misses of the SKUs where they are asked for."""
    planted = DEFECTS if defects is True else frozenset(defects or ())
    random = Random(seed)
    listings = [_listing(random, product) for product in merchant.products[:count]]
    with_sku = [listing for listing in listings if listing["skus"][0]["seller_sku"]]
    if CASE in planted and with_sku:
        first = with_sku[0]["skus"][0]
        first["seller_sku"] = first["seller_sku"].lower()
    if WHITESPACE in planted and len(with_sku) > 1:
        first = with_sku[1]["skus"][0]
        first["seller_sku"] = f" {first['seller_sku']} "
    if DUPLICATE in planted and len(with_sku) > 3:
        with_sku[3]["skus"][0]["seller_sku"] = with_sku[2]["skus"][0]["seller_sku"]
    if MISSING_SKU in planted and len(with_sku) > 4:
        with_sku[4]["skus"][0]["seller_sku"] = ""
    return listings


def _listing(random: Random, product: SoldProduct) -> Listing:
    skus = [_sku(random, product, variant) for variant in product.variants]
    return {"title": f"{product.brand} {product.name}", "description": product.description, "skus": skus}


def _sku(random: Random, product: SoldProduct, variant: SoldVariant) -> dict[str, Any]:
    return {
        "seller_sku": variant.sku,
        "price": str(variant.price or product.sale_price or product.price),
        "quantity": random.randint(0, 50),
        "sales_attributes": [{"name": name, "value_name": label} for name, label in variant.choices],
    }
