"""A product with its variants. What a variant leaves empty it inherits from its product."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from crossdock.connectors.bigcommerce import payloads
from crossdock.connectors.bigcommerce.mapping.dates import to_moment
from crossdock.domain.channel import (
    ChannelId,
    ChannelProduct,
    ChannelSku,
    ChannelVariant,
    Dimensions,
    Image,
    LengthUnit,
    Option,
    Prices,
    Weight,
    WeightUnit,
)
from crossdock.domain.money import Money

_NO_DIGITS = re.compile("[^0-9]+")


@dataclass(frozen=True, slots=True)
class StoreUnits:
    """What the numbers of a store mean; a unit is None where the store names none that we know."""

    currency: str
    weight: WeightUnit | None
    length: LengthUnit | None


@dataclass(frozen=True, slots=True)
class Names:
    """The names behind the numbers of a product: its brand, and its categories from the root on."""

    brands: Mapping[int, str]
    categories: Mapping[int, str]


def to_product(raw: payloads.Product, *, names: Names, units: StoreUnits) -> ChannelProduct:
    return ChannelProduct(
        channel_id=ChannelId(str(raw.id)),
        title=raw.name,
        variants=tuple([_to_variant(raw, variant, units) for variant in _variants(raw)]),
        sku=ChannelSku(raw.sku or ""),
        description=raw.description or "",
        brand=names.brands.get(raw.brand_id or 0, ""),
        categories=tuple(
            name for number in raw.categories or () if (name := names.categories.get(number, ""))
        ),
        images=_to_images(raw.images or []),
        is_visible=raw.is_visible is not False,
        modified_at=to_moment(raw.date_modified) if raw.date_modified else None,
    )


def _variants(raw: payloads.Product) -> list[payloads.Variant]:
    """Every product has one variant at least; where the answer holds none, the base variant is the product itself."""
    if raw.variants:
        return raw.variants
    if raw.base_variant_id:
        return [payloads.Variant(id=raw.base_variant_id, sku=raw.sku, calculated_price=raw.calculated_price)]
    raise ValueError("the product came without variants")


def _to_variant(product: payloads.Product, raw: payloads.Variant, units: StoreUnits) -> ChannelVariant:
    is_base = not raw.option_values
    return ChannelVariant(
        channel_id=ChannelId(str(raw.id)),
        channel_sku=ChannelSku(raw.sku or (product.sku if is_base else None) or ""),
        options=_to_options(raw.option_values or []),
        prices=_to_prices(product, raw, units.currency),
        gtin=_gtin(raw, product if is_base else None),
        mpn=raw.mpn or product.mpn or "",
        weight=_to_weight(_or(raw.weight, _or(raw.calculated_weight, product.weight)), units.weight),
        dimensions=_to_dimensions(product, raw, units.length),
        image_url=raw.image_url or "",
        is_stock_tracked=product.inventory_tracking in ("product", "variant"),
        is_stock_shared=product.inventory_tracking == "product" and len(product.variants or ()) > 1,
        is_purchasable=not raw.purchasing_disabled and product.availability != "disabled",
    )


def _to_options(values: list[payloads.OptionValue]) -> tuple[Option, ...]:
    """Sorted by option: the platform promises no order of its own."""
    ordered = sorted(values, key=_place_of) if len(values) > 1 else values
    return tuple([Option(value.option_display_name or "", value.label or "") for value in ordered])


def _place_of(value: payloads.OptionValue) -> tuple[int, int]:
    return value.option_id or 0, value.id or 0


def _to_prices(product: payloads.Product, raw: payloads.Variant, currency: str) -> Prices | None:
    """A variant's price of null inherits, one of 0 is a real zero; 0 as sale or retail price means unset."""
    base = _or(raw.price, product.price)
    current = _or(raw.calculated_price, base)
    if current is None:
        return None
    return Prices(
        current=Money(current, currency),
        base=Money(base, currency) if base is not None else None,
        sale=_set_price(_or(raw.sale_price, product.sale_price), currency),
        msrp=_set_price(_or(raw.retail_price, product.retail_price), currency),
    )


def _set_price(amount: Decimal | None, currency: str) -> Money | None:
    return Money(amount, currency) if amount else None


def _gtin(raw: payloads.Variant, product: payloads.Product | None) -> str:
    """A product's own code serves only where it has no variants: several variants cannot share one."""
    candidates = (raw.gtin, raw.upc, product.gtin, product.upc) if product else (raw.gtin, raw.upc)
    for text in candidates:
        if text and (digits := _NO_DIGITS.sub("", text)):
            return digits
    return ""


def _to_weight(value: Decimal | None, unit: WeightUnit | None) -> Weight | None:
    return Weight(value, unit) if value and unit else None


def _to_dimensions(
    product: payloads.Product, raw: payloads.Variant, unit: LengthUnit | None
) -> Dimensions | None:
    length = _or(raw.depth, product.depth)
    width = _or(raw.width, product.width)
    height = _or(raw.height, product.height)
    return Dimensions(length, width, height, unit) if length and width and height and unit else None


def _to_images(raws: list[payloads.Image]) -> tuple[Image, ...]:
    """The thumbnail first, then as sorted in the store."""
    ordered = sorted(raws, key=lambda raw: (not raw.is_thumbnail, raw.sort_order or 0))
    urls = [raw.url_zoom or raw.url_standard for raw in ordered]
    return tuple(Image(url, position) for position, url in enumerate(url for url in urls if url))


def _or(value: Decimal | None, inherited: Decimal | None) -> Decimal | None:
    return inherited if value is None else value
