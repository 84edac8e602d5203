"""Who may ship where more was promised than there is: units go to the orders that were placed first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from crossdock.operations.routing.requested import parts_of
from crossdock.store import tables
from crossdock.store.database import Transaction
from crossdock.store.query import select_in

MOVEMENT = tables.movement
ORDER = tables.order

Spot = tuple[str, str]
"""A variant at a location."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Units of one spot that an order has committed and that no location has been asked to ship."""

    placed_at: datetime
    order_id: str
    units: int

    @property
    def rank(self) -> tuple[datetime, str]:
        return self.placed_at, self.order_id


def claims(tx: Transaction, spots: Collection[Spot]) -> dict[Spot, list[Claim]]:
    """The claims on each of these spots. What is in a shipping request is none: it is as good as gone."""
    committed = sa.func.sum(MOVEMENT.c.committed)
    statement = (
        sa.select(
            MOVEMENT.c.variant_id,
            MOVEMENT.c.location_id,
            MOVEMENT.c.order_id,
            ORDER.c.placed_at,
            committed.label("units"),
        )
        .join(ORDER, ORDER.c.id == MOVEMENT.c.order_id)
        .where(MOVEMENT.c.location_id.in_(sorted({place for _, place in spots})))
        .group_by(MOVEMENT.c.variant_id, MOVEMENT.c.location_id, MOVEMENT.c.order_id, ORDER.c.placed_at)
        .having(committed > 0)
    )
    rows = select_in(tx, statement, MOVEMENT.c.variant_id, sorted({variant for variant, _ in spots}))
    requested = parts_of(tx, {row.order_id for row in rows})
    found: dict[Spot, list[Claim]] = defaultdict(list)
    for row in rows:
        spot = (row.variant_id, row.location_id)
        parts = requested.get(row.order_id, [])
        if spot in spots and not any(
            part.held and part.request.location_id == row.location_id for part in parts
        ):
            found[spot].append(Claim(row.placed_at, row.order_id, int(row.units)))
    return found
