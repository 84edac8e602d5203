"""The quota of the account: so many requests in each window of a minute, on the real clock."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil
from time import monotonic

WINDOW_SECONDS = 60.0
PER_MINUTE = 40


class Quota:
    """Counts requests; full again when the window ends."""

    def __init__(self, quota: int = PER_MINUTE, *, now: Callable[[], float] = monotonic) -> None:
        self.quota = quota
        self._now = now
        self._began = now()
        self._used = 0

    def change(self, quota: int) -> None:
        self.quota, self._began, self._used = quota, self._now(), 0

    def take(self) -> bool:
        """Use one request up; False when none is left."""
        if self._now() - self._began >= WINDOW_SECONDS:
            self._began, self._used = self._now(), 0
        if self._used >= self.quota:
            return False
        self._used += 1
        return True

    def headers(self) -> dict[str, str]:
        left = max(WINDOW_SECONDS - (self._now() - self._began), 0)
        return {
            "X-Rate-Limit-Limit": str(self.quota),
            "X-Rate-Limit-Remaining": str(max(self.quota - self._used, 0)),
            "X-Rate-Limit-Reset": str(ceil(left)),
        }
