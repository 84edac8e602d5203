"""Tables of what happens between an order and its door: routing cards, shipping requests, methods, automations."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Text

from crossdock.store.database import UtcDateTime
from crossdock.store.metadata import metadata

routing_card = sa.Table(
    "routing_card",
    metadata,
    Column("id", Integer, primary_key=True),
    # Cards are tried from the lowest to the highest.
    Column("position", Integer, nullable=False),
    Column("name", String, nullable=False, unique=True),
    Column("is_on", Boolean, nullable=False, default=True),
    Column("filters", Text, nullable=False, default="{}"),
    # Locations by preference, each with the regions that it ships to.
    Column("destinations", Text, nullable=False, default="[]"),
    Column("allows_split", Boolean, nullable=False, default=False),
    Column("ignores_stock", Boolean, nullable=False, default=False),
    Column("sends_future", Boolean, nullable=False, default=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
)

shipping_request = sa.Table(
    "shipping_request",
    metadata,
    Column("id", String, primary_key=True),
    Column("order_id", String, ForeignKey("customer_order.id"), nullable=False, index=True),
    # Ours, unique in the hub: the order's number and a suffix.
    Column("number", String, nullable=False, unique=True),
    # The warehouse or 3PL that is told, and the location that ships.
    Column("integration", String, nullable=False),
    Column("location_id", String, nullable=False),
    Column("state", String, nullable=False, index=True),
    Column("method", String, nullable=False, default=""),
    # The card that decided, or empty where a person made it.
    Column("card", String, nullable=False, default=""),
    Column("actor", String, nullable=False, default=""),
    # The warehouse's own id of it; empty while it has none.
    Column("channel_id", String, nullable=False, default=""),
    Column("message", Text, nullable=False, default=""),
    Column("is_dirty", Boolean, nullable=False, default=True),
    # Raised by each change, so that an answer to an earlier state never settles a later one.
    Column("marks", Integer, nullable=False, default=0),
    Column("fingerprint", String, nullable=False, default=""),
    Column("attempts", Integer, nullable=False, default=0),
    Column("again_at", UtcDateTime),
    Column("sent_at", UtcDateTime),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Index("ix_shipping_request_is_dirty_integration", "is_dirty", "integration"),
)

shipping_request_line = sa.Table(
    "shipping_request_line",
    metadata,
    Column("request_id", String, ForeignKey("shipping_request.id"), primary_key=True),
    Column("line_id", String, ForeignKey("order_line.id"), primary_key=True),
    # Its place in the request, by which the warehouse names it.
    Column("position", Integer, nullable=False),
    Column("quantity", Integer, nullable=False),
    # Of these, units that are not to be shipped after all, and those of which that is certain: never sent, or stopped.
    Column("quantity_stopped", Integer, nullable=False, default=0),
    Column("quantity_released", Integer, nullable=False, default=0),
    Index("ix_shipping_request_line_line_id", "line_id"),
)

shipping_method = sa.Table(
    "shipping_method",
    metadata,
    # The channel, and the order's method there, in lower case; each may be empty for all.
    Column("integration", String, primary_key=True),
    Column("method", String, primary_key=True),
    # The warehouse, and its own name of the method.
    Column("warehouse", String, primary_key=True),
    Column("warehouse_method", String, nullable=False),
)

automation = sa.Table(
    "automation",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("name", String, nullable=False, unique=True),
    Column("trigger", String, nullable=False),
    Column("is_on", Boolean, nullable=False, default=True),
    # Whether it acts on each record once and never again.
    Column("is_once", Boolean, nullable=False, default=True),
    Column("filters", Text, nullable=False, default="{}"),
    Column("actions", Text, nullable=False, default="[]"),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
)

automation_firing = sa.Table(
    "automation_firing",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("automation_id", Integer, ForeignKey("automation.id"), nullable=False),
    Column("subject_kind", String, nullable=False),
    Column("subject_id", String, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("what", Text, nullable=False),
    Index("ix_automation_firing_record", "automation_id", "subject_id"),
)

notification = sa.Table(
    "notification",
    metadata,
    Column("id", String, primary_key=True),
    # email or webhook, and the address that it goes to.
    Column("kind", String, nullable=False),
    Column("target", String, nullable=False),
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("subject_kind", String, nullable=False),
    Column("subject_id", String, nullable=False),
    Column("state", String, nullable=False, index=True),
    Column("attempts", Integer, nullable=False, default=0),
    Column("again_at", UtcDateTime),
    Column("message", Text, nullable=False, default=""),
    Column("created_at", UtcDateTime, nullable=False),
    Column("sent_at", UtcDateTime),
)
