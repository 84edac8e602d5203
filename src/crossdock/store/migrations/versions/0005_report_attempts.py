"""How often creating an order failed without a refusal, and when it has its turn again."""

import sqlalchemy as sa
from alembic import op

from crossdock.store.database import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sale_report", sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("sale_report", sa.Column("again_at", UtcDateTime(), nullable=True))
