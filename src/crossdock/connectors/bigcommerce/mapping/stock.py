"""Stock levels, and the rows by which sales made elsewhere lower them."""

from __future__ import annotations

from collections.abc import Iterator

from crossdock.connectors.bigcommerce import payloads
from crossdock.domain.channel import ChannelId, ChannelSku, ChannelStock

# Stock that all variants of a product share belongs to none of them.
_SHARED = "product:"


def shared_id(product_id: int) -> ChannelId:
    return ChannelId(f"{_SHARED}{product_id}")


def product_of_shared(variant_id: str) -> int | None:
    """The product's number behind an id of shared stock; None for a variant's own."""
    return int(variant_id.removeprefix(_SHARED)) if variant_id.startswith(_SHARED) else None


def stock_name(product_id: int | None, variant_id: int | None) -> str:
    """What an event calls the stock that changed: a variant's, or that of a whole product."""
    return f"{product_id or ''}/{variant_id or ''}"


def named_ids(name: str) -> tuple[int | None, int | None]:
    """The product and the variant behind such a name; without the variant all of the product is meant."""
    product, _, variant = name.partition("/")
    return int(product) if product else None, int(variant) if variant else None


def to_levels(item: payloads.Item, variant_id: ChannelId) -> Iterator[ChannelStock]:
    """One level for each location of the item."""
    for place in item.locations or ():
        is_in_stock = place.settings is None or place.settings.is_in_stock is not False
        available = place.available_to_sell or 0
        on_hand = place.total_inventory_onhand
        yield ChannelStock(
            variant_id=variant_id,
            channel_sku=ChannelSku(item.identity.sku or ""),
            location_id=ChannelId(str(place.location_id)),
            available=available,
            on_hand=available if on_hand is None else on_hand,
            is_sellable=place.location_enabled is not False and is_in_stock,
        )
