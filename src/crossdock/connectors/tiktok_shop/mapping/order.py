"""A TikTok Shop order becomes the hub's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from crossdock.connectors.tiktok_shop.mapping.address import to_address
from crossdock.connectors.tiktok_shop.mapping.lines import to_lines, units_in
from crossdock.connectors.tiktok_shop.mapping.order_status import CANCELED, UNPAID, to_status
from crossdock.connectors.tiktok_shop.mapping.parcels import to_parcels
from crossdock.connectors.tiktok_shop.mapping.totals import to_totals
from crossdock.connectors.tiktok_shop.payloads import text
from crossdock.connectors.tiktok_shop.payloads_order import LineItem, Order, Payment
from crossdock.domain.channel import ChannelId, ChannelOrder
from crossdock.domain.order import FulfilledBy

PLATFORM_WAREHOUSES = frozenset({"FULFILLMENT_BY_TIKTOK", "FULFILLMENT_BY_DILAYANI_TOKOPEDIA"})
PARCEL_LABEL = "TIKTOK"
PLATFORM_LABELS = frozenset({PARCEL_LABEL, "TIKTOK_DIGITAL"})
TYPE_TAGS = {
    "PRE_ORDER": ("pre_order",),
    "MADE_TO_ORDER": ("made_to_order", "pre_order"),
    "BACK_ORDER": ("back_order", "pre_order"),
    "ZERO_LOTTERY": ("prize",),
    "AUCTION": ("auction",),
    "VIRTUAL_ORDER": ("virtual",),
}


def to_order(
    order: Order, status_map: Mapping[str, str] | None = None, *, packs_label_orders: bool = False
) -> ChannelOrder:
    items, payment = order.line_items or [], order.payment or Payment()
    currency = _currency(payment, items)
    status, fulfilled_by = text(order.status), _fulfilled_by(order, packs_label_orders=packs_label_orders)
    lines = to_lines(items, currency=currency, is_canceled=status == CANCELED)
    totals = to_totals(payment, lines, currency)
    return ChannelOrder(
        channel_id=ChannelId(text(order.id)),
        number=text(order.id),
        status=to_status(status, fulfilled_by, status_map or {}),
        channel_status=status,
        channel_status_id=status,
        placed_at=datetime.fromtimestamp(order.create_time, UTC),
        modified_at=datetime.fromtimestamp(order.update_time, UTC),
        currency=currency,
        lines=lines,
        totals=totals,
        fulfilled_by=fulfilled_by,
        is_reservation=status == UNPAID,
        shipping_address=to_address(order.recipient_address, email=text(order.buyer_email)),
        shipping_method=text(order.delivery_option_name),
        location_id=ChannelId(text(order.warehouse_id)),
        tags=frozenset(_tags(order, items, differs=totals.unexplained is not None)),
        # TikTok Shop lowers its own number the moment an order is placed.
        stock_is_taken=True,
        shipped_at=datetime.fromtimestamp(order.rts_time, UTC) if order.rts_time else None,
        parcels=() if status == CANCELED else to_parcels(units_in(items), lines, left_at=order.rts_time or 0),
    )


def _currency(payment: Payment, items: Sequence[LineItem]) -> str:
    currency = text(payment.currency) or next((text(i.currency) for i in items if text(i.currency)), "")
    if not currency:
        raise ValueError("the order names no currency")
    return currency


def _fulfilled_by(order: Order, *, packs_label_orders: bool) -> FulfilledBy:
    if text(order.fulfillment_type) in PLATFORM_WAREHOUSES:
        return FulfilledBy.PLATFORM_WAREHOUSE
    shipping = text(order.shipping_type)
    if shipping == PARCEL_LABEL and packs_label_orders:
        return FulfilledBy.PLATFORM_LABEL_PACKED_HERE
    if shipping in PLATFORM_LABELS:
        return FulfilledBy.PLATFORM_LABEL
    return FulfilledBy.SELLER


def _tags(order: Order, items: Sequence[LineItem], *, differs: bool) -> Iterator[str]:
    flags = {
        "sample": order.is_sample_order,
        "replacement": order.is_replacement_order,
        "exchange": order.is_exchange_order,
        "subscription": order.is_subscription_order,
        "cancel_requested": order.is_buyer_request_cancel and text(order.status) != "CANCELLED",
        "gift": any(item.is_gift for item in items),
        "bundle": any(item.sub_item_info or item.combined_listing_skus for item in items),
        "fbt": text(order.fulfillment_type) in PLATFORM_WAREHOUSES,
        "shipped_by_tiktok": text(order.shipping_type) in PLATFORM_LABELS,
        "total_differs": differs,
    }
    yield from (tag for tag, is_set in flags.items() if is_set)
    kinds = {text(order.order_type), *(text(item.sku_type) for item in items)}
    yield from (tag for kind in kinds for tag in TYPE_TAGS.get(kind, ()))
