"""The return from a platform's consent page: finishes the connection, or says why it cannot."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from html import escape

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from crossdock.api.desk import ApiDesk, Desk
from crossdock.api.problems import documented
from crossdock.operations.setup import connecting, integrations
from crossdock.operations.setup.connecting import StateError
from crossdock.operations.setup.integrations import Status

router = APIRouter(tags=["Connecting"], responses=documented(422))

STYLE = """
:root{color-scheme:light dark; --text:#1d2329; --quiet:#5b6672; --page:#fff; --soft:#f4f6f8}
@media(prefers-color-scheme:dark){:root{--text:#e6e9ec; --quiet:#9aa5b1; --page:#16191d; --soft:#20252b}}
body{margin:0 auto; max-width:40rem; padding:3rem 1.5rem; background:var(--page); color:var(--text);
font:16px/1.5 system-ui,sans-serif} h1{font-size:1.4rem; margin:0 0 .5rem} p{margin:.5rem 0}
.quiet{color:var(--quiet)} code{font-family:ui-monospace,monospace; font-size:.9em; background:var(--soft);
padding:.15em .4em; border-radius:4px; overflow-wrap:anywhere}
"""
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title} – Crossdock</title>
<meta name="viewport" content="width=device-width,initial-scale=1"><style>{style}</style></head>
<body><main><h1>{title}</h1><p>{text}</p>{hint}</main></body></html>
"""
AGAIN = (
    '<p class="quiet">To start again: <code>crossdock connect {name}</code>, or '
    "<code>POST /api/v1/integrations/{name}/connect</code>; then open the link that it answers.</p>"
)
STYLE_HASH = b64encode(sha256(STYLE.encode()).digest()).decode()
HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; frame-ancestors 'none'",
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
    name = _asked_by(desk, state)
    if error or not code:
        said = error_description or error or "the page gave no code"
        return _not_connected(_denied(desk, state, said), name)
    try:
        connection = desk.hub.finish_consent(code=code, state=state)
    except StateError as problem:
        return _not_connected(str(problem), name)
    if connection.status is not Status.CONNECTED or connection.reason:
        return _not_connected(connection.reason or f"{connection.integration} is {connection.status}", name)
    account = connection.account.name if connection.account else connection.integration
    return _page(
        200, "Connected", f"{account} is connected as {connection.integration}. You can close this page."
    )


def _asked_by(desk: ApiDesk, state: str) -> str:
    """The integration that a consent is for; its placeholder where nobody knows."""
    try:
        with desk.database.reading() as tx:
            return connecting.asked_by(tx, state)
    except StateError:
        return "NAME"


def _denied(desk: ApiDesk, state: str, said: str) -> str:
    """The state is used up by this answer, too; an integration that waited for it waits no longer."""
    reason = f"The owner did not consent ({said}); start again with `crossdock connect`"
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


def _not_connected(why: str, name: str) -> HTMLResponse:
    """The page has a line of its own about how to start again."""
    reason = why.partition("; start again")[0]
    return _page(400, "Not connected", f"{reason}.", AGAIN.format(name=escape(name)))


def _page(status: int, title: str, text: str, hint: str = "") -> HTMLResponse:
    page = PAGE.format(title=escape(title), style=STYLE, text=escape(text), hint=hint)
    return HTMLResponse(page, status_code=status, headers=HEADERS)
