"""Which integrations are warehouses: those that shipping requests can be sent to."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from crossdock.connectors.errors import SettingsError
from crossdock.domain.sync import Direction, Entity
from crossdock.store import tables
from crossdock.store.database import Transaction

FLOW = tables.flow


def names(tx: Transaction) -> set[str]:
    """The integrations with a flow for shipping requests, whether it is on or not."""
    statement = sa.select(FLOW.c.integration).where(
        FLOW.c.direction == Direction.PUSH, FLOW.c.entity == Entity.SHIPPING_REQUESTS
    )
    return set(tx.scalars(statement))


def require(tx: Transaction, field: str, name: str) -> None:
    """A location is linked to a warehouse, or, where the name is empty, to none. Raises SettingsError."""
    if name:
        require_among(field, name, names(tx))


def require_among(field: str, name: str, known: Collection[str]) -> None:
    """As `require`, where the warehouses are known already. Raises SettingsError."""
    if name not in known:
        there = f"choose from {', '.join(sorted(known))}" if known else "add a warehouse integration first"
        raise SettingsError(field, f"{name!r} is no 3PL or warehouse integration; {there}")
