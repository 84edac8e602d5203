"""In which order marked numbers are taken, and how many at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from crossdock.sync import stock_plan
from crossdock.sync.stock_plan import _place


def test_ids_of_a_channel_are_in_order_as_numbers_and_what_is_not_listed_comes_first() -> None:
    rows: list[Any] = [SimpleNamespace(channel_id=text) for text in ("100", "99", None, "1000", "98")]

    assert [row.channel_id for row in sorted(rows, key=_place)] == [None, "98", "99", "100", "1000"]


def test_a_batch_is_planned_in_several_transactions_so_that_others_come_between(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    planned: list[tuple[int, list[str]]] = []
    begun = 0

    @contextmanager
    def transaction() -> Iterator[int]:
        nonlocal begun
        begun += 1
        yield begun

    def plan(tx: int, _: object, ids: list[str]) -> list[str]:
        planned.append((tx, ids))
        return ids

    monkeypatch.setattr(stock_plan, "BATCH", 2)
    monkeypatch.setattr(stock_plan, "_plan", plan)
    work: Any = SimpleNamespace(transaction=transaction)

    targets: list[Any] = stock_plan.plan(work, list("abcde"))

    assert targets == list("abcde")
    assert planned == [(1, ["a", "b"]), (2, ["c", "d"]), (3, ["e"])]
