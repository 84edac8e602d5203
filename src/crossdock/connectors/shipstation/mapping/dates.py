"""The platform's time: it writes and reads dates in Pacific time, without saying so in them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

PACIFIC = ZoneInfo("America/Los_Angeles")
"""https://docs.shipstation.com/apis/shipstation-v1/docs/start-here/requirements (datetime format and time zone)."""


def to_moment(text: str) -> datetime:
    """A date as it is sent, "2026-11-24T09:30:00.0000000"; in UTC. Raises ValueError."""
    whole, dot, fraction = text.strip().partition(".")
    moment = datetime.fromisoformat(f"{whole}{dot}{fraction[:6]}" if dot else whole)
    return (moment if moment.tzinfo else moment.replace(tzinfo=PACIFIC)).astimezone(UTC)


def from_moment(moment: datetime) -> str:
    """In whole seconds, as filters and orders take it: "2026-11-24 09:30:00"."""
    return moment.astimezone(PACIFIC).strftime("%Y-%m-%d %H:%M:%S")


def from_earliest(moment: datetime) -> str:
    """A date before which nothing is written that happens from this moment on.

    When clocks go back, what happens in the second of two equal hours bears dates of the first.
    """
    local = moment.astimezone(PACIFIC)
    is_first_of_two = local.fold == 0 and local.replace(fold=1).utcoffset() != local.utcoffset()
    return from_moment(moment - timedelta(hours=1) if is_first_of_two else moment)
