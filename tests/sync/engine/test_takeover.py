"""Workers that are killed, frozen or poisoned: nothing is lost, nothing done twice, and somebody goes on."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from crossdock.domain.sync import Direction, Entity, FlowKey
from crossdock.store.database import Database
from crossdock.sync import lease, run_records
from crossdock.sync.engine import Engine
from crossdock.sync.run_records import RunState
from crossdock.sync.sweep import MOST_TAKEOVERS
from support.databases import KINDS, open_database
from support.flows import ORDERS, STOCK, add_flow, flow_row, set_flow
from support.workers import farm, finish, pages_of, until

pytestmark = pytest.mark.engine

QUICK = {"lease_seconds": 2.0, "beat_seconds": 0.4, "role_seconds": 1.5}
SEED = 20261124
KILLS = 3


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    with open_database(request.param, tmp_path) as database:
        yield database


@pytest.fixture
def postgresql(tmp_path: Path) -> Iterator[Database]:
    with open_database("postgresql", tmp_path) as database:
        yield database


def has_pages(database: Database, flow: FlowKey, count: int) -> bool:
    return len(pages_of(database, flow)) >= count


def assert_every_page_once(database: Database, flow: FlowKey, *, pages: int) -> None:
    """The primary key has refused a page recorded twice; here none may be missing."""
    done = sorted(pages_of(database, flow))
    assert done == list(range(len(done)))
    assert flow_row(database, flow).cursor == str(len(done))
    assert len(done) % pages == 0


def test_a_killed_file_worker_goes_on_where_it_was_as_soon_as_it_is_back(tmp_path: Path) -> None:
    """The lease is far from over: whoever held the file before is known to be dead."""
    with (
        open_database("sqlite", tmp_path) as database,
        farm(database, tmp_path, pages=20, lease_seconds=3600.0) as workers,
        Engine(database) as beside,
    ):
        add_flow(database, ORDERS)
        workers.start("anna")
        run_id = beside.wake(ORDERS)
        until(lambda: has_pages(database, ORDERS, 3))
        workers.kill("anna")

        workers.start("ben")

        assert beside.wait_until_idle(None, 30)
        assert_every_page_once(database, ORDERS, pages=20)
        assert set(pages_of(database, ORDERS).values()) == {"anna", "ben"}
        (run,) = beside.history()
        assert (run.run_id, run.state, run.worker) == (run_id, RunState.DONE, "ben")


def test_another_worker_takes_over_from_a_killed_one_with_the_leases_of_production(
    postgresql: Database, tmp_path: Path
) -> None:
    with farm(postgresql, tmp_path, pages=60) as workers, Engine(postgresql) as beside:
        add_flow(postgresql, ORDERS)
        workers.start("anna")
        beside.wake(ORDERS)
        until(lambda: has_pages(postgresql, ORDERS, 3))
        workers.start("ben")
        workers.kill("anna")

        until(lambda: "ben" in pages_of(postgresql, ORDERS).values(), seconds=20)

        assert beside.wait_until_idle(None, 30)
        assert_every_page_once(postgresql, ORDERS, pages=60)


def test_a_worker_frozen_for_longer_than_its_lease_changes_nothing_when_it_wakes(
    postgresql: Database, tmp_path: Path
) -> None:
    with farm(postgresql, tmp_path, pages=40, **QUICK) as workers, Engine(postgresql) as beside:
        add_flow(postgresql, STOCK, lane="bulk")
        workers.start("anna", page_seconds=0.3)
        beside.wake(STOCK)
        until(lambda: has_pages(postgresql, STOCK, 2))
        workers.start("ben")
        workers.freeze("anna")
        until(lambda: "ben" in pages_of(postgresql, STOCK).values())
        annas = sum(name == "anna" for name in pages_of(postgresql, STOCK).values())

        workers.thaw("anna")

        until(lambda: "fenced anna" in workers.said())
        assert beside.wait_until_idle(None, 30)
        assert sum(name == "anna" for name in pages_of(postgresql, STOCK).values()) == annas
        assert_every_page_once(postgresql, STOCK, pages=40)
        assert [(run.state, run.worker) for run in beside.history()] == [(RunState.DONE, "ben")]


def test_a_lost_database_connection_costs_at_most_a_repeated_run(
    postgresql: Database, tmp_path: Path
) -> None:
    others = sa.text(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where datname = current_database() and pid <> pg_backend_pid()"
    )
    with farm(postgresql, tmp_path, pages=30, **QUICK) as workers, Engine(postgresql) as beside:
        add_flow(postgresql, ORDERS)
        workers.start("anna")
        beside.wake(ORDERS)
        until(lambda: has_pages(postgresql, ORDERS, 3))

        with postgresql.transaction() as tx:
            tx.execute(others)

        def has_recovered() -> bool:
            # The run that lost its connection may put down its failure only after this.
            lease.make_due(postgresql, ORDERS)
            return beside.wait_until_idle(None, 30) and flow_row(postgresql, ORDERS).failures == 0

        until(has_recovered)
        assert_every_page_once(postgresql, ORDERS, pages=30)


def test_a_worker_that_leaves_hands_its_runs_on_at_once(postgresql: Database, tmp_path: Path) -> None:
    """No lease has to run out: these would last an hour."""
    with farm(postgresql, tmp_path, pages=60, lease_seconds=3600.0) as workers, Engine(postgresql) as beside:
        add_flow(postgresql, ORDERS)
        workers.start("anna")
        beside.wake(ORDERS)
        until(lambda: has_pages(postgresql, ORDERS, 3))
        workers.start("ben")

        assert workers.leave("anna") == 0

        assert beside.wait_until_idle(None, 30)
        assert_every_page_once(postgresql, ORDERS, pages=60)
        assert set(pages_of(postgresql, ORDERS).values()) == {"anna", "ben"}


def test_a_run_that_kills_its_workers_is_given_up_and_the_others_go_on(tmp_path: Path) -> None:
    with open_database("sqlite", tmp_path) as database, farm(database, tmp_path, pages=5) as workers:
        add_flow(database, ORDERS, due_at=0.0)
        for life in range(MOST_TAKEOVERS + 1):
            workers.start(f"victim-{life}", is_deadly=True)
            workers.wait_for_death(f"victim-{life}")

        workers.start("anna")
        until(lambda: workers.said() == [f"poison {ORDERS}"])

        row = flow_row(database, ORDERS)
        assert row.runner is None
        assert "Given up" in row.last_error
        assert run_records.history(database)[0].state is RunState.FAILED
        assert lease.due(database) == []
        add_flow(database, STOCK, due_at=0.0)
        until(lambda: lease.idle(database, {STOCK}))
        assert_every_page_once(database, STOCK, pages=5)


def test_two_processes_cannot_work_on_one_file(tmp_path: Path) -> None:
    with open_database("sqlite", tmp_path) as database, farm(database, tmp_path) as workers:
        workers.start("anna")
        workers.start("ben", is_deadly=True)  # does not wait for "ready"

        assert finish(workers.processes.pop("ben")) == 1


def test_a_storm_of_kills_loses_nothing_and_repeats_nothing(database: Database, tmp_path: Path) -> None:
    chance = random.Random(SEED)
    flows = [
        FlowKey(f"shop-{number}", direction, Entity.INVENTORY)
        for number in range(4)
        for direction in Direction
    ]
    names = ["anna"] if database.is_sqlite else ["anna", "ben"]
    for flow in flows:
        add_flow(database, flow, lane="bulk")
    with farm(database, tmp_path, pages=6, page_seconds=0.1, **QUICK) as workers, Engine(database) as beside:
        for name in names:
            workers.start(name)
        for kill in range(KILLS):
            for flow in chance.sample(flows, 4):
                beside.wake(flow)
            time.sleep(chance.uniform(1.0, 2.5))
            victim = chance.randrange(len(names))
            workers.kill(names[victim])
            names[victim] = f"worker-{kill}"
            workers.start(names[victim])
        for flow in flows:
            set_flow(database, flow, due_at=0.0)

        assert beside.wait_until_idle(None, 60)

    for flow in flows:
        assert_every_page_once(database, flow, pages=6)
        assert pages_of(database, flow)
    assert not [line for line in workers.said() if line.startswith(("overlap", "poison"))]
    states = {run.state for run in run_records.history(database, limit=10_000)}
    assert RunState.RUNNING not in states
    assert RunState.FAILED not in states
