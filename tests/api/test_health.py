"""Health and figures."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.exc import OperationalError

from api import seed
from api.bench import SHOP, Bench
from crossdock.domain.sync import FlowKey
from crossdock.operations.views import views
from crossdock.store.database import Transaction
from crossdock.sync import lease, workers
from crossdock.sync.lease import Ended
from support.flows import set_flow

ORDERS = FlowKey.parse(f"{SHOP}/pull-orders")


@pytest.fixture
def bench(bench: Bench) -> Iterator[Bench]:
    """Figures are about all that an application was asked."""
    made = Bench(bench.database, has_own_app=True)
    yield made
    made.close()


def figures(bench: Bench) -> dict[str, float]:
    lines = bench.stranger.get("/metrics").text.splitlines()
    pairs = [line.rpartition(" ") for line in lines if not line.startswith("#")]
    return {name: float(value) for name, _, value in pairs}


def test_a_well_hub_says_so_and_how_long_ago_a_worker_was_alive(bench: Bench) -> None:
    assert bench.stranger.get("/healthz").json() == {
        "status": "ok",
        "database": True,
        "worker_beat_age": None,
        "problem": "",
    }
    workers.beat(bench.database, "worker-1")

    age = bench.stranger.get("/healthz").json()["worker_beat_age"]

    assert 0 <= age < 600


def test_a_hub_without_its_database_is_not_well(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> None:
        raise OperationalError("select", {}, Exception("password=hunter2"))

    monkeypatch.setattr("crossdock.operations.views.views.newest_beat_age", away)

    answer = bench.stranger.get("/healthz")

    assert (answer.status_code, answer.json()["database"]) == (503, False)
    assert "hunter2" not in answer.text


def test_the_figures_count_runs_records_cases_and_requests(merchant: Bench) -> None:
    seed.sell(merchant, *seed.some_orders())
    for number, ended in enumerate([Ended({"read": 1}), Ended({}, error="away")]):
        held = lease.begin(merchant.database, ORDERS, f"{ORDERS}:{number}", "worker-1")
        assert held is not None
        lease.finish(merchant.database, held, ended)
    merchant.get("/products")
    merchant.reader.get("/api/v1/products/NOBODY")

    found = figures(merchant)

    assert found[f'crossdock_runs{{flow="{ORDERS}",state="done"}}'] == 1
    assert found[f'crossdock_runs{{flow="{ORDERS}",state="failed"}}'] == 1
    assert found[f'crossdock_records{{entity="products",integration="{SHOP}",state="new"}}'] == 2
    assert found['crossdock_open_cases{kind="line_unmatched"}'] == 1
    assert found[f'crossdock_flow_failures{{flow="{ORDERS}"}}'] == 1
    assert found[f'crossdock_seconds_since_success{{flow="{ORDERS}"}}'] >= 0
    assert found['crossdock_http_requests_total{operation="list_products",status="200"}'] == 1
    assert found['crossdock_http_requests_total{operation="get_product",status="404"}'] == 1


def test_paths_that_nobody_serves_make_no_new_figures(bench: Bench) -> None:
    for number in range(3):
        bench.stranger.get(f"/made-up/{number}")

    assert figures(bench)['crossdock_http_requests_total{operation="none",status="404"}'] == 3


def test_two_hubs_in_one_process_count_apart(bench: Bench) -> None:
    other = Bench(bench.database, has_own_app=True)
    bench.get("/products")

    assert 'crossdock_http_requests_total{operation="list_products",status="200"}' not in figures(other)
    other.close()


def test_the_figures_say_what_waits_and_for_how_long(merchant: Bench) -> None:
    seed.sell(merchant, *seed.some_orders())
    set_flow(merchant.database, ORDERS, due_at=1000.0)
    workers.beat(merchant.database, "worker-1")
    merchant.deliver({"id": "event-1", "entities": ["orders"]})

    found = figures(merchant)

    assert found['crossdock_flows_due{lane="urgent"}'] >= 1
    assert found['crossdock_oldest_due_flow_seconds{lane="urgent"}'] > 1e9
    assert found[f'crossdock_records_waiting{{entity="products",integration="{SHOP}"}}'] == 2
    assert found['crossdock_worker_age_seconds{worker="worker-1"}'] < 600


def test_looks_that_follow_each_other_closely_are_one(
    merchant: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    measures = views.measures

    def counted(tx: Transaction) -> views.Measures:
        asked.append(1)
        return measures(tx)

    monkeypatch.setattr(views, "measures", counted)
    made = Bench(merchant.database, has_own_app=True)
    for _ in range(3):
        figures(made)
    made.close()

    assert len(asked) == 1
