"""The level of a SKU at each location, with whether it counts and why not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from crossdock.operations.setup import integrations as accounts
from crossdock.operations.views.view_hub import why_not_counted
from crossdock.store import tables
from crossdock.store.codec import unpack
from crossdock.store.database import Transaction
from crossdock.store.query import select_in

LEVEL = tables.level
LOCATION = tables.location


@dataclass(frozen=True, slots=True)
class LevelView:
    """One SKU at one location, in units. `reason` says why it does not count, where it does not.

    `promisable` is what may be promised of it: available + future − committed future − buffer.
    """

    location_id: str
    location: str
    integration: str
    on_hand: int
    committed: int
    unavailable: int
    available: int
    future: int
    committed_future: int
    inbound: int
    buffer: int
    promisable: int
    is_locked: bool
    is_unlimited: bool
    excluded_for: list[str]
    counts: bool
    reason: str


def levels_of(tx: Transaction, variant_ids: Iterable[str]) -> dict[str, list[LevelView]]:
    """The level of each variant at each location, with whether it counts."""
    owner = accounts.truth(tx).inventory
    statement = (
        sa.select(
            LEVEL,
            LOCATION.c.name,
            LOCATION.c.integration,
            LOCATION.c.is_active,
            LOCATION.c.is_excluded,
            LOCATION.c.excluded_for,
            LOCATION.c.is_unlimited,
        )
        .join(LOCATION, LOCATION.c.id == LEVEL.c.location_id)
        .order_by(LOCATION.c.integration, LOCATION.c.name, LOCATION.c.id)
    )
    found: dict[str, list[LevelView]] = defaultdict(list)
    for row in select_in(tx, statement, LEVEL.c.variant_id, variant_ids):
        found[row.variant_id].append(_level(row, why_not_counted(row, owner)))
    return found


def _level(row: Any, reason: str) -> LevelView:
    available = row.on_hand - row.committed - row.unavailable
    return LevelView(
        location_id=row.location_id,
        location=row.name,
        integration=row.integration,
        on_hand=row.on_hand,
        committed=row.committed,
        unavailable=row.unavailable,
        available=available,
        future=row.future,
        committed_future=row.committed_future,
        inbound=row.inbound,
        buffer=row.buffer,
        promisable=available + row.future - row.committed_future - row.buffer,
        is_locked=row.is_locked,
        is_unlimited=row.is_unlimited,
        excluded_for=unpack(list[str], row.excluded_for),
        counts=not reason,
        reason=reason,
    )
