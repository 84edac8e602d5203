"""Work is spread evenly over the workers that live."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import pytest

from crossdock.domain.sync import Direction, Entity, FlowKey
from crossdock.store.database import Database
from crossdock.sync import lease
from crossdock.sync.engine import Engine
from crossdock.sync.spread import fair_share
from support.databases import open_database
from support.flows import add_flow
from support.workers import farm, until


@pytest.mark.parametrize(
    ("integrations", "workers", "urgent", "bulk"),
    [(8, 1, 16, 16), (8, 2, 8, 4), (8, 4, 4, 2), (3, 4, 2, 1), (100, 3, 16, 16), (1, 2, 1, 1)],
)
def test_a_share_leaves_room_for_all_that_can_run(
    integrations: int, workers: int, urgent: int, bulk: int
) -> None:
    share = fair_share({"urgent": integrations, "bulk": integrations}, workers, 16)

    assert share == {"urgent": urgent, "bulk": bulk}


@pytest.mark.engine
def test_integrations_are_spread_evenly_and_again_when_a_worker_has_left(tmp_path: Path) -> None:
    with (
        open_database("postgresql", tmp_path) as database,
        farm(database, tmp_path, pages=100_000) as workers,
        Engine(database) as beside,
    ):
        flows = [
            add_flow(database, FlowKey(f"shop-{number}", Direction.PULL, Entity.PRODUCTS), lane="bulk")
            for number in range(6)
        ]
        for name in ("anna", "ben", "cleo"):
            workers.start(name)
        until(lambda: slots(beside) == 2, seconds=20)
        time.sleep(1.5)  # workers learn of it within a second

        for flow in flows:
            beside.wake(flow)

        until(lambda: sum(held(database).values()) == 6)
        assert sorted(held(database).values()) == [2, 2, 2]
        workers.leave("cleo")
        until(lambda: sorted(held(database).values()) == [3, 3], seconds=20)


def held(database: Database) -> Counter[str]:
    return Counter(one.worker for one in lease.holders(database))


def slots(engine: Engine) -> int | None:
    """How many runs of the bulk lane a worker may have now."""
    queue = engine._queue._client.retrieve_queue("sync-bulk")
    return queue.worker_concurrency if queue else None
