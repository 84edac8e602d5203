"""What a webhook says, as every connector reads its platform's, and the reading of just what it names."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol, runtime_checkable

from crossdock.domain.channel import ChannelStock
from crossdock.domain.sync import Entity, Page


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
    stock_of: tuple[str, ...] = ()
    """What `read_named_stock` calls the records whose stock changed; empty where the event does not say."""


@runtime_checkable
class ReadsNamedStock(Protocol):
    """A channel whose events say whose stock changed, and that can be asked for the stock of just those."""

    def read_named_stock(self, names: Collection[str]) -> list[Page[ChannelStock]] | None:
        """The stock of these records, in as few calls as the channel allows.

        None where one of them is not counted, cannot be read or makes the answer too long: the whole list tells more.
        """
        ...


def unix_moment(seconds: str | float | None) -> datetime | None:
    """When an event happened, by whatever its platform wrote; None for what is no time."""
    try:
        return datetime.fromtimestamp(float(seconds), UTC) if seconds is not None else None
    except (ValueError, OverflowError, OSError):
        return None


class SignatureError(Exception):
    """A webhook whose signature is wrong or missing."""
