"""Listings are looked for by their folded SKUs, and publications by when their turn comes again.

So one index less is written with each listing, and nothing goes through all publications for the few that wait.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_listing_integration_channel_sku", table_name="listing")
    op.create_index(
        "ix_publication_again_at",
        "publication",
        ["integration", "entity", "again_at"],
        sqlite_where=sa.text("again_at IS NOT NULL"),
        postgresql_where=sa.text("again_at IS NOT NULL"),
    )
