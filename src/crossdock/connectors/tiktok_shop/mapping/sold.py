"""A product of the shop, by search and detail, becomes a product of the catalog."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation

from crossdock.connectors.tiktok_shop.mapping.listing import to_listing, to_reasons
from crossdock.connectors.tiktok_shop.mapping.options import ONE_COLOR
from crossdock.connectors.tiktok_shop.payloads import amount, text
from crossdock.connectors.tiktok_shop.payloads_product import FoundProduct
from crossdock.connectors.tiktok_shop.payloads_sold import (
    ChainLink,
    Measure,
    PackageSize,
    ProductImage,
    SalesAttribute,
    SoldProduct,
    SoldSku,
)
from crossdock.domain.channel import (
    ChannelProduct,
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

WEIGHTS = {"KILOGRAM": WeightUnit.KILOGRAM, "GRAM": WeightUnit.GRAM, "POUND": WeightUnit.POUND}
LENGTHS = {"CENTIMETER": LengthUnit.CENTIMETER, "INCH": LengthUnit.INCH}


def to_product(found: FoundProduct, detail: SoldProduct) -> ChannelProduct:
    """The search says where it stands, what it costs and where its stock lies; the detail says what it is."""
    listing = to_listing(found, to_reasons(detail))
    skus = {text(sku.id): sku for sku in detail.skus or ()}
    common = _common_options(detail.skus or ())
    urls = [url for image in detail.main_images or () if (url := _url(image))]
    return replace(
        listing,
        variants=tuple(_variant(v, skus.get(v.channel_id), detail, common) for v in listing.variants),
        description=text(detail.description),
        brand=text(detail.brand.name) if detail.brand else "",
        categories=_categories(detail.category_chains or ()),
        images=tuple(Image(url, position) for position, url in enumerate(urls)),
    )


def _variant(
    variant: ChannelVariant, sku: SoldSku | None, detail: SoldProduct, common: frozenset[Option]
) -> ChannelVariant:
    """A SKU that came after the detail was read has its package's measures only; it changes the product again."""
    package = replace(
        variant,
        prices=_prices(variant.prices, sku),
        weight=_weight(detail.package_weight),
        dimensions=_dimensions(detail.package_dimensions),
    )
    if sku is None:
        return package
    code = "".join(filter(str.isalnum, text(sku.identifier_code.code))) if sku.identifier_code else ""
    return replace(
        package,
        options=tuple(option for option in _options(sku) if option not in common),
        gtin=code,
        weight=_weight(sku.sku_weight) or package.weight,
        dimensions=_dimensions(sku.sku_dimensions) or package.dimensions,
        image_url=next((url for a in sku.sales_attributes or () if (url := _url(a.sku_img))), ""),
    )


def _options(sku: SoldSku) -> tuple[Option, ...]:
    return tuple(_option(attribute) for attribute in sku.sales_attributes or () if text(attribute.name))


def _option(attribute: SalesAttribute) -> Option:
    return Option(text(attribute.name), text(attribute.value_name))


def _common_options(skus: Sequence[SoldSku]) -> frozenset[Option]:
    """Clothing must have a color on TikTok Shop: the one that stands in where there is none tells nothing."""
    return frozenset({ONE_COLOR}) if skus and all(ONE_COLOR in _options(sku) for sku in skus) else frozenset()


def _prices(shown: Prices | None, sku: SoldSku | None) -> Prices | None:
    """What a shopper pays is also the base price; the price to compare it to stands beside it in the US."""
    if shown is None and sku is not None and sku.price is not None and sku.price.shown():
        shown = Prices(current=Money(amount(sku.price.shown()), text(sku.price.currency)))
    if shown is None:
        return None
    compared = sku.list_price if sku is not None else None
    msrp = Money(amount(compared.amount), text(compared.currency)) if compared and compared.amount else None
    return replace(shown, base=shown.current, msrp=msrp)


def _categories(chain: Sequence[ChainLink]) -> tuple[str, ...]:
    """The one leaf that a product is in, as its path from the root."""
    by_parent: Mapping[str, ChainLink] = {text(link.parent_id): link for link in chain}
    ids = {text(link.id) for link in chain}
    link = next((link for link in chain if text(link.parent_id) not in ids), None)
    path: list[str] = []
    while link is not None and len(path) < len(chain):
        path.append(text(link.local_name))
        link = by_parent.get(text(link.id))
    return (" / ".join(path),) if path else ()


def _url(image: ProductImage | None) -> str:
    return next(iter((image.urls or image.thumb_urls or []) if image else []), "")


def _weight(measure: Measure | None) -> Weight | None:
    """A unit that the documents do not know is no weight to go by."""
    unit = WEIGHTS.get(text(measure.unit)) if measure else None
    value = _positive(measure.value) if measure else None
    return Weight(value, unit) if unit is not None and value is not None else None


def _dimensions(size: PackageSize | None) -> Dimensions | None:
    unit = LENGTHS.get(text(size.unit)) if size else None
    if size is None or unit is None:
        return None
    sides = [_positive(side) for side in (size.length, size.width, size.height)]
    length, width, height = sides
    if length is None or width is None or height is None:
        return None
    return Dimensions(length, width, height, unit)


def _positive(value: str | int | float | None) -> Decimal | None:
    try:
        number = amount(value)
    except InvalidOperation:
        return None
    return number if number > 0 else None
