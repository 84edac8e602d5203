"""Time that passes only while everybody sleeps, so that what takes minutes is counted exactly and at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Condition, Thread


class Clockwork:
    """A clock for several threads at once: it moves on to the next moment at which one of them wakes."""

    def __init__(self, start: float = 1000.0) -> None:
        self._now = start
        self._awake = 0
        self._sleepers: list[float] = []
        self._turn = Condition()

    def now(self) -> float:
        return self._now

    def sleep(self, seconds: float) -> None:
        with self._turn:
            until = self._now + seconds
            self._sleepers.append(until)
            self._awake -= 1
            self._move_on()
            while self._now < until:
                self._turn.wait()
            self._sleepers.remove(until)
            self._awake += 1

    def run(self, bodies: Sequence[Callable[[], None]]) -> None:
        """Run all of these side by side to their end. Raises the first error of any."""
        errors: list[BaseException] = []

        def one(body: Callable[[], None]) -> None:
            try:
                body()
            except BaseException as error:  # noqa: BLE001  # it is raised where all have come to their end
                errors.append(error)
            finally:
                with self._turn:
                    self._awake -= 1
                    self._move_on()

        threads = [Thread(target=one, args=(body,), daemon=True) for body in bodies]
        self._awake = len(threads)
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        if errors:
            raise errors[0]

    def _move_on(self) -> None:
        """Those who were woken and have not come round yet count as awake."""
        if self._awake == 0 and self._sleepers and min(self._sleepers) > self._now:
            self._now = min(self._sleepers)
            self._turn.notify_all()
