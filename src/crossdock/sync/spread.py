"""How work is spread over the workers that live: none has more slots than its share of what can run at once."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from crossdock.store.database import Database
from crossdock.store.tables import flow as flows

AT_ONCE = {"urgent": 2, "bulk": 1}
"""By lane, how many runs an integration may have at once."""


def fair_share(integrations: Mapping[str, int], workers: int, most: int) -> dict[str, int]:
    """How many runs of each lane one worker may have, given how many integrations have flows in it."""
    wanted = {lane: integrations.get(lane, 0) * at_once for lane, at_once in AT_ONCE.items()}
    return {
        lane: most if workers <= 1 else min(most, max(1, -(-runs // workers)))
        for lane, runs in wanted.items()
    }


def integrations_by_lane(database: Database) -> dict[str, int]:
    """How many integrations have flows that may run, by lane."""
    names = sa.func.count(flows.c.integration.distinct()).label("names")
    with database.reading() as tx:
        rows = tx.execute(
            sa.select(flows.c.lane, names).where(flows.c.is_on, flows.c.refusal == "").group_by(flows.c.lane)
        )
        return {row.lane: int(row.names) for row in rows}
