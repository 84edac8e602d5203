"""The return from a platform's consent page: finishes the connection, or says why it cannot."""

from __future__ import annotations

from html import escape

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from crossdock.api.desk import ApiDesk, Desk
from crossdock.api.problems import documented
from crossdock.operations import connecting, integrations
from crossdock.operations.connecting import StateError
from crossdock.operations.integrations import Status

router = APIRouter(tags=["Connecting"], responses=documented(422))

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title} – Crossdock</title></head>
<body><main><h1>{title}</h1><p>{text}</p></main></body></html>
"""
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",  # the address of this page holds the one-time code
    "Cache-Control": "no-store",
}


@router.get(
    "/oauth/return",
    summary="The return from a consent page",
    response_class=HTMLResponse,
    responses={400: {"description": "Not connected, and why", "content": {"text/html": {}}}},
)
@router.get("/oauth/{connector}/return", include_in_schema=False, response_class=HTMLResponse)
def finish_consent(
    desk: Desk, code: str = "", state: str = "", error: str = "", error_description: str = ""
) -> HTMLResponse:
    """Connected only with a code, and with a state that this hub gave out, once, less than half an hour ago."""
    if error or not code:
        said = error_description or error or "the page gave no code"
        return _not_connected(_denied(desk, state, said))
    try:
        connection = desk.hub.finish_consent(code=code, state=state)
    except StateError as problem:
        return _not_connected(str(problem))
    if connection.status is not Status.CONNECTED or connection.reason:
        return _not_connected(connection.reason or f"{connection.integration} is {connection.status}")
    account = connection.account.name if connection.account else connection.integration
    return _page(
        200, "Connected", f"{account} is connected as {connection.integration}. You can close this page."
    )


def _denied(desk: ApiDesk, state: str, said: str) -> str:
    """The state is used up by this answer, too; an integration that waited for it waits no longer."""
    reason = f"The owner did not consent ({said}); start again with Connect"
    now = desk.hub.clock()
    try:
        with desk.database.transaction() as tx:
            name = connecting.use_state(tx, state, now=now)
            found = integrations.get(tx, name)
            if found is not None and found.status is Status.CONNECTING:
                integrations.change(
                    tx, name, now=now, status=Status.NOT_CONFIGURED, status_reason=reason[:500]
                )
    except StateError as problem:
        return str(problem)
    return reason


def _not_connected(why: str) -> HTMLResponse:
    return _page(400, "Not connected", why)


def _page(status: int, title: str, text: str) -> HTMLResponse:
    return HTMLResponse(
        PAGE.format(title=escape(title), text=escape(text)), status_code=status, headers=HEADERS
    )
