"""What the store shows otherwise than the hub would leave it, of the fields that the hub sets."""

from __future__ import annotations

from collections.abc import Iterator

from crossdock.connectors.bigcommerce.mapping.listing import Style, names_of, prices_of
from crossdock.domain import drift
from crossdock.domain.catalog import Listable, ListableVariant
from crossdock.domain.channel import ChannelProduct, ChannelVariant, Prices
from crossdock.domain.drift import Difference
from crossdock.domain.money import Money

NAMES = {"price": drift.PRICE, "sale_price": drift.SALE_PRICE, "retail_price": drift.MSRP}
"""The platform's price field → what people call it."""
HIDDEN = "What somebody hides in BigCommerce stays hidden: show it there to sell it"


def differences(wanted: Listable, shown: ChannelProduct, style: Style) -> Iterator[Difference]:
    """Names have a second form, for where another product of the store has the first."""
    names = names_of(wanted)
    if shown.title not in names:
        yield Difference(drift.TITLE, names[0], shown.title)
    if not shown.is_visible:
        yield Difference(drift.LISTED, drift.LISTED_THERE, drift.NOT_LISTED, left_because=HIDDEN)
    for part, variant in drift.by_variant(wanted.variants, shown):
        if variant is None:
            yield Difference(drift.LISTED, drift.LISTED_THERE, "", part.variant.sku)
            continue
        yield from drift.sku_differences(part, variant)
        yield from _price_differences(part, variant, style)
        if variant.is_purchasable != part.variant.is_purchasable:
            told = {True: "yes", False: "no"}
            yield Difference(
                drift.FOR_SALE,
                told[part.variant.is_purchasable],
                told[variant.is_purchasable],
                part.variant.sku,
            )


def _price_differences(part: ListableVariant, variant: ChannelVariant, style: Style) -> Iterator[Difference]:
    currency = style.units.currency
    fields = prices_of(part, style)
    wanted = {NAMES[field]: Money(amount, currency) if amount else None for field, amount in fields.items()}
    shown = _shown(variant.prices)
    if shown.get(drift.SALE_PRICE) == shown.get(drift.PRICE):
        # How a variant is written that is not on sale while its product is.
        shown[drift.SALE_PRICE] = None
    if drift.MSRP in wanted and wanted[drift.MSRP] is None:
        # What is shown may be its product's, which a variant cannot unset.
        del wanted[drift.MSRP]
    yield from drift.price_differences(part, wanted, shown)


def _shown(prices: Prices | None) -> dict[str, Money | None]:
    if prices is None:
        return {}
    base = prices.base if prices.base and prices.base.amount else None
    return {drift.PRICE: base, drift.SALE_PRICE: prices.sale, drift.MSRP: prices.msrp}
