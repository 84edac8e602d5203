"""A cancellation as TikTok Shop keeps it, and the words in which the hub asks for one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from crossdock.connectors.tiktok_shop.payloads import amount, text
from crossdock.connectors.tiktok_shop.payloads_aftersales import Cancellation, RefundAmount
from crossdock.domain.aftersales import CancellationState, CancelReason, ChannelCancellation, Origin
from crossdock.domain.channel import ChannelId
from crossdock.domain.money import Money

PREFIX = "CANCELLATION_REQUEST_"
STATES = {
    "PENDING": CancellationState.REQUESTED,
    "SUCCESS": CancellationState.ACCEPTED,
    "COMPLETE": CancellationState.COMPLETED,
    # Withdrawn by the buyer or refused to them; the older search and the webhook spell it with -LED.
    "CANCEL": CancellationState.WITHDRAWN,
    "CANCELLED": CancellationState.WITHDRAWN,
}
ORIGINS = {"BUYER": Origin.BUYER, "SELLER": Origin.SELLER}
WORDS = {
    CancelReason.BUYER_ASKED: "buyer_requested_cancellation",
    CancelReason.OUT_OF_STOCK: "out_of_stock",
    CancelReason.WRONG_PRICE: "wrong_price",
    CancelReason.UNDELIVERABLE: "address_not_deliver",
    CancelReason.UNPAID: "buyer_hasnt_paid",
}
"""A part of the platform's name of each reason, which market and status lengthen in front and behind."""


def to_cancellation(raw: Cancellation) -> ChannelCancellation:
    """Raises ValueError for a status of tomorrow, which is kept whole until it is known."""
    status = text(raw.cancel_status)
    state = STATES.get(status.removeprefix(PREFIX))
    if state is None:
        raise ValueError(f"the cancellation has the unknown status {status!r}")
    return ChannelCancellation(
        channel_id=ChannelId(text(raw.cancel_id)),
        order_id=ChannelId(text(raw.order_id)),
        origin=ORIGINS.get(text(raw.role), Origin.PLATFORM),
        state=state,
        channel_status=status,
        modified_at=datetime.fromtimestamp(raw.update_time, UTC),
        reason=text(raw.cancel_reason_text) or _in_words(text(raw.cancel_reason)),
        deadline=_deadline(raw) if state is CancellationState.REQUESTED else None,
        unit_ids=tuple(ChannelId(text(line.order_line_item_id)) for line in raw.cancel_line_items or ()),
        refunded=to_refunded(raw.refund_amount),
    )


def _in_words(reason: str) -> str:
    """The name of a reason, without what market and status put in front and behind."""
    return reason.rpartition("reason_")[2].removesuffix("_uk").replace("_", " ").capitalize()


def _deadline(raw: Cancellation) -> datetime | None:
    times = [each.deadline for each in raw.seller_next_action_response or () if each.deadline]
    return datetime.fromtimestamp(min(times), UTC) if times else None


def to_refunded(raw: RefundAmount | None) -> Money | None:
    if raw is None or not text(raw.currency):
        return None
    return Money(amount(raw.refund_total), text(raw.currency))


def from_reason(reason: CancelReason, preferred: str, available: Sequence[str]) -> str:
    """The name to give: the settings' own where it is available, else the one that fits, else the first. Empty for none."""
    if preferred in available:
        return preferred
    words = [WORDS[reason]] if reason in WORDS else []
    for word in (*words, WORDS[CancelReason.OUT_OF_STOCK]):
        if (found := next((name for name in available if word in name), "")) != "":
            return found
    return available[0] if available else ""
