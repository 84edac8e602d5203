"""Where the platforms deliver their webhooks: verified, told apart from repetitions, and only taken as hints."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from crossdock.api.desk import ApiDesk
from crossdock.api.inbox import Inbox
from crossdock.api.problems import documented

router = APIRouter(tags=["Webhooks"], responses=documented(401, 404, 413, 422, 503))


# Without a dependency, since each would be waited for in a thread of its own, thousands of times a second.
@router.post("/webhooks/{integration}", summary="An event of a platform")
@router.post("/webhooks/{integration}/{token}", include_in_schema=False)
async def receive_webhook(request: Request, integration: str) -> Response:
    """Answered with nothing once it is known that somebody will look."""
    inbox = _inbox_of(request)
    body = await request.body()
    headers = {name.lower(): value for name, value in request.headers.items()}
    await inbox.take(await inbox.read(integration, headers, body))
    return Response(status_code=200)


def _inbox_of(request: Request) -> Inbox:
    """One for the whole process."""
    state = request.app.state
    desk: ApiDesk = state.desk
    inbox: Inbox | None = getattr(state, "inbox", None)
    if inbox is None or inbox.desk is not desk:
        inbox = state.inbox = Inbox(desk)
    return inbox
