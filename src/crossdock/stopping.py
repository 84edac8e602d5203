"""How a process is told to stop: the first signal lets what runs come to its end, the second ends at once."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from types import FrameType

Handler = Callable[[int, FrameType | None], None]
ENDS = (signal.SIGTERM, signal.SIGINT)


class Stopping:
    """Whether this process has been told to stop."""

    def __init__(self) -> None:
        self._asked = threading.Event()

    @property
    def is_asked(self) -> bool:
        return self._asked.is_set()

    def listen(self, then: Callable[[], object]) -> Handler:
        """From now on the first signal calls `then`, and any after it ends the process. In the main thread.

        Answers the handler, for whoever takes signals in its stead.
        """

        def on_signal(number: int, _: FrameType | None) -> None:
            if self._asked.is_set():
                # Killed at any moment nothing gets lost, so there is nothing to wait for.
                os._exit(128 + number)
            self._asked.set()
            then()

        for number in ENDS:
            signal.signal(number, on_signal)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDS)
        return on_signal

    def wait(self) -> None:
        """Until a signal comes. In the main thread, after `hold`."""
        signal.sigwait(ENDS)
        self._asked.set()
        self.listen(lambda: None)


def hold() -> None:
    """Keep signals until somebody listens: those that come while a process starts must not be lost."""
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDS)
