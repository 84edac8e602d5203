"""How often bringing a created order on with its original was refused, so that it is tried less often each time."""

import sqlalchemy as sa
from alembic import op

from crossdock.store.database import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "order_reference", sa.Column("release_attempts", sa.Integer(), nullable=False, server_default="0")
    )
    op.add_column("order_reference", sa.Column("release_tried_at", UtcDateTime(), nullable=True))
