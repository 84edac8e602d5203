"""Pulls stock and locations, and lowers stock by what was sold elsewhere."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from operator import attrgetter

from msgspec import Raw

from crossdock.connectors.bigcommerce import payloads
from crossdock.connectors.bigcommerce.client import ITEMS_PAGE, Client
from crossdock.connectors.bigcommerce.mapping.location import to_location
from crossdock.connectors.bigcommerce.mapping.stock import named_ids, product_of_shared, to_levels
from crossdock.connectors.bigcommerce.reading import Position, by_page, decoded, read_records
from crossdock.connectors.bigcommerce.tracking import IDS_PER_CALL, Tracking
from crossdock.connectors.contract import Clock
from crossdock.connectors.errors import RefusedError
from crossdock.domain.channel import ChannelId, ChannelLocation, ChannelStock, StockAdjustment
from crossdock.domain.sync import Cursor, Page, Unreadable

REASON = "crossdock: sold on another channel"
LARGEST_REPORT = 2000


class Stock:
    """Reads and lowers the stock of one store."""

    def __init__(self, client: Client, tracking: Tracking) -> None:
        self._client = client
        self._tracking = tracking

    def pull(self, since: Cursor | None, clock: Clock) -> Iterator[Page[ChannelStock]]:
        """Always everything: the platform cannot say what changed since."""
        for step in by_page(self._client.items, Position.of(since, now=clock()), clock):
            levels, unreadable = self._levels(step.records)
            yield Page(levels, step.next.as_cursor(), step.read_began_at, unreadable, step.is_last)

    def read(self, variant_ids: Sequence[ChannelId], clock: Clock) -> Iterator[Page[ChannelStock]]:
        shared = {product for text in variant_ids if (product := product_of_shared(text)) is not None}
        own = {int(text) for text in variant_ids if product_of_shared(text) is None}
        for fetch, numbers in (
            (self._client.items_of_variants, sorted(own)),
            (self._client.items_of_products, sorted(shared)),
        ):
            for start in range(0, len(numbers), IDS_PER_CALL):
                began = clock()
                listing = fetch(numbers[start : start + IDS_PER_CALL])
                levels, unreadable = self._levels(listing.records)
                yield Page(levels, Cursor(""), began, unreadable)

    def read_named(self, names: Collection[str], clock: Clock) -> list[Page[ChannelStock]] | None:
        """What events have named. None where one is not counted, cannot be read or makes the answer too long."""
        ids = [named_ids(name) for name in names]
        products = {product for product, variant in ids if product and not variant}
        variants = {variant for product, variant in ids if variant and product not in products}
        pages: list[Page[ChannelStock]] = []
        for fetch, numbers, id_of in (
            (self._client.items_of_variants, sorted(variants), attrgetter("variant_id")),
            (self._client.items_of_products, sorted(products), attrgetter("product_id")),
        ):
            for start in range(0, len(numbers), IDS_PER_CALL):
                some, began = numbers[start : start + IDS_PER_CALL], clock()
                records = fetch(some).records
                items, unreadable = _items(records)
                is_whole = {id_of(item.identity) for item in items}.issuperset(some)
                if unreadable or not is_whole or len(records) >= ITEMS_PAGE:
                    return None
                pages.append(Page(self._levels_of(items), Cursor(""), began))
        return pages

    def _levels(self, records: Sequence[Raw]) -> tuple[tuple[ChannelStock, ...], tuple[Unreadable, ...]]:
        items, unreadable = _items(records)
        return self._levels_of(items), unreadable

    def _levels_of(self, items: Sequence[payloads.Item]) -> tuple[ChannelStock, ...]:
        variant_ids = self._tracking.variant_ids(items)
        levels = (
            level
            for item, number in zip(items, variant_ids, strict=True)
            for level in to_levels(item, number)
        )
        return tuple(levels)

    def report(self, adjustments: Sequence[StockAdjustment]) -> str:
        """One batch, applied whole or not at all.

        How a product's stock is counted may have changed since we looked. Such a batch is refused
        before anything is applied, so it is addressed anew and sent once more.
        """
        try:
            return self._adjust(adjustments)
        except RefusedError as refusal:
            if "tracked by" not in str(refusal):
                raise
        self._tracking.forget(_own_ids(adjustments))
        return self._adjust(adjustments)

    def _adjust(self, adjustments: Sequence[StockAdjustment]) -> str:
        counted_at = self._tracking.products_counted_for(_own_ids(adjustments))
        rows: dict[tuple[int, str, int], int] = {}
        # Ordered by location for speed, as the platform asks; an item stands in a batch once.
        for adjustment in sorted(adjustments, key=lambda one: (int(one.location_id), one.variant_id)):
            product_id = product_of_shared(adjustment.variant_id)
            if product_id is None:
                product_id = counted_at.get(int(adjustment.variant_id))
            name, number = (
                ("product_id", product_id)
                if product_id is not None
                else ("variant_id", int(adjustment.variant_id))
            )
            key = (int(adjustment.location_id), name, number)
            rows[key] = rows.get(key, 0) + adjustment.delta
        items = [
            {"location_id": place, name: number, "quantity": delta}
            for (place, name, number), delta in rows.items()
            if delta
        ]
        return self._client.adjust_relative(REASON, items).transaction_id


class Locations:
    """Reads the places that hold stock."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def pull(self, since: Cursor | None, clock: Clock) -> Iterator[Page[ChannelLocation]]:
        for step in by_page(self._client.locations, Position.of(since, now=clock()), clock):
            records, unreadable = read_records(
                step.records, lambda raw: to_location(decoded(raw, payloads.Location))
            )
            yield Page(records, step.next.as_cursor(), step.read_began_at, unreadable, step.is_last)


def _items(records: Sequence[Raw]) -> tuple[tuple[payloads.Item, ...], tuple[Unreadable, ...]]:
    return read_records(records, lambda raw: decoded(raw, payloads.Item))


def _own_ids(adjustments: Sequence[StockAdjustment]) -> set[int]:
    return {int(one.variant_id) for one in adjustments if product_of_shared(one.variant_id) is None}
