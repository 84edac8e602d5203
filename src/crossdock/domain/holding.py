"""Holds: until when an order waits before it is sent anywhere, counted in business hours where that is wanted."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
EXAMPLE = "Mon-Fri 09:00-17:00 America/New_York"
_FORM = re.compile(
    r"(?P<days>[A-Za-z,\- ]+?)\s+(?P<opens>\d{2}:\d{2})-(?P<closes>\d{2}:\d{2})\s+(?P<zone>\S+)"
)


@dataclass(frozen=True, slots=True)
class BusinessHours:
    """The same hours on some days of the week. `days` counts from 0, Monday; `closes` is midnight at 00:00."""

    days: frozenset[int]
    opens: time
    closes: time
    zone: str

    @classmethod
    def parse(cls, text: str) -> BusinessHours:
        """The hours behind "Mon-Fri 09:00-17:00 America/New_York". Raises ValueError that says what is wrong."""
        match = _FORM.fullmatch(text.strip())
        if match is None:
            raise ValueError(f"{text!r} are no business hours; write them as {EXAMPLE}")
        try:
            opens, closes = time.fromisoformat(match["opens"]), time.fromisoformat(match["closes"])
        except ValueError:
            raise ValueError(f"{text!r} has a time of day that does not exist; write it as 09:00") from None
        if closes != time(0) and closes <= opens:
            raise ValueError(f"{text!r} closes before it opens; hours past midnight end at 00:00")
        try:
            ZoneInfo(match["zone"])
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"{match['zone']!r} is no time zone; write it as America/New_York") from None
        return cls(frozenset(_days(match["days"])), opens, closes, match["zone"])

    def after(self, moment: datetime, minutes: int) -> datetime:
        """The moment, in UTC, by which so many minutes of business time have passed since `moment`."""
        moment, left = moment.astimezone(UTC), timedelta(minutes=minutes)
        day = moment.astimezone(ZoneInfo(self.zone)).date()
        while True:
            if day.weekday() in self.days:
                opens = self._at(day, self.opens)
                closes = self._at(day + timedelta(days=self.closes == time(0)), self.closes)
                begins = max(opens, moment)
                if begins + left <= closes:
                    return begins + left
                left -= max(timedelta(0), closes - begins)
            day += timedelta(days=1)

    def _at(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, ZoneInfo(self.zone)).astimezone(UTC)


def _days(text: str) -> set[int]:
    found: set[int] = set()
    for part in filter(None, (each.strip() for each in text.split(","))):
        first, _, last = part.partition("-")
        start, end = _day(first), _day(last or first)
        found |= {(start + step) % 7 for step in range((end - start) % 7 + 1)}
    return found


def _day(text: str) -> int:
    for place, name in enumerate(DAYS):
        if text.strip()[:3].casefold() == name.casefold():
            return place
    raise ValueError(f"{text.strip()!r} is no day of the week; they are {', '.join(DAYS)}")


def hold_until(start: datetime, minutes: int, hours: BusinessHours | None = None) -> datetime:
    """Until when an order is held that is counted from `start`. Without business hours every minute counts."""
    if minutes <= 0:
        return start
    return hours.after(start, minutes) if hours is not None else start + timedelta(minutes=minutes)
