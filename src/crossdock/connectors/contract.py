"""What a connector is: the capabilities it may declare and the tools it is given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Protocol, runtime_checkable

from crossdock.connectors.http import Http
from crossdock.connectors.settings import ConnectorSettings, Credentials
from crossdock.domain.catalog import Listable
from crossdock.domain.channel import (
    Account,
    ChannelId,
    ChannelLocation,
    ChannelOrder,
    ChannelProduct,
    ChannelSku,
    ChannelStock,
    StockAdjustment,
    StockTarget,
)
from crossdock.domain.sync import Change, Cursor, Entity, Outcome, Page


class Clock(Protocol):
    def __call__(self) -> datetime: ...


class Memory(Protocol):
    """What a connector may remember between runs: uploaded images, recommended categories. Losing it costs calls only."""

    def get(self, kind: str, key: str) -> str | None: ...

    def put(self, kind: str, key: str, value: str) -> None: ...


class Vault(Protocol):
    """Keeps an integration's tokens. `refreshing` holds a lock across all workers while the block runs."""

    def tokens(self) -> Mapping[str, str]: ...

    def refreshing(self) -> Any:
        """A context manager that yields the newest tokens (a dict to change); what is in it at the end is stored."""
        ...


@dataclass(frozen=True)
class Toolbox:
    """What the hub hands a connector: nothing in here knows of a particular platform."""

    integration: str
    http: Http
    credentials: Credentials
    settings: ConnectorSettings
    vault: Vault
    memory: Memory
    clock: Clock
    facts: Mapping[str, str] = field(default_factory=dict)
    """The facts of the account as the last connection check found them."""


class SalesReport(StrEnum):
    """By which one way sales made elsewhere reach the platform that owns stock."""

    ADJUSTMENT = "adjustment"
    ORDER = "order"
    ELSEWHERE = "elsewhere"


class BuyerCancellations(StrEnum):
    """What to do when a buyer asks to cancel."""

    REVIEW = "review"
    """A person decides, before the platform's deadline."""
    APPROVE = "approve"
    APPROVE_UNTIL_SENT = "approve_until_sent"
    """Approved while nothing was sent to a location; else a person decides."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What an integration's settings mean to the hub, in words that all connectors share."""

    product_skus: frozenset[str] = frozenset()
    order_ids: frozenset[str] = frozenset()
    inventory_skus: frozenset[str] = frozenset()
    ignore_orders_before: datetime | None = None
    leaves_out_tags: frozenset[str] = frozenset()
    """Orders with one of these tags are not taken in (sample, fbt …)."""
    holds_tags: frozenset[str] = frozenset()
    """Orders with one of these tags come in as Review Required."""
    inventory_buffer: int = 0
    """Units held back from sale on this channel."""
    inventory_percentage: int = 100
    """The share of what is available that this channel may offer."""
    out_of_stock_below: int = 0
    """With fewer units than this the channel is told that there are none."""
    inventory_location: str = ""
    """The one hub location (name, code or id) whose numbers are pushed; empty for all that count."""
    switches_items: bool = True
    """Whether a person's switch of a single SKU for this channel is honoured."""
    warehouse_map: Mapping[str, str] = field(default_factory=dict)
    """Hub location (name, code or id) → the channel's location id."""
    unmapped_to_default: bool = True
    """Whether quantities of unmapped hub locations go to the channel's default location, or nowhere."""
    untracked_quantity: int | None = None
    """What to offer of variants whose stock nobody counts; None keeps them off the channel."""
    sales_report: SalesReport = SalesReport.ADJUSTMENT
    needs_return_warehouse: bool = False
    """Whether the channel lists nothing for a seller without a place for returns."""
    location_preferences: Mapping[str, str] = field(default_factory=dict)
    """The channel's location (name or id) → the hub location that its orders are taken from."""
    pushes_cancellations: bool = False
    """Whether an order of this channel that is canceled in the hub is canceled there too."""
    cancels_originals: bool = False
    """Whether canceling an order that the hub created here cancels the order it stands for."""
    buyer_cancellations: BuyerCancellations = BuyerCancellations.REVIEW
    restocks_returns: bool = False
    """Whether goods that come back are counted into stock again."""


@dataclass(frozen=True, slots=True)
class Hint:
    """What a webhook says: look at these entities soon. `event_id` serves to recognise repetitions."""

    event_id: str
    entities: tuple[Entity, ...]
    is_deauthorized: bool = False


class SignatureError(Exception):
    """A webhook whose signature is wrong or missing."""


class Connector:
    """Base of all connectors. A subclass lists its capabilities as further bases in its class header."""

    key: ClassVar[str]
    title: ClassVar[str]
    settings_type: ClassVar[type[ConnectorSettings]]
    credentials_type: ClassVar[type[Credentials]]

    def __init__(self, toolbox: Toolbox) -> None:
        self.toolbox = toolbox

    def check(self) -> Account:
        """Make real calls with the credentials. Raises CredentialsError, or returns what access is missing."""
        raise NotImplementedError

    def flows(self) -> Mapping[tuple[str, Entity], bool]:
        """Which flows the settings switch on, by ("pull" or "push", entity)."""
        raise NotImplementedError

    def rules(self) -> Rules:
        """What the settings mean to the hub."""
        return Rules()

    def refusal(self, direction: str, entity: Entity) -> str | None:  # noqa: ARG002
        """Why a flow cannot run for this account, said before anything is written; None when it can."""
        return None

    @classmethod
    def read_webhook(
        cls,
        credentials: Credentials,  # noqa: ARG003
        headers: Mapping[str, str],  # noqa: ARG003
        body: bytes,  # noqa: ARG003
    ) -> Hint:
        """Verify a webhook in constant time and say what it hints at; header names are lower case.

        Raises SignatureError.
        """
        raise SignatureError("This connector takes no webhooks")


@runtime_checkable
class SignsInByLink(Protocol):
    """An account is connected by sending its owner to the platform's consent page (OAuth)."""

    def authorize_link(self, state: str) -> str: ...

    def exchange_code(self, code: str) -> Mapping[str, str]:
        """Trade the one-time code for tokens to keep in the vault. Raises CredentialsError with the platform's reason."""
        ...


@runtime_checkable
class SendsWebhooks(Protocol):
    """A channel that can be told where to send its events."""

    def ensure_webhooks(self, address: str) -> list[str]:
        """Have all events that hint at flows which are on sent to `address`; says what had to be set or mended."""
        ...


@runtime_checkable
class PullsProducts(Protocol):
    """Products of the channel become hub products."""

    def pull_products(self, since: Cursor | None) -> Iterator[Page[ChannelProduct]]: ...


@runtime_checkable
class PullsListings(Protocol):
    """What the channel already lists, for matching by SKU and for the results of its reviews."""

    def pull_listings(self, since: Cursor | None) -> Iterator[Page[ChannelProduct]]: ...


@runtime_checkable
class PullsLocations(Protocol):
    def pull_locations(self, since: Cursor | None) -> Iterator[Page[ChannelLocation]]: ...


@runtime_checkable
class PullsInventory(Protocol):
    def pull_inventory(self, since: Cursor | None) -> Iterator[Page[ChannelStock]]: ...

    def read_stock(self, variants: Sequence[tuple[ChannelId, ChannelSku]]) -> Iterator[Page[ChannelStock]]:
        """The stock of just these variants, in as few calls as the channel allows."""
        ...


@runtime_checkable
class PullsOrders(Protocol):
    def pull_orders(self, since: Cursor | None) -> Iterator[Page[ChannelOrder]]: ...


@runtime_checkable
class PushesProducts(Protocol):
    def push_products(self, changes: Sequence[Change[Listable]]) -> Iterator[Outcome]:
        """Create or edit. Outcomes come one by one as the channel answers, with the links of the variants.

        An edit puts a product back on sale that `deactivate_products` took off it.
        """
        ...


@runtime_checkable
class DeactivatesProducts(Protocol):
    """A channel on which a product can be taken off sale and stay."""

    def deactivate_products(self, product_ids: Sequence[ChannelId]) -> Iterator[Outcome]:
        """One outcome a product, under its id on the channel. Repeating it changes nothing."""
        ...


@runtime_checkable
class PushesInventory(Protocol):
    def push_inventory(self, changes: Sequence[Change[StockTarget]]) -> Iterator[Outcome]: ...

    def read_offered(
        self, targets: Sequence[StockTarget]
    ) -> Iterable[tuple[ChannelId, tuple[tuple[ChannelId, int], ...]]]:
        """What the channel offers now: per variant id the units per location, sorted by location id."""
        ...


@runtime_checkable
class TakesSalesReports(Protocol):
    """A channel that owns stock and can be told of sales made elsewhere."""

    def report_sales(self, adjustments: Sequence[StockAdjustment]) -> str:
        """Send one batch as a relative adjustment; returns the platform's transaction id.

        Raises RefusedError when the batch was refused whole (nothing applied), UnavailableError
        when it is unclear whether it was.
        """
        ...

    @property
    def largest_report(self) -> int: ...


@runtime_checkable
class CreatesOrders(Protocol):
    """A channel in which an order of another channel can be created."""

    def find_order(self, external_reference: str) -> ChannelId | None: ...

    def create_order(
        self, order: ChannelOrder, lines: Mapping[ChannelId, tuple[ChannelId, ChannelId]]
    ) -> ChannelId:
        """Create it; `lines` gives product and variant id on this channel for each line that has them."""
        ...

    def cancel_order(self, channel_id: ChannelId) -> None:
        """Cancel an order that was created so. Repeating it changes nothing."""
        ...
