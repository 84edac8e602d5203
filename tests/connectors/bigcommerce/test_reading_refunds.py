"""Pulling refunds: none is passed over, whichever of the two clocks runs ahead."""

from __future__ import annotations

from datetime import datetime, timedelta
from email.utils import format_datetime

from connectors.bigcommerce.scripted import NOW, Reply, Request, connector


def test_a_store_whose_clock_is_behind_ours_is_asked_from_its_own_time_on() -> None:
    behind = NOW - timedelta(minutes=10)
    asked: list[datetime] = []

    def answers(request: Request) -> Reply:
        if "created:min" in request.query:
            asked.append(datetime.fromisoformat(request.query["created:min"]))
        return 200, {"data": [], "meta": {}}, {"date": format_datetime(behind, usegmt=True)}

    store, _ = connector(answers)
    *_, last = store.pull_returns(None)
    list(store.pull_returns(last.cursor))

    assert asked
    assert max(asked) < behind
