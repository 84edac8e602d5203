"""Stopping a worker: its runs leave between two calls and go on at the next start."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from crossdock.sync.engine import Engine, WorkerRunningError
from crossdock.sync.lease import Ended, Lease
from crossdock.sync.run_records import RunState
from support.databases import KINDS, open_database
from support.flows import ORDERS, add_flow, flow_row

pytestmark = pytest.mark.engine


@pytest.mark.parametrize("kind", KINDS)
def test_stopping_lets_runs_leave_between_calls_and_the_next_start_goes_on(kind: str, tmp_path: Path) -> None:
    began = threading.Event()

    def work_for_ever(guard: Callable[[Lease], Callable[[], None]], held: Lease) -> Ended:
        check = guard(held)
        began.set()
        while True:
            check()
            threading.Event().wait(0.02)

    with open_database(kind, tmp_path) as database:
        add_flow(database, ORDERS)
        with Engine(database, lambda held: work_for_ever(first.guard, held)) as first:
            first.wake(ORDERS)
            assert began.wait(20)
            with pytest.raises(WorkerRunningError, match="already"):
                Engine(database, lambda _: Ended({})).start()
        assert flow_row(database, ORDERS).runner is None

        with Engine(database, lambda _: Ended({"read": 1})) as second:
            assert second.wait_until_idle({ORDERS}, 20)
            assert [run.state for run in second.history()] == [RunState.DONE, RunState.CANCELED]


def test_a_worker_may_start_again_in_the_same_process(tmp_path: Path) -> None:
    with open_database("sqlite", tmp_path) as database:
        add_flow(database, ORDERS)
        for _ in range(2):
            with Engine(database, lambda _: Ended({"read": 1})) as engine:
                engine.wake(ORDERS)
                assert engine.wait_until_idle({ORDERS}, 20)

        assert len(engine.history()) == 2
