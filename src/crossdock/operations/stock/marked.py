"""The stock numbers that are to be looked at, with as much of each as planning needs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from crossdock.domain.sync import Entity
from crossdock.store import tables
from crossdock.store.database import Transaction
from crossdock.store.query import select_in

PUBLICATION = tables.publication
LISTING = tables.listing
PLANNED_BY = tuple(
    PUBLICATION.c[name]
    for name in ("record_id", "state", "marks", "fingerprint", "body", "attempts", "again_at")
)


def listed(tx: Transaction, integration: str, *, limit: int, after: str = "") -> list[Any]:
    """(record_id, channel_id) of the variants to look at, by record id; the channel's is None where there is no listing."""
    statement = (
        sa.select(PUBLICATION.c.record_id, LISTING.c.channel_id)
        .outerjoin(
            LISTING,
            sa.and_(LISTING.c.integration == integration, LISTING.c.variant_id == PUBLICATION.c.record_id),
        )
        .where(
            PUBLICATION.c.integration == integration,
            PUBLICATION.c.entity == Entity.INVENTORY,
            PUBLICATION.c.is_dirty,
            PUBLICATION.c.record_id > after,
        )
        .order_by(PUBLICATION.c.record_id)
        .limit(limit)
    )
    return list(tx.execute(statement).all())


def among(tx: Transaction, integration: str, record_ids: Sequence[str]) -> list[Any]:
    """What planning needs to know of those of these publications that are to be looked at, by record id."""
    statement = sa.select(*PLANNED_BY).where(
        PUBLICATION.c.integration == integration,
        PUBLICATION.c.entity == Entity.INVENTORY,
        PUBLICATION.c.is_dirty,
    )
    return select_in(tx, statement.order_by(PUBLICATION.c.record_id), PUBLICATION.c.record_id, record_ids)
