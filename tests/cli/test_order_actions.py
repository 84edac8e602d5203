"""Acting on an order on its way, from a terminal."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cli.test_requests import WAREHOUSE, working
from crossdock.cli.failures import CommandError
from crossdock.cli.moments import from_day, moment_of, to_day
from support.command import Command

__all__ = ["working"]


def test_an_order_is_held_tagged_noted_and_shown_with_what_it_waits_for(working: Command) -> None:
    held = working("orders", "hold", "1", "--minutes", "60", "--reason", "Address is asked for")
    assert (held.code, "Held until" in held.out) == (0, True), held.err
    assert working("orders", "tag", "1", "--add", "gift").code == 0
    assert working("orders", "note", "1", "No invoice").code == 0
    refused = working("orders", "method", "1", "Next Day")
    assert "crossdock requests stop 1-1" in refused.err

    shown = working("orders", "show", "1").out
    for text in ("Hold released", "Fulfilled", "No invoice", "Tags: gift", "1-1", WAREHOUSE):
        assert text in shown, text
    listed = working("orders", "--tag", "gift", "--from", "2020-01-01", "--json").json()["items"]
    assert [each["number"] for each in listed] == ["1"]
    assert working("orders", "--to", "2020-01-01", "--json").json()["items"] == []


def test_a_request_that_will_not_leave_is_said_to_be_stopped(working: Command) -> None:
    said = working("requests", "stopped", "1-1")

    assert (said.code, said.out.strip()) == (0, "Shipping request 1-1: stopped")
    assert "is stopped" in working("requests", "retry", "1-1").err
    assert "is stopped already" in working("requests", "stop", "1-1").err
    assert "is not linked" in working("requests", "add", "1", "--from", "Main").err
    assert working("orders", "archive", "1").code == 1


def test_days_and_moments_are_read_as_they_are_meant() -> None:
    assert from_day("--from", "2026-03-02") == datetime(2026, 3, 2, tzinfo=UTC)
    assert to_day("--to", "2026-03-02") == datetime(2026, 3, 3, tzinfo=UTC)
    assert to_day("--to", "2026-03-02T10:00:00+01:00") == datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert (moment_of("--until", ""), from_day("--from", "")) == (None, None)
    with pytest.raises(CommandError, match="--until: '2026-03-02T10:00:00' has no time zone"):
        moment_of("--until", "2026-03-02T10:00:00")
    with pytest.raises(CommandError, match="--to: 'tomorrow!!' is no time"):
        to_day("--to", "tomorrow!!")
