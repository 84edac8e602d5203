"""How fast a kind of call may go where a platform tells no quota, learned from when it asks to slow down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from crossdock.store.database import Database, Transaction
from crossdock.store.tables import bucket as buckets
from crossdock.sync.workers import now_sql, upsert

ASIDE = 1.2
"""A pace that was asked for is kept a little slower."""
SLOWER = 1.5
"""By how much further apart calls go each time that the pace was still too fast."""
FASTER = 1.1
QUIET_SECONDS = 600.0
"""After so long without being asked to slow down, calls go a tenth faster."""
FREE_ABOVE = 4.0
"""Once so many times as fast as advised, the platform has no limit that matters."""
SLOWEST_SECONDS = 10.0
HELD_SECONDS = 1.0
"""Platforms let about so many seconds' calls come in one burst: that far urgent calls run ahead of those that wait."""


class Rates:
    """One pace per kind of call, shared by all workers. Free until the platform asks for the first time to slow down.

    Turns are a GCRA bucket: `ready_at` moves on by one interval a call, in the order of asking.
    """

    def __init__(self, database: Database, integration: str, advised: Mapping[str, float]) -> None:
        """`advised` are calls a second by kind, as the platform's documents advise to begin with."""
        self._database = database
        self._integration = integration
        self._advised = advised

    def take(self, kind: str, *, is_urgent: bool) -> float | None:
        """Take a turn and answer in how many seconds it comes; None where this kind has no limit."""
        if not self._is_limited(kind):
            return None
        with self._database.transaction() as tx:
            row = self._row(tx, kind)
            if row is None:
                return None
            now, interval = self._now(tx), float(row.interval_seconds)
            changes: dict[str, float] = {}
            if now - row.slowed_at > QUIET_SECONDS:
                interval /= FASTER
                is_free = interval * FREE_ABOVE < 1 / self._advised.get(kind, 1.0)
                changes = {"slowed_at": now, "interval_seconds": 0.0 if is_free else interval}
            start = max(float(row.ready_at), now)
            self._write(tx, kind, ready_at=start + interval, **changes)
            ahead = max(0.0, HELD_SECONDS - 2 * interval) if is_urgent else 0.0
            return max(0.0, start - now - ahead)

    def slow_down(self, kind: str) -> None:
        """The platform asked to slow down: keep a pace from now on."""
        with self._database.transaction() as tx:
            row, now = self._row(tx, kind), self._now(tx)
            values = {"interval_seconds": self._slower(kind, row), "slowed_at": now}
            fresh = upsert(self._database, buckets).values(key=self._key(kind), **values)
            tx.execute(fresh.on_conflict_do_update(index_elements=["key"], set_=values))

    def _slower(self, kind: str, row: sa.Row[Any] | None) -> float:
        if row is None or not row.interval_seconds:
            return ASIDE / self._advised.get(kind, 1.0)
        kept: float = row.interval_seconds
        return min(SLOWEST_SECONDS, kept * SLOWER)

    def _is_limited(self, kind: str) -> bool:
        """A look that waits for no other transaction."""
        found = sa.select(buckets.c.interval_seconds).where(buckets.c.key == self._key(kind))
        with self._database.reading() as tx:
            return bool(tx.scalar(found))

    def _key(self, kind: str) -> str:
        return f"rate:{self._integration}/{kind}"

    def _row(self, tx: Transaction, kind: str) -> sa.Row[Any] | None:
        found = sa.select(buckets).where(buckets.c.key == self._key(kind)).with_for_update()
        return tx.execute(found).one_or_none()

    def _write(self, tx: Transaction, kind: str, **values: Any) -> None:
        tx.execute(sa.update(buckets).where(buckets.c.key == self._key(kind)).values(values))

    def _now(self, tx: Transaction) -> float:
        return float(tx.execute(sa.select(now_sql(self._database))).scalar_one())
