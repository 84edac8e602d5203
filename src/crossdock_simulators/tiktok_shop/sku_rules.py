"""What the platform refuses in the SKUs of a listing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from crossdock_simulators.tiktok_shop import categories
from crossdock_simulators.tiktok_shop.errors import ApiError
from crossdock_simulators.tiktok_shop.listing_reader import Listing
from crossdock_simulators.tiktok_shop.records import Content, Sku
from crossdock_simulators.tiktok_shop.shop import Shop

SALES_ATTRIBUTES = 3
HIGHEST_QUANTITY = 99_999
HIGHEST_LIST_PRICE = Decimal(7600)
HIGHEST_PRICE = Decimal(1_000_000)
CODE_PATTERNS = {
    "GTIN": r"\d{14}",
    "EAN": r"\d{8}|\d{13}|\d{14}",
    "UPC": r"\d{12}",
    "ISBN": r"\d{13}|\d{9}X|\d{12}X",
    "JAN": r"\d{8}|\d{13}",
}


def sku_problems(shop: Shop, listing: Listing, *, product_id: str) -> Iterator[ApiError]:
    skus = listing.content.skus
    if not skus:
        yield ApiError(12052902)
        return
    if len(skus) > shop.region.sku_limit:
        yield ApiError(12052050, f"at most {shop.region.sku_limit}")
    if len({sku.id for sku in skus}) < len(skus):
        yield ApiError(12052553)
    yield from _sales_attribute_problems(shop, listing.content)
    for currency in listing.currencies - {shop.region.currency}:
        yield ApiError(12052084, f"{currency}, expected {shop.region.currency}")
    for sku in skus:
        yield from _seller_sku_problems(shop, sku)
        yield from _price_problems(shop, sku)
    yield from _code_problems(shop, listing.content, product_id)
    yield from _inventory_problems(shop, listing, is_new=not product_id)


def quantity_problem(shop: Shop, quantity: int) -> ApiError | None:
    lowest = 0 if shop.switches.accepts_zero_quantity else 1
    if lowest <= quantity <= HIGHEST_QUANTITY:
        return None
    return ApiError(12052055, f"{quantity}, expected {lowest} to {HIGHEST_QUANTITY}")


def warehouse_problem(shop: Shop, warehouse_id: str) -> ApiError | None:
    warehouse = shop.warehouses.get(warehouse_id)
    if warehouse is None:
        return ApiError(12052097)
    if warehouse.fbt_id:
        return ApiError(12052144)
    return ApiError(12052532) if warehouse.type != "SALES_WAREHOUSE" else None


def _sales_attribute_problems(shop: Shop, content: Content) -> Iterator[ApiError]:
    skus = content.skus
    kinds = {tuple(sorted(a.id for a in sku.sales_attributes)) for sku in skus}
    if len(skus) > 1 and (len(kinds) > 1 or () in kinds):
        yield ApiError(12052550)
    if any(len(kind) > SALES_ATTRIBUTES for kind in kinds):
        yield ApiError(12052525)
    combinations = {frozenset((a.id, a.value_name) for a in sku.sales_attributes) for sku in skus}
    if len(combinations) < len(skus):
        yield ApiError(12052560)
    with_images = {a.id for sku in skus for a in sku.sales_attributes if a.image_uri}
    if len(with_images) > 1:
        yield ApiError(12052528)
    built_in = {attribute.id for attribute in categories.SALES}
    for attribute in (a for sku in skus for a in sku.sales_attributes):
        if not attribute.name and attribute.id not in built_in:
            yield ApiError(12052527, attribute.id)
        if not attribute.value_name:
            yield ApiError(12052529, attribute.value_id)
        if len(attribute.name) > 20 or len(attribute.value_name) > 50:
            yield ApiError(36009004, f"sales attribute {attribute.name} {attribute.value_name}")
        if attribute.image_uri and attribute.image_uri not in shop.tables.images:
            yield ApiError(12052520, attribute.image_uri)


def _seller_sku_problems(shop: Shop, sku: Sku) -> Iterator[ApiError]:
    if len(sku.seller_sku) > 50:
        yield ApiError(12052054, sku.seller_sku)
    if " " in sku.seller_sku:
        yield ApiError(12019059, f"{sku.seller_sku!r} has a space")
    if shop.region.strict_seller_sku and not re.fullmatch(r"[A-Za-z0-9_-]{6,50}", sku.seller_sku):
        yield ApiError(12019059, f"{sku.seller_sku!r} must be 6 to 50 of A-Z a-z 0-9 _ -")
    if len(sku.external_sku_id) > 999:
        yield ApiError(12052369)


def _price_problems(shop: Shop, sku: Sku) -> Iterator[ApiError]:
    if not 0 < sku.price < HIGHEST_PRICE:
        yield ApiError(12052073, str(sku.price))
    if sku.list_price is None:
        return
    if shop.region.code != "US":
        yield ApiError(12052376)
    elif not 0 < sku.list_price <= HIGHEST_LIST_PRICE:
        yield ApiError(12052383)


def _code_problems(shop: Shop, content: Content, product_id: str) -> Iterator[ApiError]:
    codes = [sku.identifier_code for sku in content.skus if sku.identifier_code]
    if len(set(codes)) < len(codes):
        yield ApiError(12052592)
    for code, kind in codes:
        if kind not in CODE_PATTERNS:
            yield ApiError(12052600)
        elif not re.fullmatch(CODE_PATTERNS[kind], code):
            yield ApiError(12052591, f"{kind} {code}")
    edited = shop.tables.products.get(product_id)
    if edited is None or edited.status == "DRAFT":
        return
    submitted = {sku.id: sku.identifier_code for sku in edited.latest.skus if sku.identifier_code}
    if any(submitted.get(sku.id, sku.identifier_code) != sku.identifier_code for sku in content.skus):
        yield ApiError(12052593)


def _inventory_problems(shop: Shop, listing: Listing, *, is_new: bool) -> Iterator[ApiError]:
    known = {sku_id for sku_id, entries in listing.inventory.items() if entries}
    for sku in listing.content.skus:
        if sku.id not in known and (is_new or sku.id not in shop.tables.stock):
            yield ApiError(12019022, sku.seller_sku)
    for entries in listing.inventory.values():
        warehouses = [warehouse_id for warehouse_id, _ in entries if warehouse_id]
        if len(set(warehouses)) < len(warehouses):
            yield ApiError(12052555)
        checks = [warehouse_problem(shop, warehouse_id) for warehouse_id in warehouses]
        checks += [quantity_problem(shop, quantity) for _, quantity in entries]
        yield from (problem for problem in checks if problem)
