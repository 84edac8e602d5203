"""How an order's total comes about, to the cent."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from crossdock.connectors.tiktok_shop.payloads import amount, text
from crossdock.connectors.tiktok_shop.payloads_order import Payment
from crossdock.domain.channel import ChannelOrderLine, NamedAmount, OrderTotals
from crossdock.domain.money import Money

FEES = (
    "retail_delivery_fee",
    "small_order_fee",
    "buyer_service_fee",
    "handling_fee",
    "shipping_insurance_fee",
    "item_insurance_fee",
    "item_insurance_tax",
    "distance_shipping_fee",
    "distance_fee",
    "payment_discount_service_fee",
)
ZERO = Decimal(0)


def to_totals(payment: Payment, lines: Sequence[ChannelOrderLine], currency: str) -> OrderTotals:
    subtotal = sum((_line_total(line) for line in lines), ZERO)
    shipping, seller_discount, platform_discount = _shipping(payment)
    named = {name: amount(getattr(payment, name)) for name in FEES}
    fees = sum(named.values(), ZERO)
    tax, paid = _tax(payment), amount(payment.total_amount)
    goods = subtotal + shipping - seller_discount - platform_discount + fees
    is_added, order_discount = _reading(paid - goods, tax, amount(payment.payment_platform_discount))
    remainder = paid - goods - (tax if is_added else ZERO) + order_discount

    def money(value: Decimal) -> Money:
        return Money(value, currency)

    return OrderTotals(
        subtotal=money(subtotal),
        shipping=money(shipping),
        shipping_seller_discount=money(seller_discount),
        shipping_platform_discount=money(platform_discount),
        tax=money(tax if is_added else ZERO),
        fees=money(fees),
        order_discount=money(order_discount),
        included_tax=money(ZERO if is_added else tax),
        total=money(paid),
        named_fees=tuple(NamedAmount(name, money(fee)) for name, fee in named.items() if fee),
        named_discounts=_named_discounts(money(order_discount)),
        unexplained=money(remainder) if remainder else None,
    )


def _named_discounts(discount: Money) -> tuple[NamedAmount, ...]:
    """The one discount of a whole payment is TikTok Shop's own."""
    name = "payment_platform_discount"
    return (NamedAmount(name, discount, is_platform_funded=True),) if discount.amount else ()


def _line_total(line: ChannelOrderLine) -> Decimal:
    return (line.unit_price * line.quantity - line.seller_discount - line.platform_discount).amount


def _shipping(payment: Payment) -> tuple[Decimal, Decimal, Decimal]:
    """The fee before its discounts; a co-funded one counts as the seller's, who bears part of it."""
    if not text(payment.original_shipping_fee):
        return amount(payment.shipping_fee), ZERO, ZERO
    seller = amount(payment.shipping_fee_seller_discount) + amount(payment.shipping_fee_cofunded_discount)
    return amount(payment.original_shipping_fee), seller, amount(payment.shipping_fee_platform_discount)


def _tax(payment: Payment) -> Decimal:
    if text(payment.tax):
        return amount(payment.tax)
    return amount(payment.product_tax) + amount(payment.shipping_fee_tax)


def _reading(beyond_goods: Decimal, tax: Decimal, discount: Decimal) -> tuple[bool, Decimal]:
    """Whether tax is added to the prices, and what of the payment's discount the total is net of.

    US prices come before tax, those of UK and EU with it; the total tells which. The documents do not say
    whether it is net of the discount either: it is where this explains it exactly.
    """

    def unexplained(way: tuple[bool, Decimal]) -> Decimal:
        is_added, less = way
        return abs(beyond_goods - (tax if is_added else ZERO) + less)

    net = [way for way in ((True, discount), (False, discount)) if discount and not unexplained(way)]
    return min([(True, ZERO), (False, ZERO), *net], key=unexplained)
