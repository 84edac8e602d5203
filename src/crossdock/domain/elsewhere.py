"""Orders of one channel on another: created there, and known there by other ids."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from crossdock.domain.channel import ChannelId
from crossdock.domain.money import Money

LinkedLines = Mapping[ChannelId, tuple[ChannelId, ChannelId]]
"""For each line of an order that has them, its product and variant id on another channel."""


@dataclass(frozen=True, slots=True)
class CreatedOrder:
    """An order that the hub created, and the total that its channel gives it."""

    channel_id: ChannelId
    total: Money | None = None


@dataclass(frozen=True, slots=True)
class OrderReference:
    """The id that an order has in another system, and for each of its units the id of its line there."""

    platform: str
    """The key of that system's connector."""
    reference: str
    lines: tuple[tuple[ChannelId, str], ...]
