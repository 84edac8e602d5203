"""Returns and refunds as TikTok Shop keeps them."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal

from crossdock.connectors.tiktok_shop.mapping.return_answer import answers_to, to_deadline, to_question
from crossdock.connectors.tiktok_shop.payloads import amount, text
from crossdock.connectors.tiktok_shop.payloads_aftersales import RefundAmount, Return
from crossdock.domain.aftersales import ChannelReturn, ReturnedLine, ReturnKind, ReturnState
from crossdock.domain.channel import ChannelId

KINDS = {
    "REFUND": ReturnKind.REFUND,
    "RETURN_AND_REFUND": ReturnKind.RETURN,
    "REPLACEMENT": ReturnKind.REPLACEMENT,
    "EXCHANGE": ReturnKind.EXCHANGE,
}
STATES = {
    "RETURN_OR_REFUND_REQUEST_PENDING": ReturnState.REQUESTED,
    "AWAITING_BUYER_RESPONSE": ReturnState.REQUESTED,
    "REPLACEMENT_REQUEST_PENDING": ReturnState.REQUESTED,
    "EXCHANGE_REQUEST_PENDING": ReturnState.REQUESTED,
    "AWAITING_BUYER_SHIP": ReturnState.UNDER_WAY,
    "BUYER_SHIPPED_ITEM": ReturnState.UNDER_WAY,
    "RETURN_OR_REFUND_REQUEST_SUCCESS": ReturnState.UNDER_WAY,
    "REPLACEMENT_REQUEST_REFUND_SUCCESS": ReturnState.COMPLETED,
    "EXCHANGE_REQUEST_REFUND_SUCCESS": ReturnState.COMPLETED,
    "RETURN_OR_REFUND_REQUEST_COMPLETE": ReturnState.COMPLETED,
    "REPLACEMENT_REQUEST_COMPLETE": ReturnState.COMPLETED,
    "EXCHANGE_REQUEST_COMPLETE": ReturnState.COMPLETED,
    "REFUND_OR_RETURN_REQUEST_REJECT": ReturnState.REFUSED,
    "REPLACEMENT_REQUEST_REJECT": ReturnState.REFUSED,
    "REJECT_RECEIVE_PACKAGE": ReturnState.REFUSED,
    "RETURN_OR_REFUND_REQUEST_CANCEL": ReturnState.WITHDRAWN,
    "REPLACEMENT_REQUEST_CANCEL": ReturnState.WITHDRAWN,
    "EXCHANGE_REQUEST_CANCEL": ReturnState.WITHDRAWN,
}


def to_return(raw: Return) -> ChannelReturn:
    """Raises ValueError for a kind or status of tomorrow, which is kept whole until it is known."""
    kind, status = text(raw.return_type), text(raw.return_status)
    if kind not in KINDS or status not in STATES:
        raise ValueError(f"the return has the unknown type {kind!r} or status {status!r}")
    refund = raw.refund_amount or RefundAmount()
    question, tracking = to_question(status), text(raw.return_tracking_number)
    due = to_deadline(question, raw.seller_next_action_response or ())
    return ChannelReturn(
        channel_id=ChannelId(text(raw.return_id)),
        order_id=ChannelId(text(raw.order_id)),
        kind=KINDS[kind],
        state=STATES[status],
        channel_status=status,
        modified_at=datetime.fromtimestamp(raw.update_time, UTC),
        refunded=amount(refund.refund_total),
        currency=text(refund.currency),
        refunded_shipping=amount(refund.refund_shipping_fee),
        refunded_tax=amount(refund.refund_tax),
        reason=text(raw.return_reason_text) or text(raw.return_reason),
        lines=_to_lines(raw),
        tracking=tracking,
        # The flag says that the buyer may; what has a tracking number was sent back all the same.
        buyer_keeps=bool(raw.can_buyer_keep_item) and not tracking,
        asks=question,
        answers=answers_to(KINDS[kind], question),
        deadline=datetime.fromtimestamp(due, UTC) if due is not None else None,
    )


def _to_lines(raw: Return) -> tuple[ReturnedLine, ...]:
    """Each is one unit; those of one order item, as the parts of a bundle are, are counted together."""
    counts: Counter[str] = Counter()
    amounts: dict[str, Decimal] = {}
    names: dict[str, str] = {}
    for line in raw.return_line_items or ():
        unit = text(line.order_line_item_id)
        counts[unit] += 1
        refund = line.refund_amount or RefundAmount()
        amounts[unit] = amounts.get(unit, Decimal(0)) + amount(refund.refund_total)
        names[unit] = text(line.product_name)
    return tuple(
        ReturnedLine(ChannelId(unit), count, amounts[unit], names[unit]) for unit, count in counts.items()
    )
