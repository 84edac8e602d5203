"""Forgets old history, at night and in small portions, so that nobody waits for it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog

from crossdock.operations import retention
from crossdock.operations.retention import Keep
from crossdock.store.database import Database

AT_ONCE = 1000
PAUSE_SECONDS = 0.05
"""Between two portions: whoever waits to write gets in."""
MOST_PORTIONS = 100_000

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Upkeep:
    """What one elected worker does once a night."""

    database: Database
    clock: Callable[[], datetime]
    keep: Keep
    sleep: Callable[[float], None] = time.sleep

    def __call__(self, must_leave: Callable[[], bool]) -> None:
        now = self.clock()
        with self.database.reading() as tx:
            if not retention.is_due(tx, now):
                return
        forgotten = self.forget(must_leave)
        if must_leave():
            return
        with self.database.transaction() as tx:
            retention.note_done(tx, now)
        _log.info(
            "old history forgotten", **{name.replace(" ", "_"): n for name, n in forgotten.items() if n}
        )

    def forget(self, must_leave: Callable[[], bool] = lambda: False) -> dict[str, int]:
        """Forget all that is old enough now; answers how much of each kind."""
        return {kind.name: self._forget(kind, must_leave) for kind in retention.kinds(self.keep)}

    def _forget(self, kind: retention.Kind, must_leave: Callable[[], bool]) -> int:
        total = 0
        for _ in range(MOST_PORTIONS):
            if must_leave():
                break
            with self.database.transaction() as tx:
                done = retention.forget(tx, kind, self.clock(), limit=AT_ONCE)
            total += done
            if done < AT_ONCE:
                break
            self.sleep(PAUSE_SECONDS)
        return total
