"""An order of the store with its lines, addresses and money."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from crossdock.connectors.bigcommerce import payloads
from crossdock.connectors.bigcommerce.mapping import order_status
from crossdock.connectors.bigcommerce.mapping.dates import to_moment
from crossdock.connectors.bigcommerce.mapping.order_money import LineMoney, to_money
from crossdock.connectors.bigcommerce.mapping.shipment import NO_METHOD
from crossdock.domain.channel import Address, ChannelId, ChannelOrder, ChannelOrderLine, ChannelSku
from crossdock.domain.money import Money
from crossdock.domain.order import LineStatus


@dataclass(frozen=True, slots=True)
class OrderParts:
    """What comes with an order: all its lines, its fees, and where it goes."""

    lines: Sequence[payloads.OrderLine]
    fees: Sequence[payloads.Fee] = ()
    destination: payloads.Consignment | None = None


@dataclass(frozen=True, slots=True)
class StoreRules:
    """What the store's own settings, and ours about it, say of its orders."""

    stock_behavior: str
    status_map: Mapping[str, str] = field(default_factory=dict)


def to_order(raw: payloads.Order, parts: OrderParts, rules: StoreRules) -> ChannelOrder:
    currency = raw.default_currency_code or raw.currency_code
    if not currency:
        raise ValueError("the order names no currency")
    amounts, totals = to_money(raw, parts.lines, parts.fees, currency)
    destination = parts.destination
    return ChannelOrder(
        channel_id=ChannelId(str(raw.id)),
        number=str(raw.id),
        status=order_status.to_status(raw.status_id, rules.status_map),
        channel_status=raw.status or str(raw.status_id),
        channel_status_id=str(raw.status_id),
        placed_at=to_moment(raw.date_created),
        modified_at=to_moment(raw.date_modified),
        currency=currency,
        lines=tuple(
            _to_line(line, amount, currency, status_id=raw.status_id)
            for line, amount in zip(parts.lines, amounts, strict=True)
        ),
        totals=totals,
        is_reservation=raw.status_id == order_status.PENDING,
        shipping_address=_to_address(destination) if destination and not destination.location else None,
        billing_address=_to_address(raw.billing_address) if raw.billing_address else None,
        shipping_method=_shipping_method(destination),
        location_id=_pickup_location(destination),
        tags=order_status.to_tags(raw.status_id, is_archived=bool(raw.is_deleted)),
        external_source=raw.external_source or "",
        external_reference=raw.external_order_id or "",
        stock_is_taken=order_status.stock_is_taken(raw.status_id, rules.stock_behavior),
        shipped_at=to_moment(raw.date_shipped) if raw.date_shipped else None,
    )


def _to_line(
    raw: payloads.OrderLine, amount: LineMoney, currency: str, *, status_id: int
) -> ChannelOrderLine:
    """A refunded unit counts as sold: a refund moves no goods and the platform does not restock it.

    An order whose status says that it has left has left whole, with or without shipments on record.
    """
    is_canceled, has_left = status_id in order_status.CANCELED, status_id in order_status.HAS_LEFT
    shipped = raw.quantity if has_left else min(raw.quantity_shipped or 0, raw.quantity)
    status = LineStatus.OPEN
    if is_canceled:
        status = LineStatus.CANCELED
    elif raw.quantity and shipped == raw.quantity:
        status = LineStatus.SHIPPED
    return ChannelOrderLine(
        channel_id=ChannelId(str(raw.id)),
        channel_sku=ChannelSku(raw.sku or ""),
        name=raw.name or "",
        quantity=raw.quantity,
        unit_price=Money(amount.unit_price, currency),
        seller_discount=Money(amount.discount, currency),
        platform_discount=Money.zero(currency),
        tax=Money.zero(currency) if raw.total_tax is None else Money(raw.total_tax, currency),
        status=status,
        quantity_canceled=raw.quantity if is_canceled else 0,
        quantity_shipped=shipped,
        variant_id=_id_or_none(raw.variant_id),
        product_id=_id_or_none(raw.product_id),
    )


def _id_or_none(number: int | None) -> ChannelId:
    """Lines outside the catalog have 0."""
    return ChannelId(str(number) if number else "")


def _to_address(raw: payloads.OrderAddress) -> Address:
    return Address(
        name=" ".join(part for part in (raw.first_name, raw.last_name) if part),
        company=raw.company or "",
        lines=tuple(line for line in (raw.street_1, raw.street_2) if line),
        city=raw.city or "",
        state=raw.state or "",
        postal_code=raw.zip or "",
        country_code=raw.country_iso2 or "",
        phone=raw.phone or "",
        email=raw.email or "",
    )


def _shipping_method(destination: payloads.Consignment | None) -> str:
    if destination is None:
        return ""
    method = destination.shipping_method or destination.pickup_method_display_name or ""
    return "" if method == NO_METHOD else method


def _pickup_location(destination: payloads.Consignment | None) -> ChannelId:
    location = destination.location if destination else None
    return _id_or_none(location.id if location else None)
