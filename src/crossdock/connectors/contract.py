"""What a connector is: the capabilities it may declare and the tools it is given."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Protocol, runtime_checkable

from crossdock.connectors.hints import Hint as Hint
from crossdock.connectors.hints import ReadsNamedStock as ReadsNamedStock
from crossdock.connectors.hints import SignatureError as SignatureError
from crossdock.connectors.hints import unix_moment as unix_moment
from crossdock.connectors.http import Http
from crossdock.connectors.rules import BuyerCancellations as BuyerCancellations
from crossdock.connectors.rules import Rules as Rules
from crossdock.connectors.rules import SalesReport as SalesReport
from crossdock.connectors.settings import ConnectorSettings, Credentials
from crossdock.domain.aftersales import (
    Answer,
    ChannelCancellation,
    ChannelReturn,
    ChannelStatement,
    WantedCancellation,
    WantedReturnAnswer,
)
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
from crossdock.domain.elsewhere import CreatedOrder, LinkedLines, OrderReference
from crossdock.domain.fulfillment import OrderShipments, ShippingLabel, WantedFulfillment
from crossdock.domain.shipping import RequestNews, ShippingOrder
from crossdock.domain.sync import Change, Cursor, Digests, Entity, Outcome, Page, nothing_taken_in


class Clock(Protocol):
    def __call__(self) -> datetime: ...


class Memory(Protocol):
    """What a connector may remember between runs: uploaded images, recommended categories, what it took off sale.

    Losing it costs calls, or leaves something off sale; never the other way round.
    """

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
    digests: Digests = nothing_taken_in


class Connector:
    """Base of all connectors. A subclass lists its capabilities as further bases in its class header."""

    key: ClassVar[str]
    title: ClassVar[str]
    settings_type: ClassVar[type[ConnectorSettings]]
    credentials_type: ClassVar[type[Credentials]]
    guidance: ClassVar[str] = ""
    """Where a merchant gets the credentials, and which access they need."""
    is_built_in: ClassVar[bool] = False
    """Whether there is no account behind it, so that it is connected as soon as it is saved."""
    stock_shows_after_seconds: ClassVar[tuple[float, ...]] = (0.3,)
    """Pauses between one look at a number just written and the next, until it counts as not applied."""
    stock_written_at_once: ClassVar[int] = 20
    """So many numbers are written before it is asked whether the others are still right; a call may hold as many."""
    offers_read_at_once: ClassVar[int] = 100
    """Of how many variants `read_offered` learns in one call."""

    advised_rates: ClassVar[Mapping[str, float]] = {}
    """Calls a second by kind of call, for a platform that tells no quota: the pace to begin with once it is too much."""

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

    def ensure_webhooks(self, address: str, *, former: str = "") -> list[str]:
        """Have all events that hint at flows which are on sent to `address`; says what had to be set or mended.

        `former` is where this hub had them sent before; what is sent elsewhere is somebody else's.
        """
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

    def find_order(self, external_reference: str) -> CreatedOrder | None: ...

    def create_order(
        self,
        order: ChannelOrder,
        lines: LinkedLines,
        *,
        source: str = "",
        refused: Collection[ChannelId] = (),
    ) -> CreatedOrder:
        """Create it; nothing of it is canceled. `source` is the name of the platform it comes from, and `refused`
        lines are booked without product.

        Raises GoodsRefusedError where some of its goods are the reason.
        """
        ...

    def release_order(self, channel_id: ChannelId, order: ChannelOrder) -> None:
        """Bring status and addresses of an order that was created so to those of its original, which is released."""
        ...

    def cancel_order(self, channel_id: ChannelId) -> None:
        """Cancel an order that was created so. Repeating it changes nothing.

        Raises RefusedError where its goods have left, or its status is one that the settings lock.
        """
        ...


@runtime_checkable
class WritesReferences(Protocol):
    """A channel that keeps the ids which its orders have elsewhere."""

    def write_references(self, changes: Sequence[Change[OrderReference]]) -> Iterator[Outcome]:
        """Each change carries the id of the order. Writing the same again changes nothing."""
        ...


@runtime_checkable
class PushesCancellations(Protocol):
    """A channel whose orders can be canceled from outside."""

    def push_cancellations(self, changes: Sequence[Change[WantedCancellation]]) -> Iterator[Outcome]:
        """Cancel orders, whole or in part. What may have been done already is looked for first.

        A status that the settings lock is Rejected with the code "locked".
        """
        ...


@runtime_checkable
class PullsCancellations(Protocol):
    """What buyers ask to cancel, and what became of every cancellation."""

    def pull_cancellations(self, since: Cursor | None) -> Iterator[Page[ChannelCancellation]]: ...


@runtime_checkable
class AnswersBuyers(Protocol):
    """A channel on which the seller decides what buyers ask for."""

    def answer_buyers(self, changes: Sequence[Change[Answer]]) -> Iterator[Outcome]:
        """Each change carries the id of the request. One that is no longer open there is Rejected with the code
        "already_decided"."""
        ...


@runtime_checkable
class PullsFulfillments(Protocol):
    """What has left, on a channel that keeps shipments as records of their own."""

    def pull_fulfillments(self, since: Cursor | None) -> Iterator[Page[OrderShipments]]:
        """Orders whose shipments may have changed, each with all its shipments."""
        ...


@runtime_checkable
class PushesFulfillments(Protocol):
    """A channel that is told what has left, by which carrier, under which number."""

    def push_fulfillments(self, changes: Sequence[Change[WantedFulfillment]]) -> Iterator[Outcome]:
        """Record, correct or take back. `channel_id` is None before the channel has it on record, and then what may be
        there already is looked for first: the same units under the same number are that fulfillment.

        A fulfillment that the channel keeps as several parcels has their ids joined by "+". Rejected with the code
        "already_shipped" where its units have left there otherwise, "no_room" where the order has fewer by now,
        "carrier_unknown" where the carrier is none of the channel's. Outcomes come in the order of the changes; of those
        after it nothing was sent when one comes.
        """
        ...


@runtime_checkable
class OffersLabels(Protocol):
    """A channel that ships some of its orders with labels of its own, and hands these out."""

    def shipping_labels(self, parcels: Sequence[ChannelId]) -> list[ShippingLabel]:
        """The labels of these parcels, in their order; nothing is bought by it. Raises RefusedError."""
        ...


@runtime_checkable
class TellsWhenSent(Protocol):
    """A channel on which an order can be shown as under way to a location."""

    def tell_sent(self, changes: Sequence[Change[ChannelId]]) -> Iterator[Outcome]:
        """Each change carries the id of the order. A status that the settings lock is Rejected with "locked"."""
        ...


@runtime_checkable
class PullsReturns(Protocol):
    """Returns and refunds: goods and money that go back to buyers."""

    def pull_returns(self, since: Cursor | None) -> Iterator[Page[ChannelReturn]]: ...


@runtime_checkable
class AnswersReturns(Protocol):
    """A channel on which the seller decides about returns."""

    def answer_returns(self, changes: Sequence[Change[WantedReturnAnswer]]) -> Iterator[Outcome]:
        """Each change carries the id of the return, which is looked at first. Confirmed where the answer stands, whoever
        gave it; Rejected with the code "already_decided" where it waits for this answer no longer."""
        ...


@runtime_checkable
class PullsStatements(Protocol):
    """What the channel settled, and for which orders."""

    def pull_statements(self, since: Cursor | None) -> Iterator[Page[ChannelStatement]]: ...


@runtime_checkable
class TakesShippingRequests(Protocol):
    """A fulfillment channel: a warehouse or 3PL that is told what to ship."""

    def push_shipping_requests(self, changes: Iterable[Change[ShippingOrder]]) -> Iterator[Outcome]:
        """Hand over, reduce or stop. `channel_id` is None before the warehouse has it; where the change is unclear, what
        may be there already is looked for first, by its number.

        Rejected with the code "too_late" where what is asked of a request that the warehouse has can't be done any more.
        Unclear where it was asked and answers only later, by `pull_shipping_requests`. One outcome for each change, before
        the next is taken: each is decided as its turn comes.
        """
        ...


@runtime_checkable
class PullsShippingRequests(Protocol):
    """A warehouse that says later what became of a request: taken, refused, stopped or not."""

    def pull_shipping_requests(self, since: Cursor | None) -> Iterator[Page[RequestNews]]: ...
