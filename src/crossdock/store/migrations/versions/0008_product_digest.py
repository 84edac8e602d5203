"""By what a product is known that is to the letter what it was when the hub took it in; indexes for what runs look for."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_listing_variant_id", "listing", ["variant_id"])
    op.create_index("ix_cancellation_is_dirty", "cancellation", ["is_dirty"])
    op.create_index("ix_order_return_answer_state", "order_return", ["answer_state"])
    op.add_column("product", sa.Column("digest", sa.String(), nullable=False, server_default=""))
