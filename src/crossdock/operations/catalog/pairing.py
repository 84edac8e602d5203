"""With no catalog read anywhere, SKUs that two platforms both list become hub variants: matched by SKU only."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from crossdock.domain.channel import ChannelId, ChannelProduct, ChannelVariant, ListingState
from crossdock.domain.matching import folded
from crossdock.operations import publishing
from crossdock.operations.catalog import identity, matching
from crossdock.operations.catalog.identity import Arrival
from crossdock.operations.catalog.product_rows import Incoming, product_row, variant_row
from crossdock.operations.events import Event, Subject, record
from crossdock.operations.orders import orders
from crossdock.operations.task import HUB, Task
from crossdock.store import tables
from crossdock.store.codec import pack, raw, unpack
from crossdock.store.database import Transaction
from crossdock.store.query import select_in, upsert

PRODUCT = tables.product
VARIANT = tables.variant
LISTING = tables.listing


def pair(tx: Transaction, task: Task, folded_skus: Iterable[str]) -> int:
    """Take in the SKUs, among those with these folded forms, that the catalog's owner and another channel share.

    That is for stock and orders: such a product has no content that could be pushed. Answers how many came in.
    """
    owner, keys = task.truth.catalog, [key for key in dict.fromkeys(folded_skus) if key]
    if not keys or owner in ("", HUB) or matching.reads_catalog(tx, owner):
        return 0
    # Named one by one, since SKUs are indexed by channel: without that the database would go through every listing.
    channels = LISTING.c.integration.in_(sa.select(tables.integration.c.name))
    there = sa.select(LISTING).where(channels, LISTING.c.state != ListingState.REMOVED)
    listed = select_in(tx, there, LISTING.c.folded_sku, keys)
    shared = _shared(listed, owner)
    statement = sa.select(VARIANT.c.sku)
    known = {row.sku for row in select_in(tx, statement, VARIANT.c.sku, [row.channel_sku for row in shared])}
    fresh = [row for row in shared if row.channel_sku not in known]
    if fresh:
        _take_in(tx, task, owner, fresh)
    return len(fresh)


def _shared(listed: Sequence[Any], owner: str) -> list[Any]:
    """The owner's listings whose SKU another channel has as well, to the letter and once on each side."""
    counts = Counter((row.integration, row.channel_sku) for row in listed)
    elsewhere = {sku for (name, sku), count in counts.items() if name != owner and count == 1}
    return [
        row
        for row in listed
        if row.integration == owner and row.channel_sku in elsewhere and counts[owner, row.channel_sku] == 1
    ]


def _take_in(tx: Transaction, task: Task, owner: str, rows: Sequence[Any]) -> None:
    by_owner = replace(task, integration=owner)
    products = [_product(key, some) for key, some in _by_product(rows).items()]
    found = identity.identify(tx, by_owner, [(product, product.variants) for product in products])
    arrivals = [one for one in found if isinstance(one, Arrival)]
    statement = sa.select(PRODUCT.c.id).where(~PRODUCT.c.is_removed)
    there = {row.id for row in select_in(tx, statement, PRODUCT.c.id, [arrival.id for arrival in arrivals])}
    fresh = [_product_row(by_owner, arrival) for arrival in arrivals if arrival.id not in there]
    upsert(tx, PRODUCT, fresh, keep=("created_at",))
    variants = [
        variant_row(arrival, one, position, raw(one.variant))
        for arrival in arrivals
        for position, one in enumerate(arrival.variants)
    ]
    upsert(tx, VARIANT, variants)
    _follow(tx, by_owner, arrivals)


def _by_product(rows: Sequence[Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: str(row.channel_id)):
        found[row.product_channel_id].append(row)
    return found


def _product(channel_id: str, rows: Sequence[Any]) -> ChannelProduct:
    variants = tuple(
        replace(unpack(ChannelVariant, row.body), channel_id=row.channel_id, channel_sku=row.channel_sku)
        for row in rows
    )
    return ChannelProduct(ChannelId(channel_id), rows[0].title, variants)


def _product_row(task: Task, arrival: Arrival) -> dict[str, Any]:
    row = product_row(task, arrival, Incoming(task.now, {}, {}, {}), is_whole=False)
    return row | {"body": pack({"is_content_known": False})}


def _follow(tx: Transaction, task: Task, arrivals: Sequence[Arrival]) -> None:
    coming = [one for arrival in arrivals for one in arrival.variants]
    for name in tx.scalars(sa.select(LISTING.c.integration).distinct()).all():
        matching.match_skus(tx, task, name, [folded(one.sku) for one in coming])
    orders.resolve_lines(tx, task, [one.sku for one in coming])
    publishing.mark_variants(tx, [one.id for one in coming])
    what = "Known by the SKUs that several platforms list; no catalog is read"
    record(tx, task, [Event(Subject.PRODUCT, arrival.id, what) for arrival in arrivals])
