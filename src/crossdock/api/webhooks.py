"""Where the platforms deliver their webhooks: verified, told apart from repetitions, and only taken as hints."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Request, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from crossdock.api import problems
from crossdock.api.desk import ApiDesk
from crossdock.api.inbox import Inbox
from crossdock.api.problems import documented

PREFIX = "/webhooks/"

router = APIRouter(tags=["Webhooks"], responses=documented(401, 404, 413, 422, 503))


@router.post("/webhooks/{integration}", summary="An event of a platform")
@router.post("/webhooks/{integration}/{token}", include_in_schema=False)
async def receive_webhook(request: Request, integration: str) -> Response:
    """Answered with nothing once it is known that somebody will look."""
    inbox = _inbox_of(request)
    body = await request.body()
    headers = {name.lower(): value for name, value in request.headers.items()}
    await inbox.take(await inbox.read(integration, headers, body))
    return Response(status_code=200)


@dataclass(frozen=True, slots=True)
class _Operation:
    """What the log and the figures call it."""

    name: str


class StraightIn:
    """Brings events to their operation past the routing, which takes longer than all that is done with one of them."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        integration = _addressed(scope)
        if not integration:
            await self._app(scope, receive, send)
            return
        scope["route"] = _Operation(receive_webhook.__name__)
        request = Request(scope, receive)
        try:
            response = await receive_webhook(request, integration)
        except Exception as error:  # noqa: BLE001  # each has its answer
            response = problems.answer_to(request, error)
        await response(scope, receive, send)


def _addressed(scope: Scope) -> str:
    """The integration whose event this is; nothing if it is anything else, or not a proper address."""
    if scope["type"] != "http" or scope["method"] != "POST" or not scope["path"].startswith(PREFIX):
        return ""
    integration, *token = scope["path"].removeprefix(PREFIX).split("/")
    return integration if not token or (len(token) == 1 and token[0]) else ""


def _inbox_of(request: Request) -> Inbox:
    """One for the whole process."""
    state = request.app.state
    desk: ApiDesk = state.desk
    inbox: Inbox | None = getattr(state, "inbox", None)
    if inbox is None or inbox.desk is not desk:
        inbox = state.inbox = Inbox(desk)
    return inbox
