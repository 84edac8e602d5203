"""What the shop shows otherwise than the hub would leave it, of the fields that the hub sets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from crossdock.connectors.tiktok_shop.mapping.listing import to_listing
from crossdock.connectors.tiktok_shop.mapping.product import from_prices
from crossdock.connectors.tiktok_shop.mapping.text import from_title
from crossdock.connectors.tiktok_shop.payloads import text
from crossdock.connectors.tiktok_shop.payloads_product import FoundProduct
from crossdock.domain import drift
from crossdock.domain.catalog import Listable, ListableVariant
from crossdock.domain.channel import ChannelProduct, ChannelVariant, ListingState
from crossdock.domain.drift import Difference
from crossdock.domain.money import Money

OVER = frozenset({"", "NONE", "APPROVED"})
"""States of a review in which what the search shows is the newest version."""
DEACTIVATED = "What somebody deactivates stays off sale: activate it in Seller Center to sell it"


def to_shown(product: FoundProduct) -> ChannelProduct:
    """While an edit is reviewed, and after it was refused, the search shows the version before it."""
    shown = to_listing(product)
    audit = text(product.audit.status) if product.audit else ""
    if audit in OVER or shown.state is ListingState.REMOVED:
        return shown
    return replace(shown, state=ListingState.IN_REVIEW)


def differences(
    wanted: Listable, shown: ChannelProduct, *, currency: str, is_known_off: bool
) -> Iterator[Difference]:
    """`is_known_off` says that the hub itself took it off sale."""
    if shown.state is ListingState.REMOVED:
        yield drift.gone(wanted.product.title)
        return
    if shown.state is ListingState.INACTIVE and not is_known_off:
        yield Difference(drift.LISTED, drift.LISTED_THERE, drift.NOT_LISTED, left_because=DEACTIVATED)
    if shown.title != (title := from_title(wanted.product.title)):
        yield Difference(drift.TITLE, title, shown.title)
    for part, variant in drift.by_variant(wanted.variants, shown):
        if variant is None:
            yield Difference(drift.LISTED, drift.LISTED_THERE, "", part.variant.sku)
            continue
        yield from drift.sku_differences(part, variant)
        yield from _price_differences(part, variant, currency=currency)


def _price_differences(
    part: ListableVariant, variant: ChannelVariant, *, currency: str
) -> Iterator[Difference]:
    price = from_prices(part.variant.prices, currency=currency).get("price")
    if price is None:
        return
    wanted = Money(Decimal(price["amount"]), price["currency"])
    shown = variant.prices.current if variant.prices else None
    yield from drift.price_differences(part, {drift.PRICE: wanted}, {drift.PRICE: shown})
