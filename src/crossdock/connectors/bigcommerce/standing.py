"""Whether the store has variants at all that have no number of their own, and counts them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from crossdock.connectors.bigcommerce import payloads
from crossdock.connectors.bigcommerce.finding import Finder
from crossdock.domain.channel import ChannelId, ChannelRecord, Standing

COUNTS = ("product", "variant")


def standing(finder: Finder, records: Sequence[ChannelRecord]) -> Mapping[ChannelId, Standing]:
    """By variant; nothing of one whose product cannot be read. What is counted as a whole is counted."""
    numbers = sorted({int(record.product_id) for record in records})
    products, unreadable = finder.read(numbers)
    return {
        record.variant_id: _standing(products.get(int(record.product_id)), record.variant_id)
        for record in records
        # A record without a number may be any of these.
        if record.product_id not in unreadable and "" not in unreadable
    }


def _standing(product: payloads.Product | None, variant_id: ChannelId) -> Standing:
    if product is None:
        return Standing.GONE
    here = {variant.id for variant in product.variants or ()} | {product.base_variant_id}
    if int(variant_id) not in here:
        return Standing.GONE
    return Standing.COUNTED if product.inventory_tracking in COUNTS else Standing.UNCOUNTED
