"""Moments and days as people type them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from crossdock.cli.failures import CommandError


def moment_of(option: str, text: str) -> datetime | None:
    """None where nothing is said. Raises CommandError for what is no moment, as nobody knows one without its zone."""
    if not text:
        return None
    given = _parsed(option, text)
    if given.tzinfo is None:
        raise CommandError(f"{option}: {text!r} has no time zone; add it, as in {given.isoformat()}+01:00")
    return given.astimezone(UTC)


def from_day(option: str, text: str) -> datetime | None:
    """A day begins at midnight, UTC; a moment is itself."""
    return _parsed(option, text).replace(tzinfo=UTC) if _is_day(text) else moment_of(option, text)


def to_day(option: str, text: str) -> datetime | None:
    """The moment after the last that is meant: a day is meant as a whole, UTC; a moment is itself."""
    start = from_day(option, text)
    return start + timedelta(days=1) if start is not None and _is_day(text) else start


def _is_day(text: str) -> bool:
    return len(text) == len("2026-03-02")


def _parsed(option: str, text: str) -> datetime:
    try:
        given = datetime.fromisoformat(text)
        if given.tzinfo is not None:
            given.astimezone(UTC)
    except (ValueError, OverflowError):
        raise CommandError(f"{option}: {text!r} is no time, as in 2026-03-02T10:00:00+01:00") from None
    return given
