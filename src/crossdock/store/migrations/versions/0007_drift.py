"""Drift: what channels show otherwise than they had answered for."""

import sqlalchemy as sa
from alembic import op

from crossdock.store.database import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "drift",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("integration", sa.String(), nullable=False),
        sa.Column("entity", sa.String(), nullable=False),
        sa.Column("record_id", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("sku", sa.String(), nullable=False),
        sa.Column("location", sa.String(), nullable=False),
        sa.Column("expected", sa.Text(), nullable=False),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("found_at", UtcDateTime(), nullable=False),
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("left_because", sa.Text(), nullable=False),
        sa.Column("repaired_at", UtcDateTime(), nullable=True),
        sa.Column("repair", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drift")),
    )
    op.create_index(
        "ix_drift_open",
        "drift",
        ["integration", "entity", "record_id", "field", "sku", "location"],
        unique=True,
        sqlite_where=sa.text("repaired_at IS NULL"),
        postgresql_where=sa.text("repaired_at IS NULL"),
    )
    op.create_index("ix_drift_record_id_found_at", "drift", ["record_id", "found_at"], unique=False)
    op.add_column("publication", sa.Column("former", sa.Text(), nullable=False, server_default="null"))
    op.add_column("publication", sa.Column("looked_at", UtcDateTime(), nullable=True))
