"""Listings are looked for by their folded SKUs: one index less to be written with each of them."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_listing_integration_channel_sku", table_name="listing")
