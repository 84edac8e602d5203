"""The call budget of one integration, shared by all workers and filled from the platform's own words."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import timedelta

import sqlalchemy as sa

from crossdock.connectors.errors import RateLimitedError
from crossdock.connectors.http import Budget
from crossdock.store.database import Database
from crossdock.store.tables import bucket as buckets
from crossdock.sync.quota import KEPT, Quota
from crossdock.sync.rates import Rates
from crossdock.sync.workers import now_sql, upsert

LONGEST_WAIT_SECONDS = 65.0
"""A run that would have to wait longer, so for more than any window, gives its slot back instead."""
LONGEST_NAP_SECONDS = 1.0
TRUST_SECONDS = 1.0
"""For so long a process believes that no limit is near without looking."""


class Pace:
    """A Gate of one integration in one run: fences, waits for a call's turn, and learns from the answers.

    Where the platform tells its quota, calls are counted by it (`Quota`); where it only ever asks to slow down, each
    kind of call has a pace (`Rates`). While more than half of a quota is left nobody counts. A pause holds everybody.
    """

    def __init__(
        self,
        database: Database,
        integration: str,
        check: Callable[[], None],
        *,
        sleep: Callable[[float], None] = time.sleep,
        advised: Mapping[str, float] | None = None,
    ) -> None:
        """`advised` are calls a second by kind, for a platform that tells no quota."""
        self._database = database
        self._integration = integration
        self._check = check
        self._sleep = sleep
        self._quota = Quota(database, f"calls:{integration}")
        self._rates = Rates(database, integration, advised or {})
        self._is_counting = False
        self._trusted_until: dict[str, float] = {}

    def check(self) -> None:
        """Raise what the fence raises. It takes no turn, so that waiting for something else costs no calls."""
        self._check()

    def before_call(self, lane: str, kind: str = "") -> None:
        """Return when the call may go out. Raises what `check` raises, or RateLimitedError rather than wait for long."""
        self._check()
        if time.monotonic() < self._trusted_until.get(kind, 0.0):
            return
        waited, has_turn = 0.0, False
        while not has_turn:
            if (seconds := self._paused_seconds(kind)) <= 0:
                has_turn, seconds = self._take(kind, is_urgent=lane == "urgent")
            waited += seconds
            if waited > LONGEST_WAIT_SECONDS:
                raise RateLimitedError(
                    f"The call budget of {self._integration} is used up for {seconds:.0f} s",
                    retry_after=timedelta(seconds=seconds),
                    kind=kind,
                )
            self._nap(seconds)

    def learn(self, budget: Budget) -> None:
        """Count by what the platform says is left. Its word alone is enough while that is more than urgent calls need."""
        if budget.remaining > KEPT * budget.quota:
            if not self._is_counting:
                self._trust("")
                return
            self._is_counting = False
        else:
            self._is_counting = True
            self._trusted_until.clear()
        self._quota.learn(budget)

    def pause(self, seconds: float, kind: str = "") -> None:
        """No worker makes calls of this kind (any calls, where none is given) before so many seconds have passed."""
        self._trusted_until.clear()
        if kind and self._paused_seconds(kind) <= 0:
            self._rates.slow_down(kind)
        until = now_sql(self._database) + seconds
        row = upsert(self._database, buckets).values(key=self._pause_key(kind), ready_at=until)
        longer = sa.case((buckets.c.ready_at > until, buckets.c.ready_at), else_=until)
        with self._database.transaction() as tx:
            tx.execute(row.on_conflict_do_update(index_elements=["key"], set_={"ready_at": longer}))

    def _take(self, kind: str, *, is_urgent: bool) -> tuple[bool, float]:
        """Whether a turn was taken, and for how many seconds to wait: before it, or before asking anew."""
        has_turn, seconds = self._quota.take(is_urgent=is_urgent)
        if not has_turn:
            return False, seconds
        by_kind = self._rates.take(kind, is_urgent=is_urgent) if kind else None
        if by_kind is None and not self._is_counting and seconds <= 0:
            self._trust(kind)
        return True, max(seconds, by_kind or 0.0)

    def _trust(self, kind: str) -> None:
        self._trusted_until[kind] = time.monotonic() + TRUST_SECONDS

    def _paused_seconds(self, kind: str) -> float:
        keys = {self._pause_key(""), self._pause_key(kind)}
        left = sa.func.max(buckets.c.ready_at) - now_sql(self._database)
        with self._database.reading() as tx:
            return float(tx.scalar(sa.select(left).where(buckets.c.key.in_(keys))) or 0.0)

    def _pause_key(self, kind: str) -> str:
        return f"pause:{self._integration}/{kind}" if kind else f"pause:{self._integration}"

    def _nap(self, seconds: float) -> None:
        """Sleep in pieces, so that a run that must leave does so."""
        while seconds > 0:
            nap = min(seconds, LONGEST_NAP_SECONDS)
            self._sleep(nap)
            self._check()
            seconds -= nap
