"""The store's request quota: a fixed window on the real clock, so that moved time does not refill it."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

QUOTAS = {"Standard": 150, "Plus": 150, "Pro": 450, "Enterprise": 100_000}
WINDOW_SECONDS = 30.0


class RateWindow:
    """Counts requests; refills completely when the window ends."""

    def __init__(
        self, quota: int, seconds: float = WINDOW_SECONDS, now: Callable[[], float] = monotonic
    ) -> None:
        self.quota = quota
        self.seconds = seconds
        self._now = now
        self._began = now()
        self._used = 0

    def change(self, quota: int, seconds: float) -> None:
        """New limits, beginning with a full window."""
        self.quota, self.seconds = quota, seconds
        self._began, self._used = self._now(), 0

    def take(self) -> bool:
        """Use one request up; False when none is left."""
        if self._now() - self._began >= self.seconds:
            self._began, self._used = self._now(), 0
        if self._used >= self.quota:
            return False
        self._used += 1
        return True

    def headers(self) -> dict[str, str]:
        left = max(self.seconds - (self._now() - self._began), 0)
        return {
            "X-Rate-Limit-Time-Window-Ms": str(round(self.seconds * 1000)),
            "X-Rate-Limit-Time-Reset-Ms": str(round(left * 1000)),
            "X-Rate-Limit-Requests-Quota": str(self.quota),
            "X-Rate-Limit-Requests-Left": str(max(self.quota - self._used, 0)),
        }
