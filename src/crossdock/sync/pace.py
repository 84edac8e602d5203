"""The call budget of one integration, shared by all workers and filled from the platform's own headers."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from crossdock.connectors.errors import RateLimitedError
from crossdock.connectors.http import Budget
from crossdock.store.database import Database
from crossdock.store.tables import bucket as buckets
from crossdock.sync.workers import now_sql, upsert

FLOOR = 0.20
"""Down to this share of the quota calls go out as they come; below it they are spread until the quota is full again."""
RESERVE = 0.10
"""The last share of the quota, kept for urgent calls."""
LONGEST_WAIT_SECONDS = 60.0
"""A run that would have to wait longer gives its slot back instead."""
LONGEST_NAP_SECONDS = 1.0
SHORTEST_WAIT_SECONDS = 0.01
TRUST_SECONDS = 1.0
"""For so long a process believes that no limit is near without looking."""


@dataclass(frozen=True, slots=True)
class Rate:
    """A pace to keep where the platform tells none: calls are `interval_seconds` apart, urgent ones may bunch up."""

    interval_seconds: float = 0.0
    burst: int = 1


NO_LIMIT = Rate()


@dataclass(frozen=True, slots=True)
class _Level:
    """Where a bucket stands, in seconds by the database's clock."""

    interval: float
    ahead: float
    wait: float


class Pace:
    """A Gate of one integration in one run: fences, waits for a call's turn, and learns from the answers.

    Turns are a GCRA bucket: `ready_at` moves on by one interval a call. Normal calls wait for it; urgent ones may
    run ahead of it by `burst` less one. A pause is a bucket of its own, which nobody runs ahead of.
    """

    def __init__(
        self,
        database: Database,
        integration: str,
        check: Callable[[], None],
        *,
        sleep: Callable[[float], None] = time.sleep,
        rate: Rate = NO_LIMIT,
    ) -> None:
        self._database = database
        self._integration = integration
        self._calls, self._pause = f"calls:{integration}", f"pause:{integration}"
        self._check = check
        self._sleep = sleep
        self._rate = rate
        self._is_free = False
        self._trusted_until = 0.0

    def check(self) -> None:
        """Raise what the fence raises. It takes no turn, so that waiting for something else costs no calls."""
        self._check()

    def before_call(self, lane: str) -> None:
        """Return when the call may go out. Raises what `check` raises, or RateLimitedError rather than wait for long."""
        self._check()
        waited = 0.0
        while (seconds := self._wait_seconds(is_urgent=lane == "urgent")) > 0:
            if waited + seconds > LONGEST_WAIT_SECONDS:
                raise RateLimitedError(
                    f"The call budget of {self._integration} is used up for {seconds:.0f} s",
                    retry_after=timedelta(seconds=seconds),
                )
            nap = min(seconds, LONGEST_NAP_SECONDS)
            self._sleep(nap)
            waited += nap
            self._check()

    def learn(self, budget: Budget) -> None:
        """Set the pace from what the platform says is left."""
        if budget.remaining > FLOOR * budget.quota:
            if not self._is_free:
                self._set(self._rate, ready_in=0.0)
            return
        self._is_free = False
        reset = max(0.0, budget.resets_in.total_seconds())
        reserve = round(RESERVE * budget.quota)
        spare = budget.remaining - reserve
        if spare > 0:
            self._set(Rate(reset / spare, reserve + 1))
        else:
            # Normal calls wait until the quota is full again; urgent ones share what is left until then.
            self._set(Rate(reset / max(1, budget.remaining), budget.remaining + 1), ready_in=reset)

    def pause(self, seconds: float) -> None:
        """No worker calls this integration before so many seconds have passed."""
        self._is_free = False
        until = now_sql(self._database) + seconds
        row = upsert(self._database, buckets).values(key=self._pause, ready_at=until)
        longer = _later(buckets.c.ready_at, until)
        with self._database.transaction() as tx:
            tx.execute(row.on_conflict_do_update(index_elements=["key"], set_={"ready_at": longer}))

    def _wait_seconds(self, *, is_urgent: bool) -> float:
        """Take a turn and return 0, or say how long to wait before asking again."""
        if self._is_free and time.monotonic() < self._trusted_until:
            return 0.0
        if self._take_turn(is_urgent=is_urgent):
            self._is_free = False
            return 0.0
        levels = self._levels()
        if self._calls not in levels:
            levels[self._calls] = self._set(self._rate)
        calls, pause = levels[self._calls], levels.get(self._pause)
        if pause is not None and pause.wait > 0:
            return pause.wait
        if calls.interval:
            return max(calls.wait - (calls.ahead if is_urgent else 0.0), SHORTEST_WAIT_SECONDS)
        self._is_free, self._trusted_until = True, time.monotonic() + TRUST_SECONDS
        return 0.0

    def _take_turn(self, *, is_urgent: bool) -> bool:
        now = now_sql(self._database)
        ahead = _ahead() if is_urgent else sa.literal(0.0)
        pauses = buckets.alias("pauses")
        is_paused = sa.exists().where(pauses.c.key == self._pause, pauses.c.ready_at > now)
        turn = (
            sa.update(buckets)
            .where(buckets.c.key == self._calls, buckets.c.interval_seconds > 0)
            .where(buckets.c.ready_at - now <= ahead, ~is_paused)
            .values(ready_at=_later(buckets.c.ready_at, now) + buckets.c.interval_seconds)
        )
        with self._database.transaction() as tx:
            return bool(tx.execute(turn).rowcount)

    def _levels(self) -> dict[str, _Level]:
        wait = (buckets.c.ready_at - now_sql(self._database)).label("wait")
        wanted = sa.select(buckets.c.key, buckets.c.interval_seconds, _ahead().label("ahead"), wait).where(
            buckets.c.key.in_((self._calls, self._pause))
        )
        with self._database.reading() as tx:
            return {row.key: _Level(row.interval_seconds, row.ahead, row.wait) for row in tx.execute(wanted)}

    def _set(self, rate: Rate, *, ready_in: float | None = None) -> _Level:
        """Change the pace; without `ready_in` the turns already taken still count."""
        now = now_sql(self._database)
        pace = {"interval_seconds": rate.interval_seconds, "burst": rate.burst}
        ready = {} if ready_in is None else {"ready_at": now + ready_in}
        row = upsert(self._database, buckets).values(key=self._calls, **({"ready_at": now} | pace | ready))
        with self._database.transaction() as tx:
            tx.execute(row.on_conflict_do_update(index_elements=["key"], set_=pace | ready))
        return _Level(rate.interval_seconds, rate.interval_seconds * (rate.burst - 1), ready_in or 0.0)


def _ahead() -> sa.ColumnElement[float]:
    return buckets.c.interval_seconds * (buckets.c.burst - 1)


def _later(first: sa.ColumnElement[float], second: sa.ColumnElement[float]) -> sa.ColumnElement[float]:
    return sa.case((first > second, first), else_=second)
