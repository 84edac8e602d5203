"""Logs of this process on standard error, as text or JSON, never with a secret."""

from __future__ import annotations

import logging
import re
import sys

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

SECRET_NAMES = re.compile(
    r"token|secret|password|authorization|cipher|auth_code|credential|api_key", re.IGNORECASE
)
# These tell whole URLs, and those of token exchanges hold secrets.
TALKATIVE = (
    *("httpx2", "httpcore2", "httpx", "httpcore", "uvicorn.access", "alembic", "dbos"),
    *("PIL", "paramiko", "asyncio", "python_multipart", "opentelemetry"),
)


def configure(level: str, *, form: str = "text") -> None:
    """Send structlog and the standard library's logging the same way."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        without_secrets,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_rendered(form)],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)


def without_secrets(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Whoever adds a field named like a secret to a log line sees it masked."""
    return {
        key: "…" if key != "event" and SECRET_NAMES.search(key) else value for key, value in event.items()
    }


def _rendered(form: str) -> list[Processor]:
    if form == "json":
        return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    # Rich tracebacks would show the local variables of every frame, secrets among them.
    plain = structlog.dev.plain_traceback
    return [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)]
