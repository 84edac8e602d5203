"""Tables of what befalls an order later: cancellations, returns and refunds, statements, ids elsewhere."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Text, UniqueConstraint

from crossdock.store.database import UtcDateTime
from crossdock.store.metadata import metadata

cancellation = sa.Table(
    "cancellation",
    metadata,
    Column("id", String, primary_key=True),
    # None while the order itself has not been read.
    Column("order_id", String, ForeignKey("customer_order.id"), index=True),
    Column("order_channel_id", String, nullable=False, index=True),
    Column("integration", String, nullable=False),
    # The platform's own id of it; empty while there is none.
    Column("channel_id", String, nullable=False, default=""),
    Column("origin", String, nullable=False),
    Column("state", String, nullable=False, index=True),
    Column("reason", Text, nullable=False, default=""),
    Column("note", Text, nullable=False, default=""),
    Column("deadline", UtcDateTime),
    # The lines and units concerned; an empty list means the whole order.
    Column("lines", Text, nullable=False, default="[]"),
    Column("refunded", String, nullable=False, default=""),
    Column("decision", String, nullable=False, default=""),
    Column("decision_reason", Text, nullable=False, default=""),
    Column("decided_by", String, nullable=False, default=""),
    Column("message", Text, nullable=False, default=""),
    Column("is_dirty", Boolean, nullable=False, default=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("fingerprint", String, nullable=False, default=""),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Index("ix_cancellation_integration_channel_id", "integration", "channel_id"),
)

order_return = sa.Table(
    "order_return",
    metadata,
    Column("id", String, primary_key=True),
    Column("integration", String, nullable=False),
    Column("channel_id", String, nullable=False),
    Column("order_id", String, ForeignKey("customer_order.id"), index=True),
    Column("order_channel_id", String, nullable=False, index=True),
    Column("kind", String, nullable=False),
    Column("state", String, nullable=False),
    Column("channel_status", String, nullable=False),
    Column("reason", Text, nullable=False, default=""),
    Column("currency", String, nullable=False),
    Column("refunded", String, nullable=False),
    Column("body", Text, nullable=False),
    Column("fingerprint", String, nullable=False),
    Column("returned_at", UtcDateTime),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    UniqueConstraint("integration", "channel_id"),
)

statement = sa.Table(
    "statement",
    metadata,
    Column("id", String, primary_key=True),
    Column("integration", String, nullable=False),
    Column("channel_id", String, nullable=False),
    Column("currency", String, nullable=False),
    Column("settled", String, nullable=False),
    Column("state", String, nullable=False, default=""),
    Column("body", Text, nullable=False),
    Column("fingerprint", String, nullable=False),
    Column("stated_at", UtcDateTime, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    UniqueConstraint("integration", "channel_id"),
)

statement_line = sa.Table(
    "statement_line",
    metadata,
    Column("id", String, primary_key=True),
    Column("statement_id", String, ForeignKey("statement.id"), nullable=False, index=True),
    Column("order_id", String, ForeignKey("customer_order.id"), index=True),
    Column("order_channel_id", String, nullable=False, index=True),
    Column("settled", String, nullable=False),
    Column("body", Text, nullable=False),
)

order_reference = sa.Table(
    "order_reference",
    metadata,
    Column("order_id", String, ForeignKey("customer_order.id"), primary_key=True),
    # Where the order itself is, and the integration whose id is written onto it.
    Column("integration", String, nullable=False, index=True),
    Column("of_integration", String, primary_key=True),
    Column("reference", String, nullable=False),
    # Whether that copy has the status and address that the order got with its release.
    Column("is_released", Boolean, nullable=False, default=True),
    Column("state", String, nullable=False, index=True),
    Column("message", Text, nullable=False, default=""),
    Column("attempts", Integer, nullable=False, default=0),
    Column("updated_at", UtcDateTime, nullable=False),
)
