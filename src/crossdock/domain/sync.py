"""The vocabulary of the two loops: pages that come in, changes that go out, and their outcomes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Generic, NewType, TypeVar

from crossdock.domain.channel import ChannelId

T = TypeVar("T")

Cursor = NewType("Cursor", str)
"""How far a pull has read. Only the connector that made it understands it; None starts a full sweep."""


Digests = Callable[[Collection[ChannelId]], Mapping[ChannelId, str]]
"""Of these products the digests under which the hub took them in whole: one that is equal need not be mapped again."""


def nothing_taken_in(channel_ids: Collection[ChannelId]) -> Mapping[ChannelId, str]:  # noqa: ARG001
    return {}


class Entity(StrEnum):
    PRODUCTS = "products"
    LISTINGS = "listings"
    LOCATIONS = "locations"
    INVENTORY = "inventory"
    ORDERS = "orders"
    SALES = "sales"
    """The report of sales made elsewhere to the platform that owns stock."""
    CANCELLATIONS = "cancellations"
    """In: what buyers ask for and platforms decide. Out: what the hub cancels, and its answers to buyers."""
    RETURNS = "returns"
    """Returns and refunds, of goods and of money. Out: what was decided about them."""
    STATEMENTS = "statements"
    """What a platform paid out, and for which orders."""
    FULFILLMENTS = "fulfillments"
    """What has left, by which carrier. Out: also that an order was sent to a location."""
    REFERENCES = "references"
    """The ids that an order has elsewhere, written onto it."""
    SHIPPING_REQUESTS = "shipping_requests"
    """Out: what a warehouse is to ship. In: what it says about that."""
    ROUTING = "routing"
    """Of the hub itself: holds end, and orders are sent to the locations that ship them."""
    NOTIFICATIONS = "notifications"
    """Of the hub itself: what automations have people and other systems told."""
    DRIFT = "drift"
    """In: what the channel shows of all that is pushed to it, compared with what it was told."""
    WEBHOOKS = "webhooks"
    """In: whether the channel still sends its events here."""


UPKEEP = frozenset({Entity.DRIFT, Entity.WEBHOOKS})
"""What looks after the rest, and is no part of bringing everything up to date."""


class Direction(StrEnum):
    PULL = "pull"
    PUSH = "push"


@dataclass(frozen=True, slots=True)
class FlowKey:
    """One entity in one direction for one integration."""

    integration: str
    direction: Direction
    entity: Entity

    def __str__(self) -> str:
        return f"{self.integration}/{self.direction}-{self.entity}"

    @classmethod
    def parse(cls, text: str) -> FlowKey:
        """The key behind "my-store/pull-orders". Raises ValueError that says what a key looks like."""
        integration, slash, rest = text.rpartition("/")
        direction, dash, entity = rest.partition("-")
        if not (integration and slash and dash and direction in set(Direction) and entity in set(Entity)):
            raise ValueError(f"{text!r} is no flow; one looks like my-store/pull-orders")
        return cls(integration, Direction(direction), Entity(entity))


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A record that could not be understood: kept whole, with the reason, while its neighbours pass.

    `fix` says what would have it read, where that is not the usual: that the platform changes it.
    """

    channel_id: ChannelId
    reason: str
    payload: str
    fix: str = ""


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some records and how far the reading has come once they are stored.

    `read_began_at` is taken before the request left, by the hub's clock. `completes_sweep`
    says that with this page everything on the platform has been seen once since the sweep began. `notes` are sentences
    about what was left out on purpose. `same` are records that are to the letter what the hub took in before, and
    `digests` of the others what to know them by the next time.
    """

    records: tuple[T, ...]
    cursor: Cursor
    read_began_at: datetime
    unreadable: tuple[Unreadable, ...] = ()
    completes_sweep: bool = False
    notes: tuple[str, ...] = ()
    same: tuple[ChannelId, ...] = ()
    digests: Mapping[ChannelId, str] = field(default_factory=dict)

    @property
    def readable(self) -> list[ChannelId]:
        """The ids of all that could be read, as far as the records have one."""
        ids = [getattr(record, "channel_id", "") for record in self.records]
        return [*(ChannelId(key) for key in ids if key), *self.same]


@dataclass(frozen=True, slots=True)
class Change(Generic[T]):
    """A record to bring to its desired state. `key` is the hub's id; `channel_id` is None before it exists there.

    `is_unclear` says that an earlier attempt got no clear answer, so a create must look first.
    """

    key: str
    desired: T
    channel_id: ChannelId | None = None
    fingerprint: str = ""
    is_unclear: bool = False


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The channel answered for exactly this state. `links` pairs hub keys with ids the channel gave or already had."""

    key: str
    channel_id: ChannelId
    links: tuple[tuple[str, ChannelId], ...] = ()
    is_new: bool = False
    notes: tuple[str, ...] = ()
    request_id: str = ""
    lacks: str = ""
    """Kept there as a draft that nobody can buy: what it lacks, and `fix` says how to supply that."""
    fix: str = ""


@dataclass(frozen=True, slots=True)
class Rejected:
    """The channel, or the connector on its behalf, refused this state; `fix` says what would change that.

    `again_in` is given where the reason may pass by itself: the same state is tried again after it. `channel_id` is
    given where a part of it is on record there all the same.
    """

    key: str
    reason: str
    fix: str = ""
    code: str = ""
    request_id: str = ""
    again_in: timedelta | None = None
    channel_id: ChannelId | None = None
    choices: tuple[str, ...] = ()
    """The names that the channel would have taken in place of the one it does not know, such as carriers."""


@dataclass(frozen=True, slots=True)
class Postponed:
    """Not sent yet and not refused: its turn comes by itself, after `again_in`."""

    key: str
    reason: str
    again_in: timedelta


@dataclass(frozen=True, slots=True)
class Unclear:
    """Sent, but the answer was lost: the channel may or may not have applied it.

    `is_asked` says that the question has certainly arrived, and that the channel answers it later by itself.
    """

    key: str
    reason: str
    is_asked: bool = False


Outcome = Confirmed | Rejected | Postponed | Unclear


@dataclass
class Tally:
    """What a run did, counted as it goes."""

    read: int = 0
    written: int = 0
    unchanged: int = 0
    unreadable: int = 0
    confirmed: int = 0
    rejected: int = 0
    unclear: int = 0

    def as_dict(self) -> dict[str, int]:
        return dict(vars(self))


class HalvingError(Exception):
    """Raised by a batch sender to say that the whole batch was refused because of some of its records."""

    def __init__(self, message: str, *, code: str = "") -> None:
        super().__init__(message)
        self.code = code


def send_halving(
    batch: Sequence[Change[T]],
    send: Callable[[Sequence[Change[T]]], Iterable[Outcome]],
) -> Iterable[Outcome]:
    """Send a batch; when the channel refuses it whole, halve it until the bad record stands alone and is Rejected."""
    try:
        yield from send(batch)
    except HalvingError as refusal:
        if len(batch) == 1:
            yield Rejected(batch[0].key, str(refusal), code=refusal.code)
            return
        middle = len(batch) // 2
        yield from send_halving(batch[:middle], send)
        yield from send_halving(batch[middle:], send)


def unreadable_id(payload: Any) -> ChannelId:
    """The best id to be had of a record that could not be read."""
    if isinstance(payload, dict):
        for name in ("id", "order_id", "product_id"):
            if payload.get(name) is not None:
                return ChannelId(str(payload[name]))
    return ChannelId("")
