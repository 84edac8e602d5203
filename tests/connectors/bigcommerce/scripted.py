"""A store that answers from a script, and a connector that speaks to it: for what a well-behaved one never does."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from crossdock.connectors.bigcommerce.connector import BigCommerce
from crossdock.connectors.bigcommerce.settings import BigCommerceCredentials, BigCommerceSettings
from crossdock.connectors.contract import Toolbox
from crossdock.connectors.http import Answer, Budget, Http, OpenGate

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
API_PATH = "https://api.bigcommerce.com/stores/abc123/v3/"
SECRETS = {"client_id": "the-client", "client_secret": "the-secret", "access_token": "the-token"}
FACTS = {
    "currency": "USD",
    "country": "US",
    "weight_unit": "oz",
    "dimension_unit": "in",
    "stock_behavior": "order_placed",
}


@dataclass(frozen=True)
class Request:
    method: str
    place: str
    query: Mapping[str, str]
    body: Any
    lane: str


Reply = tuple[int, Any] | tuple[int, Any, dict[str, str]]


class LearningGate(OpenGate):
    def __init__(self) -> None:
        self.learned: list[Budget] = []

    def learn(self, budget: Budget) -> None:
        self.learned.append(budget)


class ScriptedHttp(Http):
    """Answers from a function instead of the network."""

    def __init__(self, answers: Callable[[Request], Reply]) -> None:
        super().__init__(gate=LearningGate())
        self._answers = answers
        self.requests: list[Request] = []

    def send(self, method: str, url: str, *, lane: str = "normal", **parts: Any) -> Answer:  # type: ignore[override]
        place = url.removeprefix("https://api.bigcommerce.com/stores/abc123")
        content = parts.get("content")
        request = Request(
            method, place, parts.get("params") or {}, json.loads(content) if content else None, lane
        )
        self.requests.append(request)
        status, body, *headers = self._answers(request)
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        return Answer(status, headers[0] if headers else {}, raw)


class DictMemory:
    def __init__(self) -> None:
        self.values: dict[tuple[str, str], str] = {}

    def get(self, kind: str, key: str) -> str | None:
        return self.values.get((kind, key))

    def put(self, kind: str, key: str, value: str) -> None:
        self.values[(kind, key)] = value


class NoVault:
    def tokens(self) -> Mapping[str, str]:
        return {}

    @contextmanager
    def refreshing(self) -> Iterator[dict[str, str]]:
        yield {}


@dataclass
class Script:
    """Routes by method and place; each takes the request and gives a status and a body."""

    routes: dict[tuple[str, str], Callable[[Request], Reply]] = field(default_factory=dict)

    def __call__(self, request: Request) -> Reply:
        route = self.routes.get((request.method, request.place))
        return (
            route(request) if route else (404, {"status": 404, "title": f"no {request.place} in the script"})
        )


def connector(
    answers: Callable[[Request], Reply],
    *,
    facts: Mapping[str, str] = FACTS,
    memory: DictMemory | None = None,
    **settings: Any,
) -> tuple[BigCommerce, ScriptedHttp]:
    http = ScriptedHttp(answers)
    return BigCommerce(toolbox(http, facts=facts, memory=memory, **settings)), http


def toolbox(
    http: Http,
    *,
    facts: Mapping[str, str] = FACTS,
    memory: DictMemory | None = None,
    credentials: Mapping[str, str] | None = None,
    **settings: Any,
) -> Toolbox:
    return Toolbox(
        integration="my-store",
        http=http,
        credentials=BigCommerceCredentials.parse(credentials or {"api_path": API_PATH, **SECRETS}),
        settings=BigCommerceSettings.parse(settings),
        vault=NoVault(),
        memory=memory or DictMemory(),
        clock=lambda: NOW if credentials is None else datetime.now(UTC),
        facts=facts,
    )


def v3(records: list[Any], total: int | None = None, per_page: int = 250) -> dict[str, Any]:
    pagination = {"total": len(records) if total is None else total, "per_page": per_page}
    return {"data": records, "meta": {"pagination": pagination}}
