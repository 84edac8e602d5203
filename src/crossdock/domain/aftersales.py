"""What befalls an order after it was placed: cancellations, returns and refunds, and the statements that settle it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from crossdock.domain.channel import ChannelId
from crossdock.domain.money import Money
from crossdock.domain.order import FulfilledBy, OrderStatus


class Origin(StrEnum):
    """Who wants an order canceled."""

    HUB = "hub"
    """A person, in the hub."""
    COPY = "copy"
    """A person, in the store that holds a copy of the order."""
    BUYER = "buyer"
    SELLER = "seller"
    """A person, on the channel itself."""
    PLATFORM = "platform"

    @property
    def is_ours(self) -> bool:
        """Whether the hub has to tell the channel of it."""
        return self in (Origin.HUB, Origin.COPY)


class CancellationState(StrEnum):
    """How far a cancellation is."""

    REQUESTED = "requested"
    """A buyer asks; somebody has to decide before the deadline."""
    OPEN = "open"
    """Canceled in the hub; the channel is told next."""
    HUB_ONLY = "hub_only"
    """Canceled in the hub; the channel is not told, as its setting is off, and the order is still open there."""
    LOCKED = "locked"
    """Canceled in the hub; the order's status there is one that the hub never overwrites."""
    REFUSED = "refused"
    """The channel refused, or the buyer was refused: the order lives on."""
    ACCEPTED = "accepted"
    """The channel said yes; the order itself does not show it yet, or its money is still under way."""
    COMPLETED = "completed"
    WITHDRAWN = "withdrawn"
    """Taken back by the buyer, as far as is known: a channel may have the same word for what was refused there."""


class Decision(StrEnum):
    """What a buyer who asks is answered."""

    NONE = ""
    APPROVE = "approve"
    REJECT = "reject"

    @property
    def done(self) -> str:
        """Of a decision that was made."""
        return {Decision.APPROVE: "approved", Decision.REJECT: "rejected"}.get(self, "open")


class CancelReason(StrEnum):
    """Why the hub cancels; each channel has words of its own for it."""

    OTHER = "other"
    BUYER_ASKED = "buyer_asked"
    OUT_OF_STOCK = "out_of_stock"
    WRONG_PRICE = "wrong_price"
    UNDELIVERABLE = "undeliverable"
    UNPAID = "unpaid"


IN_FORCE = frozenset(
    {
        CancellationState.OPEN,
        CancellationState.HUB_ONLY,
        CancellationState.LOCKED,
        CancellationState.ACCEPTED,
    }
)
"""While the hub's own cancellation stands so, the order is canceled here whatever the channel still shows."""


@dataclass(frozen=True, slots=True)
class CanceledUnits:
    """Units of one line. `least` is how many of the line are canceled once this is done, earlier ones included."""

    line_id: ChannelId
    quantity: int
    least: int
    unit_ids: tuple[ChannelId, ...] = ()


@dataclass(frozen=True, slots=True)
class WantedCancellation:
    """What a channel is told: an order, or some units of its lines, is canceled."""

    order_id: ChannelId
    reason: CancelReason
    note: str = ""
    units: tuple[CanceledUnits, ...] = ()
    """Empty for the whole order."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a buyer who asked to cancel is told. `reason` is one of the channel's names, and empty for its usual one."""

    decision: Decision
    reason: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class ChannelCancellation:
    """A cancellation as the channel keeps it."""

    channel_id: ChannelId
    order_id: ChannelId
    origin: Origin
    state: CancellationState
    channel_status: str
    modified_at: datetime
    reason: str = ""
    deadline: datetime | None = None
    """Until when the seller may decide."""
    unit_ids: tuple[ChannelId, ...] = ()
    refunded: Money | None = None


class ReturnKind(StrEnum):
    REFUND = "refund"
    """Money only: nothing comes back."""
    RETURN = "return"
    """Goods come back, and money with them."""
    REPLACEMENT = "replacement"
    EXCHANGE = "exchange"


class ReturnState(StrEnum):
    REQUESTED = "requested"
    UNDER_WAY = "under_way"
    COMPLETED = "completed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class ReturnQuestion(StrEnum):
    """What of a return waits for the seller."""

    NONE = ""
    REQUEST = "request"
    """Whether the buyer gets what they ask for."""
    GOODS = "goods"
    """Whether the goods that come back are accepted; they may still be on their way."""


class ReturnDecision(StrEnum):
    """What a buyer who sends goods back, or wants money back, is answered."""

    NONE = ""
    APPROVE = "approve"
    LET_KEEP = "let_keep"
    """The money goes back, and the buyer keeps the goods."""
    REJECT = "reject"

    @property
    def done(self) -> str:
        """Of a decision that was made."""
        return {
            ReturnDecision.APPROVE: "approved",
            ReturnDecision.LET_KEEP: "approved, and the buyer keeps the goods",
            ReturnDecision.REJECT: "rejected",
        }.get(self, "open")


@dataclass(frozen=True, slots=True)
class ReturnAnswer:
    """What a person decides about a return. `reason` is a name or text of the channel's, and needed to reject."""

    decision: ReturnDecision
    reason: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class WantedReturnAnswer:
    """What a channel is told: the answer to one question of a return.

    `key` is the same each time this answer is sent, and another for every other answer. `kind` is what the person saw:
    what has become something else meanwhile is not answered with it.
    """

    key: str
    kind: ReturnKind
    question: ReturnQuestion
    answer: ReturnAnswer


@dataclass(frozen=True, slots=True)
class ReturnedLine:
    """Units of one line, known by the line's id or by that of a unit in it."""

    line_id: ChannelId
    quantity: int
    amount: Decimal = Decimal(0)
    name: str = ""


@dataclass(frozen=True, slots=True)
class ChannelReturn:
    """A return or refund as the channel keeps it. An empty currency is the order's."""

    channel_id: ChannelId
    order_id: ChannelId
    kind: ReturnKind
    state: ReturnState
    channel_status: str
    modified_at: datetime
    refunded: Decimal
    currency: str = ""
    refunded_shipping: Decimal = Decimal(0)
    refunded_tax: Decimal = Decimal(0)
    reason: str = ""
    lines: tuple[ReturnedLine, ...] = ()
    tracking: str = ""
    stands_for_goods: bool = False
    """Whether a refund of units is all that the channel ever says of goods that come back."""
    buyer_keeps: bool = False
    """Whether the goods stay with the buyer although it is a return."""
    asks: ReturnQuestion = ReturnQuestion.NONE
    answers: tuple[ReturnDecision, ...] = ()
    """With what the channel lets the hub answer; empty where nothing is asked, or where only people can answer there."""
    deadline: datetime | None = None
    """Until when the seller may answer."""

    @property
    def goods_are_back(self) -> bool:
        brings_goods = (self.kind is ReturnKind.RETURN and not self.buyer_keeps) or self.stands_for_goods
        return brings_goods and self.state is ReturnState.COMPLETED


@dataclass(frozen=True, slots=True)
class StatementLine:
    """What one order, or one adjustment, comes to in a statement."""

    channel_id: ChannelId
    order_id: ChannelId
    kind: str
    settled: Decimal
    revenue: Decimal = Decimal(0)
    fees: Decimal = Decimal(0)
    shipping: Decimal = Decimal(0)
    adjustment: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class ChannelStatement:
    """What the channel settled at one moment, and for which orders."""

    channel_id: ChannelId
    stated_at: datetime
    state: str
    settled: Money
    revenue: Decimal = Decimal(0)
    fees: Decimal = Decimal(0)
    shipping: Decimal = Decimal(0)
    adjustment: Decimal = Decimal(0)
    lines: tuple[StatementLine, ...] = ()

    @property
    def unexplained(self) -> Decimal:
        """What the lines leave of what was settled, more or less; shown, never hidden."""
        return self.settled.amount - sum((line.settled for line in self.lines), Decimal(0))


def approves_until_sent(status: OrderStatus, fulfilled_by: FulfilledBy, *, has_shipped: bool) -> bool:
    """Whether nothing of the order was sent to a location yet, so that canceling it stops nobody's hands.

    An order that the platform ships counts as fulfilled from its first day on; there only what has left tells.
    """
    if fulfilled_by.arrives_fulfilled:
        return not has_shipped
    return not has_shipped and status not in (
        OrderStatus.SENT_TO_FULFILLMENT,
        OrderStatus.PARTIALLY_FULFILLED,
        OrderStatus.FULFILLED,
    )


REFUND_TAGS = frozenset({"refunded", "partially_refunded"})
CANCEL_TAG = "cancel_requested"
RECORD_TAGS = REFUND_TAGS | {CANCEL_TAG}
"""Flags that stand on an order by the records of what came after the sale; its own reading takes none of them off."""


def refund_tag(refunds: Sequence[Decimal], total: Decimal) -> str | None:
    """The order's flag by its refund records, which are the authority; None where nothing was given back."""
    given = sum(refunds, Decimal(0))
    if given <= 0:
        return None
    return "refunded" if given >= total else "partially_refunded"
