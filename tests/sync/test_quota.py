"""A platform's quota, used to the full and never beyond: counted on a clock that moves only while all workers sleep."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from threading import Lock
from types import SimpleNamespace

import pytest

from crossdock.connectors.http import Budget
from crossdock.store.database import Database
from crossdock.sync import pace
from crossdock.sync.pace import Pace
from crossdock_simulators.bigcommerce.limits import QUOTAS, WINDOW_SECONDS, RateWindow
from support.clockwork import Clockwork
from support.databases import KINDS, open_database
from support.flows import empty_engine_tables

STANDARD, PRO, ENTERPRISE = QUOTAS["Standard"], QUOTAS["Pro"], QUOTAS["Enterprise"]
LATENCY_SECONDS = 0.08


@dataclass
class Platform:
    """A store's quota as the simulator counts it, on a clock of ours."""

    clock: Clockwork
    quota: int
    refused: list[float] = field(default_factory=list)
    served: list[tuple[float, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.limits = RateWindow(self.quota, WINDOW_SECONDS, now=self.clock.now)
        self._lock = Lock()

    def answer(self, who: str) -> Budget:
        """One call of the hub, which the platform decides about halfway."""
        self.clock.sleep(LATENCY_SECONDS / 2)
        with self._lock:
            if self.limits.take():
                self.served.append((self.clock.now(), who))
            else:
                self.refused.append(self.clock.now())
            headers = self.limits.headers()
        self.clock.sleep(LATENCY_SECONDS / 2)
        return Budget(
            remaining=int(headers["X-Rate-Limit-Requests-Left"]),
            resets_in=timedelta(milliseconds=int(headers["X-Rate-Limit-Time-Reset-Ms"])),
            quota=self.quota,
            window=timedelta(milliseconds=int(headers["X-Rate-Limit-Time-Window-Ms"])),
        )

    def used_by_others(self, calls: int) -> None:
        with self._lock:
            for _ in range(calls):
                self.limits.take()


@dataclass
class Shift:
    """Workers that share a database and a clock."""

    database: Database
    clock: Clockwork

    def work(
        self, platform: Platform, calls: int, *, lane: str = "normal", who: str = ""
    ) -> Callable[[], None]:
        """One run in a worker of its own: so many calls, one after the other."""

        def body() -> None:
            gate = Pace(self.database, "store", lambda: None, sleep=self.clock.sleep)
            for _ in range(calls):
                gate.before_call(lane)
                gate.learn(platform.answer(who or lane))

        return body

    def seconds(self, *bodies: Callable[[], None]) -> float:
        began = self.clock.now()
        self.clock.run(bodies)
        return self.clock.now() - began


@pytest.fixture(scope="module")
def one_database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """SQLite, since the rule is the same; what workers may do to each other is tried on both."""
    with open_database(getattr(request, "param", KINDS[0]), tmp_path_factory.mktemp("quota")) as database:
        yield database


@pytest.fixture
def shift(one_database: Database, monkeypatch: pytest.MonkeyPatch) -> Shift:
    empty_engine_tables(one_database)
    clock = Clockwork()
    monkeypatch.setattr(pace, "time", SimpleNamespace(monotonic=clock.now))
    monkeypatch.setattr(Database, "now_sql", lambda _: f"cast({clock.now()!r} as double precision)")
    return Shift(one_database, clock)


def most_seconds(calls: int, quota: int) -> float:
    """What a push of so many calls may take: a tenth more than the quota alone would have it take."""
    return 1.1 * calls / quota * WINDOW_SECONDS


@pytest.mark.parametrize(
    ("quota", "calls", "lane"),
    [(STANDARD, 150, "normal"), (STANDARD, 450, "normal"), (STANDARD, 300, "urgent"), (PRO, 500, "normal")],
)
def test_one_worker_uses_the_quota_to_the_full_and_is_never_refused(
    shift: Shift, quota: int, calls: int, lane: str
) -> None:
    platform = Platform(shift.clock, quota)

    took = shift.seconds(shift.work(platform, calls, lane=lane))

    # A sequence of calls takes as long as its answers do, however much quota there is.
    assert took <= max(most_seconds(calls, quota), calls * LATENCY_SECONDS * 1.05)
    assert platform.refused == []


@pytest.mark.parametrize("one_database", KINDS, indirect=True)
def test_two_workers_share_the_quota(shift: Shift) -> None:
    platform = Platform(shift.clock, STANDARD)
    calls = 200

    took = shift.seconds(*(shift.work(platform, calls, who=who) for who in ("first", "second")))

    assert took <= most_seconds(2 * calls, STANDARD)
    assert platform.refused == []
    firsts = sum(who == "first" for _, who in platform.served[: len(platform.served) // 2])
    assert abs(firsts - calls / 2) <= calls / 10, "neither starves"


def test_a_window_that_another_app_has_half_used_is_shared_too(shift: Shift) -> None:
    platform = Platform(shift.clock, STANDARD)
    platform.used_by_others(STANDARD // 2)

    took = shift.seconds(*(shift.work(platform, 150, who=who) for who in ("first", "second")))

    assert platform.refused == []
    assert took <= most_seconds(300 + STANDARD // 2, STANDARD)


def test_another_app_that_uses_the_quota_all_along_is_left_its_share(shift: Shift) -> None:
    platform = Platform(shift.clock, STANDARD)

    def other() -> None:
        for _ in range(180):
            platform.used_by_others(1)
            shift.clock.sleep(0.5)

    took = shift.seconds(shift.work(platform, 270), other)

    # It takes 60 calls of each window of 150.
    assert platform.refused == []
    assert took <= 1.1 * 270 / 90 * WINDOW_SECONDS


def test_without_a_limit_that_matters_nobody_waits(shift: Shift) -> None:
    platform = Platform(shift.clock, ENTERPRISE)

    took = shift.seconds(*(shift.work(platform, 300) for _ in range(2)))

    assert took == pytest.approx(300 * LATENCY_SECONDS)


def test_a_full_sweep_of_the_catalog_does_not_delay_orders_and_stock(shift: Shift) -> None:
    platform = Platform(shift.clock, STANDARD)
    waits: list[float] = []

    def orders() -> None:
        gate = Pace(shift.database, "store", lambda: None, sleep=shift.clock.sleep)
        for _ in range(60):
            asked = shift.clock.now()
            gate.before_call("urgent")
            waits.append(shift.clock.now() - asked)
            gate.learn(platform.answer("orders"))
            shift.clock.sleep(1.0)

    shift.seconds(shift.work(platform, 270, who="catalog"), orders)

    assert platform.refused == []
    assert max(waits) <= 1.0
    assert sum(wait > 0 for wait in waits) <= 3


def test_orders_do_not_starve_the_catalog(shift: Shift) -> None:
    platform = Platform(shift.clock, STANDARD)

    shift.seconds(
        shift.work(platform, 400, lane="urgent", who="orders"),
        shift.work(platform, 60, who="catalog"),
    )

    catalog = [at for at, who in platform.served if who == "catalog"]
    assert platform.refused == []
    assert max(later - one for one, later in pairwise(catalog)) <= WINDOW_SECONDS + 1


def test_a_run_that_comes_back_later_counts_anew(shift: Shift) -> None:
    platform = Platform(shift.clock, STANDARD)

    def now_and_then() -> None:
        gate = Pace(shift.database, "store", lambda: None, sleep=shift.clock.sleep)
        for pause in (0.0, 7.0, 31.0, 19.0):
            shift.clock.sleep(pause)
            for _ in range(60):
                gate.before_call("normal")
                gate.learn(platform.answer("catalog"))

    shift.seconds(now_and_then, shift.work(platform, 150))

    assert platform.refused == []
