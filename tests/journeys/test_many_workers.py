"""Several workers on PostgreSQL: killed in turn under load they lose nothing and do nothing twice; upgrades roll."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from crossdock.store import tables
from crossdock.store.database import Database
from crossdock.sync import queue, workers
from crossdock.sync.engine import Engine
from journeys.test_catalog import ready
from journeys.test_stock import assert_ledger_adds_up, both, live, tracked_skus
from support.canceling import SECRET
from support.catalogs import sync_fully
from support.command import Command
from support.databases import fresh_database
from support.flows import ORDERS, add_flow
from support.own_server import own_server
from support.unclear import settle_unclear
from support.workers import farm, pages_of, until
from support.world import World, world

pytestmark = pytest.mark.engine

KILLS = 3
LONGEST_SECONDS = 150.0


class Crew:
    """Three `crossdock worker` processes on the hub of a world."""

    def __init__(self, made: World) -> None:
        self._environment = os.environ | {
            "CROSSDOCK_DATABASE_URL": made.config.database_url,
            "CROSSDOCK_SECRET_KEY": SECRET,
            "CROSSDOCK_LOG_LEVEL": "ERROR",
        }
        self.processes = [self._started() for _ in range(3)]

    def _started(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(Command.line("worker"), env=self._environment, stderr=subprocess.DEVNULL)

    def kill(self, number: int) -> None:
        """One of them, and another one begins."""
        self.processes[number].kill()
        self.processes[number].wait()
        self.processes[number] = self._started()

    def close(self) -> None:
        for process in self.processes:
            process.send_signal(signal.SIGTERM)
        for process in self.processes:
            assert process.wait(30) == 0, "a worker that is asked to stop ends well"


@contextmanager
def crew(made: World) -> Iterator[Crew]:
    one = Crew(made)
    try:
        until(lambda: len(workers.live_workers(made.database)) == 3)
        yield one
        one.close()
    finally:
        for process in one.processes:
            process.kill()
            process.wait()


def test_three_workers_killed_in_turn_under_load_lose_nothing_and_repeat_nothing(tmp_path: Path) -> None:
    with fresh_database("postgresql", tmp_path, empty=True) as url, world(tmp_path, url=url) as made:
        live(made)
        with crew(made) as working, Engine(made.database) as beside:
            load = Load(made, beside)
            for number in range(KILLS):
                load.add()
                time.sleep(1.0)
                working.kill(number)
            load.wait_until_right()
        load.assert_nothing_lost_or_repeated()


def test_a_database_server_that_dies_under_load_and_comes_back_costs_nothing(tmp_path: Path) -> None:
    """Nobody restarts a worker: each goes on by itself as soon as the server answers again."""
    with own_server() as server, world(tmp_path, url=server.url) as made:
        ready(made)
        sync_fully(made)
        with crew(made) as working, Engine(made.database) as beside:
            load = Load(made, beside)
            for _ in range(2):
                load.add()
                time.sleep(1.0)
                server.die()
                load.sell()
                time.sleep(4.0)
                server.start()
            load.wait_until_right()
            assert [process.poll() for process in working.processes] == [None, None, None]
        load.assert_nothing_lost_or_repeated()


class Load:
    """Three SKUs that the shop sells while the workers are disturbed; at the end both platforms must show what is left."""

    def __init__(self, made: World, engine: Engine) -> None:
        self._made, self._engine = made, engine
        self._skus = tracked_skus(made, 3)
        self._before = {sku: both(made, sku) for sku in self._skus}
        self._rounds = 0

    def add(self) -> None:
        """One unit of each is sold, and all flows are woken."""
        self.sell()
        wake_all(self._made, self._engine)

    def sell(self) -> None:
        for sku in self._skus:
            self._made.sell(sku, 1)
        self._rounds += 1

    def wait_until_right(self) -> None:
        ends_at = time.monotonic() + LONGEST_SECONDS
        while self._shown() != self._wanted() and time.monotonic() < ends_at:
            wake_all(self._made, self._engine)
            self._engine.wait_until_idle(None, 10)
            settle_unclear(self._made)

    def assert_nothing_lost_or_repeated(self) -> None:
        made = self._made
        assert self._shown() == self._wanted()
        assert (
            len(made.rows(tables.order))
            == self._rounds * len(self._skus)
            == len(made.shop.shop.tables.orders)
        )
        assert {row.state for row in made.rows(tables.sale_report)} <= {"seen", "answered"}
        assert_ledger_adds_up(made)

    def _shown(self) -> dict[str, tuple[int, int]]:
        return {sku: both(self._made, sku) for sku in self._skus}

    def _wanted(self) -> dict[str, tuple[int, int]]:
        sold = self._rounds
        return {sku: (store - sold, shop - sold) for sku, (store, shop) in self._before.items()}


def wake_all(made: World, engine: Engine) -> None:
    for flow in made.hub.flows():
        engine.wake(flow)


def test_work_in_flight_goes_on_while_the_schema_becomes_newer(tmp_path: Path) -> None:
    """As in an upgrade that rolls: the first new process migrates, and changes add only; old ones end what they do."""
    with (
        fresh_database("postgresql", tmp_path, empty=True) as url,
        pytest.MonkeyPatch.context() as patched,
    ):
        patched.setenv("CROSSDOCK_DATABASE_URL", url)
        patched.setenv("CROSSDOCK_SECRET_KEY", SECRET)
        assert Command()("key", "list").code == 0
        database = Database(url)
        add_flow(database, ORDERS)
        with farm(database, tmp_path, pages=40) as running, Engine(database) as beside:
            running.start("anna")
            beside.wake(ORDERS)
            until(lambda: len(pages_of(database, ORDERS)) >= 3)
            with database.transaction() as tx:
                tx.execute(sa.text("ALTER TABLE flow ADD COLUMN future TEXT"))
                tx.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
            running.start("ben")
            assert running.leave("anna") == 0

            assert beside.wait_until_idle(None, 60)
            assert sorted(pages_of(database, ORDERS)) == list(range(40))
        refused = Command()("key", "list")
        assert (refused.code, "newer Crossdock" in refused.err) == (1, True)
        database.close()


def test_what_one_version_has_queued_the_next_one_runs() -> None:
    """By default DBOS gives its queue to the very code that filled it, and each deploy would strand what waits."""
    assert queue.VERSION == "hub"
