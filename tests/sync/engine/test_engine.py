"""The engine in one process: wake-ups, single flight, errors, cancelling and stopping, on both databases."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from crossdock.domain.sync import Direction, Entity, FlowKey
from crossdock.store.database import Database
from crossdock.sync import lease
from crossdock.sync import queue as queue_module
from crossdock.sync.engine import Engine
from crossdock.sync.lease import Ended, FencedError, Lease
from crossdock.sync.run_records import RunState
from support.databases import KINDS, open_database
from support.flows import ORDERS, STOCK, add_flow, empty_engine_tables, flow_row, set_flow
from support.workers import until

pytestmark = pytest.mark.engine

ELSEWHERE = FlowKey("shop", Direction.PUSH, Entity.INVENTORY)


@dataclass
class Body:
    """Runs that wait for `may_go`, and remember that they ran."""

    began: list[FlowKey] = field(default_factory=list)
    may_go: threading.Event = field(default_factory=threading.Event)
    error: Exception | None = None
    fenced: list[FlowKey] = field(default_factory=list)
    engine: Engine | None = None
    generation: int = 0

    def __call__(self, held: Lease) -> Ended:
        assert self.engine is not None
        self.began.append(held.flow)
        check = self.engine.guard(held)
        if self.error is not None:
            raise self.error
        try:
            while not self.may_go.wait(0.02):
                check()
        except FencedError:
            self.fenced.append(held.flow)
            raise
        return Ended({"read": 1})


@pytest.fixture(scope="module", params=KINDS)
def running(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Database, Engine, Body]]:
    body = Body()
    folder = tmp_path_factory.mktemp("engine")
    with open_database(request.param, folder) as database, Engine(database, body) as engine:
        body.engine = engine
        yield database, engine, body


@pytest.fixture
def body(running: tuple[Database, Engine, Body]) -> Iterator[Body]:
    _, engine, body = running
    body.began, body.fenced, body.error = [], [], None
    body.may_go.clear()
    yield body
    body.may_go.set()
    assert engine.wait_until_idle(None, 20)


@pytest.fixture
def database(running: tuple[Database, Engine, Body], body: Body) -> Database:
    database = running[0]
    body.generation += 100  # the queue remembers the runs of earlier tests
    empty_engine_tables(database, with_workers=False)
    for key, lane in ((ORDERS, "urgent"), (STOCK, "bulk"), (ELSEWHERE, "bulk")):
        add_flow(database, key, lane=lane, generation=body.generation)
    return database


@pytest.fixture
def engine(running: tuple[Database, Engine, Body], database: Database) -> Engine:
    return running[1]


def test_a_hundred_hints_make_one_waiting_run(engine: Engine, body: Body) -> None:
    engine.wake(ORDERS)
    until(lambda: body.began == [ORDERS])

    hints = {engine.wake(ORDERS, is_hint=True) for _ in range(100)}
    body.may_go.set()

    assert len(hints) == 1
    assert engine.wait_until_idle({ORDERS}, 20)
    assert body.began == [ORDERS, ORDERS]
    assert [run.state for run in engine.history(ORDERS)] == [RunState.DONE, RunState.DONE]
    assert engine.history(ORDERS)[0].run_id in hints


def test_a_flow_runs_once_however_many_wake_it_before_it_begins(engine: Engine, body: Body) -> None:
    engine.wake(STOCK)
    until(lambda: body.began == [STOCK])
    add_flow(engine.database, FlowKey("store", Direction.PUSH, Entity.PRODUCTS), lane="bulk")
    behind = FlowKey("store", Direction.PUSH, Entity.PRODUCTS)

    threads = [threading.Thread(target=engine.wake, args=[behind]) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    body.may_go.set()

    assert engine.wait_until_idle(None, 20)
    assert body.began == [STOCK, behind]


def test_the_bulk_lane_runs_one_flow_an_integration_and_others_go_on(engine: Engine, body: Body) -> None:
    products = add_flow(engine.database, FlowKey("store", Direction.PULL, Entity.PRODUCTS), lane="bulk")
    engine.wake(STOCK)
    until(lambda: body.began == [STOCK])

    engine.wake(products)
    engine.wake(ELSEWHERE)
    engine.wake(ORDERS)
    until(lambda: set(body.began) == {STOCK, ELSEWHERE, ORDERS})
    body.may_go.set()

    assert engine.wait_until_idle(None, 20)
    assert set(body.began) == {STOCK, ELSEWHERE, ORDERS, products}


def test_a_due_flow_is_fired_by_the_schedule(engine: Engine, body: Body) -> None:
    body.may_go.set()
    set_flow(engine.database, ELSEWHERE, due_at=0.0)

    assert engine.wait_until_idle({ELSEWHERE}, 20)

    assert body.began == [ELSEWHERE]


def test_an_error_of_the_body_ends_the_run_and_frees_the_flow(
    engine: Engine, body: Body, caplog: pytest.LogCaptureFixture
) -> None:
    body.error = ValueError("no such field")

    engine.wake(ORDERS)
    until(lambda: flow_row(engine.database, ORDERS).failures == 1)

    row = flow_row(engine.database, ORDERS)
    assert (row.runner, row.last_error) == (None, "ValueError: no such field")
    assert engine.history(ORDERS)[0].state is RunState.FAILED
    body.error = None
    body.may_go.set()
    assert engine.wake(ORDERS, is_hint=True) == ""
    assert engine.wake(ORDERS) != ""
    assert engine.wait_until_idle({ORDERS}, 20)
    assert flow_row(engine.database, ORDERS).failures == 0


def test_canceling_makes_the_run_leave_at_its_next_call(engine: Engine, body: Body) -> None:
    engine.wake(ORDERS)
    until(lambda: body.began == [ORDERS])

    assert engine.cancel(ORDERS)

    until(lambda: body.fenced == [ORDERS])
    assert engine.history(ORDERS)[0].state is RunState.CANCELED
    assert not engine.cancel(ORDERS)
    body.may_go.set()
    engine.wake(ORDERS)
    assert engine.wait_until_idle({ORDERS}, 20)
    assert engine.history(ORDERS)[0].state is RunState.DONE


def test_a_flow_that_is_off_is_not_woken(engine: Engine, body: Body) -> None:
    set_flow(engine.database, ORDERS, is_on=False)

    assert engine.wake(ORDERS) == ""


def test_another_process_can_wake_and_wait_without_working_itself(engine: Engine, body: Body) -> None:
    body.may_go.set()
    with Engine(engine.database) as beside:
        run_id = beside.wake(ORDERS)

        assert beside.wait_until_idle({ORDERS}, 20)

        assert [run.run_id for run in beside.history(ORDERS)] == [run_id]
        assert body.began == [ORDERS]


def test_what_was_queued_long_ago_is_pruned_and_ids_still_go_up(
    engine: Engine, body: Body, monkeypatch: pytest.MonkeyPatch
) -> None:
    body.may_go.set()
    monkeypatch.setattr(queue_module, "FINISHED_TO_KEEP", 1)
    first = engine.wake(ORDERS)
    assert engine.wait_until_idle({ORDERS}, 20)

    until(lambda: engine._queue.over([first]) == [first])  # the queue notes the end a little later
    second = engine.wake(ORDERS)
    until(lambda: engine._queue.over([second]) == [second])

    engine._queue.prune()

    assert engine._queue.over([first, second]) == [second]
    assert engine.wake(ORDERS) not in (first, second)


def test_a_run_that_ended_without_a_word_is_freed(engine: Engine, body: Body) -> None:
    body.may_go.set()
    spent = engine.wake(ELSEWHERE)
    assert engine.wait_until_idle({ELSEWHERE}, 20)
    until(lambda: engine._queue.over([spent]) == [spent])

    set_flow(engine.database, ELSEWHERE, runner=spent, owner=engine.worker)

    assert engine.wait_until_idle({ELSEWHERE}, 20)
    assert len(engine.history(ELSEWHERE)) == 2


def test_a_flow_held_by_a_dead_worker_in_a_run_that_was_never_queued_is_freed(
    engine: Engine, body: Body
) -> None:
    body.may_go.set()
    assert lease.begin(engine.database, ELSEWHERE, "inline", "somebody who died") is not None

    assert engine.wait_until_idle({ELSEWHERE}, 20)

    assert {run.run_id: run.state for run in engine.history(ELSEWHERE)}["inline"] is RunState.FAILED
    assert body.began == [ELSEWHERE]
