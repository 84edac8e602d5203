"""Figures for monitoring: how runs end, what waits to be sent, and how long each flow has been without success."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from crossdock.operations.views.view_hub import clock, newest_beat_age
from crossdock.operations.views.view_summary import open_cases
from crossdock.store import tables
from crossdock.store.database import Transaction

RUN = tables.run
FLOW = tables.flow
PUBLICATION = tables.publication
RECENT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Measures:
    """Each figure by its labels."""

    runs: dict[tuple[str, str], int]
    """Runs that began in the last hour, by flow and state."""
    open_cases: dict[str, int]
    """By kind."""
    seconds_since_success: dict[str, float]
    """By flow, of those that are on and have ever succeeded."""
    failures: dict[str, int]
    """Failures in a row, by flow."""
    worker_beat_age: float | None


def measures(tx: Transaction) -> Measures:
    now = float(tx.execute(sa.select(clock(tx))).scalar_one())
    flows = tx.execute(sa.select(FLOW).where(FLOW.c.is_on)).all()
    at = datetime.fromtimestamp(now, UTC)
    runs = tx.execute(
        sa.select(RUN.c.flow, RUN.c.state, sa.func.count().label("runs"))
        .where(RUN.c.started_at > at - RECENT)
        .group_by(RUN.c.flow, RUN.c.state)
    )
    return Measures(
        runs={(row.flow, row.state): int(row.runs) for row in runs},
        open_cases=open_cases(tx),
        seconds_since_success={
            row.key: max(0.0, (at - row.last_success_at).total_seconds())
            for row in flows
            if row.last_success_at is not None
        },
        failures={row.key: row.failures for row in flows},
        worker_beat_age=newest_beat_age(tx),
    )


def records(tx: Transaction) -> dict[tuple[str, str, str], int]:
    """Records by integration, entity and state. Goes through all of them, so it is asked for now and then."""
    by_state = (PUBLICATION.c.integration, PUBLICATION.c.entity, PUBLICATION.c.state)
    found = tx.execute(sa.select(*by_state, sa.func.count().label("records")).group_by(*by_state))
    return {(row.integration, row.entity, row.state): int(row.records) for row in found}
