"""A product of the search becomes a listing: what it offers and where it stands."""

from __future__ import annotations

from datetime import UTC, datetime

from crossdock.connectors.tiktok_shop.payloads import amount, text
from crossdock.connectors.tiktok_shop.payloads_product import (
    FoundProduct,
    ProductDetail,
    ProductSku,
    SkuPrice,
)
from crossdock.connectors.tiktok_shop.payloads_sold import SoldProduct
from crossdock.domain.channel import (
    ChannelId,
    ChannelProduct,
    ChannelSku,
    ChannelVariant,
    ListingState,
    Prices,
)
from crossdock.domain.money import Money

STATES = {
    "ACTIVATE": ListingState.LIVE,
    "PENDING": ListingState.IN_REVIEW,
    "FAILED": ListingState.REFUSED,
    "DRAFT": ListingState.DRAFT,
    "SELLER_DEACTIVATED": ListingState.INACTIVE,
    "PLATFORM_DEACTIVATED": ListingState.INACTIVE,
    "FREEZE": ListingState.FROZEN,
    "DELETED": ListingState.REMOVED,
}


def to_listing(product: FoundProduct, reasons: tuple[str, ...] = ()) -> ChannelProduct:
    """A status that the documents do not know yet counts as not on sale."""
    state = STATES.get(text(product.status), ListingState.INACTIVE)
    return ChannelProduct(
        channel_id=ChannelId(text(product.id)),
        title=text(product.title),
        variants=tuple(to_variant(sku) for sku in product.skus or ()),
        state=state,
        state_reasons=reasons,
        is_visible=state is ListingState.LIVE,
        modified_at=datetime.fromtimestamp(product.update_time, UTC) if product.update_time else None,
    )


def to_variant(sku: ProductSku) -> ChannelVariant:
    inventory = sku.inventory or ()
    return ChannelVariant(
        channel_id=ChannelId(text(sku.id)),
        # A seller's SKU is compared exactly, spaces included.
        channel_sku=ChannelSku("" if sku.seller_sku is None else str(sku.seller_sku)),
        prices=_prices(sku.price),
        is_purchasable=sku.status_info is None or text(sku.status_info.status) != "DEACTIVATED",
        warehouse_ids=tuple(ChannelId(text(entry.warehouse_id)) for entry in inventory if entry.warehouse_id),
    )


def _prices(price: SkuPrice | None) -> Prices | None:
    if price is None or not price.shown():
        return None
    return Prices(current=Money(amount(price.shown()), text(price.currency)))


def needs_reasons(product: FoundProduct) -> bool:
    """A refused edit leaves the old version live: only the audit tells then."""
    audit = text(product.audit.status) if product.audit else ""
    return "FAILED" in (text(product.status), audit)


def to_reasons(detail: ProductDetail | SoldProduct) -> tuple[str, ...]:
    """Each reason with the place it is about and what to do, where TikTok Shop says so."""
    return tuple(
        ": ".join(
            part for part in (text(failure.position), _sentence(failure.reasons, failure.suggestions)) if part
        )
        for failure in detail.audit_failed_reasons or ()
    )


def _sentence(reasons: list[str] | None, suggestions: list[str] | None) -> str:
    said = "; ".join(reasons or ())
    advice = "; ".join(suggestions or ())
    return f"{said} (suggested: {advice})" if advice else said
