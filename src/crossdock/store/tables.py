"""All tables of the hub."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)

from crossdock.store.database import UtcDateTime
from crossdock.store.drift_tables import drift as drift
from crossdock.store.engine_tables import bucket as bucket
from crossdock.store.engine_tables import flow as flow
from crossdock.store.engine_tables import hint as hint
from crossdock.store.engine_tables import role as role
from crossdock.store.engine_tables import run as run
from crossdock.store.engine_tables import webhook as webhook
from crossdock.store.engine_tables import worker as worker
from crossdock.store.metadata import metadata as metadata
from crossdock.store.order_tables import cancellation as cancellation
from crossdock.store.order_tables import fulfillment as fulfillment
from crossdock.store.order_tables import fulfillment_line as fulfillment_line
from crossdock.store.order_tables import order as order
from crossdock.store.order_tables import order_line as order_line
from crossdock.store.order_tables import order_reference as order_reference
from crossdock.store.order_tables import order_return as order_return
from crossdock.store.order_tables import statement as statement
from crossdock.store.order_tables import statement_line as statement_line
from crossdock.store.routing_tables import automation as automation
from crossdock.store.routing_tables import automation_firing as automation_firing
from crossdock.store.routing_tables import notification as notification
from crossdock.store.routing_tables import routing_card as routing_card
from crossdock.store.routing_tables import shipping_method as shipping_method
from crossdock.store.routing_tables import shipping_request as shipping_request
from crossdock.store.routing_tables import shipping_request_line as shipping_request_line

# The hub itself

integration = sa.Table(
    "integration",
    metadata,
    Column("name", String, primary_key=True),
    Column("connector", String, nullable=False),
    Column("credentials", LargeBinary, nullable=False),
    Column("tokens", LargeBinary),
    Column("settings", Text, nullable=False, default="{}"),
    Column("facts", Text, nullable=False, default="{}"),
    Column("status", String, nullable=False),
    Column("status_reason", Text, nullable=False, default=""),
    Column("checked_at", UtcDateTime),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
)

hub_setting = sa.Table(
    "hub_setting", metadata, Column("key", String, primary_key=True), Column("value", Text, nullable=False)
)

settings_version = sa.Table(
    "settings_version",
    metadata,
    Column("id", Integer, primary_key=True),
    # Empty for what belongs to the hub as a whole, as the sources of truth do.
    Column("integration", String, nullable=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", String, nullable=False),
    Column("summary", Text, nullable=False, default=""),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
)

api_key = sa.Table(
    "api_key",
    metadata,
    Column("id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("key_hash", String, nullable=False, unique=True),
    Column("scopes", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("revoked_at", UtcDateTime),
)

oauth_state = sa.Table(
    "oauth_state",
    metadata,
    Column("state", String, primary_key=True),
    Column("integration", String, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime),
)

memory = sa.Table(
    "memory",
    metadata,
    Column("integration", String, primary_key=True),
    Column("kind", String, primary_key=True),
    Column("key", String, primary_key=True),
    Column("value", Text, nullable=False),
)

delivery = sa.Table(
    "delivery",
    metadata,
    Column("integration", String, primary_key=True),
    Column("event_id", String, primary_key=True),
    Column("received_at", UtcDateTime, nullable=False, index=True),
)

# Catalog

product = sa.Table(
    "product",
    metadata,
    Column("id", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("source", String, nullable=False),
    Column("channel_id", String, nullable=False),
    Column("fingerprint", String, nullable=False),
    # Of the record as it came from the source, before it was mapped.
    Column("digest", String, nullable=False, default=""),
    Column("is_removed", Boolean, nullable=False, default=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("version", Integer, nullable=False, default=1),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    UniqueConstraint("source", "channel_id"),
    Index("ix_product_title_id", "title", "id"),
)

variant = sa.Table(
    "variant",
    metadata,
    Column("id", String, primary_key=True),
    Column("product_id", String, ForeignKey("product.id"), nullable=False, index=True),
    Column("sku", String, nullable=False, unique=True),
    Column("folded_sku", String, nullable=False, index=True),
    Column("position", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Column("is_stock_tracked", Boolean, nullable=False, default=True),
    Column("is_stock_shared", Boolean, nullable=False, default=False),
    Column("is_purchasable", Boolean, nullable=False, default=True),
    Column("is_removed", Boolean, nullable=False, default=False),
)

listing = sa.Table(
    "listing",
    metadata,
    Column("integration", String, primary_key=True),
    Column("channel_id", String, primary_key=True),
    Column("product_channel_id", String, nullable=False),
    Column("channel_sku", String, nullable=False),
    Column("folded_sku", String, nullable=False),
    Column("title", Text, nullable=False),
    Column("state", String, nullable=False),
    Column("body", Text, nullable=False),
    Column("fingerprint", String, nullable=False),
    Column("variant_id", String, ForeignKey("variant.id")),
    Column("seen_at", UtcDateTime, nullable=False),
    UniqueConstraint("integration", "variant_id"),
    Index("ix_listing_integration_product_channel_id", "integration", "product_channel_id"),
    Index("ix_listing_integration_folded_sku", "integration", "folded_sku"),
    Index("ix_listing_variant_id", "variant_id"),
)

# What a person decided about a variant on one channel: its SKU there, and whether its stock is synced.
channel_option = sa.Table(
    "channel_option",
    metadata,
    Column("integration", String, primary_key=True),
    Column("variant_id", String, ForeignKey("variant.id"), primary_key=True),
    Column("channel_sku", String, nullable=False, default=""),
    Column("is_synced", Boolean, nullable=False, default=True),
    Column("updated_at", UtcDateTime, nullable=False),
    Index("ix_channel_option_integration_channel_sku", "integration", "channel_sku"),
)

bundle_component = sa.Table(
    "bundle_component",
    metadata,
    Column("bundle_id", String, ForeignKey("variant.id"), primary_key=True),
    Column("component_id", String, ForeignKey("variant.id"), primary_key=True),
    Column("quantity", Integer, nullable=False),
    Index("ix_bundle_component_component_id", "component_id"),
)

# Locations and stock

location = sa.Table(
    "location",
    metadata,
    Column("id", String, primary_key=True),
    Column("name", Text, nullable=False),
    Column("code", String, nullable=False, default=""),
    Column("kind", String, nullable=False),
    Column("integration", String, nullable=False),
    Column("channel_id", String, nullable=False),
    Column("is_active", Boolean, nullable=False, default=True),
    Column("is_default", Boolean, nullable=False, default=False),
    Column("is_excluded", Boolean, nullable=False, default=False),
    Column("excluded_for", Text, nullable=False, default="[]"),
    Column("linked_integration", String),
    # Whatever is asked for is there: what is sold from here is never counted down.
    Column("is_unlimited", Boolean, nullable=False, default=False),
    # Bundles are stocked here as such, and not taken together from their components.
    Column("keeps_bundles", Boolean, nullable=False, default=False),
    Column("body", Text, nullable=False, default="null"),
    Column("seen_at", UtcDateTime, nullable=False),
    UniqueConstraint("integration", "channel_id"),
)

level = sa.Table(
    "level",
    metadata,
    Column("variant_id", String, ForeignKey("variant.id"), primary_key=True),
    Column("location_id", String, ForeignKey("location.id"), primary_key=True),
    Column("on_hand", Integer, nullable=False, default=0),
    Column("committed", Integer, nullable=False, default=0),
    Column("unavailable", Integer, nullable=False, default=0),
    Column("buffer", Integer, nullable=False, default=0),
    Column("future", Integer, nullable=False, default=0),
    Column("committed_future", Integer, nullable=False, default=0),
    Column("inbound", Integer, nullable=False, default=0),
    # Readings do not change it, only persons and orders do.
    Column("is_locked", Boolean, nullable=False, default=False),
    Column("read_at", UtcDateTime),
)

movement = sa.Table(
    "movement",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("variant_id", String, nullable=False),
    Column("location_id", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("on_hand", Integer, nullable=False),
    Column("committed", Integer, nullable=False),
    # Units of the owner's own sales (+) and cancellations (-), which its number reflects by itself.
    Column("noted", Integer, nullable=False, default=0),
    Column("order_id", String, nullable=False, default=""),
    Column("line_id", String, nullable=False, default="", index=True),
    Column("run_id", String, nullable=False, default=""),
    Column("reason", Text, nullable=False),
    Index("ix_movement_variant_id_location_id", "variant_id", "location_id"),
)

sale_report = sa.Table(
    "sale_report",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("owner", String, nullable=False),
    Column("order_id", String, nullable=False, index=True),
    Column("line_id", String, nullable=False, index=True),
    Column("variant_id", String, nullable=False, index=True),
    Column("location_id", String, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("state", String, nullable=False, index=True),
    Column("intent_id", String),
    Column("moves", Integer, nullable=False, default=0),
    # How often the order that it belongs to could not be created, and from when on it is tried again.
    Column("attempts", Integer, nullable=False, default=0),
    Column("again_at", UtcDateTime),
    Column("created_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
)

intent = sa.Table(
    "intent",
    metadata,
    Column("id", String, primary_key=True),
    Column("integration", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("state", String, nullable=False, index=True),
    Column("body", Text, nullable=False),
    Column("run_id", String, nullable=False, default=""),
    Column("created_at", UtcDateTime, nullable=False),
    Column("answered_at", UtcDateTime),
    Column("answer", Text, nullable=False, default=""),
)

# What was sent, what went wrong, what happened

publication = sa.Table(
    "publication",
    metadata,
    Column("integration", String, primary_key=True),
    Column("entity", String, primary_key=True),
    Column("record_id", String, primary_key=True),
    Column("state", String, nullable=False),
    Column("is_dirty", Boolean, nullable=False, default=True),
    # Counts the marks, so that a push knows whether the record changed again while it was under way.
    Column("marks", Integer, nullable=False, default=0),
    Column("fingerprint", String, nullable=False, default=""),
    Column("body", Text, nullable=False, default="null"),
    # The last body that was another one: a channel that shows it again has not kept what it confirmed.
    Column("former", Text, nullable=False, default="null"),
    Column("message", Text, nullable=False, default=""),
    Column("fix", Text, nullable=False, default=""),
    Column("attempts", Integer, nullable=False, default=0),
    Column("run_id", String, nullable=False, default=""),
    Column("settled_at", UtcDateTime),
    # When the channel was last looked at for it although nothing was to be sent.
    Column("looked_at", UtcDateTime),
    # When to look at it again although nothing changed: what keeps it back passes by itself.
    Column("again_at", UtcDateTime),
    Index("ix_publication_dirty", "integration", "entity", "is_dirty"),
    Index(
        "ix_publication_again_at",
        "integration",
        "entity",
        "again_at",
        sqlite_where=sa.text("again_at IS NOT NULL"),
        postgresql_where=sa.text("again_at IS NOT NULL"),
    ),
)

exception_case = sa.Table(
    "exception_case",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String, nullable=False, index=True),
    Column("kind", String, nullable=False),
    Column("subject_kind", String, nullable=False),
    Column("subject_id", String, nullable=False),
    Column("integration", String, nullable=False, default=""),
    Column("flow", String, nullable=False, default=""),
    Column("cause", Text, nullable=False),
    Column("fix", Text, nullable=False),
    Column("evidence", Text, nullable=False, default="{}"),
    Column("state", String, nullable=False, index=True),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("closed_at", UtcDateTime),
    Column("closed_by", String, nullable=False, default=""),
    Index(
        "ix_exception_case_open_key",
        "key",
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    ),
)

event = sa.Table(
    "event",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("subject_kind", String, nullable=False),
    Column("subject_id", String, nullable=False),
    Column("integration", String, nullable=False, default=""),
    Column("direction", String, nullable=False, default=""),
    Column("status", String, nullable=False),
    Column("what", Text, nullable=False),
    Column("run_id", String, nullable=False, default=""),
    Column("request_id", String, nullable=False, default=""),
    Column("actor", String, nullable=False, default=""),
    Index("ix_event_subject_kind_subject_id", "subject_kind", "subject_id"),
)
