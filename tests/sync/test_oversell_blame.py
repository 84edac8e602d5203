"""Whose fault a unit is that was sold and not there, told from the platforms' own times."""

from __future__ import annotations

import pytest

from bench.oversell.blame import Happened, History, Platform, Read, Verdict

DELAY: dict[Platform, float] = {"store": 1.0, "shop": 1.0}


def sale(at: float, platform: Platform, shown: int) -> Happened:
    """One unit; `shown` is what is left there."""
    return Happened(at, platform, "sale", 1, shown)


def number(at: float, platform: Platform, units: int, *, asked: float | None = None) -> Happened:
    return Happened(at, platform, "set", units, units, at if asked is None else asked)


def test_the_last_unit_sold_on_both_within_the_propagation_time_is_nobodys_fault() -> None:
    history = History(1, [sale(10, "store", 0), sale(10.5, "shop", 0)])

    assert history.verdict(DELAY) == Verdict(unpreventable=1)


def test_a_sale_that_was_heard_of_after_exactly_the_longest_time_is_within_it() -> None:
    took = 1796114832.1 + 0.7 - 1796114832.1
    history = History(1, [sale(1796114832.1, "store", 0), sale(1796114832.1 + 0.7, "shop", 0)])

    assert history.verdict({"store": took, "shop": took}) == Verdict(unpreventable=1)


def test_the_last_unit_sold_elsewhere_long_ago_is_the_hubs_fault() -> None:
    history = History(1, [sale(10, "store", 0), sale(12, "shop", 0)])

    assert history.verdict(DELAY) == Verdict(by_hub=1)


def test_a_unit_sold_between_the_last_reading_and_the_landing_was_in_flight() -> None:
    """Of two units one is sold on each platform; the number for the store's sale puts the shop's own back."""
    events = [
        sale(10, "store", 1),
        sale(12, "shop", 1),
        number(12.1, "shop", 1),
        sale(12.5, "shop", 0),
    ]
    history = History(2, events, {"shop": [Read(11.8, 11.9)]})

    assert history.verdict(DELAY) == Verdict(in_flight=1)


def test_what_was_read_before_the_number_left_was_not_in_flight() -> None:
    events = [
        sale(10, "store", 1),
        sale(11.5, "shop", 1),
        number(12.1, "shop", 1),
        sale(12.5, "shop", 0),
    ]
    history = History(2, events, {"shop": [Read(11.8, 11.9)]})

    assert history.verdict(DELAY) == Verdict(by_hub=1)


def test_a_reading_that_was_answered_after_the_number_had_left_was_of_no_use_to_it() -> None:
    events = [
        sale(10, "store", 1),
        sale(11.5, "shop", 1),
        number(12.4, "shop", 1, asked=12.1),
        sale(12.5, "shop", 0),
    ]
    history = History(2, events, {"shop": [Read(11.0, 11.1), Read(11.8, 12.2)]})

    assert history.verdict(DELAY) == Verdict(in_flight=1)


def test_a_delay_lasts_until_a_number_lands_that_lacks_the_sale_no_more() -> None:
    events = [
        sale(10, "store", 4),
        sale(10.5, "store", 3),
        number(11, "shop", 4),
        number(12, "shop", 3),
    ]

    assert History(5, events).delays("shop") == pytest.approx([1.0, 1.5])


def test_the_most_that_sells_in_a_time_counts_both_platforms() -> None:
    events = [sale(10, "store", 4), sale(10.2, "shop", 4), sale(10.9, "store", 3), sale(11.5, "shop", 3)]

    assert History(5, events).most_sold_within(1.0) == 3
