"""Foresees a change of the catalog's direction from what the hub has read of both sides."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from crossdock.domain import switching
from crossdock.domain.channel import ListingState
from crossdock.domain.switching import Preview, Side
from crossdock.operations.task import HUB
from crossdock.store import tables
from crossdock.store.database import Transaction

LISTING = tables.listing
PRODUCT = tables.product
VARIANT = tables.variant


def preview(tx: Transaction, *, source: str, target: str, scope: frozenset[str]) -> Preview:
    """What `target` would get if `source` were the catalog's source; an empty scope means all SKUs.

    Both are names of integrations; the source may be the hub itself. Reads only what is stored: a side that
    was never read has nothing, see `is_read`.
    """
    ours = _own_products(tx, target) if source == HUB else _listed(tx, source)
    wanted = (side for side in ours if not scope or side.sku in scope)
    return switching.preview(wanted, _listed(tx, target))


def is_read(tx: Transaction, integration: str) -> bool:
    """Whether the hub knows anything of what the integration lists; the hub itself is always known."""
    statement = sa.select(LISTING.c.channel_id).where(LISTING.c.integration == integration).limit(1)
    return integration == HUB or tx.execute(statement).first() is not None


def _listed(tx: Transaction, integration: str) -> Iterator[Side]:
    statement = (
        sa.select(LISTING.c.product_channel_id, LISTING.c.title, LISTING.c.channel_sku, LISTING.c.variant_id)
        .where(LISTING.c.integration == integration, LISTING.c.state != ListingState.REMOVED)
        .order_by(LISTING.c.channel_id)
    )
    for row in tx.execute(statement):
        yield Side(row.product_channel_id, row.title, row.channel_sku, row.variant_id or "")


def _own_products(tx: Transaction, target: str) -> Iterator[Side]:
    """With the hub as source everything that it has is pushed, but for what came from the target itself."""
    statement = (
        sa.select(PRODUCT.c.id, PRODUCT.c.title, VARIANT.c.sku, VARIANT.c.id.label("variant_id"))
        .join(VARIANT, VARIANT.c.product_id == PRODUCT.c.id)
        .where(PRODUCT.c.source != target, ~PRODUCT.c.is_removed, ~VARIANT.c.is_removed)
        .order_by(VARIANT.c.id)
    )
    for row in tx.execute(statement):
        yield Side(row.id, row.title, row.sku, row.variant_id)
