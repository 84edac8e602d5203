"""Pulls products: the search tells what changed, and one more call per changed product what it is."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from crossdock.connectors.contract import Clock, Memory
from crossdock.connectors.errors import RefusedError
from crossdock.connectors.tiktok_shop.client import Client
from crossdock.connectors.tiktok_shop.listings import read_windows
from crossdock.connectors.tiktok_shop.mapping.listing import to_listing
from crossdock.connectors.tiktok_shop.mapping.sold import to_product
from crossdock.connectors.tiktok_shop.payloads import text
from crossdock.connectors.tiktok_shop.payloads_product import FoundProduct
from crossdock.connectors.tiktok_shop.payloads_sold import SoldProduct
from crossdock.domain.channel import ChannelProduct
from crossdock.domain.sync import Cursor, Page

DELETED = "DELETED"


def pull_products(
    client: Client, clock: Clock, memory: Memory, since: Cursor | None
) -> Iterator[Page[ChannelProduct]]:
    def mapping(found: FoundProduct) -> ChannelProduct:
        if text(found.status) == DELETED:
            return to_listing(found)
        return to_product(found, _detail(client, memory, found))

    return read_windows(client, clock, since, mapping)


def _detail(client: Client, memory: Memory, found: FoundProduct) -> SoldProduct:
    """Kept by the time of its last update, so that a sweep costs calls only for what changed since the last one.

    Raises ValueError when the detail of just this product cannot be had.
    """
    product_id, version = text(found.id), str(found.update_time or "")
    kept = memory.get("product", product_id)
    if kept is not None and version:
        kept_version, detail = msgspec.json.decode(kept, type=tuple[str, SoldProduct])
        if kept_version == version:
            return detail
    try:
        detail = client.sold_product(product_id)
    except RefusedError as error:
        raise ValueError(f"TikTok Shop does not show its detail: {error}") from error
    memory.put("product", product_id, msgspec.json.encode((version, detail)).decode())
    return detail
