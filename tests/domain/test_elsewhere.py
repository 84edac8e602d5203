"""What is left of an order once units of it are canceled, as it is created on another channel."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from crossdock.domain.channel import ChannelOrder, ChannelOrderLine, LineTax
from crossdock.domain.elsewhere import still_ordered
from support.make import line, money, order

CENTS = st.integers(0, 2000)


def placed(*lines: ChannelOrderLine, is_inclusive: bool = False, shipping: str = "4.99") -> ChannelOrder:
    """A whole order whose total counts every unit, canceled or not."""
    nothing = money()
    goods = sum((price(each) for each in lines), Decimal(0))
    tax = sum((each.tax.amount for each in lines), Decimal(0))
    made = order("1", *lines)
    totals = replace(
        made.totals,
        subtotal=money(str(goods)),
        shipping=money(shipping),
        tax=nothing if is_inclusive else money(str(tax)),
        included_tax=money(str(tax)) if is_inclusive else nothing,
        total=money(str(goods + Decimal(shipping) + (0 if is_inclusive else tax))),
    )
    return replace(made, totals=totals)


def price(each: ChannelOrderLine) -> Decimal:
    return (each.unit_price * each.quantity - each.seller_discount - each.platform_discount).amount


def mug(quantity: int = 3, canceled: int = 0, **more: Any) -> ChannelOrderLine:
    given = {
        "seller_discount": money("1.50") if quantity == 3 else money(),
        "tax": money("2.40"),
        "taxes": (LineTax("SALES_TAX", money("2.40"), Decimal("0.08")),),
    }
    return replace(line("MUG", quantity, quantity_canceled=canceled), **given | more)


def test_an_order_of_which_nothing_is_canceled_stays_as_it_is() -> None:
    whole = placed(mug(), line("PAN"))

    assert still_ordered(whole) is whole


def test_lines_amounts_and_totals_are_those_of_the_units_that_are_left() -> None:
    left = still_ordered(placed(mug(3, canceled=2), line("PAN", 1), line("TIN", 2, quantity_canceled=2)))

    assert [(each.channel_sku, each.quantity, each.quantity_canceled) for each in left.lines] == [
        ("MUG", 1, 0),
        ("PAN", 1, 0),
    ]
    assert (left.lines[0].seller_discount, left.lines[0].tax) == (money("0.50"), money("0.80"))
    assert [tax.amount for tax in left.lines[0].taxes] == [money("0.80")]
    assert (left.totals.subtotal, left.totals.tax) == (money("19.50"), money("0.80"))
    assert left.totals.total == money("25.29"), "with all of the shipping"
    assert left.totals.unexplained is None


def test_where_prices_include_tax_the_included_tax_shrinks() -> None:
    left = still_ordered(placed(mug(3, canceled=1), is_inclusive=True))

    assert (left.totals.tax, left.totals.included_tax) == (money(), money("1.60"))
    assert left.totals.total == money("23.99")


def test_a_total_that_lacks_what_is_canceled_already_stays() -> None:
    whole = placed(mug(3, canceled=2, tax=money()), shipping="0")
    totals = replace(whole.totals, total=money("9.50"), unexplained=money("-19.00"))

    left = still_ordered(replace(whole, totals=totals))

    assert (left.totals.subtotal, left.totals.total) == (money("9.50"), money("9.50"))
    assert left.totals.unexplained is None


def test_what_the_channel_leaves_unexplained_stays_unexplained() -> None:
    whole = placed(mug(3, canceled=1), shipping="0")
    totals = replace(whole.totals, total=whole.totals.total - money("1.00"), unexplained=money("-1.00"))

    left = still_ordered(replace(whole, totals=totals))

    assert left.totals.unexplained == money("-1.00")
    assert left.totals.total == money("19.60")


@given(
    st.lists(st.tuples(st.integers(1, 9), st.integers(0, 9), CENTS, CENTS), min_size=1, max_size=5),
    st.booleans(),
)
def test_what_is_left_adds_up_to_the_cent(drawn: list[tuple[int, int, int, int]], is_inclusive: bool) -> None:
    lines = [
        replace(
            line(str(n), quantity, quantity_canceled=min(canceled, quantity)),
            seller_discount=money(str(Decimal(min(discount, 1000 * quantity)) / 100)),
            tax=money(str(Decimal(tax) / 100)),
        )
        for n, (quantity, canceled, discount, tax) in enumerate(drawn)
    ]

    left = still_ordered(placed(*lines, is_inclusive=is_inclusive))

    totals = left.totals
    assert totals.subtotal.amount == sum(price(each) for each in left.lines)
    assert (totals.tax + totals.included_tax).amount == sum(each.tax.amount for each in left.lines)
    assert totals.total == totals.subtotal + totals.shipping + totals.tax
