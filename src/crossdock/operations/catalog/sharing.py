"""Products of a channel that several hub products have SKUs in: one of these writes it, or none."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from crossdock.domain.channel import ListingState
from crossdock.domain.sync import Entity
from crossdock.operations.catalog import attempts
from crossdock.store import tables
from crossdock.store.database import Transaction
from crossdock.store.query import select_in

LISTING = tables.listing
PRODUCT = tables.product
VARIANT = tables.variant
PUBLICATION = tables.publication


def shared(tx: Transaction, integration: str, listings: Mapping[str, Any]) -> dict[tuple[str, str], str]:
    """(The channel's product, hub product that must not write it) → title of another one with SKUs in it.

    The one that the channel has confirmed first goes on writing it, so that the two do not undo each other's work.
    """
    places = {row.product_channel_id for row in listings.values()}
    claims: dict[str, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for row in select_in(tx, _claims(integration), LISTING.c.product_channel_id, places):
        claims[row.product_channel_id][row.product_id].append(row)
    found = {}
    for place, products in claims.items():
        writer = _writer([row for rows in products.values() for row in rows])
        for key in products:
            others = [rows[0].title for other, rows in products.items() if other != key]
            if others and key != writer:
                found[place, key] = str(others[0])
    return found


def _claims(integration: str) -> sa.Select[Any]:
    settled = sa.and_(
        PUBLICATION.c.record_id == PRODUCT.c.id,
        PUBLICATION.c.integration == integration,
        PUBLICATION.c.entity == Entity.PRODUCTS,
    )
    return (
        sa.select(
            LISTING.c.product_channel_id,
            VARIANT.c.id,
            VARIANT.c.product_id,
            PRODUCT.c.title,
            PUBLICATION.c.body,
            PUBLICATION.c.settled_at,
        )
        .join(VARIANT, VARIANT.c.id == LISTING.c.variant_id)
        .join(PRODUCT, PRODUCT.c.id == VARIANT.c.product_id)
        .outerjoin(PUBLICATION, settled)
        .where(
            LISTING.c.integration == integration,
            LISTING.c.state != ListingState.REMOVED,
            ~VARIANT.c.is_removed,
            ~PRODUCT.c.is_removed,
        )
    )


def _writer(claims: Sequence[Any]) -> str:
    """The product that was confirmed with its SKU in this place first; nobody where none was."""
    confirmed = [row for row in claims if row.settled_at is not None and _was_told_of(row)]
    first = min(confirmed, key=lambda row: (row.settled_at, row.product_id), default=None)
    return str(first.product_id) if first is not None else ""


def _was_told_of(claim: Any) -> bool:
    """Whether the confirmed state held this variant; older releases kept no record of that."""
    listed = attempts.told(claim).listed
    return not listed or claim.id in listed
