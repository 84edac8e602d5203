"""Money: exact, in one currency, never a float."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.domain.money import CurrencyMismatchError, Money, total

CENTS = st.decimals(min_value=-(10**9), max_value=10**9, places=2, allow_nan=False)
DOLLARS = CENTS.map(lambda amount: Money(amount, "USD"))


@given(CENTS)
def test_a_platforms_text_is_kept_to_the_last_digit(amount: Decimal) -> None:
    assert Money.of(str(amount), "USD").amount == amount


@given(DOLLARS, DOLLARS, DOLLARS)
def test_sums_are_exact_in_any_order(a: Money, b: Money, c: Money) -> None:
    assert (a + b) + c == c + (b + a)
    assert a + b - b == a
    assert a + -a == Money.zero("USD")


@given(DOLLARS, st.integers(0, 1000))
def test_a_multiple_is_the_amount_added_so_often(one: Money, factor: int) -> None:
    assert (one * factor).amount == total([one] * factor, "USD").amount


@given(st.lists(DOLLARS))
def test_a_total_is_the_sum_of_its_parts(amounts: list[Money]) -> None:
    assert total(amounts, "USD").amount == sum((each.amount for each in amounts), Decimal(0))


def test_ten_dimes_are_a_dollar() -> None:
    assert total([Money.of("0.10", "USD")] * 10, "USD") == Money.of("1.00", "USD")


@pytest.mark.parametrize("amount", [0.1, 1.0])
def test_floats_are_refused(amount: float) -> None:
    with pytest.raises(TypeError):
        Money.of(cast(Any, amount), "USD")
    with pytest.raises(TypeError):
        Money(cast(Any, amount), "USD")


def test_currencies_never_mix() -> None:
    dollars, pounds = Money.of(1, "USD"), Money.of(1, "GBP")

    with pytest.raises(CurrencyMismatchError, match="USD and GBP"):
        dollars + pounds
    with pytest.raises(CurrencyMismatchError, match="USD and GBP"):
        dollars - pounds
    with pytest.raises(CurrencyMismatchError, match="GBP and USD"):
        total([dollars], "GBP")


def test_money_reads_as_an_amount_with_its_currency() -> None:
    assert str(Money.of("7.5", "GBP")) == "7.50 GBP"
