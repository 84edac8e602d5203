"""The simulator's own time: the real clock plus an offset that a test or a person can move."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Condition


class Clock:
    """Real time moved by an offset. Whoever sleeps on `changed` wakes when the offset moves."""

    def __init__(self, start: datetime | None = None) -> None:
        self.changed = Condition()
        self._offset = (start - datetime.now(UTC)) if start else timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._offset

    def advance(self, step: timedelta) -> datetime:
        """Move time by `step` and answer the new now."""
        with self.changed:
            self._offset += step
            self.changed.notify_all()
        return self.now()
