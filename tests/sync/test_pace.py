"""The shared call budget: who waits, for how long, and who need not. Naps move the database's clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from crossdock.connectors.errors import RateLimitedError
from crossdock.connectors.http import Budget, Gate
from crossdock.store.database import Database
from crossdock.sync import pace
from crossdock.sync.lease import FencedError
from crossdock.sync.pace import Pace
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
        integration: str = "store",
        check: Callable[[], None] = lambda: None,
        advised: Mapping[str, float] | None = None,
    ) -> Pace:
        return Pace(database, integration, check, sleep=naps.append, advised=advised)

    return make


def left(remaining: int, *, resets_in: timedelta = timedelta(seconds=20)) -> Budget:
    return Budget(remaining, resets_in, quota=100, window=MINUTE)


def call(gate: Gate, times: int = 1, lane: str = "normal", kind: str = "") -> None:
    for _ in range(times):
        gate.before_call(lane, kind)


def test_nobody_waits_while_plenty_is_left(worker: Clerk, naps: list[float]) -> None:
    gate = worker()
    for remaining in range(99, 50, -1):
        call(gate)
        gate.learn(left(remaining))

    assert naps == []


def test_the_second_half_of_the_quota_is_spread_evenly_until_it_is_full_again(
    worker: Clerk, naps: list[float]
) -> None:
    gate = worker()
    gate.learn(left(50, resets_in=MINUTE))

    call(gate, times=24)

    # 48 calls may be made within the minute, the last two are nobody's.
    assert sum(naps) == pytest.approx(30, abs=1)


def test_what_nobody_used_until_the_end_of_the_window_may_go_at_once(
    worker: Clerk, naps: list[float]
) -> None:
    gate = worker()
    gate.learn(left(50, resets_in=timedelta(seconds=3)))

    call(gate, times=40)

    assert sum(naps) < 3


def test_workers_share_one_budget(worker: Clerk, naps: list[float]) -> None:
    first, second = worker(), worker()
    first.learn(left(50, resets_in=MINUTE))

    for _ in range(12):
        call(first)
        call(second)

    assert sum(naps) == pytest.approx(30, abs=1)


def test_integrations_have_budgets_of_their_own(worker: Clerk, naps: list[float]) -> None:
    worker("store").pause(30)

    call(worker("shop"), times=5)

    assert naps == []


def test_urgent_calls_do_not_wait_for_their_share_of_the_time(worker: Clerk, naps: list[float]) -> None:
    gate = worker()
    gate.learn(left(50, resets_in=timedelta(seconds=50)))

    call(gate, times=48, lane="urgent")
    assert naps == []

    call(gate, lane="urgent")
    assert sum(naps) == pytest.approx(50, abs=0.2)


def test_what_urgent_calls_took_normal_ones_wait_for(worker: Clerk, naps: list[float]) -> None:
    gate = worker()
    gate.learn(left(50, resets_in=timedelta(seconds=50)))
    call(gate, times=30, lane="urgent")

    call(gate)

    assert sum(naps) == pytest.approx(50 - 17 * 60 / 49, abs=0.2)


def test_with_nothing_left_urgent_calls_wait_too(worker: Clerk, naps: list[float]) -> None:
    gate = worker()
    gate.learn(left(0, resets_in=timedelta(seconds=20)))

    call(gate, lane="urgent")

    assert sum(naps) == pytest.approx(20, abs=0.2)


def test_an_answer_of_the_window_before_changes_nothing(worker: Clerk, naps: list[float]) -> None:
    gate = worker()
    gate.learn(left(45, resets_in=MINUTE))

    gate.learn(left(0, resets_in=timedelta(seconds=1)))  # it left the platform a minute ago

    call(gate, lane="urgent")
    assert naps == []


def test_a_full_quota_ends_the_waiting(worker: Clerk, naps: list[float]) -> None:
    gate = worker()
    gate.learn(left(1, resets_in=timedelta(seconds=20)))

    gate.learn(left(99, resets_in=MINUTE))
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


def test_a_kind_of_call_that_was_too_fast_goes_at_the_advised_rate(worker: Clerk, naps: list[float]) -> None:
    gate = worker(advised={"write": 2.0})
    call(gate, times=20, kind="write")
    assert naps == []

    gate.pause(1, "write")
    call(gate, times=11, kind="write")

    # A fifth slower than advised, so that it is not asked again.
    assert sum(naps) == pytest.approx(1 + 10 * 0.6, abs=0.2)


def test_other_kinds_of_calls_are_not_held_back(worker: Clerk, naps: list[float]) -> None:
    gate = worker(advised={"write": 2.0, "read": 10.0})
    gate.pause(30, "write")

    call(gate, times=20, kind="read")

    assert naps == []


def test_answers_to_one_burst_slow_down_once(worker: Clerk, naps: list[float]) -> None:
    for _ in range(3):
        worker(advised={"read": 10.0}).pause(1, "read")

    call(worker(), times=11, kind="read")

    assert sum(naps) == pytest.approx(1 + 10 * 0.12, abs=0.1)


def test_a_pace_that_is_still_too_fast_becomes_slower(worker: Clerk, naps: list[float]) -> None:
    gate = worker(advised={"read": 10.0})
    gate.pause(1, "read")
    call(gate, kind="read")
    gate.pause(1, "read")
    naps.append(1.0)
    before = sum(naps)

    call(gate, times=11, kind="read")

    assert sum(naps) - before == pytest.approx(10 * 0.18, abs=0.2)


def test_a_pace_becomes_faster_once_nobody_complains_and_is_forgotten_in_the_end(
    worker: Clerk, naps: list[float]
) -> None:
    gate = worker(advised={"write": 1.0})
    gate.pause(1, "write")
    for _ in range(20):
        naps.append(601.0)
        call(gate, kind="write")

    before = sum(naps)
    call(gate, times=10, kind="write")

    assert sum(naps) == before


def test_urgent_calls_run_ahead_of_those_that_wait_by_no_more_than_the_platform_holds(
    worker: Clerk, naps: list[float]
) -> None:
    gate = worker(advised={"read": 10.0})
    gate.pause(1, "read")
    call(gate, kind="read")
    began = sum(naps)

    call(gate, times=7, lane="urgent", kind="read")
    assert sum(naps) == pytest.approx(began, abs=0.2)

    call(gate, times=10, lane="urgent", kind="read")
    assert sum(naps) - began > 1.0


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
    gate = worker(advised={"write": 6.0})
    gate.pause(1, "write")
    call(gate, kind="write")
    before = sum(naps)

    for _ in range(50):
        gate.check()

    call(gate, kind="write")
    assert sum(naps) - before == pytest.approx(0.2, abs=0.05)
