"""One call of every kind that a client can make, recorded as it would leave and never sent."""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

from crossdock.connectors.http import Answer, Http


@dataclass(frozen=True)
class Sample:
    """How one public method of a client is called, and what the table of endpoints says of it.

    `undocumented` is why no document at hand describes the call; `limit` what the platform allows.
    """

    method: str
    flow: str
    call: Callable[[Any], object]
    limit: str = ""
    undocumented: str = ""
    of: type | None = None

    @property
    def id(self) -> str:
        return f"{self.of.__name__}.{self.method}" if self.of else self.method


@dataclass(frozen=True)
class Request:
    """A request as it would leave: `form` holds the fields of an upload, its file among them."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    form: Mapping[str, Any] | None = None
    lane: str = "normal"

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


class RecordedError(Exception):
    """Ends a sample call where its request would have left."""

    def __init__(self, request: Request) -> None:
        super().__init__(str(request))
        self.request = request


class RecordingHttp(Http):
    """Takes every request down instead of sending it."""

    def send(self, method: str, url: str, **parts: Any) -> Answer:
        content, files = parts.get("content"), parts.get("files")
        raise RecordedError(
            Request(
                method,
                urlsplit(url).path,
                dict(parts.get("params") or {}),
                {name.lower(): value for name, value in (parts.get("headers") or {}).items()},
                json.loads(content) if content else None,
                {**(parts.get("data") or {}), **files} if files else None,
                parts.get("lane", "normal"),
            )
        )


def recorded(sample: Sample, subject: object) -> Request:
    """The request that a sample makes."""
    try:
        made = sample.call(subject)
        if inspect.isgenerator(made):
            next(made)
    except RecordedError as stopped:
        return stopped.request
    raise AssertionError(f"{sample.id} sends nothing")


def without_sample(package: ModuleType, samples: Iterable[Sample]) -> list[str]:
    """Public methods of a connector's clients that no sample calls."""
    known = {(sample.of.__name__ if sample.of else "Client", sample.method) for sample in samples}
    return [
        f"{client.__name__}.{name}"
        for client in clients_of(package)
        for name, _ in inspect.getmembers(client, callable)
        if not name.startswith("_") and (client.__name__, name) not in known
    ]


def clients_of(package: ModuleType) -> list[type]:
    """The classes of a connector whose methods are calls of its platform: those named a client."""
    found = {
        each
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}.")
        for each in vars(importlib.import_module(module.name)).values()
        if inspect.isclass(each) and each.__name__.endswith("Client")
    }
    return sorted(
        (each for each in found if each.__module__.startswith(f"{package.__name__}.")),
        key=lambda c: c.__name__,
    )
