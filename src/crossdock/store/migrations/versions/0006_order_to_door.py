"""Holds, routing, shipping requests and automations."""

import sqlalchemy as sa
from alembic import op

from crossdock.store.database import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "automation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("trigger", sa.String(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("is_once", sa.Boolean(), nullable=False),
        sa.Column("filters", sa.Text(), nullable=False),
        sa.Column("actions", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_automation")),
        sa.UniqueConstraint("name", name=op.f("uq_automation_name")),
    )
    op.create_table(
        "notification",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("subject_kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("again_at", UtcDateTime(), nullable=True),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification")),
    )
    op.create_index(op.f("ix_notification_state"), "notification", ["state"], unique=False)
    op.create_table(
        "routing_card",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("filters", sa.Text(), nullable=False),
        sa.Column("destinations", sa.Text(), nullable=False),
        sa.Column("allows_split", sa.Boolean(), nullable=False),
        sa.Column("ignores_stock", sa.Boolean(), nullable=False),
        sa.Column("sends_future", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_routing_card")),
        sa.UniqueConstraint("name", name=op.f("uq_routing_card_name")),
    )
    op.create_table(
        "shipping_method",
        sa.Column("integration", sa.String(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("warehouse", sa.String(), nullable=False),
        sa.Column("warehouse_method", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("integration", "method", "warehouse", name=op.f("pk_shipping_method")),
    )
    op.create_table(
        "automation_firing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("automation_id", sa.Integer(), nullable=False),
        sa.Column("subject_kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["automation_id"], ["automation.id"], name=op.f("fk_automation_firing_automation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_automation_firing")),
    )
    op.create_index(
        "ix_automation_firing_record", "automation_firing", ["automation_id", "subject_id"], unique=False
    )
    op.create_table(
        "shipping_request",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("integration", sa.String(), nullable=False),
        sa.Column("location_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("card", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("channel_id", sa.String(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("is_dirty", sa.Boolean(), nullable=False),
        sa.Column("marks", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("again_at", UtcDateTime(), nullable=True),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["customer_order.id"], name=op.f("fk_shipping_request_order_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shipping_request")),
        sa.UniqueConstraint("number", name=op.f("uq_shipping_request_number")),
    )
    op.create_index(
        "ix_shipping_request_is_dirty_integration",
        "shipping_request",
        ["is_dirty", "integration"],
        unique=False,
    )
    op.create_index(op.f("ix_shipping_request_order_id"), "shipping_request", ["order_id"], unique=False)
    op.create_index(op.f("ix_shipping_request_state"), "shipping_request", ["state"], unique=False)
    op.create_table(
        "shipping_request_line",
        sa.Column("request_id", sa.String(), nullable=False),
        sa.Column("line_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("quantity_stopped", sa.Integer(), nullable=False),
        sa.Column("quantity_released", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["line_id"], ["order_line.id"], name=op.f("fk_shipping_request_line_line_id")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["shipping_request.id"], name=op.f("fk_shipping_request_line_request_id")
        ),
        sa.PrimaryKeyConstraint("request_id", "line_id", name=op.f("pk_shipping_request_line")),
    )
    op.create_index("ix_shipping_request_line_line_id", "shipping_request_line", ["line_id"], unique=False)
    op.add_column(
        "customer_order", sa.Column("is_held", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("customer_order", sa.Column("hold_until", UtcDateTime(), nullable=True))
    op.add_column("customer_order", sa.Column("hold_reason", sa.Text(), nullable=False, server_default=""))
    op.add_column("customer_order", sa.Column("problems", sa.Text(), nullable=False, server_default="{}"))
    op.add_column("customer_order", sa.Column("routing", sa.String(), nullable=False, server_default=""))
    op.add_column(
        "customer_order", sa.Column("routing_report", sa.Text(), nullable=False, server_default="null")
    )
    op.add_column("customer_order", sa.Column("routed_at", UtcDateTime(), nullable=True))
    op.add_column("customer_order", sa.Column("stands_for", sa.String(), nullable=False, server_default=""))
    op.add_column(
        "customer_order", sa.Column("routes_rest", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("customer_order", sa.Column("tags_here", sa.Text(), nullable=False, server_default="[]"))
    op.add_column("customer_order", sa.Column("method_here", sa.Text(), nullable=False, server_default=""))
    op.add_column("customer_order", sa.Column("note", sa.Text(), nullable=False, server_default=""))
    op.add_column(
        "customer_order", sa.Column("is_archived", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.create_index(op.f("ix_customer_order_copy_of"), "customer_order", ["copy_of"], unique=False)
    op.create_index(
        "ix_customer_order_is_held_hold_until", "customer_order", ["is_held", "hold_until"], unique=False
    )
    op.create_index(
        "ix_customer_order_integration_number", "customer_order", ["integration", "number"], unique=False
    )
    op.create_index(
        "ix_customer_order_routing_placed_at", "customer_order", ["routing", "placed_at", "id"], unique=False
    )
    op.create_index(
        "ix_customer_order_sent_state_status_there",
        "customer_order",
        ["sent_state", "status_there"],
        unique=False,
    )
    op.create_index("ix_customer_order_status_sent_at", "customer_order", ["status", "sent_at"], unique=False)
    op.create_index(op.f("ix_customer_order_stands_for"), "customer_order", ["stands_for"], unique=False)
    op.execute(
        "ALTER TABLE fulfillment ADD COLUMN request_id VARCHAR "
        "CONSTRAINT fk_fulfillment_request_id REFERENCES shipping_request (id)"
    )
    op.create_index(op.f("ix_fulfillment_request_id"), "fulfillment", ["request_id"], unique=False)
    # Orders that were ready before there was any routing are looked at, and routed, as soon as it is in use.
    op.execute(
        "UPDATE customer_order SET routing = 'pending' WHERE status = 'Ready For Fulfillment' "
        "AND copy_of IS NULL AND fulfilled_by = 'seller' AND counts"
    )
