"""The money of an order, so arranged that lines and totals add up to the store's total exactly.

A store whose prices include tax is read by its inclusive amounts, any other by its exclusive ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from itertools import combinations

from crossdock.connectors.bigcommerce import payloads
from crossdock.domain.channel import NamedAmount, OrderTotals
from crossdock.domain.money import Money

_ZERO = Decimal(0)
_FINEST = Decimal("0.0001")
_ON_LINES = "on_lines"


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
    charged = dict(_fees(raw, fees, includes_tax=includes_tax))
    shipping = _amount(raw.shipping_cost_inc_tax if includes_tax else raw.shipping_cost_ex_tax)
    gross = [_gross(line, includes_tax=includes_tax) for line in lines]
    before = sum((line.total for line in gross), _ZERO) + shipping + sum(charged.values(), _ZERO) + tax
    taken = _taken_off(raw, gross, lines, before - raw.total_inc_tax)
    rest = before - raw.total_inc_tax - sum(taken.values(), _ZERO)
    parts = _discounted(gross, lines) if taken.pop(_ON_LINES, None) is not None else tuple(gross)
    totals = OrderTotals(
        subtotal=Money(sum((part.total for part in parts), _ZERO), currency),
        shipping=Money(shipping, currency),
        shipping_seller_discount=Money.zero(currency),
        shipping_platform_discount=Money.zero(currency),
        tax=Money(tax, currency),
        fees=Money(sum(charged.values(), _ZERO), currency),
        order_discount=Money(sum(taken.values(), _ZERO), currency),
        included_tax=Money(total_tax if includes_tax else _ZERO, currency),
        total=Money(raw.total_inc_tax, currency),
        named_fees=_named(charged, currency),
        named_discounts=_named(taken, currency),
        unexplained=Money(-rest, currency) if rest else None,
    )
    return parts, totals


def _named(amounts: Mapping[str, Decimal], currency: str) -> tuple[NamedAmount, ...]:
    return tuple(NamedAmount(name, Money(amount, currency)) for name, amount in amounts.items())


def _taken_off(
    raw: payloads.Order,
    gross: Sequence[LineMoney],
    lines: Sequence[payloads.OrderLine],
    implied: Decimal,
) -> dict[str, Decimal]:
    """Which of the named discounts were taken off: those that best explain what the total lacks.

    The fields overlap, since a discount of the order may be named at its lines as well; and nothing says whether
    the total is net of what was paid by credit or certificate.
    """
    named = [_named_discount(line) for line in lines]
    fits = all(part <= line.total for part, line in zip(named, gross, strict=True))
    offered = {
        _ON_LINES: sum(named, _ZERO) if fits else _ZERO,
        "discount": _amount(raw.discount_amount),
        "coupon": _amount(raw.coupon_discount),
        "store_credit": _amount(raw.store_credit_amount),
        "gift_certificate": _amount(raw.gift_certificate_amount),
    }
    names = [name for name, amount in offered.items() if amount > 0]
    if not names:
        return {}
    choices = [some for count in range(len(names) + 1) for some in combinations(names, count)]

    def distance(some: tuple[str, ...]) -> tuple[Decimal, bool, bool, int]:
        left = implied - sum((offered[name] for name in some), _ZERO)
        return abs(left), left < 0, _ON_LINES not in some, len(some)

    return {name: offered[name] for name in min(choices, key=distance)}


def _gross(line: payloads.OrderLine, *, includes_tax: bool) -> LineMoney:
    """The line before discounts. Where price and quantity do not make its total, the unit price is derived from it."""
    price = _amount(line.price_inc_tax if includes_tax else line.price_ex_tax)
    total = line.total_inc_tax if includes_tax else line.total_ex_tax
    if total is None or line.quantity <= 0 or price * line.quantity == total:
        return LineMoney(line.quantity, price, _ZERO)
    unit_price = (total / line.quantity).quantize(_FINEST, rounding=ROUND_CEILING)
    return LineMoney(line.quantity, unit_price, unit_price * line.quantity - total)


def _discounted(gross: Sequence[LineMoney], lines: Sequence[payloads.OrderLine]) -> tuple[LineMoney, ...]:
    return tuple(
        LineMoney(part.quantity, part.unit_price, part.discount + _named_discount(line))
        for part, line in zip(gross, lines, strict=True)
    )


def _named_discount(line: payloads.OrderLine) -> Decimal:
    return sum((max(_amount(part.amount), _ZERO) for part in line.applied_discounts or ()), _ZERO)


def _fees(
    raw: payloads.Order, fees: Sequence[payloads.Fee], *, includes_tax: bool
) -> Iterator[tuple[str, Decimal]]:
    """By name; those of one name together."""
    charged: dict[str, Decimal] = {}
    for fee in fees:
        name = fee.display_name_merchant or fee.type or "fee"
        charged[name] = charged.get(name, _ZERO) + _amount(
            fee.cost_inc_tax if includes_tax else fee.cost_ex_tax
        )
    own = {
        "handling": raw.handling_cost_inc_tax if includes_tax else raw.handling_cost_ex_tax,
        "gift_wrapping": raw.wrapping_cost_inc_tax if includes_tax else raw.wrapping_cost_ex_tax,
    }
    for name, cost in own.items():
        charged[name] = charged.get(name, _ZERO) + _amount(cost)
    yield from ((name, amount) for name, amount in charged.items() if amount)


def _amount(value: Decimal | None) -> Decimal:
    return _ZERO if value is None else value
