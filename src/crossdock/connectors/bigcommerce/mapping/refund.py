"""A refund record of the store, which is the authority over whatever the order's status says."""

from __future__ import annotations

from decimal import Decimal

from crossdock.connectors.bigcommerce import payloads
from crossdock.connectors.bigcommerce.mapping.dates import to_moment
from crossdock.domain.aftersales import ChannelReturn, ReturnedLine, ReturnKind, ReturnState
from crossdock.domain.channel import ChannelId

PRODUCT, SHIPPING = "PRODUCT", "SHIPPING"


def to_refund(raw: payloads.Refund) -> ChannelReturn:
    """The record names no currency: it is the order's."""
    items = raw.items or []
    shipping = sum(
        (item.requested_amount or Decimal(0) for item in items if item.item_type == SHIPPING), Decimal(0)
    )
    return ChannelReturn(
        channel_id=ChannelId(str(raw.id)),
        order_id=ChannelId(str(raw.order_id)),
        kind=ReturnKind.REFUND,
        state=ReturnState.COMPLETED,
        channel_status="refunded",
        modified_at=to_moment(raw.created),
        refunded=raw.total_amount,
        refunded_shipping=shipping,
        refunded_tax=raw.total_tax or Decimal(0),
        reason=raw.reason or "",
        lines=tuple(_to_line(item) for item in items if item.item_type == PRODUCT),
        # BigCommerce knows no returns of goods; whether refunded ones came back is for the setting to say.
        stands_for_goods=True,
    )


def _to_line(item: payloads.RefundItem) -> ReturnedLine:
    return ReturnedLine(
        line_id=ChannelId(str(item.item_id or "")),
        quantity=item.quantity or 0,
        amount=item.requested_amount or Decimal(0),
    )
