"""Figures that a process counts itself: calls to platforms and runs. Those of the database are read when asked for."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Histogram

from crossdock.telemetry.endpoints import Known

CALL_SECONDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
RUN_SECONDS = (0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0)
NO_ANSWER = "none"


class Figures:
    """What this process has done since it began."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._endpoint = Known()
        self._calls = Counter(
            "crossdock_platform_calls",
            "Calls to platforms; status none means that no answer came",
            ["integration", "method", "endpoint", "status"],
            registry=self.registry,
        )
        self._call_seconds = Histogram(
            "crossdock_platform_call_seconds",
            "How long a platform took to answer, without the waiting for its turn",
            ["integration", "endpoint"],
            buckets=CALL_SECONDS,
            registry=self.registry,
        )
        self._run_seconds = Histogram(
            "crossdock_run_seconds",
            "How long runs took",
            ["flow", "state"],
            buckets=RUN_SECONDS,
            registry=self.registry,
        )

    def called(self, integration: str, method: str, url: str, *, status: int | None, seconds: float) -> str:
        """Count a call, and answer the name of its endpoint."""
        endpoint = self._endpoint(url)
        self._calls.labels(integration, method, endpoint, NO_ANSWER if status is None else str(status)).inc()
        self._call_seconds.labels(integration, endpoint).observe(seconds)
        return endpoint

    def ran(self, flow: object, state: str, seconds: float) -> None:
        self._run_seconds.labels(str(flow), state).observe(seconds)
