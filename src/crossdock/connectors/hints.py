"""What a webhook says, as every connector reads its platform's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from crossdock.domain.sync import Entity


@dataclass(frozen=True, slots=True)
class Hint:
    """What a webhook says: look at these entities soon. `event_id` serves to recognise repetitions."""

    event_id: str
    entities: tuple[Entity, ...]
    is_deauthorized: bool = False
    authorization_ends: datetime | None = None
    """When the owner's consent runs out, where the event is a warning of that."""
    happened_at: datetime | None = None
    """When the platform says that it happened."""


def unix_moment(seconds: str | float | None) -> datetime | None:
    """When an event happened, by whatever its platform wrote; None for what is no time."""
    try:
        return datetime.fromtimestamp(float(seconds), UTC) if seconds is not None else None
    except (ValueError, OverflowError, OSError):
        return None


class SignatureError(Exception):
    """A webhook whose signature is wrong or missing."""
