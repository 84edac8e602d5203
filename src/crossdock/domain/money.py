"""Money: an exact amount and its currency."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Self

CURRENCIES_KEPT = 256


class CurrencyMismatchError(ValueError):
    """Two amounts of different currencies cannot be added or compared."""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in the major unit (dollars, not cents) and an ISO 4217 code."""

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        if not isinstance(self.amount, Decimal):
            raise TypeError(f"Money needs a Decimal, got {type(self.amount).__name__}")

    @classmethod
    def of(cls, amount: str | int | Decimal, currency: str) -> Self:
        """Money from a platform's text or integer; floats are refused because they lose cents."""
        if isinstance(amount, float):
            raise TypeError("Money cannot be made of a float")
        return cls(Decimal(amount), currency)

    @staticmethod
    @lru_cache(maxsize=CURRENCIES_KEPT)
    def zero(currency: str) -> Money:
        return Money(Decimal(0), currency)

    def __add__(self, other: Money) -> Money:
        self._require_same_currency(other)
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._require_same_currency(other)
        return Money(self.amount - other.amount, self.currency)

    def __mul__(self, factor: int) -> Money:
        return Money(self.amount * factor, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.amount, self.currency)

    def __str__(self) -> str:
        return f"{self.amount:.2f} {self.currency}"

    def _require_same_currency(self, other: Money) -> None:
        if self.currency != other.currency:
            raise CurrencyMismatchError(f"{self.currency} and {other.currency} are different currencies")


def total(amounts: Iterable[Money], currency: str) -> Money:
    """The sum of the amounts; zero of `currency` when there are none."""
    result = Money.zero(currency)
    for amount in amounts:
        result = result + amount
    return result
