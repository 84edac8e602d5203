"""What a hub at work tells in its log: each run in one line, and never a secret or anything of a buyer."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import pytest
import structlog

from crossdock.cli import logs
from crossdock.domain.sync import FlowKey
from crossdock.sync import engine as engine_module
from crossdock.sync.engine import Engine
from crossdock.sync.lease import Ended
from crossdock.sync.run_records import RunState
from crossdock.telemetry import spans
from crossdock_simulators.kit import Fault
from journeys.test_stock import live, tracked_skus
from support.client import client_of
from support.world import STORE, World


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """All that is logged, down to debug, as JSON lines."""
    kept, root, configured = io.StringIO(), logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers, root.level
    monkeypatch.setattr("sys.stderr", kept)
    logs.configure("DEBUG", form="json")
    logging.disable(logging.NOTSET)
    for name in list(logging.root.manager.loggerDict):
        if name.startswith(("asyncio", "hypothesis")):
            logging.getLogger(name).setLevel(logging.WARNING)
        elif name.startswith("crossdock"):
            logging.getLogger(name).disabled = False
    yield kept
    root.handlers, root.level = handlers, level
    structlog.configure(**configured)


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines() if line.startswith("{")]


def test_each_run_is_one_line_and_no_line_tells_a_secret_or_a_buyer(
    small_world: World, log: io.StringIO
) -> None:
    made = live(small_world)
    made.sell(tracked_skus(made)[0], 1)
    made.store.faults.add(Fault("error", path=r"/v2/orders$", status=403, times=1))
    with worker(made) as engine:
        for flow in made.hub.flows():
            engine.wake(flow)
        assert engine.wait_until_idle(None, 90)
    client_of(made.hub).get("/api/v1/orders", headers={"X-Request-Id": "ticket-17"})

    told = lines(log)
    runs = [line for line in told if line["event"] == "run ended"]
    assert len({line["run"] for line in runs}) == len(runs) >= len(made.hub.flows())
    assert all({"flow", "integration", "state", "seconds"} <= line.keys() for line in runs)
    calls = [line for line in told if line["event"] == "call of a platform"]
    assert calls
    assert any("run" in line for line in calls), "a call names the run that it was made in"
    assert [line["operation"] for line in told if line.get("request") == "ticket-17"] == ["list_orders"]
    whole = log.getvalue()
    for secret in secrets_of(made):
        assert secret not in whole
    for piece in buyers_of(made):
        assert piece not in whole, piece


class worker:  # noqa: N801  # reads as a context manager
    """The hub's engine, as `serve` has it."""

    def __init__(self, made: World) -> None:
        self.engine = made.hub.engine(works=True)

    def __enter__(self) -> Engine:
        self.engine.start()
        return self.engine

    def __exit__(self, *_: object) -> None:
        self.engine.stop()


def secrets_of(made: World) -> list[str]:
    shown = ("http", made.store_address, made.shop_address)
    given = [*made.store_credentials().values(), *made.shop_credentials().values()]
    tokens = [str(one) for one in vars(made.shop.shop.tables).get("tokens", {})]
    return [value for value in (*given, *tokens) if len(value) > 8 and not value.startswith(shown)]


def buyers_of(made: World) -> set[str]:
    """Names, addresses, mails and phone numbers of everybody who bought on TikTok Shop."""
    recipients = [asdict(order.terms.recipient) for order in made.shop.shop.tables.orders.values()]
    found = {
        value for one in recipients for value in one.values() if isinstance(value, str) and len(value) > 6
    }
    assert found
    return found


def test_a_run_that_failed_tells_the_platforms_own_id_of_the_call(log: io.StringIO) -> None:
    details = {"code": "12052901", "platform_request": "202611300700AB"}

    engine_module._tell(
        Ended({"read": 3, "written": 0}, error="refused", details=details), RunState.FAILED, 1.5, trace=""
    )

    [line] = lines(log)
    assert (line["level"], line["state"], line["read"], "written" in line) == ("warning", "failed", 3, False)
    assert (line["code"], line["platform_request"]) == ("12052901", "202611300700AB")


def test_spans_are_runs_transactions_and_calls_without_queries(
    small_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    sdk = pytest.importorskip("opentelemetry.sdk.trace")
    export = pytest.importorskip("opentelemetry.sdk.trace.export")
    memory = pytest.importorskip("opentelemetry.sdk.trace.export.in_memory_span_exporter")
    kept, provider = memory.InMemorySpanExporter(), sdk.TracerProvider()
    provider.add_span_processor(export.SimpleSpanProcessor(kept))
    monkeypatch.setattr(spans.trace, "get_tracer", provider.get_tracer)
    made = small_world
    made.connect()
    products = FlowKey.parse(f"{STORE}/pull-products")

    with worker(made) as engine:
        engine.wake(products)
        assert engine.wait_until_idle({products}, 60)

    found = {span.context.span_id: span for span in kept.get_finished_spans()}
    run = next(span for span in found.values() if span.name == "run pull-products")
    inside = [span for span in found.values() if span.parent and span.parent.span_id == run.context.span_id]
    assert {span.name for span in inside} >= {"transaction", "GET /v3/catalog/products"}
    assert run.attributes["crossdock.flow"] == str(products)
    told = " ".join(f"{span.name} {dict(span.attributes or {})}" for span in found.values())
    assert "?" not in told
    assert all(secret not in told for secret in secrets_of(made))
