"""The shared call budget: who waits, for how long, and who need not. Naps move the database's clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from crossdock.connectors.errors import RateLimitedError
from crossdock.connectors.http import Budget, Gate
from crossdock.store.database import Database
from crossdock.sync import pace
from crossdock.sync.lease import FencedError
from crossdock.sync.pace import Pace, Rate
from support.databases import KINDS, open_database
from support.flows import empty_engine_tables

MINUTE = timedelta(minutes=1)
Clerk = Callable[..., Pace]


@pytest.fixture(scope="module", params=KINDS)
def one_database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    folder: Path = tmp_path_factory.mktemp("pace")
    with open_database(request.param, folder) as database:
        yield database


@pytest.fixture
def database(one_database: Database) -> Database:
    empty_engine_tables(one_database)
    return one_database


@pytest.fixture
def naps() -> list[float]:
    return []


@pytest.fixture
def worker(database: Database, naps: list[float], monkeypatch: pytest.MonkeyPatch) -> Clerk:
    """Makes Paces that share a database, trust nothing they saw before, and whose naps alone make time pass."""
    monkeypatch.setattr(pace, "TRUST_SECONDS", 0.0)
    monkeypatch.setattr(Database, "now_sql", lambda _: f"cast({1000.0 + sum(naps)!r} as double precision)")

    def make(
        integration: str = "store", check: Callable[[], None] = lambda: None, rate: Rate = pace.NO_LIMIT
    ) -> Pace:
        return Pace(database, integration, check, sleep=naps.append, rate=rate)

    return make


def left(remaining: int, *, resets_in: timedelta = timedelta(seconds=20)) -> Budget:
    return Budget(remaining, resets_in, quota=100, window=MINUTE)


def call(gate: Gate, times: int = 1, lane: str = "normal") -> None:
    for _ in range(times):
        gate.before_call(lane)


def test_nobody_waits_while_plenty_is_left(worker: Clerk, naps: list[float]) -> None:
    gate = worker()
    for remaining in range(99, 21, -1):
        call(gate)
        gate.learn(left(remaining))

    assert naps == []


def test_below_the_floor_what_is_spare_is_spread_until_the_quota_is_full_again(
    worker: Clerk, naps: list[float]
) -> None:
    gate = worker()
    gate.learn(left(20, resets_in=timedelta(seconds=20)))

    call(gate, times=11)

    # 10 of the 20 calls left are spare: one every 2 s. The first is free.
    assert sum(naps) == pytest.approx(20, abs=0.2)


def test_workers_share_one_budget(worker: Clerk, naps: list[float]) -> None:
    first, second = worker(), worker()
    first.learn(left(20, resets_in=timedelta(seconds=20)))

    for _ in range(3):
        call(first)
        call(second)

    assert sum(naps) == pytest.approx(10, abs=0.2)


def test_integrations_have_budgets_of_their_own(worker: Clerk, naps: list[float]) -> None:
    worker("store").pause(30)

    call(worker("shop"), times=5)

    assert naps == []


def test_urgent_calls_take_the_share_that_normal_ones_leave(worker: Clerk, naps: list[float]) -> None:
    gate = worker()
    gate.learn(left(20, resets_in=timedelta(seconds=20)))
    call(gate)

    call(gate, times=10, lane="urgent")
    assert naps == []

    call(gate, times=1, lane="urgent")
    assert naps != []


def test_with_only_the_reserve_left_normal_calls_wait_for_the_reset_and_urgent_ones_go_on(
    worker: Clerk, naps: list[float]
) -> None:
    gate = worker()
    gate.learn(left(5, resets_in=timedelta(seconds=20)))

    call(gate, lane="urgent")
    assert naps == []

    gate.learn(left(4, resets_in=timedelta(seconds=20)))
    call(gate)
    assert sum(naps) == pytest.approx(20, abs=0.2)


def test_with_nothing_left_urgent_calls_wait_too(worker: Clerk, naps: list[float]) -> None:
    gate = worker()
    gate.learn(left(0, resets_in=timedelta(seconds=20)))

    call(gate, lane="urgent")

    assert sum(naps) == pytest.approx(20, abs=0.2)


def test_a_full_quota_ends_the_waiting(worker: Clerk, naps: list[float]) -> None:
    gate = worker()
    gate.learn(left(1, resets_in=timedelta(seconds=20)))

    gate.learn(left(99))
    call(gate, times=20)

    assert naps == []


@pytest.mark.parametrize("lane", ["normal", "urgent"])
def test_a_pause_holds_every_worker_back_on_every_lane(worker: Clerk, naps: list[float], lane: str) -> None:
    worker().pause(5)

    call(worker(), lane=lane)

    assert sum(naps) == pytest.approx(5, abs=0.2)


def test_a_pause_is_never_shortened(worker: Clerk, naps: list[float]) -> None:
    gate = worker()
    gate.pause(20)
    gate.pause(1)
    gate.learn(left(99))  # the answer to a call that left before the pause

    call(gate)

    assert sum(naps) == pytest.approx(20, abs=0.2)


def test_a_run_gives_up_rather_than_wait_for_long(worker: Clerk, naps: list[float]) -> None:
    gate = worker()
    gate.pause(600)

    with pytest.raises(RateLimitedError, match="store") as refusal:
        call(gate)

    assert naps == []
    assert refusal.value.retry_after is not None
    assert refusal.value.retry_after.total_seconds() == pytest.approx(600, abs=0.2)


def test_a_platform_without_headers_is_called_at_its_rate(worker: Clerk, naps: list[float]) -> None:
    gate = worker(rate=Rate(interval_seconds=0.5, burst=4))

    call(gate, times=9)

    assert sum(naps) == pytest.approx(4, abs=0.2)


def test_a_fenced_run_makes_no_call_and_takes_no_turn(worker: Clerk, naps: list[float]) -> None:
    def fenced() -> None:
        raise FencedError("taken over")

    with pytest.raises(FencedError):
        call(worker(check=fenced))


def test_a_run_that_is_fenced_while_it_waits_makes_no_call(worker: Clerk, naps: list[float]) -> None:
    def fenced_after_a_while() -> None:
        if len(naps) == 3:
            raise FencedError("taken over")

    gate = worker(check=fenced_after_a_while)
    gate.pause(30)

    with pytest.raises(FencedError):
        call(gate)


def test_without_a_limit_calls_do_not_touch_the_database(
    worker: Clerk, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "TRUST_SECONDS", 3600.0)
    gate = worker()
    call(gate)
    statements: list[str] = []
    sa.event.listen(database.engine, "before_cursor_execute", lambda *said: statements.append(said[2]))

    for _ in range(20):
        call(gate)
        gate.learn(left(90))

    assert statements == []


def test_a_look_whether_the_run_may_go_on_takes_nobodys_turn(worker: Clerk, naps: list[float]) -> None:
    gate = worker(rate=Rate(0.2))
    call(gate)

    for _ in range(50):
        gate.check()

    call(gate)
    assert sum(naps) == pytest.approx(0.2, abs=0.05)
