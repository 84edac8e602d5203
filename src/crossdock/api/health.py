"""Whether the hub is well, for supervisors, and its figures, for Prometheus."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CollectorRegistry, Counter, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from pydantic import BaseModel
from sqlalchemy.exc import SQLAlchemyError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crossdock.api.desk import ApiDesk, Desk
from crossdock.operations.views import views
from crossdock.store import migrations
from crossdock.store.trouble import shortage_of_room, trouble_of

router = APIRouter(tags=["Health"])

ALIVE_SECONDS = 15.0
"""Workers say every three seconds that they live, and count as dead after twelve."""


class Health(BaseModel):
    """`worker_beat_age` is in seconds; null where no worker has ever been alive. `problem` is empty while all is well."""

    status: str
    database: bool
    worker_beat_age: float | None
    problem: str = ""


class Readiness(BaseModel):
    """Whether this process is to be given work, and if not, why."""

    ready: bool
    reasons: list[str]


@router.get(
    "/healthz", summary="Whether the hub is well", response_model=Health, responses={503: {"model": Health}}
)
def get_health(desk: Desk) -> JSONResponse:
    """503 while the database cannot be reached. A full or read-only one is told, and does not call for a restart."""
    try:
        with desk.database.reading() as tx:
            age = views.newest_beat_age(tx)
    except SQLAlchemyError as error:
        problem = _in_words(desk, error)
        away = Health(status="database unreachable", database=False, worker_beat_age=None, problem=problem)
        return JSONResponse(away.model_dump(), 503)
    trouble = desk.database.trouble
    status, problem = (trouble.kind, trouble.text) if trouble else ("ok", "")
    return JSONResponse(
        Health(status=status, database=True, worker_beat_age=age, problem=problem).model_dump()
    )


@router.get(
    "/readyz",
    summary="Whether this process takes work",
    response_model=Readiness,
    responses={503: {"model": Readiness}},
)
def get_readiness(desk: Desk) -> JSONResponse:
    """503 with the reasons: it stops, no worker is alive, the schema is not the code's, or nothing can be written."""
    reasons = ["This process is stopping"] if desk.is_stopping() else []
    reasons += _why_database_takes_nothing(desk)
    return JSONResponse(Readiness(ready=not reasons, reasons=reasons).model_dump(), 503 if reasons else 200)


def _why_database_takes_nothing(desk: ApiDesk) -> list[str]:
    database = desk.database
    try:
        with database.reading() as tx:
            schema, age = migrations.schema_of(tx), views.newest_beat_age(tx)
    except SQLAlchemyError as error:
        return [_in_words(desk, error)]
    found = [trouble.text for trouble in (database.trouble, shortage_of_room(database.file)) if trouble]
    if schema is not None and schema != migrations.newest_schema():
        newer = schema not in migrations.known_schemas()
        found.append(
            f"The schema of the database ({schema}) is {'newer' if newer else 'older'} than this code"
        )
    if age is None or age > ALIVE_SECONDS:
        found.append("No worker is alive")
    return found


def _in_words(desk: ApiDesk, error: SQLAlchemyError) -> str:
    trouble = trouble_of(error, desk.database.place)
    return trouble.text if trouble else f"The database cannot be used ({type(error).__name__})"


@router.get("/metrics", summary="Figures for Prometheus", response_class=Response)
def get_metrics(request: Request) -> Response:
    registry: CollectorRegistry = request.app.state.registry
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_PLAIN_0_0_4)


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
