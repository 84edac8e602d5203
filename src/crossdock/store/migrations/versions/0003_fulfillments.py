"""Fulfillments, with what of them only the hub has on record, and answers to returns."""

import sqlalchemy as sa
from alembic import op

from crossdock.store.database import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "fulfillment",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("order_id", sa.String(), nullable=True),
        sa.Column("integration", sa.String(), nullable=False),
        sa.Column("channel_id", sa.String(), nullable=False),
        sa.Column("order_channel_id", sa.String(), nullable=False),
        sa.Column("location_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("carrier", sa.String(), nullable=False),
        sa.Column("tracking_number", sa.String(), nullable=False),
        sa.Column("tracking_url", sa.Text(), nullable=False),
        sa.Column("service", sa.String(), nullable=False),
        sa.Column("shipped_at", UtcDateTime(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["customer_order.id"], name=op.f("fk_fulfillment_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fulfillment")),
    )
    op.create_index(
        "ix_fulfillment_integration_channel_id", "fulfillment", ["integration", "channel_id"], unique=False
    )
    op.create_index(
        op.f("ix_fulfillment_order_channel_id"), "fulfillment", ["order_channel_id"], unique=False
    )
    op.create_index(op.f("ix_fulfillment_order_id"), "fulfillment", ["order_id"], unique=False)
    op.create_index(op.f("ix_fulfillment_tracking_number"), "fulfillment", ["tracking_number"], unique=False)
    op.create_table(
        "fulfillment_line",
        sa.Column("fulfillment_id", sa.String(), nullable=False),
        sa.Column("line_id", sa.String(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["fulfillment_id"], ["fulfillment.id"], name=op.f("fk_fulfillment_line_fulfillment_id")
        ),
        sa.ForeignKeyConstraint(["line_id"], ["order_line.id"], name=op.f("fk_fulfillment_line_line_id")),
        sa.PrimaryKeyConstraint("fulfillment_id", "line_id", name=op.f("pk_fulfillment_line")),
    )
    op.create_index("ix_fulfillment_line_line_id", "fulfillment_line", ["line_id"], unique=False)
    op.add_column("customer_order", sa.Column("sent_at", UtcDateTime(), nullable=True))
    op.add_column("customer_order", sa.Column("sent_state", sa.String(), nullable=False, server_default=""))
    op.add_column(
        "order_line",
        sa.Column("quantity_shipped_here", sa.Integer(), nullable=False, server_default="0"),
    )
    for column in (
        sa.Column("asks", sa.String(), nullable=False, server_default=""),
        sa.Column("deadline", UtcDateTime(), nullable=True),
        sa.Column("decision", sa.String(), nullable=False, server_default=""),
        sa.Column("decision_reason", sa.Text(), nullable=False, server_default=""),
        sa.Column("note", sa.Text(), nullable=False, server_default=""),
        sa.Column("decided_by", sa.String(), nullable=False, server_default=""),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("answered", sa.String(), nullable=False, server_default=""),
        sa.Column("answer_state", sa.String(), nullable=False, server_default=""),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("tried_at", UtcDateTime(), nullable=True),
        sa.Column("message", sa.Text(), nullable=False, server_default=""),
    ):
        op.add_column("order_return", column)
