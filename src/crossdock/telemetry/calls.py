"""The HTTP of an integration with each call counted, traced, and told in the log where it failed."""

from __future__ import annotations

import contextvars
import time
from typing import Any

import structlog

from crossdock.connectors.http import Answer, Http
from crossdock.telemetry import spans
from crossdock.telemetry.endpoints import endpoint
from crossdock.telemetry.figures import Figures

REQUEST_ID_HEADERS = ("x-request-id", "x-tts-logid", "x-tt-logid")
"""Under these platforms name a call, for their support."""

_log = structlog.get_logger(__name__)


class WatchedHttp(Http):
    """Calls belong to the run or request that this was made in, also where a thread of its own makes them."""

    def __init__(self, *, integration: str, figures: Figures, **parts: Any) -> None:
        super().__init__(**parts)
        self._integration = integration
        self._figures = figures
        self._context = contextvars.copy_context()

    def _answer(self, request: Any) -> Answer:
        # A copy each time: one context cannot be entered by two threads at once.
        return self._context.copy().run(self._watched, request)

    def _watched(self, request: Any) -> Answer:
        url, began = str(request.url), time.monotonic()
        status: int | None = None
        names = {"crossdock.integration": self._integration, "server.address": str(request.url.host)}
        with spans.span(f"{request.method} {endpoint(url)}", names, calls_out=True) as span:
            span.set_attribute("http.request.method", request.method)
            try:
                answer = super()._answer(request)
                status = answer.status
                span.set_attribute("http.response.status_code", status)
            finally:
                seconds = time.monotonic() - began
                name = self._figures.called(
                    self._integration, request.method, url, status=status, seconds=seconds
                )
                self._tell(request.method, name, status, seconds)
        return self._noted(answer, name, request.method)

    def _tell(self, method: str, name: str, status: int | None, seconds: float) -> None:
        if status is None:
            _log.warning("no answer of a platform", **self._named(method, name), seconds=round(seconds, 3))

    def _noted(self, answer: Answer, name: str, method: str) -> Answer:
        tell = _log.debug if answer.is_success else _log.info
        tell(
            "call of a platform",
            **self._named(method, name),
            status=answer.status,
            platform_request=_id(answer),
        )
        return answer

    def _named(self, method: str, name: str) -> dict[str, str]:
        return {"integration": self._integration, "method": method, "endpoint": name}


def _id(answer: Answer) -> str:
    return next((answer.headers[name] for name in REQUEST_ID_HEADERS if name in answer.headers), "")
