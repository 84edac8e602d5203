"""In which order marked numbers are taken."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from crossdock.sync.stock_plan import _place


def test_ids_of_a_channel_are_in_order_as_numbers_and_what_is_not_listed_comes_first() -> None:
    rows: list[Any] = [SimpleNamespace(channel_id=text) for text in ("100", "99", None, "1000", "98")]

    assert [row.channel_id for row in sorted(rows, key=_place)] == [None, "98", "99", "100", "1000"]
