"""Holds: how long an order waits, around the clock and in business hours."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.domain.holding import BusinessHours, hold_until

NEW_YORK = BusinessHours.parse("Mon-Fri 09:00-17:00 America/New_York")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "minutes", "expected"),
    [
        ("2026-06-03T14:00", 60, "2026-06-03T15:00"),  # a Wednesday, 10 o'clock there
        ("2026-06-03T20:30", 60, "2026-06-04T13:30"),  # half an hour before it closes
        ("2026-06-05T20:30", 60, "2026-06-08T13:30"),  # over the weekend
        ("2026-06-06T12:00", 10, "2026-06-08T13:10"),  # on a Saturday
        ("2026-03-06T21:30", 60, "2026-03-09T13:30"),  # over the change to summer time
        ("2026-06-03T14:00", 480 * 5, "2026-06-10T14:00"),  # a whole week of hours
    ],
)
def test_only_business_time_counts(start: str, minutes: int, expected: str) -> None:
    assert hold_until(at(start), minutes, NEW_YORK) == at(expected)


def test_around_the_clock_every_minute_counts_and_none_is_no_hold() -> None:
    start = at("2026-06-06T12:00")

    assert hold_until(start, 60) == start + timedelta(hours=1)
    assert hold_until(start, 0, NEW_YORK) == start


@pytest.mark.parametrize(
    ("text", "days", "opens", "closes"),
    [
        ("Mon-Fri 09:00-17:00 Europe/London", {0, 1, 2, 3, 4}, time(9), time(17)),
        ("Fri-Mon 08:30-00:00 UTC", {4, 5, 6, 0}, time(8, 30), time(0)),
        ("mon, wed 00:00-12:00 Asia/Tokyo", {0, 2}, time(0), time(12)),
    ],
)
def test_business_hours_are_read(text: str, days: set[int], opens: time, closes: time) -> None:
    hours = BusinessHours.parse(text)

    assert (hours.days, hours.opens, hours.closes) == (days, opens, closes)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("9 to 5", "write them as Mon-Fri"),
        ("Mon-Fri 25:00-26:00 UTC", "time of day that does not exist"),
        ("Mon-Fri 17:00-09:00 UTC", "closes before it opens"),
        ("Mon-Fri 09:00-17:00 Mars/Base", "no time zone"),
        ("Day-Fri 09:00-17:00 UTC", "no day of the week"),
    ],
)
def test_what_is_no_business_hours_is_told(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        BusinessHours.parse(text)


MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(start=MOMENTS, minutes=st.integers(1, 3000), more=st.integers(1, 600))
def test_a_longer_hold_never_ends_earlier_and_ends_while_open(
    start: datetime, minutes: int, more: int
) -> None:
    ends = hold_until(start, minutes, NEW_YORK)

    assert start + timedelta(minutes=minutes) <= ends <= hold_until(start, minutes + more, NEW_YORK)
    assert hold_until(ends - timedelta(seconds=1), 1, NEW_YORK) >= ends
