"""Filters of routing cards and automations: which orders they are meant for, and what keeps an order out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from crossdock.domain.money import Money


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """What filters look at. `weight` is in grams, None where that of a line is not known."""

    channel: str
    country: str
    """ISO 3166-1 alpha-2, upper case."""
    state: str
    skus: frozenset[str]
    """The master SKUs of its open lines, and the channel's where no product has them."""
    tags: frozenset[str]
    total: Money
    weight: Decimal | None
    method: str


@dataclass(frozen=True, slots=True)
class Filters:
    """All that are given have to be met; each list is met by one of its members."""

    channels: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    skus: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    without_tags: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    """Parts of the shipping method's name, whatever the case."""
    min_total: Decimal | None = None
    max_total: Decimal | None = None
    """In the order's own currency, each included."""
    min_weight: Decimal | None = None
    max_weight: Decimal | None = None
    """Grams, each included."""

    def unmet(self, order: OrderFacts) -> tuple[str, ...]:
        """What of them the order does not meet, in words; empty where it is meant."""
        return tuple(self._unmet(order))

    def _unmet(self, order: OrderFacts) -> Iterator[str]:
        yield from _none_of("channel", self.channels, {order.channel})
        yield from _none_of("country", self.countries, {order.country})
        yield from _none_of("state", self.states, {order.state}, folds=True)
        yield from _none_of("SKUs", self.skus, order.skus)
        yield from _none_of("tags", self.tags, order.tags)
        if kept_out := sorted(order.tags.intersection(self.without_tags)):
            yield f"it has the tag {' and '.join(kept_out)}"
        method = order.method.casefold()
        if self.methods and not any(part.casefold() in method for part in self.methods):
            yield f"its shipping method is {order.method or 'none'}, not {_listed(self.methods)}"
        total = order.total.amount
        yield from _outside(f"its total of {order.total}", total, self.min_total, self.max_total)
        yield from _outside("its weight", order.weight, self.min_weight, self.max_weight, unit=" g")


def _none_of(
    what: str, wanted: tuple[str, ...], has: set[str] | frozenset[str], *, folds: bool = False
) -> Iterator[str]:
    same = str.casefold if folds else str
    if wanted and not {same(each) for each in wanted} & {same(each) for each in has}:
        there = ", ".join(sorted(each for each in has if each)) or "none"
        verb = "are" if what.endswith("s") else "is"
        yield f"its {what} {verb} {there}, not {_listed(wanted)}"


def _outside(
    what: str, value: Decimal | None, least: Decimal | None, most: Decimal | None, *, unit: str = ""
) -> Iterator[str]:
    if least is None and most is None:
        return
    if value is None:
        yield f"{what} is not known"
    elif least is not None and value < least:
        yield f"{what} is below {least}{unit}"
    elif most is not None and value > most:
        yield f"{what} is above {most}{unit}"


def _listed(values: tuple[str, ...]) -> str:
    return " or ".join(values)
