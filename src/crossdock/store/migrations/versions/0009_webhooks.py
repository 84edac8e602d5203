"""What platforms tell of their quota, how long hints are under way, and whether hooks are registered."""

import sqlalchemy as sa
from alembic import op

from crossdock.store.database import UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in (
        sa.Column("quota", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("window_seconds", sa.Float(), nullable=False, server_default="0"),
        sa.Column("remaining", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("is_told", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("slowed_at", sa.Float(), nullable=False, server_default="0"),
    ):
        op.add_column("bucket", column)
    # Paces are learned within a minute, and the former ones mean something else.
    op.execute(sa.text("DELETE FROM bucket"))
    op.create_table(
        "hint",
        sa.Column("flow", sa.String(), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("happened_at", UtcDateTime(), nullable=True),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("hints", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("flow", "slot", name=op.f("pk_hint")),
    )
    op.create_table(
        "webhook",
        sa.Column("integration", sa.String(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("is_registered", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("checked_at", UtcDateTime(), nullable=True),
        sa.Column("restored_at", UtcDateTime(), nullable=True),
        sa.Column("restored_why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("integration", name=op.f("pk_webhook")),
    )
