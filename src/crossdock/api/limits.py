"""How large a request may be: more is not read."""

from __future__ import annotations

from fastapi import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crossdock.api import problems

LARGEST_BODY_BYTES = 1 << 20
LARGEST_WEBHOOK_BYTES = 256 << 10
LARGEST_FILE_BYTES = 32 << 20


class BodyLimit:
    """Refuses requests whose body is too large, by what they announce and by what comes."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = _limit(scope["path"])
        if _announced(scope) > limit:
            await problems.answer(413, _too_large(limit))(scope, receive, send)
            return
        await self._app(scope, _counted(receive, limit), send)


def _limit(path: str) -> int:
    if path.startswith("/webhooks/"):
        return LARGEST_WEBHOOK_BYTES
    return LARGEST_FILE_BYTES if path.endswith("/import") else LARGEST_BODY_BYTES


def _announced(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0


def _counted(receive: Receive, limit: int) -> Receive:
    """A chunked body announces nothing, so it is counted as it comes."""
    seen = 0

    async def receive_counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise HTTPException(413, _too_large(limit))
        return message

    return receive_counted


def _too_large(limit: int) -> str:
    return f"A request here has at most {limit // 1024} KiB"
