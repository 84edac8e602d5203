"""One log line for each request, under an id that goes through everything it causes and back to whoever asked."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Iterable

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crossdock.telemetry import spans

HEADER = b"x-request-id"
GIVEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
QUIET = ("get_health", "get_readiness", "get_metrics", "receive_webhook")
"""Asked by machines, every few seconds or thousands of times in one; the figures count them."""
UNKNOWN = "none"

_log = structlog.get_logger(__name__)


class RequestLog:
    """Takes the caller's X-Request-Id, or makes one. Neither path nor query is told: they may hold secrets."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id, status, began = _id_of(scope["headers"]), 500, time.monotonic()

        async def send_named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message = {**message, "headers": [*message["headers"], (HEADER, request_id.encode())]}
            await send(message)

        with structlog.contextvars.bound_contextvars(request=request_id), spans.span("request", {}) as span:
            try:
                await self._app(scope, receive, send_named)
            finally:
                operation = str(getattr(scope.get("route"), "name", UNKNOWN))
                span.update_name(f"request {operation}")
                span.set_attribute("http.response.status_code", status)
                _tell(scope["method"], operation, status, time.monotonic() - began)


def _id_of(headers: Iterable[tuple[bytes, bytes]]) -> str:
    given = next((value.decode("latin-1") for name, value in headers if name == HEADER), "")
    return given if GIVEN.fullmatch(given) else uuid.uuid4().hex


def _tell(method: str, operation: str, status: int, seconds: float) -> None:
    """Whatever changed something, or went wrong, is told; mere looking only to whoever looks for it."""
    is_looking = method in ("GET", "HEAD", "OPTIONS") and status < 400
    tell = _log.debug if is_looking or operation in QUIET else _log.warning if status >= 500 else _log.info
    tell("request", method=method, operation=operation, status=status, seconds=round(seconds, 4))
