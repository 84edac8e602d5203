"""Whether a process takes work, and its log lines for requests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from api.bench import Bench
from crossdock.api import requests_log
from crossdock.store import migrations
from crossdock.store.trouble import Kind, Trouble
from crossdock.sync import workers


@pytest.fixture
def bench(bench: Bench) -> Iterator[Bench]:
    made = Bench(bench.database, has_own_app=True)
    workers.beat(made.database, "worker-1")
    yield made
    made.close()


def ready(bench: Bench) -> tuple[int, str]:
    answer = bench.stranger.get("/readyz")
    return answer.status_code, "; ".join(answer.json()["reasons"])


def test_a_hub_with_a_living_worker_is_ready(bench: Bench) -> None:
    assert ready(bench) == (200, "")


def test_without_a_living_worker_it_is_not(bench: Bench) -> None:
    workers.forget_worker(bench.database, "worker-1")

    assert ready(bench) == (503, "No worker is alive")
    assert bench.stranger.get("/healthz").status_code == 200


def test_while_it_stops_it_is_not(bench: Bench) -> None:
    object.__setattr__(bench.app.state.desk, "is_stopping", lambda: True)

    assert ready(bench) == (503, "This process is stopping")


@pytest.mark.parametrize(("schema", "said"), [("0001", "older"), ("9999", "newer")])
def test_with_another_schema_than_the_codes_it_is_not(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, schema: str, said: str
) -> None:
    monkeypatch.setattr(migrations, "schema_of", lambda _: schema)

    status, why = ready(bench)

    assert status == 503
    assert f"({schema}) is {said} than this code" in why


def test_while_the_database_is_away_it_is_not_and_says_no_password(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise OperationalError("select", {}, Exception("password=hunter2"))

    monkeypatch.setattr("crossdock.operations.views.views.newest_beat_age", away)

    status, why = ready(bench)

    assert status == 503
    assert "hunter2" not in why


def test_while_nothing_can_be_written_it_is_not(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    full = Trouble(Kind.FULL, "Disk full (hub.sqlite): make room on its disk; the hub goes on by itself")
    monkeypatch.setattr(type(bench.database), "trouble", full)

    assert ready(bench) == (503, full.text)
    health = bench.stranger.get("/healthz")
    assert (health.status_code, health.json()["status"]) == (200, "disk full")


def test_a_request_keeps_the_id_that_it_came_with(bench: Bench) -> None:
    answer = bench.stranger.get("/healthz", headers={"X-Request-Id": "ticket-17.a"})

    assert answer.headers["X-Request-Id"] == "ticket-17.a"


@pytest.mark.parametrize("given", ["", "two words", "x" * 65, "<script>"])
def test_a_request_without_a_usable_id_gets_one(bench: Bench, given: str) -> None:
    answer = bench.stranger.get("/healthz", headers={"X-Request-Id": given})

    assert requests_log.GIVEN.fullmatch(answer.headers["X-Request-Id"])
    assert answer.headers["X-Request-Id"] != given


def test_each_request_is_one_line_without_path_query_and_key(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = told(bench, monkeypatch)

    assert [(each["operation"], each["status"], each["log_level"]) for each in lines] == [
        ("list_products", 200, "debug"),
        ("get_order", 404, "info"),
    ]
    assert "s3cret" not in str(lines)
    assert bench.read_key not in str(lines)


def told(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    import structlog

    monkeypatch.setattr(
        requests_log, "_log", structlog.wrap_logger(None, wrapper_class=structlog.BoundLogger)
    )
    with capture_logs() as lines:
        bench.reader.get("/api/v1/products", params={"search": "s3cret"})
        bench.reader.get("/api/v1/orders/s3cret")
    return lines


def test_the_schema_is_looked_up_where_there_is_one(bench: Bench) -> None:
    with bench.database.transaction() as tx:
        tx.execute(sa.text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
        tx.execute(sa.text("INSERT INTO alembic_version VALUES ('0001')"))
    try:
        assert ready(bench)[0] == 503
    finally:
        with bench.database.transaction() as tx:
            tx.execute(sa.text("DROP TABLE alembic_version"))
