"""Orders and sales as they reach the store: builders for the tests of both."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from connectors.bigcommerce.scripted import NOW
from crossdock.connectors.bigcommerce.mapping.created_order import Destination
from crossdock.domain.channel import (
    Address,
    ChannelId,
    ChannelOrder,
    ChannelOrderLine,
    ChannelSku,
    OrderTotals,
    StockAdjustment,
)
from crossdock.domain.money import Money
from crossdock.domain.order import OrderStatus

RELATIVE = ("POST", "/v3/inventory/adjustments/relative")
STORE = Destination(paid_status=11, country_code="US")


def sale(variant: str, delta: int = -1, location: str = "1") -> StockAdjustment:
    return StockAdjustment(ChannelId(variant), ChannelSku(variant), ChannelId(location), delta)


def usd(amount: str | Decimal) -> Money:
    return Money(Decimal(amount), "USD")


def line(number: str, *, quantity: int = 2, price: str = "10.00", **other: Any) -> ChannelOrderLine:
    amounts = {"seller_discount": usd("1.50"), "platform_discount": usd("0.50"), "tax": usd("1.44")}
    parts: dict[str, Any] = amounts | other
    return ChannelOrderLine(
        ChannelId(number), ChannelSku(f"SKU-{number}"), f"Item {number}", quantity, usd(price), **parts
    )


def totals(lines: tuple[ChannelOrderLine, ...], *, tax: Decimal, included: bool) -> OrderTotals:
    subtotal = sum(
        (
            one.unit_price.amount * one.quantity - one.seller_discount.amount - one.platform_discount.amount
            for one in lines
        ),
        Decimal(0),
    )
    shipping, off, fees, discount = Decimal("4.99"), Decimal("1.99"), Decimal("0.30"), Decimal("0.25")
    added = Decimal(0) if included else tax
    return OrderTotals(
        subtotal=usd(subtotal),
        shipping=usd(shipping),
        shipping_seller_discount=usd(off),
        shipping_platform_discount=usd("0"),
        tax=usd(added),
        fees=usd(fees),
        order_discount=usd(discount),
        included_tax=usd(tax - added),
        total=usd(subtotal + shipping - off + fees + added - discount),
    )


def order(*lines: ChannelOrderLine, included: bool = False, tax: str = "3.00", **other: Any) -> ChannelOrder:
    kept = lines or (line("1"), line("2"))
    basis = ChannelOrder(
        channel_id=ChannelId("576461413038785752"),
        number="576461413038785752",
        status=OrderStatus.READY_FOR_FULFILLMENT,
        channel_status="AWAITING_SHIPMENT",
        placed_at=NOW - timedelta(hours=1),
        modified_at=NOW,
        currency="USD",
        lines=kept,
        totals=totals(kept, tax=Decimal(tax), included=included),
        shipping_address=Address(
            name="Jane Q Doe",
            lines=("123 Main Street", "Floor 2", "Rear"),
            city="Austin",
            state="TX",
            postal_code="78751",
            country_code="US",
        ),
    )
    return replace(basis, **other)


LINKED = {ChannelId("1"): (ChannelId("174"), ChannelId("345"))}
CREATE = ("POST", "/v2/orders")
