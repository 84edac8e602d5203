"""Canceled while the channel was not to be told: said again once it is, that very cancellation is told and no more."""

from __future__ import annotations

import pytest

from crossdock.connectors.contract import Rules
from crossdock.connectors.errors import SettingsError
from crossdock.operations.orders import cancellations
from crossdock.operations.orders.cancellations import Wish
from crossdock.store import tables
from support.make import SHOP, Bench
from support.shipping import CANCELS, S1, lines, sold

QUIET = Rules()


@pytest.fixture
def selling(hub: Bench) -> Bench:
    hub.open_shop(TEA=10, MUG=10)
    hub.read_orders(sold({"TEA": 5, "MUG": 1}))
    return hub


def cancel(hub: Bench, rules: Rules = CANCELS, /, **units: int) -> str:
    hub.tick()
    with hub.step(SHOP, rules=rules) as (tx, task):
        return cancellations.cancel(tx, task, S1, Wish(units))


def states(hub: Bench) -> dict[str, tuple[str, bool]]:
    return {row.id: (row.state, row.is_dirty) for row in hub.rows(tables.cancellation)}


def test_units_canceled_in_silence_are_told_once_and_canceled_anew_after_that(selling: Bench) -> None:
    first = cancel(selling, QUIET, TEA=1)
    assert states(selling) == {first: ("hub_only", False)}

    assert cancel(selling, TEA=1) == first

    assert states(selling) == {first: ("open", True)}
    assert lines(selling)["TEA"] == (0, 1, 4)
    second = cancel(selling, TEA=1)
    assert states(selling) == {first: ("open", True), second: ("open", True)}
    assert lines(selling)["TEA"] == (0, 2, 3)


def test_other_units_are_another_cancellation(selling: Bench) -> None:
    first = cancel(selling, QUIET, TEA=1)

    for units in ({"TEA": 2}, {"MUG": 1}):
        assert cancel(selling, **units) != first

    assert states(selling)[first] == ("hub_only", False)
    assert (lines(selling)["TEA"], lines(selling)["MUG"]) == ((0, 3, 2), (0, 1, 0))


def test_while_the_channel_is_not_told_more_is_canceled_each_time(selling: Bench) -> None:
    keys = {cancel(selling, QUIET, TEA=1), cancel(selling, QUIET, TEA=1)}

    assert (len(keys), lines(selling)["TEA"]) == (2, (0, 2, 3))
    assert [cancel(selling, TEA=1) for _ in keys] == list(states(selling)), "the oldest first"
    assert lines(selling)["TEA"] == (0, 2, 3)


def test_a_whole_order_is_told_after_all_and_not_twice(selling: Bench) -> None:
    key = cancel(selling, QUIET)

    assert cancel(selling) == key
    assert states(selling) == {key: ("open", True)}
    with pytest.raises(SettingsError, match="is canceled already"):
        cancel(selling)


def test_single_units_are_not_told_where_the_channel_takes_none(selling: Bench) -> None:
    key = cancel(selling, QUIET, TEA=1)

    with pytest.raises(SettingsError, match="whole orders only"):
        cancel(
            selling,
            Rules(pushes_cancellations=True, line_cancellation_refusal="whole orders only"),
            TEA=1,
        )
    assert states(selling) == {key: ("hub_only", False)}
