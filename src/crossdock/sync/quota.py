"""A platform's quota as its headers tell it: so many calls in a window, shared with all other workers and apps."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from crossdock.connectors.http import Budget
from crossdock.store.database import Database, Transaction
from crossdock.store.tables import bucket as buckets
from crossdock.sync.workers import now_sql, upsert

KEPT = 0.5
"""The share of the quota that normal calls leave to urgent ones as a window begins; it melts away until its end."""
MARGIN = 0.02
"""The share that nobody takes: other apps and calls under way use calls up before the headers say so."""
EDGE_SECONDS = 0.05
"""So long after its end a window is over, by whatever clock."""


class Quota:
    """The calls that an integration has left, kept in one row.

    Each call is counted before it goes out. A normal call takes its turn at once, and then waits until the time that is
    left of the window is as short as its turn asks for: the first half of a quota goes out as it comes, the second
    evenly until the window ends, when nothing is left unused. Turns are in the order of asking, so no flow starves. An
    urgent call waits only where nothing is left at all.
    """

    def __init__(self, database: Database, key: str) -> None:
        self._database = database
        self._key = key

    def take(self, *, is_urgent: bool) -> tuple[bool, float]:
        """Whether a turn was taken, and for how many seconds to wait: before it, or before asking anew.

        Where the platform has told no quota yet, everybody may go.
        """
        if not self._is_told():
            return True, 0.0
        with self._database.transaction() as tx:
            row = self._row(tx)
            if row is None:
                return True, 0.0
            now, remaining, full_at = self._now(tx), row.remaining, row.ready_at
            if full_at + EDGE_SECONDS <= now:
                # Nothing has been heard of the new window; the first answer will say more.
                remaining, full_at = row.quota, now + row.window_seconds
                self._write(tx, remaining=remaining, ready_at=full_at, is_told=False)
            margin = round(MARGIN * row.quota)
            if remaining <= margin:
                return False, full_at + EDGE_SECONDS - now
            self._write(tx, remaining=remaining - 1)
            if is_urgent:
                return True, 0.0
            melts = row.window_seconds / (KEPT * (row.quota - margin))
            return True, max(0.0, full_at - now - (remaining - 1 - margin) * melts)

    def learn(self, budget: Budget) -> None:
        """Take in what an answer says. It knows of all calls but those under way, so within a window less counts."""
        window, resets_in = budget.window.total_seconds(), max(0.0, budget.resets_in.total_seconds())
        with self._database.transaction() as tx:
            row, full_at = self._row(tx), self._now(tx) + resets_in
            told = {"quota": budget.quota, "window_seconds": window, "is_told": True}
            if row is None:
                fresh = {"key": self._key, "remaining": budget.remaining, "ready_at": full_at} | told
                tx.execute(upsert(self._database, buckets).values(fresh).on_conflict_do_nothing())
            elif not row.is_told or not row.quota:
                least = min(row.remaining, budget.remaining) if row.quota else budget.remaining
                self._write(tx, remaining=least, ready_at=full_at, **told)
            elif full_at > row.ready_at + window / 2:
                self._write(tx, remaining=budget.remaining, ready_at=full_at, **told)
            elif full_at > row.ready_at - window / 2:
                # Answers come late, so of several ends of one window the earliest is nearest.
                least, end = min(row.remaining, budget.remaining), min(row.ready_at, full_at)
                if (least, end) != (row.remaining, row.ready_at):
                    self._write(tx, remaining=least, ready_at=end, **told)
            # An answer that is older still speaks of the window before.

    def _is_told(self) -> bool:
        """Whether there is anything to count by; a look that waits for no other transaction."""
        with self._database.reading() as tx:
            return bool(tx.scalar(sa.select(buckets.c.quota).where(buckets.c.key == self._key)))

    def _row(self, tx: Transaction) -> sa.Row[Any] | None:
        return tx.execute(
            sa.select(buckets).where(buckets.c.key == self._key).with_for_update()
        ).one_or_none()

    def _write(self, tx: Transaction, **values: Any) -> None:
        tx.execute(sa.update(buckets).where(buckets.c.key == self._key).values(values))

    def _now(self, tx: Transaction) -> float:
        return float(tx.execute(sa.select(now_sql(self._database))).scalar_one())
