"""Shipping requests: what one location is to ship of an order, and how far it is with that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from crossdock.domain.channel import Address, ChannelId
from crossdock.domain.money import Money


class RequestState(StrEnum):
    """Where a shipping request stands. Its units are taken from nowhere else until it is over."""

    DUE = "due"
    """To be handed to its location."""
    UNCLEAR = "unclear"
    """It was sent, and the answer was lost: the location may have it."""
    SENT = "sent"
    """The location has it."""
    REFUSED = "refused"
    """The location did not take it; a person corrects what it names, or stops it."""
    STOPPING = "stopping"
    """The location was asked, or is to be asked, not to ship it."""
    STOPPED = "stopped"
    """It will not be shipped: stopped before it was sent, or by its location."""
    NOT_STOPPED = "not_stopped"
    """The location could not stop it any more: it may leave, or has."""
    SHIPPED = "shipped"
    """All of it has left."""

    @property
    def is_at_location(self) -> bool:
        """Whether the location has it, or may have it."""
        return self in AT_LOCATION

    @property
    def is_over(self) -> bool:
        """Whether nothing is to come of it any more."""
        return self in (RequestState.STOPPED, RequestState.SHIPPED)


AT_LOCATION = frozenset(
    {
        RequestState.UNCLEAR,
        RequestState.SENT,
        RequestState.STOPPING,
        RequestState.NOT_STOPPED,
        RequestState.SHIPPED,
    }
)


@dataclass(frozen=True, slots=True)
class RequestedLine:
    """One line as a location is told of it. `number` is its place in the request, from "1" on, and never changes."""

    number: str
    sku: str
    name: str
    quantity: int
    """Units to ship; 0 where all of the line was canceled after it had been sent."""
    unit_price: Money | None = None
    gtin: str = ""
    options: tuple[str, ...] = ()
    """What tells the variant from its siblings, as "Color: Red"."""


@dataclass(frozen=True, slots=True)
class ShippingOrder:
    """What a location should have on record of one shipping request.

    `number` is ours, unique in the hub ("1001-1"), and what a location is asked for where an answer was lost.
    """

    number: str
    order_number: str
    channel: str
    """The integration that the order was placed on."""
    placed_at: datetime
    lines: tuple[RequestedLine, ...]
    address: Address | None = None
    method: str = ""
    """The location's own name or code of the shipping method; empty where it may choose."""
    location: str = ""
    """The hub location that ships, by its code or else its name."""
    currency: str = ""
    note: str = ""
    tags: tuple[str, ...] = ()
    is_stopped: bool = False
    """Whether it is not to be shipped."""


class NewsKind(StrEnum):
    """What a location says about a request that it has."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    STOPPED = "stopped"
    NOT_STOPPED = "not_stopped"


@dataclass(frozen=True, slots=True)
class RequestNews:
    """One such word. `number` is that of the request."""

    number: str
    kind: NewsKind
    reason: str = ""
    their_id: str = ""
    """The location's own id of the request, where it says one."""

    @property
    def channel_id(self) -> ChannelId:
        """The record's own id, as of all records that pulls read: that of the request."""
        return ChannelId(self.number)
