"""Orders of one channel on another: created there, and known there by other ids."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

from crossdock.domain.channel import ChannelId, ChannelOrder, ChannelOrderLine, OrderTotals
from crossdock.domain.money import Money, total

_CENT = Decimal("0.01")

LinkedLines = Mapping[ChannelId, tuple[ChannelId, ChannelId]]
"""For each line of an order that has them, its product and variant id on another channel."""


@dataclass(frozen=True, slots=True)
class CreatedOrder:
    """An order that the hub created, and the total that its channel gives it."""

    channel_id: ChannelId
    total: Money | None = None


@dataclass(frozen=True, slots=True)
class OrderReference:
    """The id that an order has in another system, and for each of its units the id of its line there."""

    platform: str
    """The key of that system's connector."""
    reference: str
    lines: tuple[tuple[ChannelId, str], ...]


def still_ordered(order: ChannelOrder) -> ChannelOrder:
    """The order as if what is canceled of it had never been ordered: its lines, their amounts, and the totals."""
    if not any(line.quantity_canceled for line in order.lines):
        return order
    kept = tuple(_kept(line) for line in order.lines if line.quantity > line.quantity_canceled)
    return replace(order, lines=kept, totals=_totals_of(order, kept))


def _kept(line: ChannelOrderLine) -> ChannelOrderLine:
    left = line.quantity - line.quantity_canceled

    def part(amount: Money) -> Money:
        share = (amount.amount * left / line.quantity).quantize(_CENT, ROUND_HALF_UP)
        return amount if left == line.quantity else Money(share, amount.currency)

    return replace(
        line,
        quantity=left,
        quantity_canceled=0,
        seller_discount=part(line.seller_discount),
        platform_discount=part(line.platform_discount),
        tax=part(line.tax),
        taxes=tuple(replace(tax, amount=part(tax.amount)) for tax in line.taxes),
    )


def _totals_of(order: ChannelOrder, kept: tuple[ChannelOrderLine, ...]) -> OrderTotals:
    """A total that counts canceled units loses them; one that lacks exactly as much already stays as it is."""
    totals, currency = order.totals, order.currency
    goods = _goods(order.lines, currency) - _goods(kept, currency)
    rest = replace(totals, subtotal=totals.subtotal - goods)
    missing = -totals.unexplained.amount if totals.unexplained else Decimal(0)
    if missing > 0 and missing in (goods.amount, goods.amount - totals.included_tax.amount):
        unexplained = goods.amount - missing
        return replace(rest, unexplained=Money(unexplained, currency) if unexplained else None)
    tax = total((line.tax for line in order.lines), currency) - total((line.tax for line in kept), currency)
    if totals.included_tax.amount > 0:
        return replace(rest, included_tax=totals.included_tax - tax, total=totals.total - goods)
    return replace(rest, tax=totals.tax - tax, total=totals.total - goods - tax)


def _goods(lines: Iterable[ChannelOrderLine], currency: str) -> Money:
    """What the lines cost after their discounts."""
    return total(
        (line.unit_price * line.quantity - line.seller_discount - line.platform_discount for line in lines),
        currency,
    )
