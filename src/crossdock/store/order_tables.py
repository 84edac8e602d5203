"""Tables of orders and of what befalls them: fulfillments, cancellations, returns, statements, ids elsewhere."""

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
from crossdock.store.metadata import metadata

order = sa.Table(
    "customer_order",
    metadata,
    Column("id", String, primary_key=True),
    Column("integration", String, nullable=False),
    Column("channel_id", String, nullable=False),
    Column("number", String, nullable=False),
    Column("status", String, nullable=False),
    # What the channel's own status means, where a cancellation in the hub makes `status` another.
    Column("status_there", String, nullable=False, default=""),
    Column("channel_status", String, nullable=False),
    # The platform's own key of that status, which no store can rename.
    Column("channel_status_id", String, nullable=False, default=""),
    # Whether a person has to look at the order before it goes on, or has.
    Column("review", String, nullable=False, default=""),
    Column("is_reservation", Boolean, nullable=False, default=False),
    Column("fulfilled_by", String, nullable=False),
    Column("stock_is_taken", Boolean, nullable=False),
    Column("counts", Boolean, nullable=False),
    Column("currency", String, nullable=False),
    Column("total", String, nullable=False),
    Column("totals", Text, nullable=False),
    Column("tags", Text, nullable=False, default="[]"),
    Column("buyer", LargeBinary),
    Column("shipping_method", Text, nullable=False, default=""),
    Column("location_channel_id", String, nullable=False, default=""),
    Column("fingerprint", String, nullable=False),
    # When it was sent to a location to be shipped, and whether its channel has been told: due, told, refused.
    Column("sent_at", UtcDateTime),
    Column("sent_state", String, nullable=False, default=""),
    Column("copy_of", String, ForeignKey("customer_order.id"), index=True),
    # Of an order that the hub created there: the id elsewhere of the one it stands for, as long as that is not known.
    Column("stands_for", String, nullable=False, default="", index=True),
    # Until when the hub holds it, and why; without an end where only a person ends it.
    Column("is_held", Boolean, nullable=False, default=False),
    Column("hold_until", UtcDateTime),
    Column("hold_reason", Text, nullable=False, default=""),
    # What of its address, SKUs and number has to be put right before it can be shipped: a list of texts by kind.
    Column("problems", Text, nullable=False, default="{}"),
    # Whether it is to be sent to locations: pending, routed or failed, and how that was decided.
    Column("routing", String, nullable=False, default=""),
    Column("routing_report", Text, nullable=False, default="null"),
    Column("routed_at", UtcDateTime),
    # Whether a person has the hub route what is open, though its channel has some of it shipped elsewhere.
    Column("routes_rest", Boolean, nullable=False, default=False),
    # What rules and people have set here, whatever the channel says: tags, and a shipping method in place of its own.
    Column("tags_here", Text, nullable=False, default="[]"),
    Column("method_here", Text, nullable=False, default=""),
    Column("note", Text, nullable=False, default=""),
    Column("is_archived", Boolean, nullable=False, default=False),
    Column("placed_at", UtcDateTime, nullable=False, index=True),
    Column("modified_at", UtcDateTime, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    UniqueConstraint("integration", "channel_id"),
    Index("ix_customer_order_integration_number", "integration", "number"),
    Index("ix_customer_order_status_sent_at", "status", "sent_at"),
    Index("ix_customer_order_sent_state_status_there", "sent_state", "status_there"),
    Index("ix_customer_order_is_held_hold_until", "is_held", "hold_until"),
    Index("ix_customer_order_routing_placed_at", "routing", "placed_at", "id"),
)

order_line = sa.Table(
    "order_line",
    metadata,
    Column("id", String, primary_key=True),
    Column("order_id", String, ForeignKey("customer_order.id"), nullable=False, index=True),
    Column("channel_id", String, nullable=False),
    Column("channel_sku", String, nullable=False, index=True),
    Column("channel_variant_id", String, nullable=False, default=""),
    Column("variant_id", String, ForeignKey("variant.id"), index=True),
    Column("name", Text, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("quantity_canceled", Integer, nullable=False, default=0),
    # Of those canceled, the units that only the hub has canceled: the channel does not show it yet.
    Column("quantity_canceled_here", Integer, nullable=False, default=0),
    # Of those canceled, the units that do not go back on sale.
    Column("quantity_not_restocked", Integer, nullable=False, default=0),
    # Units that came back after they were shipped, to be counted into the stock of another owner.
    Column("quantity_returned", Integer, nullable=False, default=0),
    Column("quantity_shipped", Integer, nullable=False, default=0),
    # Of those shipped, the units that only the hub has on record: the channel does not show it yet.
    Column("quantity_shipped_here", Integer, nullable=False, default=0),
    # Of which other variants its units were taken, and how many for one: a bundle's components as they were then.
    Column("taken_as", Text, nullable=False, default="null"),
    Column("body", Text, nullable=False),
)

fulfillment = sa.Table(
    "fulfillment",
    metadata,
    Column("id", String, primary_key=True),
    # The order that a customer placed, never a copy of it; None while that has not been read.
    Column("order_id", String, ForeignKey("customer_order.id"), index=True),
    # Where it was recorded, which is not told of it again: a channel, or the hub itself.
    Column("integration", String, nullable=False),
    # The ids there of the shipment and of its order; empty for the hub.
    Column("channel_id", String, nullable=False, default=""),
    Column("order_channel_id", String, nullable=False, default="", index=True),
    Column("location_id", String, nullable=False, default=""),
    # The shipping request that it is of, where there was one.
    Column("request_id", String, ForeignKey("shipping_request.id"), index=True),
    Column("state", String, nullable=False),
    Column("carrier", String, nullable=False, default=""),
    Column("tracking_number", String, nullable=False, default="", index=True),
    Column("tracking_url", Text, nullable=False, default=""),
    Column("service", String, nullable=False, default=""),
    Column("shipped_at", UtcDateTime),
    # What the channel has on record, so that an order which is read later can take it.
    Column("body", Text, nullable=False, default="null"),
    Column("actor", String, nullable=False, default=""),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Index("ix_fulfillment_integration_channel_id", "integration", "channel_id"),
)

fulfillment_line = sa.Table(
    "fulfillment_line",
    metadata,
    Column("fulfillment_id", String, ForeignKey("fulfillment.id"), primary_key=True),
    Column("line_id", String, ForeignKey("order_line.id"), primary_key=True),
    Column("quantity", Integer, nullable=False),
    Index("ix_fulfillment_line_line_id", "line_id"),
)

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
    Column("is_dirty", Boolean, nullable=False, default=False, index=True),
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
    # What waits for the seller there, until when, what a person here answered it, and whether the channel was told.
    Column("asks", String, nullable=False, default=""),
    Column("deadline", UtcDateTime),
    Column("decision", String, nullable=False, default=""),
    Column("decision_reason", Text, nullable=False, default=""),
    Column("note", Text, nullable=False, default=""),
    Column("decided_by", String, nullable=False, default=""),
    Column("decided_at", UtcDateTime),
    # Which question that answered: what is asked may have become another since.
    Column("answered", String, nullable=False, default=""),
    Column("answer_state", String, nullable=False, default="", index=True),
    Column("attempts", Integer, nullable=False, default=0),
    Column("tried_at", UtcDateTime),
    Column("message", Text, nullable=False, default=""),
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
    # How often that was refused, and when it was tried last.
    Column("release_attempts", Integer, nullable=False, default=0),
    Column("release_tried_at", UtcDateTime),
    Column("state", String, nullable=False, index=True),
    Column("message", Text, nullable=False, default=""),
    Column("attempts", Integer, nullable=False, default=0),
    Column("updated_at", UtcDateTime, nullable=False),
)
