"""Whether the hub is well, for supervisors, and its figures, for Prometheus."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CollectorRegistry, Counter, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector
from pydantic import BaseModel
from sqlalchemy.exc import SQLAlchemyError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crossdock.api.desk import Desk
from crossdock.operations.views import views
from crossdock.operations.views.views import Measures
from crossdock.store.database import Database

router = APIRouter(tags=["Health"])


class Health(BaseModel):
    """`worker_beat_age` is in seconds; null where no worker has ever been alive."""

    status: str
    database: bool
    worker_beat_age: float | None


@router.get(
    "/healthz", summary="Whether the hub is well", response_model=Health, responses={503: {"model": Health}}
)
def get_health(desk: Desk) -> JSONResponse:
    """503 while the database cannot be reached."""
    try:
        with desk.database.reading() as tx:
            age = views.newest_beat_age(tx)
    except SQLAlchemyError:
        return JSONResponse(
            Health(status="database unreachable", database=False, worker_beat_age=None).model_dump(), 503
        )
    return JSONResponse(Health(status="ok", database=True, worker_beat_age=age).model_dump())


@router.get("/metrics", summary="Figures for Prometheus", response_class=Response)
def get_metrics(request: Request) -> Response:
    registry: CollectorRegistry = request.app.state.registry
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_PLAIN_0_0_4)


class HubCollector(Collector):
    """Reads the hub's figures from its database whenever they are asked for."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def describe(self) -> list[Metric]:
        """Nothing in advance: the database may not be reachable when this is registered."""
        return []

    def collect(self) -> Iterator[Metric]:
        with self._database.reading() as tx:
            found = views.measures(tx)
        yield from _families(found)


def _families(found: Measures) -> Iterator[Metric]:
    runs = GaugeMetricFamily("crossdock_runs", "Kept runs", labels=["flow", "state"])
    for run, count in found.runs.items():
        runs.add_metric(run, count)
    yield runs
    records = GaugeMetricFamily(
        "crossdock_records", "Records by where they stand", labels=["integration", "entity", "state"]
    )
    for record, count in found.publications.items():
        records.add_metric(record, count)
    yield records
    yield _by_label("crossdock_open_cases", "Open exception cases", "kind", dict(found.open_cases))
    yield _by_label(
        "crossdock_seconds_since_success",
        "Seconds since a flow last ended well",
        "flow",
        found.seconds_since_success,
    )
    yield _by_label("crossdock_flow_failures", "Failures of a flow in a row", "flow", dict(found.failures))
    if found.worker_beat_age is not None:
        yield GaugeMetricFamily(
            "crossdock_worker_beat_age_seconds", "Seconds since a worker was alive", found.worker_beat_age
        )


def _by_label(name: str, text: str, label: str, values: dict[str, float] | dict[str, int]) -> Metric:
    family = GaugeMetricFamily(name, text, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family


class RequestCounter:
    """Counts requests by operation and status; operations are ours, so nobody can make up labels."""

    def __init__(self, app: ASGIApp, registry: CollectorRegistry) -> None:
        self._app = app
        self._requests = Counter(
            "crossdock_http_requests", "Requests", ["operation", "status"], registry=registry
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 500

        async def send_noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, send_noted)
        finally:
            operation = getattr(scope.get("route"), "name", "none")
            self._requests.labels(operation, str(status)).inc()
