"""Where the platforms deliver their webhooks: verified, told apart from repetitions, and only taken as hints."""

from __future__ import annotations

import structlog
from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from crossdock.api.desk import ApiDesk, Desk
from crossdock.api.problems import ProblemError, documented, not_found
from crossdock.connectors.contract import Hint, SignatureError
from crossdock.operations.setup import deliveries
from crossdock.operations.setup import integrations as accounts

router = APIRouter(tags=["Webhooks"], responses=documented(401, 404, 413, 422))

_log = structlog.get_logger(__name__)


@router.post("/webhooks/{integration}", summary="An event of a platform")
@router.post("/webhooks/{integration}/{token}", include_in_schema=False)
async def receive_webhook(desk: Desk, request: Request, integration: str) -> Response:
    """Answered with nothing once it is known that somebody will look."""
    body = await request.body()
    headers = {name.lower(): value for name, value in request.headers.items()}
    await run_in_threadpool(_take, desk, integration, headers, body)
    return Response(status_code=200)


def _take(desk: ApiDesk, integration: str, headers: dict[str, str], body: bytes) -> None:
    hint = _read(desk, integration, headers, body)
    with desk.database.reading() as tx:
        if deliveries.is_known(tx, integration, hint.event_id):
            return
        flows = deliveries.concerned(tx, integration, hint.entities)
    # Woken before it is remembered: a crash in between has the platform deliver it again, and nothing is lost.
    for flow in flows:
        desk.hint(flow)
    with desk.database.transaction() as tx:
        deliveries.remember(tx, integration, hint.event_id, now=desk.hub.clock())
        if hint.is_deauthorized:
            deliveries.deauthorize(tx, desk.task(tx, integration))
        if hint.authorization_ends is not None:
            deliveries.warn_of_end(tx, desk.task(tx, integration), hint.authorization_ends)


def _read(desk: ApiDesk, integration: str, headers: dict[str, str], body: bytes) -> Hint:
    """Raises ProblemError unless the platform itself sent it."""
    with desk.database.reading() as tx:
        found = accounts.get(tx, integration)
    if found is None or found.connector not in desk.connectors:
        raise not_found(f"integration {integration!r}")
    kind = desk.connectors[found.connector]
    credentials = kind.credentials_type.parse(found.secrets(desk.hub.cipher))
    try:
        return kind.read_webhook(credentials, headers, body)
    except SignatureError as error:
        _log.warning("webhook refused", integration=integration, reason=str(error))
        raise ProblemError(401, "The signature of this event is missing or wrong") from None
