"""What part two of the product keeps: options of channels, bundles, cancellations, returns, statements."""

import sqlalchemy as sa
from alembic import op

from crossdock.store.database import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "settings_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("integration", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settings_version")),
    )
    op.create_index(
        op.f("ix_settings_version_integration"), "settings_version", ["integration"], unique=False
    )
    op.create_table(
        "statement",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("integration", sa.String(), nullable=False),
        sa.Column("channel_id", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("settled", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("stated_at", UtcDateTime(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement")),
        sa.UniqueConstraint("integration", "channel_id", name=op.f("uq_statement_integration_channel_id")),
    )
    op.create_table(
        "cancellation",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("order_id", sa.String(), nullable=True),
        sa.Column("order_channel_id", sa.String(), nullable=False),
        sa.Column("integration", sa.String(), nullable=False),
        sa.Column("channel_id", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("deadline", UtcDateTime(), nullable=True),
        sa.Column("lines", sa.Text(), nullable=False),
        sa.Column("refunded", sa.String(), nullable=False),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("decision_reason", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("is_dirty", sa.Boolean(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["customer_order.id"], name=op.f("fk_cancellation_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cancellation")),
    )
    op.create_index(
        "ix_cancellation_integration_channel_id", "cancellation", ["integration", "channel_id"], unique=False
    )
    op.create_index(
        op.f("ix_cancellation_order_channel_id"), "cancellation", ["order_channel_id"], unique=False
    )
    op.create_index(op.f("ix_cancellation_order_id"), "cancellation", ["order_id"], unique=False)
    op.create_index(op.f("ix_cancellation_state"), "cancellation", ["state"], unique=False)
    op.create_table(
        "order_reference",
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("integration", sa.String(), nullable=False),
        sa.Column("of_integration", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("is_released", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["customer_order.id"], name=op.f("fk_order_reference_order_id")
        ),
        sa.PrimaryKeyConstraint("order_id", "of_integration", name=op.f("pk_order_reference")),
    )
    op.create_index(op.f("ix_order_reference_integration"), "order_reference", ["integration"], unique=False)
    op.create_index(op.f("ix_order_reference_state"), "order_reference", ["state"], unique=False)
    op.create_table(
        "order_return",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("integration", sa.String(), nullable=False),
        sa.Column("channel_id", sa.String(), nullable=False),
        sa.Column("order_id", sa.String(), nullable=True),
        sa.Column("order_channel_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("channel_status", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("refunded", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("returned_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["customer_order.id"], name=op.f("fk_order_return_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_return")),
        sa.UniqueConstraint("integration", "channel_id", name=op.f("uq_order_return_integration_channel_id")),
    )
    op.create_index(
        op.f("ix_order_return_order_channel_id"), "order_return", ["order_channel_id"], unique=False
    )
    op.create_index(op.f("ix_order_return_order_id"), "order_return", ["order_id"], unique=False)
    op.create_table(
        "statement_line",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("statement_id", sa.String(), nullable=False),
        sa.Column("order_id", sa.String(), nullable=True),
        sa.Column("order_channel_id", sa.String(), nullable=False),
        sa.Column("settled", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["customer_order.id"], name=op.f("fk_statement_line_order_id")),
        sa.ForeignKeyConstraint(
            ["statement_id"], ["statement.id"], name=op.f("fk_statement_line_statement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement_line")),
    )
    op.create_index(
        op.f("ix_statement_line_order_channel_id"), "statement_line", ["order_channel_id"], unique=False
    )
    op.create_index(op.f("ix_statement_line_order_id"), "statement_line", ["order_id"], unique=False)
    op.create_index(op.f("ix_statement_line_statement_id"), "statement_line", ["statement_id"], unique=False)
    op.create_table(
        "bundle_component",
        sa.Column("bundle_id", sa.String(), nullable=False),
        sa.Column("component_id", sa.String(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["bundle_id"], ["variant.id"], name=op.f("fk_bundle_component_bundle_id")),
        sa.ForeignKeyConstraint(
            ["component_id"], ["variant.id"], name=op.f("fk_bundle_component_component_id")
        ),
        sa.PrimaryKeyConstraint("bundle_id", "component_id", name=op.f("pk_bundle_component")),
    )
    op.create_index("ix_bundle_component_component_id", "bundle_component", ["component_id"], unique=False)
    op.create_table(
        "channel_option",
        sa.Column("integration", sa.String(), nullable=False),
        sa.Column("variant_id", sa.String(), nullable=False),
        sa.Column("channel_sku", sa.String(), nullable=False),
        sa.Column("is_synced", sa.Boolean(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["variant_id"], ["variant.id"], name=op.f("fk_channel_option_variant_id")),
        sa.PrimaryKeyConstraint("integration", "variant_id", name=op.f("pk_channel_option")),
    )
    op.create_index(
        "ix_channel_option_integration_channel_sku",
        "channel_option",
        ["integration", "channel_sku"],
        unique=False,
    )
    op.add_column("publication", sa.Column("again_at", UtcDateTime(), nullable=True))
    op.add_column(
        "customer_order", sa.Column("channel_status_id", sa.String(), nullable=False, server_default="")
    )
    op.add_column("customer_order", sa.Column("review", sa.String(), nullable=False, server_default=""))
    op.add_column("flow", sa.Column("first_began_at", UtcDateTime(), nullable=True))
    op.add_column("flow", sa.Column("scope", sa.Text(), nullable=True))
    op.add_column("order_line", sa.Column("taken_as", sa.Text(), nullable=False, server_default="null"))
    op.add_column("level", sa.Column("buffer", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("level", sa.Column("future", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("level", sa.Column("committed_future", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("level", sa.Column("inbound", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("level", sa.Column("is_locked", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column(
        "location", sa.Column("is_unlimited", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column(
        "location", sa.Column("keeps_bundles", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("customer_order", sa.Column("status_there", sa.String(), nullable=False, server_default=""))
    for units in ("quantity_canceled_here", "quantity_not_restocked", "quantity_returned"):
        op.add_column("order_line", sa.Column(units, sa.Integer(), nullable=False, server_default="0"))
