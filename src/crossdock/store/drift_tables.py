"""The table of drift: what a channel showed otherwise than it had answered for, and what became of it."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Column, Index, Integer, String, Text

from crossdock.store.database import UtcDateTime
from crossdock.store.metadata import metadata

_IS_OPEN = sa.text("repaired_at IS NULL")

drift = sa.Table(
    "drift",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("integration", String, nullable=False),
    Column("entity", String, nullable=False),
    Column("record_id", String, nullable=False),
    Column("field", String, nullable=False),
    # The variant and the place of the channel that the field belongs to; empty where it belongs to none.
    Column("sku", String, nullable=False, default=""),
    Column("location", String, nullable=False, default=""),
    Column("expected", Text, nullable=False),
    Column("shown", Text, nullable=False),
    Column("cause", String, nullable=False),
    Column("evidence", Text, nullable=False, default=""),
    Column("found_at", UtcDateTime, nullable=False),
    Column("run_id", String, nullable=False, default=""),
    # Why the hub does not set it right; empty where it does.
    Column("left_because", Text, nullable=False, default=""),
    Column("repaired_at", UtcDateTime),
    Column("repair", Text, nullable=False, default=""),
    Index(
        "ix_drift_open",
        "integration",
        "entity",
        "record_id",
        "field",
        "sku",
        "location",
        unique=True,
        sqlite_where=_IS_OPEN,
        postgresql_where=_IS_OPEN,
    ),
    Index("ix_drift_record_id_found_at", "record_id", "found_at"),
)
