"""What counts as drift, and what is known of its cause, value by value."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crossdock.domain import drift
from crossdock.domain.catalog import ListableVariant, Sku, Variant
from crossdock.domain.channel import ChannelId, ChannelSku, ChannelVariant
from crossdock.domain.drift import (
    CLOCKS_APART,
    Difference,
    DriftCause,
    cause_of_product,
    cause_of_stock,
    is_full_due,
    is_same_stock,
    stock_differences,
)
from crossdock.domain.money import Money

NOW = datetime(2026, 11, 30, 2, 30, tzinfo=UTC)


def units(**places: int) -> tuple[tuple[ChannelId, int], ...]:
    return tuple((ChannelId(place), count) for place, count in places.items())


@pytest.mark.parametrize(
    ("wanted", "shown", "found"),
    [
        (units(a=5), units(a=5), []),
        (units(a=5), units(a=5, fbt=9), []),
        (units(a=0), units(), []),
        (units(a=5, b=2), units(a=4, b=2), [("a", "5", "4")]),
        (units(a=5, b=2), units(a=7), [("a", "5", "7"), ("b", "2", "0")]),
        (units(a=5, b=2), None, [("", "7", "")]),
    ],
)
def test_a_number_drifts_at_the_places_that_the_hub_sets_and_nowhere_else(
    wanted: Any, shown: Any, found: list[tuple[str, str, str]]
) -> None:
    differences = stock_differences("TEA", wanted, shown)

    assert [(one.location, one.expected, one.shown) for one in differences] == found
    assert is_same_stock(shown, wanted) is (not found)


@pytest.mark.parametrize(
    ("shown", "former", "was_sold", "cause"),
    [
        (None, None, False, DriftCause.GONE),
        (units(a=9), None, False, DriftCause.CHANGED_THERE),
        (units(a=9), units(a=3), False, DriftCause.CHANGED_THERE),
        (units(a=3), units(a=3), False, DriftCause.NOT_KEPT),
        (units(a=3), units(a=3), True, DriftCause.SOLD_MEANWHILE),
        (units(a=9), (), False, DriftCause.CHANGED_THERE),
    ],
)
def test_the_cause_follows_from_what_was_confirmed_before(
    shown: Any, former: Any, was_sold: bool, cause: DriftCause
) -> None:
    assert cause_of_stock(units(a=5), shown, former, was_sold=was_sold) is cause


@pytest.mark.parametrize(
    ("seen", "changed", "cause"),
    [
        (None, None, DriftCause.NOT_KEPT),
        (NOW - timedelta(days=1), None, DriftCause.NOT_KEPT),
        (NOW + timedelta(hours=1), None, DriftCause.CHANGED_THERE),
        (None, NOW + timedelta(hours=1), DriftCause.CHANGED_THERE),
        (None, NOW + CLOCKS_APART, DriftCause.NOT_KEPT),
        (None, NOW - timedelta(hours=1), DriftCause.NOT_KEPT),
    ],
)
def test_a_product_that_was_never_seen_right_was_not_kept(
    seen: datetime | None, changed: datetime | None, cause: DriftCause
) -> None:
    found = cause_of_product(
        Difference("price", "5.00 USD", "4.00 USD"), settled_at=NOW, seen_right_at=seen, changed_at=changed
    )

    assert found is cause


@pytest.mark.parametrize(
    ("since", "hour", "is_due"),
    [
        (timedelta(hours=25), 2, True),
        (timedelta(hours=25), 14, False),
        (timedelta(hours=19), 2, False),
        (timedelta(hours=37), 14, True),
    ],
)
def test_everything_is_looked_at_once_a_night(since: timedelta, hour: int, is_due: bool) -> None:
    assert is_full_due(NOW - since, NOW, hour) is is_due


def part(sku: str = "TEA") -> ListableVariant:
    return ListableVariant(Variant("var_1", Sku("TEA")), ChannelSku(sku), ChannelId("l-1"))


def test_amounts_are_compared_exactly_and_with_their_currency() -> None:
    wanted = {"price": Money.of("12.50", "USD"), "sale price": None}
    same = {"price": Money.of("12.5", "USD"), "sale price": None, "msrp": Money.of(20, "USD")}
    other = {"price": Money.of("12.505", "USD"), "sale price": Money.of(9, "USD")}
    foreign = {"price": Money.of("12.50", "GBP")}

    def found(shown: Any) -> list[tuple[str, str, str]]:
        return [(d.field, d.expected, d.shown) for d in drift.price_differences(part(), wanted, shown)]

    assert found(same) == []
    assert found(other) == [("price", "12.50 USD", "12.505 USD"), ("sale price", "none", "9.00 USD")]
    assert found(foreign) == [("price", "12.50 USD", "12.50 GBP")]


@pytest.mark.parametrize("shown", ["tea", "TEA ", ""])
def test_skus_are_compared_to_the_letter(shown: str) -> None:
    [found] = drift.sku_differences(part(), ChannelVariant(ChannelId("l-1"), ChannelSku(shown)))

    assert (found.expected, found.shown) == ("TEA", shown or "none")
    assert not list(drift.sku_differences(part(), ChannelVariant(ChannelId("l-1"), ChannelSku("TEA"))))
