"""Spans of runs, transactions and calls to platforms; nothing at all where traces were not asked for.

No attribute holds a query string, a secret or anything of a buyer: only names, counts and statuses are put in.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import structlog
from opentelemetry import trace
from opentelemetry.trace import SpanKind, StatusCode

SCOPE = "crossdock"
ASKED_BY = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
"""Standard variables; one of them says where traces go, and without either there are none."""

_log = structlog.get_logger(__name__)


def start(role: str) -> Callable[[], None]:
    """Send spans to where the environment says, and answer how to end that; `role` is serve or worker."""
    if not any(os.environ.get(name) for name in ASKED_BY) or os.environ.get("OTEL_SDK_DISABLED") == "true":
        return _nothing
    try:
        sdk, export, resources, otlp = map(
            importlib.import_module,
            (
                "opentelemetry.sdk.trace",
                "opentelemetry.sdk.trace.export",
                "opentelemetry.sdk.resources",
                "opentelemetry.exporter.otlp.proto.http.trace_exporter",
            ),
        )
    except ImportError:
        _log.warning("traces are asked for and cannot be sent", fix="pip install 'crossdock[traces]'")
        return _nothing
    names = {"service.name": os.environ.get("OTEL_SERVICE_NAME") or SCOPE, "crossdock.role": role}
    provider = sdk.TracerProvider(resource=resources.Resource.create(names))
    provider.add_span_processor(export.BatchSpanProcessor(otlp.OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    end: Callable[[], None] = provider.shutdown
    return end


def _nothing() -> None:
    return


@contextmanager
def span(name: str, attributes: Mapping[str, str], *, calls_out: bool = False) -> Iterator[Any]:
    """What happens in the block is one span. An error marks it with its kind: its message may tell too much."""
    kind = SpanKind.CLIENT if calls_out else SpanKind.INTERNAL
    with trace.get_tracer(SCOPE).start_as_current_span(
        name, kind=kind, attributes=attributes, record_exception=False, set_status_on_exception=False
    ) as current:
        try:
            yield current
        except BaseException as error:
            current.set_attribute("error.type", type(error).__name__)
            current.set_status(StatusCode.ERROR)
            raise


def trace_id() -> str:
    """Of the present span, for logs; empty where there is none."""
    context = trace.get_current_span().get_span_context()
    return format(context.trace_id, "032x") if context.is_valid else ""
