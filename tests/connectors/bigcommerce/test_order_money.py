"""Lines and totals of any order add up to what the store charged, to the last digit."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.connectors.bigcommerce import payloads
from crossdock.connectors.bigcommerce.mapping.order_money import to_money
from crossdock.domain.channel import OrderTotals
from crossdock.domain.money import Money

amounts = st.decimals(min_value=0, max_value=5000, places=4)
small = st.decimals(min_value=0, max_value=40, places=4)


@st.composite
def order_lines(draw: st.DrawFn) -> payloads.OrderLine:
    quantity, price = draw(st.integers(1, 12)), draw(amounts)
    total = draw(st.one_of(st.just(price * quantity), amounts))
    discounts = [payloads.AppliedDiscount(draw(small)) for _ in range(draw(st.integers(0, 2)))]
    return payloads.OrderLine(
        id=draw(st.integers(1, 10**6)),
        quantity=quantity,
        price_ex_tax=price,
        price_inc_tax=price,
        total_ex_tax=total,
        total_inc_tax=total,
        applied_discounts=discounts,
    )


@st.composite
def orders(draw: st.DrawFn) -> payloads.Order:
    shipping, handling = draw(amounts), draw(small)
    return payloads.Order(
        id=1,
        status_id=11,
        date_created="",
        date_modified="",
        total_inc_tax=draw(amounts),
        total_tax=draw(small),
        is_tax_inclusive_pricing=draw(st.booleans()),
        shipping_cost_ex_tax=shipping,
        shipping_cost_inc_tax=shipping,
        handling_cost_ex_tax=handling,
        handling_cost_inc_tax=handling,
        discount_amount=draw(small),
        coupon_discount=draw(small),
        store_credit_amount=draw(small),
        gift_certificate_amount=draw(small),
    )


fees = st.builds(lambda amount: payloads.Fee(cost_ex_tax=amount, cost_inc_tax=amount), small)


@given(orders(), st.lists(order_lines(), max_size=6), st.lists(fees, max_size=2))
def test_lines_and_totals_add_up_whatever_the_store_says(
    order: payloads.Order, lines: list[payloads.OrderLine], charged: list[payloads.Fee]
) -> None:
    parts, totals = to_money(order, lines, charged, "USD")

    assert sum((part.total for part in parts), Decimal(0)) == totals.subtotal.amount
    assert added_up(totals) == totals.total.amount == order.total_inc_tax
    assert all(part.discount >= 0 and part.unit_price >= 0 for part in parts)
    assert min(amount.amount for amount in amounts_of(totals)) >= 0


@given(orders(), st.lists(order_lines(), max_size=6))
def test_the_tax_stands_beside_the_prices_or_inside_them_but_never_both(
    order: payloads.Order, lines: list[payloads.OrderLine]
) -> None:
    _, totals = to_money(order, lines, (), "USD")

    wanted = (
        (Decimal(0), order.total_tax) if order.is_tax_inclusive_pricing else (order.total_tax, Decimal(0))
    )
    assert (totals.tax.amount, totals.included_tax.amount) == wanted


def test_a_discount_named_twice_lowers_the_order_once() -> None:
    """An order discount spread over the lines is named there and in the order: its total decides."""
    line = payloads.OrderLine(
        id=1,
        quantity=2,
        price_ex_tax=Decimal(10),
        total_ex_tax=Decimal(20),
        applied_discounts=[payloads.AppliedDiscount(Decimal(4)), payloads.AppliedDiscount(Decimal(4))],
    )
    order = payloads.Order(id=1, status_id=11, date_created="", date_modified="", total_inc_tax=Decimal(16))

    parts, totals = to_money(order, [line], (), "USD")

    assert parts[0].discount == 0
    assert (totals.order_discount.amount, totals.fees.amount) == (Decimal(0), Decimal(0))
    assert totals.unexplained == Money(Decimal(-4), "USD")


@pytest.mark.parametrize(
    ("charged", "named"),
    [
        ("16.00", {"coupon": "4.00"}),
        ("13.00", {"discount": "3.00", "coupon": "4.00"}),
        ("20.00", {}),
        ("15.00", {"store_credit": "5.00"}),
        ("10.00", {"coupon": "4.00", "gift_certificate": "6.00"}),
    ],
)
def test_what_was_taken_off_is_kept_apart_by_name(charged: str, named: dict[str, str]) -> None:
    """Credit and certificates are payments: they lower nothing but a total that is net of them."""
    line = payloads.OrderLine(id=1, quantity=2, price_ex_tax=Decimal(10), total_ex_tax=Decimal(20))
    order = payloads.Order(
        id=1,
        status_id=11,
        date_created="",
        date_modified="",
        total_inc_tax=Decimal(charged),
        discount_amount=Decimal(3),
        coupon_discount=Decimal(4),
        store_credit_amount=Decimal(5),
        gift_certificate_amount=Decimal(6),
    )

    _, totals = to_money(order, [line], (), "USD")

    assert {each.name: str(each.amount.amount) + ".00" for each in totals.named_discounts} == named
    assert totals.unexplained is None


def test_a_coupon_on_the_lines_is_named_there() -> None:
    line = payloads.OrderLine(
        id=1,
        quantity=2,
        price_ex_tax=Decimal(10),
        total_ex_tax=Decimal(20),
        applied_discounts=[payloads.AppliedDiscount(Decimal(4))],
    )
    order = payloads.Order(
        id=1,
        status_id=11,
        date_created="",
        date_modified="",
        total_inc_tax=Decimal(16),
        coupon_discount=Decimal(4),
    )

    parts, totals = to_money(order, [line], (), "USD")

    assert (parts[0].discount, totals.order_discount.amount) == (Decimal(4), Decimal(0))
    assert (totals.named_discounts, totals.unexplained) == ((), None)


def test_a_difference_that_nothing_explains_is_shown_and_is_no_fee() -> None:
    line = payloads.OrderLine(id=1, quantity=1, price_ex_tax=Decimal(10), total_ex_tax=Decimal(10))
    order = payloads.Order(id=1, status_id=11, date_created="", date_modified="", total_inc_tax=Decimal(11))

    _, totals = to_money(order, [line], (), "USD")

    assert (totals.unexplained, totals.fees.amount) == (Money(Decimal(1), "USD"), Decimal(0))


def test_handling_and_gift_wrapping_are_fees() -> None:
    order = payloads.Order(
        id=1,
        status_id=11,
        date_created="",
        date_modified="",
        total_inc_tax=Decimal("6.50"),
        handling_cost_ex_tax=Decimal("2.50"),
        wrapping_cost_ex_tax=Decimal("4.25"),
        discount_amount=Decimal("1.00"),
    )
    insurance = payloads.Fee(display_name_merchant="Insurance", cost_ex_tax=Decimal("0.75"))

    _, totals = to_money(order, (), [insurance], "USD")

    assert (totals.fees.amount, totals.order_discount.amount) == (Decimal("7.50"), Decimal("1.00"))
    assert {each.name: each.amount.amount for each in totals.named_fees} == {
        "Insurance": Decimal("0.75"),
        "handling": Decimal("2.50"),
        "gift_wrapping": Decimal("4.25"),
    }


def added_up(totals: OrderTotals) -> Decimal:
    plus = totals.subtotal + totals.shipping + totals.tax + totals.fees
    minus = totals.shipping_seller_discount + totals.shipping_platform_discount + totals.order_discount
    return (plus - minus + (totals.unexplained or Money.zero("USD"))).amount


def amounts_of(totals: OrderTotals) -> list[Money]:
    names = ("shipping", "tax", "fees", "order_discount", "included_tax", "total", "subtotal")
    return [getattr(totals, name) for name in names]
