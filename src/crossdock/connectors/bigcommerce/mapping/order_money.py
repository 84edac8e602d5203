"""The money of an order, so arranged that lines and totals add up to the store's total exactly.

A store whose prices include tax is read by its inclusive amounts, any other by its exclusive ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from crossdock.connectors.bigcommerce import payloads
from crossdock.domain.channel import OrderTotals
from crossdock.domain.money import Money

_ZERO = Decimal(0)
_FINEST = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class LineMoney:
    """`quantity` × `unit_price` − `discount` is what the line costs."""

    quantity: int
    unit_price: Decimal
    discount: Decimal

    @property
    def total(self) -> Decimal:
        return self.quantity * self.unit_price - self.discount


def to_money(
    raw: payloads.Order, lines: Sequence[payloads.OrderLine], fees: Sequence[payloads.Fee], currency: str
) -> tuple[tuple[LineMoney, ...], OrderTotals]:
    """The lines' amounts in their order, and the totals."""
    includes_tax = bool(raw.is_tax_inclusive_pricing)
    total_tax = raw.total_tax or _ZERO
    tax = _ZERO if includes_tax else total_tax
    charged = _fees(raw, fees, includes_tax=includes_tax)
    shipping = _amount(raw.shipping_cost_inc_tax if includes_tax else raw.shipping_cost_ex_tax)
    gross = [_gross(line, includes_tax=includes_tax) for line in lines]
    # All discounts of the order as its total implies them: the fields that name them overlap.
    implied = sum((line.total for line in gross), _ZERO) + shipping + charged + tax - raw.total_inc_tax
    parts = _discounted(gross, lines, most=implied)
    rest = implied - sum(
        (part.discount - line.discount for part, line in zip(parts, gross, strict=True)), _ZERO
    )
    subtotal = sum((part.total for part in parts), _ZERO)
    totals = OrderTotals(
        subtotal=Money(subtotal, currency),
        shipping=Money(shipping, currency),
        shipping_seller_discount=Money.zero(currency),
        shipping_platform_discount=Money.zero(currency),
        tax=Money(tax, currency),
        # A total above its parts can only come from a charge that we were not told of.
        fees=Money(charged + max(-rest, _ZERO), currency),
        order_discount=Money(max(rest, _ZERO), currency),
        included_tax=Money(total_tax if includes_tax else _ZERO, currency),
        total=Money(raw.total_inc_tax, currency),
    )
    return parts, totals


def _gross(line: payloads.OrderLine, *, includes_tax: bool) -> LineMoney:
    """The line before discounts. Where price and quantity do not make its total, the unit price is derived from it."""
    price = _amount(line.price_inc_tax if includes_tax else line.price_ex_tax)
    total = line.total_inc_tax if includes_tax else line.total_ex_tax
    if total is None or line.quantity <= 0 or price * line.quantity == total:
        return LineMoney(line.quantity, price, _ZERO)
    unit_price = (total / line.quantity).quantize(_FINEST, rounding=ROUND_CEILING)
    return LineMoney(line.quantity, unit_price, unit_price * line.quantity - total)


def _discounted(
    gross: Sequence[LineMoney], lines: Sequence[payloads.OrderLine], *, most: Decimal
) -> tuple[LineMoney, ...]:
    """The lines with the discounts applied to them, unless these exceed what the order's total has room for."""
    named = [_named_discount(line) for line in lines]
    if sum(named, _ZERO) > most or any(part > line.total for part, line in zip(named, gross, strict=True)):
        return tuple(gross)
    return tuple(
        LineMoney(line.quantity, line.unit_price, line.discount + part)
        for line, part in zip(gross, named, strict=True)
    )


def _named_discount(line: payloads.OrderLine) -> Decimal:
    return sum((max(_amount(part.amount), _ZERO) for part in line.applied_discounts or ()), _ZERO)


def _fees(raw: payloads.Order, fees: Sequence[payloads.Fee], *, includes_tax: bool) -> Decimal:
    if includes_tax:
        named = sum((_amount(fee.cost_inc_tax) for fee in fees), _ZERO)
        return named + _amount(raw.handling_cost_inc_tax) + _amount(raw.wrapping_cost_inc_tax)
    named = sum((_amount(fee.cost_ex_tax) for fee in fees), _ZERO)
    return named + _amount(raw.handling_cost_ex_tax) + _amount(raw.wrapping_cost_ex_tax)


def _amount(value: Decimal | None) -> Decimal:
    return _ZERO if value is None else value
