"""Rows that say how many units lie on the shelves of a warehouse."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from crossdock.connectors.flat_files.mapping.table import Row, to_units
from crossdock.domain.channel import ChannelId, ChannelSku, ChannelStock

FIELDS = ("sku", "quantity", "location")
REQUIRED = ("sku", "quantity")


def to_stock(row: Row, locations: Mapping[str, str]) -> ChannelStock:
    """`locations` are the warehouse's codes, each with the hub's location; any other is the hub's own. Raises ValueError.

    A file knows no ids of variants: the SKU is all there is.
    """
    sku = row.needed("sku")
    place = locations.get(row.cell("location"), row.cell("location"))
    units = to_units(row.cell("quantity"), least=0)
    return ChannelStock(ChannelId(sku), ChannelSku(sku), ChannelId(place), available=units, on_hand=units)


def repeated(stocks: Iterable[ChannelStock]) -> frozenset[tuple[str, str]]:
    """What is counted more than once: whether such counts add up or replace one another is the warehouse's secret."""
    counts = Counter((stock.channel_sku, stock.location_id) for stock in stocks)
    return frozenset(key for key, times in counts.items() if times > 1)
