"""How many products may still be created today, by the merchant's setting and by TikTok Shop's own limit."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from crossdock.connectors.contract import Clock, Memory
from crossdock.domain.sync import Postponed

AFTER_A_REFUSAL = timedelta(hours=1)
"""TikTok Shop does not say when its day begins, so it is asked again every hour, with one call."""


class Uploads:
    """The count of one shop. Edits do not count."""

    def __init__(self, memory: Memory, clock: Clock, *, shop_id: str, limit: int | None) -> None:
        self._memory = memory
        self._clock = clock
        self._shop_id = shop_id
        self._limit = limit

    def count(self) -> None:
        """One more was created, or may have been."""
        self._memory.put("uploads", self._today(), str(self._created() + 1))

    def refused(self, key: str) -> Postponed:
        """TikTok Shop itself says that it is enough for today."""
        until = self._clock() + AFTER_A_REFUSAL
        self._memory.put("uploads_paused", self._shop_id, until.isoformat())
        return self._postponed(key, until)

    def postponed(self, key: str) -> Postponed | None:
        """Why nothing more can be created now, and until when; None while there is room."""
        now = self._clock()
        paused = self._memory.get("uploads_paused", self._shop_id)
        if paused and now < (until := datetime.fromisoformat(paused)):
            return self._postponed(key, until)
        if self._limit is not None and self._created() >= self._limit:
            tomorrow = datetime.combine(now.date() + timedelta(days=1), time(), now.tzinfo)
            reason = f"Waits for tomorrow: “Products created per day at most” is {self._limit}"
            return Postponed(key, reason, tomorrow - now)
        return None

    def _postponed(self, key: str, until: datetime) -> Postponed:
        reason = "Waits: TikTok Shop's daily limit of new products is reached"
        return Postponed(key, reason, until - self._clock())

    def _created(self) -> int:
        return int(self._memory.get("uploads", self._today()) or 0)

    def _today(self) -> str:
        return f"{self._shop_id} {self._clock():%Y-%m-%d}"
