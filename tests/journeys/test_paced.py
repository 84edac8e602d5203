"""The call budget against the simulators, over HTTP: quotas used to the full, and hardly ever asked to slow down."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from connectors.bigcommerce.simulated import Shop, open_shop
from crossdock.connectors.errors import RateLimitedError
from crossdock.connectors.http import Http
from crossdock.connectors.tiktok_shop.answers import ADVISED_RATES
from crossdock.store.database import Database
from crossdock.sync import pace
from crossdock.sync.pace import Pace
from crossdock_simulators.bigcommerce.limits import QUOTAS, WINDOW_SECONDS, RateWindow
from crossdock_simulators.tiktok_shop import entrance
from support import blank
from support.world import SHOP, World

STARTED = 1000.0


class Naps:
    """A clock that naps move, and each call a little."""

    def __init__(self) -> None:
        self.seconds = STARTED

    def now(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> Naps:
    made = Naps()
    monkeypatch.setattr(pace, "time", SimpleNamespace(monotonic=made.now))
    monkeypatch.setattr(Database, "now_sql", lambda _: f"cast({made.seconds!r} as double precision)")
    return made


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    url = f"sqlite:///{tmp_path}/hub.sqlite"
    blank.lay_out(url)
    made = Database(url)
    yield made
    made.close()


@pytest.fixture
def store() -> Iterator[Shop]:
    with open_shop(2) as made:
        yield made


@pytest.mark.parametrize("plan", ["Standard"])
def test_a_push_to_a_store_takes_what_its_plan_allows_and_is_never_refused(
    store: Shop, database: Database, naps: Naps, plan: str
) -> None:
    quota, calls = QUOTAS[plan], 2 * QUOTAS[plan]
    store.simulator.limits = RateWindow(quota, WINDOW_SECONDS, now=naps.now)
    workers = [store.hub(http=Http(gate=_gate(database, naps))) for _ in range(2)]

    for number in range(calls):
        naps.sleep(0.02)
        workers[number % 2]._client.store()

    statuses = [entry.status for entry in store.simulator.journal.entries()]
    assert len(statuses) >= calls
    assert 429 not in statuses
    assert naps.seconds - STARTED <= 1.1 * calls / quota * WINDOW_SECONDS


def _gate(database: Database, naps: Naps) -> Pace:
    return Pace(database, "store", lambda: None, sleep=naps.sleep, advised=ADVISED_RATES)


def test_a_shop_that_tells_no_quota_asks_once_per_kind_of_call_and_is_heeded(
    small_world: World, naps: Naps, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_world.connect()
    monkeypatch.setattr(entrance, "time", SimpleNamespace(monotonic=naps.now, time=time.time))
    small_world.act(
        f"{small_world.shop_address}/_sim/switches", {"calls_per_second": {"read": 10, "product_write": 1}}
    )
    gate = Pace(small_world.database, SHOP, lambda: None, sleep=naps.sleep, advised=ADVISED_RATES)
    connector = small_world.hub.connector(SHOP, gate)
    asked, began, done = 0, naps.seconds, 0
    while done < 200:
        naps.sleep(0.02)
        try:
            connector._client.webhooks()
            done += 1
        except RateLimitedError as error:
            gate.pause(error.retry_after.total_seconds() if error.retry_after else 1.0, error.kind)
            asked += 1

    assert asked == 1
    assert 18 <= naps.seconds - began <= 27, "10 calls a second are allowed, and 8 made"
