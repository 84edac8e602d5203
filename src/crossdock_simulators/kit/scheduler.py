"""Runs things at moments of the simulator's clock, on one background thread."""

from __future__ import annotations

import heapq
import logging
from collections.abc import Callable
from datetime import datetime
from itertools import count
from threading import Thread

from crossdock_simulators.kit.clock import Clock

LONGEST_SLEEP_SECONDS = 3600.0
_log = logging.getLogger(__name__)


class Scheduler:
    """A heap of due actions. The thread starts with the first action and ends with `close`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._heap: list[tuple[datetime, int, Callable[[], None]]] = []
        self._order = count()
        self._thread: Thread | None = None
        self._busy = False
        self._closed = False

    def at(self, due: datetime, action: Callable[[], None]) -> None:
        """Run `action` once the clock reaches `due`; equal moments keep their order."""
        with self._clock.changed:
            if self._closed:
                return
            heapq.heappush(self._heap, (due, next(self._order), action))
            if self._thread is None:
                self._thread = Thread(target=self._run, name="simulator-scheduler", daemon=True)
                self._thread.start()
            self._clock.changed.notify_all()

    def wait_idle(self, timeout_seconds: float = 5.0) -> bool:
        """Wait until nothing that is due is left to run; True when that came in time."""
        with self._clock.changed:
            return self._clock.changed.wait_for(self._is_idle, timeout_seconds)

    def close(self) -> None:
        with self._clock.changed:
            self._closed = True
            self._heap.clear()
            self._clock.changed.notify_all()
        if self._thread is not None:
            self._thread.join(5)

    def _is_idle(self) -> bool:
        return not self._busy and not (self._heap and self._heap[0][0] <= self._clock.now())

    def _run(self) -> None:
        while (action := self._next()) is not None:
            try:
                action()
            except Exception:  # noqa: BLE001  # one broken action must not end the thread that all others need
                _log.exception("A scheduled action of the simulator failed")
            with self._clock.changed:
                self._busy = False
                self._clock.changed.notify_all()

    def _next(self) -> Callable[[], None] | None:
        with self._clock.changed:
            while not self._closed:
                wait = self._seconds_to_wait()
                if wait <= 0:
                    self._busy = True
                    return heapq.heappop(self._heap)[2]
                self._clock.changed.wait(wait)
            return None

    def _seconds_to_wait(self) -> float:
        if not self._heap:
            return LONGEST_SLEEP_SECONDS
        return min((self._heap[0][0] - self._clock.now()).total_seconds(), LONGEST_SLEEP_SECONDS)
