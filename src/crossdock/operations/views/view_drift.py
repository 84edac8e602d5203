"""Drift as it is shown: both values, why, and what was done about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crossdock.domain.drift import EXPLAINED, DriftCause
from crossdock.domain.sync import Entity
from crossdock.operations.views.view_page import Slice, bounded, marked, sliced
from crossdock.store import tables
from crossdock.store.database import Transaction

DRIFT = tables.drift
LOCATION = tables.location
DRIFTS = (
    sa.select(DRIFT, tables.product.c.title, LOCATION.c.name.label("place"))
    .outerjoin(tables.variant, tables.variant.c.id == DRIFT.c.record_id)
    .outerjoin(
        tables.product,
        tables.product.c.id == sa.func.coalesce(tables.variant.c.product_id, DRIFT.c.record_id),
    )
    .outerjoin(
        LOCATION,
        sa.and_(LOCATION.c.integration == DRIFT.c.integration, LOCATION.c.channel_id == DRIFT.c.location),
    )
    .order_by(DRIFT.c.id.desc())
)


@dataclass(frozen=True, slots=True)
class DriftView:
    """One field that a channel showed otherwise than it had answered for. An empty `shown` means that it is gone."""

    id: int
    integration: str
    entity: str
    record_id: str
    sku: str
    """Of the variant that the field belongs to; empty where it belongs to the product."""
    title: str
    field: str
    location: str
    """The channel's location by its name, where it is known, else by its id."""
    expected: str
    shown: str
    cause: str
    explanation: str
    evidence: str
    found_at: datetime
    run_id: str
    left_because: str
    """Why the hub does not set it right; empty where it does."""
    repaired_at: datetime | None
    repair: str


def drifts(
    tx: Transaction, *, integration: str = "", is_open: bool | None = True, after: str = "", limit: int = 50
) -> Slice[DriftView]:
    """What was found, the latest first: what still drifts, what no longer does, or with None both. Raises MarkError."""
    statement = DRIFTS
    if integration:
        statement = statement.where(DRIFT.c.integration == integration)
    if is_open is not None:
        over = DRIFT.c.repaired_at.is_not(None)
        statement = statement.where(~over if is_open else over)
    if after:
        (text,) = marked(after, 1)
        statement = statement.where(DRIFT.c.id < (int(text) if text.isascii() and text.isdigit() else 0))
    rows = tx.execute(statement.limit(bounded(limit) + 1)).all()
    return sliced(rows, limit, to_item=_drift, key=lambda row: (str(row.id),))


def latest_of(tx: Transaction, integration: str, variant_id: str) -> DriftView | None:
    """The last drift of a variant's stock on a channel."""
    statement = DRIFTS.where(
        DRIFT.c.record_id == variant_id,
        DRIFT.c.integration == integration,
        DRIFT.c.entity == Entity.INVENTORY,
    )
    rows: Sequence[Any] = tx.execute(statement.limit(1)).all()
    return _drift(rows[0]) if rows else None


def _drift(row: Any) -> DriftView:
    return DriftView(
        id=row.id,
        integration=row.integration,
        entity=row.entity,
        record_id=row.record_id,
        sku=row.sku,
        title=row.title or "",
        field=row.field,
        location=row.place or row.location,
        expected=row.expected,
        shown=row.shown,
        cause=row.cause,
        explanation=EXPLAINED[DriftCause(row.cause)],
        evidence=row.evidence,
        found_at=row.found_at,
        run_id=row.run_id,
        left_because=row.left_because,
        repaired_at=row.repaired_at,
        repair=row.repair,
    )
