"""The flows of the hub as they stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from crossdock.store import tables
from crossdock.store.database import Transaction


def flows(tx: Transaction, integration: str = "") -> Sequence[Any]:
    """Every flow row, those of one integration where one is named."""
    statement = sa.select(tables.flow).order_by(tables.flow.c.key)
    if integration:
        statement = statement.where(tables.flow.c.integration == integration)
    return tx.execute(statement).all()
