"""The two ways in which the platform writes a date."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache

MOMENTS_KEPT = 4096
"""A page reads each of its dates up to three times, and what changes together shares one."""


@lru_cache(maxsize=MOMENTS_KEPT)
def to_moment(text: str | None) -> datetime:
    """RFC 2822 in v2, ISO 8601 in v3; UTC where no zone is given. Raises ValueError."""
    value = (text or "").strip()
    try:
        moment = parsedate_to_datetime(value) if "," in value else datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError(f"{text!r} is no date") from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def from_moment(moment: datetime) -> str:
    """As filters take it: ISO 8601 in UTC, in whole seconds."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")
