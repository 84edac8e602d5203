"""The hub's figures for Prometheus, as its database has them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Generic, TypeVar

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from crossdock.operations.views import views
from crossdock.operations.views.views import Measures, Queues
from crossdock.store.database import Database, Transaction

T = TypeVar("T")

FRESH_SECONDS = 2.0
"""Several monitors that ask at once cost one look."""
RECORDS_FRESH_SECONDS = 60.0
"""Counting all records by their state goes through all of them."""


class HubCollector(Collector):
    """Reads the hub's figures from its database when they are asked for, and not more often than they can change."""

    def __init__(self, database: Database) -> None:
        self._measures = _Kept(database, views.measures, FRESH_SECONDS)
        self._queues = _Kept(database, views.queues, FRESH_SECONDS)
        self._records = _Kept(database, views.records, RECORDS_FRESH_SECONDS)

    def describe(self) -> list[Metric]:
        """Nothing in advance: the database may not be reachable when this is registered."""
        return []

    def collect(self) -> Iterator[Metric]:
        yield from _health(self._measures.now())
        yield from _waiting(self._queues.now())
        yield _gauge(
            "crossdock_records",
            "Records by where they stand",
            ("integration", "entity", "state"),
            self._records.now(),
        )


class _Kept(Generic[T]):
    """What was read last, read anew once it is too old."""

    def __init__(self, database: Database, read: Callable[[Transaction], T], seconds: float) -> None:
        self._database, self._read, self._seconds = database, read, seconds
        self._lock = threading.Lock()
        self._found: tuple[float, T] | None = None

    def now(self) -> T:
        with self._lock:
            if self._found is None or time.monotonic() - self._found[0] > self._seconds:
                began = time.monotonic()
                with self._database.reading() as tx:
                    found = self._read(tx)
                # What took long to find out is kept for longer.
                self._found = (time.monotonic() + 10 * (time.monotonic() - began), found)
            return self._found[1]


Labels = Sequence[str]


def _gauge(name: str, text: str, labels: Labels, values: Mapping[Any, float]) -> Metric:
    family = GaugeMetricFamily(name, text, labels=list(labels))
    for key, value in values.items():
        family.add_metric([key] if isinstance(key, str) else list(key), value)
    return family


def _health(found: Measures) -> Iterator[Metric]:
    yield _gauge("crossdock_runs", "Runs that began in the last hour", ("flow", "state"), found.runs)
    yield _gauge("crossdock_open_cases", "Open exception cases", ("kind",), found.open_cases)
    yield _gauge(
        "crossdock_seconds_since_success",
        "Seconds since a flow last ended well",
        ("flow",),
        found.seconds_since_success,
    )
    yield _gauge("crossdock_flow_failures", "Failures of a flow in a row", ("flow",), found.failures)
    if found.worker_beat_age is not None:
        yield GaugeMetricFamily(
            "crossdock_worker_beat_age_seconds", "Seconds since a worker was alive", found.worker_beat_age
        )


def _waiting(found: Queues) -> Iterator[Metric]:
    by_entity = ("integration", "entity")
    figures: list[tuple[str, str, Labels, Mapping[Any, float]]] = [
        ("flows_due", "Flows to run now that nobody runs", ("lane",), found.due_flows),
        ("oldest_due_flow_seconds", "For how long the first of them is due", ("lane",), found.oldest_due),
        ("records_waiting", "Records to send, counted up to 10000", by_entity, found.waiting_records),
        (
            "records_waiting_seconds",
            "Of those that have records waiting: since when nothing has gone out",
            by_entity,
            found.waiting_since_success,
        ),
        ("requests_waiting", "Shipping requests to tell", ("integration",), found.waiting_requests),
        ("oldest_request_seconds", "Age of the first of them", ("integration",), found.oldest_request),
        ("webhooks_last_hour", "Webhooks of the last hour", ("integration",), found.webhooks),
        ("last_webhook_seconds", "Seconds since the last of them", ("integration",), found.last_webhook),
        ("call_wait_seconds", "How long a call waits for its turn", ("budget",), found.call_waits),
        (
            "call_interval_seconds",
            "Seconds between two calls; 0 is no limit",
            ("budget",),
            found.call_intervals,
        ),
        ("quota_left", "Calls that the platform still takes in this window", ("budget",), found.quota_left),
        ("hints_waiting", "Webhooks that no run has begun after", ("flow",), found.hints_waiting),
        ("oldest_hint_seconds", "Age of the first of them", ("flow",), found.oldest_hint),
        ("worker_age_seconds", "Seconds since this worker was alive", ("worker",), found.worker_ages),
        ("drift", "Differences that stand", by_entity, found.drift),
    ]
    for name, text, labels, values in figures:
        yield _gauge(f"crossdock_{name}", text, labels, values)
