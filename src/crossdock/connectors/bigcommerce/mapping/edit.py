"""What is to be changed about a product of the store, so that it says what the hub says and keeps what is not ours."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from crossdock.connectors.bigcommerce import payloads
from crossdock.connectors.bigcommerce.mapping import listing
from crossdock.connectors.bigcommerce.mapping.listing import Json, Style, folded
from crossdock.domain.catalog import Listable, ListableVariant

AMOUNTS = ("price", "sale_price", "retail_price", "weight", "width", "height", "depth")
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Edit:
    """`rows` are changed variants with their `id`; `misfits` have options that a variant cannot change into."""

    product: Json
    rows: tuple[Json, ...]
    links: Mapping[str, int]
    missing: tuple[ListableVariant, ...]
    misfits: tuple[tuple[ListableVariant, payloads.Variant], ...]
    of_product: Mapping[str, Decimal]
    """What the product says for its variants once it is changed."""


def edit_of(listable: Listable, style: Style, raw: payloads.Product, *, brand: str) -> Edit:
    found = _matched(listable, raw)
    is_simple = is_base(raw) and len(listable.variants) == 1
    product = _product_changes(listable, raw, brand=brand)
    if len(found) == len(raw.variants or ()):
        # Else somebody's own variants would follow the new numbers.
        product |= _amount_changes(listing.shared_amounts(listable.variants, style), raw)
    if is_simple:
        product |= _simple_changes(listable.variants[0], raw)
    of_product = {name: _amount(product.get(name, getattr(raw, name))) for name in AMOUNTS}
    rows, misfits = [], []
    for part, variant in found.values():
        if not variant.option_values:
            changes = _base_changes(variant, of_product, listing.prices_of(part, style)) if is_simple else {}
        else:
            changes = _variant_changes(part, variant, listing.own_amounts(part, style, of_product))
        if changes:
            rows.append({"id": variant.id, **changes})
        if not is_simple and part.variant.options and choices(variant) != listing.choices_of(part):
            misfits.append((part, variant))
    rows += [{"id": number, "purchasing_disabled": True} for number in _still_sold(listable, raw, found)]
    return Edit(
        product=product,
        rows=tuple(rows),
        links={key: variant.id for key, (_, variant) in found.items()},
        missing=tuple(part for part in listable.variants if part.variant.id not in found),
        misfits=tuple(misfits),
        of_product=of_product,
    )


def _still_sold(
    listable: Listable, raw: payloads.Product, found: Mapping[str, tuple[ListableVariant, payloads.Variant]]
) -> list[int]:
    """Variants that left the catalog and can be bought all the same."""
    ours = {variant.id for _, variant in found.values()}
    return [
        variant.id
        for variant in raw.variants or ()
        if str(variant.id) in listable.withdrawn
        and variant.id not in ours
        and variant.option_values
        and not variant.purchasing_disabled
    ]


def is_base(raw: payloads.Product) -> bool:
    """Whether the product has no options, and so one variant that is the product itself."""
    return all(not variant.option_values for variant in raw.variants or ())


def choices(variant: payloads.Variant) -> dict[str, str]:
    """By name and label: numbers of values change when an old option set is edited."""
    return {
        folded(value.option_display_name or ""): folded(value.label or "")
        for value in variant.option_values or ()
    }


def sku_of(raw: payloads.Product, variant: payloads.Variant) -> str:
    return variant.sku or (raw.sku if not variant.option_values else "") or ""


def _matched(
    listable: Listable, raw: payloads.Product
) -> dict[str, tuple[ListableVariant, payloads.Variant]]:
    """By the number that we know, else by SKU, exactly."""
    variants = raw.variants or []
    by_id = {str(variant.id): variant for variant in variants}
    linked = {part.channel_id for part in listable.variants}
    # A SKU that was renamed here may still stand there on the variant that had it.
    by_sku = {sku_of(raw, variant): variant for variant in variants if str(variant.id) not in linked}
    found = {}
    for part in listable.variants:
        variant = by_id.get(part.channel_id or "") or by_sku.get(part.channel_sku)
        if variant is not None:
            found[part.variant.id] = (part, variant)
    return found


def _product_changes(listable: Listable, raw: payloads.Product, *, brand: str) -> Json:
    """Categories and tax belong to the merchant once the product is there; what the hub lacks is left alone."""
    product, changes = listable.product, Json()
    names = listing.names_of(listable)
    if raw.name not in names:
        changes["name"] = names[0]
    if product.description and product.description != raw.description:
        changes["description"] = product.description
    if product.brand and folded(product.brand) != folded(brand):
        changes["brand_name"] = product.brand
    return changes


def _amount_changes(wanted: Mapping[str, Decimal], raw: payloads.Product) -> Json:
    return {name: value for name, value in wanted.items() if value != _amount(getattr(raw, name))}


def _simple_changes(part: ListableVariant, raw: payloads.Product) -> Json:
    changes = _code_changes(part, raw)
    if raw.sku != part.channel_sku:
        changes["sku"] = part.channel_sku
    if part.variant.is_purchasable == (raw.availability == "disabled"):
        changes["availability"] = "available" if part.variant.is_purchasable else "disabled"
    return changes


def _base_changes(
    variant: payloads.Variant, of_product: Mapping[str, Decimal], prices: Mapping[str, Decimal]
) -> Json:
    """A base variant with a price of its own hides its product's."""
    return {
        name: of_product[name]
        for name in prices
        if (own := getattr(variant, name)) is not None and own != of_product[name]
    }


def _variant_changes(
    part: ListableVariant, variant: payloads.Variant, wanted: Mapping[str, Decimal | None]
) -> Json:
    changes: Json = {name: value for name, value in wanted.items() if getattr(variant, name) != value}
    changes |= _code_changes(part, variant)
    if variant.sku != part.channel_sku:
        changes["sku"] = part.channel_sku
    if bool(variant.purchasing_disabled) == part.variant.is_purchasable:
        changes["purchasing_disabled"] = not part.variant.is_purchasable
    return changes


def _code_changes(part: ListableVariant, raw: payloads.Product | payloads.Variant) -> Json:
    changes, code = Json(), listing.code_of(part)
    if code and code != re.sub(r"[^0-9]", "", raw.gtin or raw.upc or ""):
        changes["upc"] = code
        if raw.gtin:
            changes["gtin"] = code
    if part.variant.mpn and part.variant.mpn != raw.mpn:
        changes["mpn"] = part.variant.mpn
    return changes


def _amount(value: Decimal | None) -> Decimal:
    return _ZERO if value is None else value
