"""Requests and replies as plain values, and a small router, so that handlers are ordinary functions."""

from __future__ import annotations

import re
from asyncio import to_thread
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl

import orjson
from starlette.types import Message, Receive, Scope, Send

from crossdock_simulators.kit.faults import Fault

FAULT_KEY = "crossdock_simulators.fault"


class Request:
    """One request, read completely."""

    def __init__(self, scope: Scope, body: bytes) -> None:
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.query_string: str = scope["query_string"].decode("latin-1")
        self.body = body
        self.fault: Fault | None = scope.get(FAULT_KEY)
        self._raw_headers: list[tuple[bytes, bytes]] = scope["headers"]

    @cached_property
    def headers(self) -> dict[str, str]:
        return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in self._raw_headers}

    @cached_property
    def query(self) -> dict[str, str]:
        """Query parameters; the last of equal names wins."""
        return dict(parse_qsl(self.query_string, keep_blank_values=True))

    @property
    def is_form(self) -> bool:
        return self.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")

    def json(self) -> Any:
        """The decoded body; raises `ValueError` when it is not JSON."""
        return orjson.loads(self.body)

    def fields(self) -> dict[str, Any]:
        """The body as an object, whether a program sent JSON or a person a form."""
        if self.is_form:
            return dict(parse_qsl(self.body.decode(), keep_blank_values=True))
        decoded = orjson.loads(self.body) if self.body else {}
        if not isinstance(decoded, dict):
            raise ValueError("The body must be an object")  # noqa: TRY004  # a bad request, not a bug
        return decoded


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


def json_reply(content: Any, status: int = 200, headers: dict[str, str] | None = None) -> Reply:
    return Reply(status, orjson.dumps(content), headers=headers or {})


Handler = Callable[[Request], Reply]


async def read_body(receive: Receive) -> bytes:
    chunks = []
    while True:
        message = await receive()
        chunks.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(chunks)


async def send_reply(send: Send, reply: Reply) -> None:
    await send(start_message(reply))
    await send({"type": "http.response.body", "body": reply.body})


def start_message(reply: Reply) -> Message:
    headers = [
        (name.lower().encode("latin-1"), str(v).encode("latin-1")) for name, v in reply.headers.items()
    ]
    if reply.status not in (204, 304):
        headers.append((b"content-length", str(len(reply.body)).encode()))
        if reply.content_type:
            headers.append((b"content-type", reply.content_type.encode()))
    return {"type": "http.response.start", "status": reply.status, "headers": headers}


class HandlerApp:
    """An ASGI app around one synchronous handler; `blocking` says which requests need a thread."""

    def __init__(self, handler: Handler, blocking: Callable[[Request], bool] = lambda _: False) -> None:
        self._handler = handler
        self._blocking = blocking

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, await read_body(receive))
        if self._blocking(request):
            reply = await to_thread(self._handler, request)
        else:
            reply = self._handler(request)
        await send_reply(send, reply)


class Router:
    """Finds the function for a method and a path such as `/v2/orders/{id}`; `{id}` matches digits,
    `{name:str}` one segment. The function gets the request and the matched parts in order."""

    def __init__(self) -> None:
        self._fixed: dict[str, dict[str, Callable[..., Reply]]] = {}
        self._patterns: list[tuple[re.Pattern[str], dict[str, Callable[..., Reply]]]] = []
        self._by_template: dict[str, MutableMapping[str, Callable[..., Reply]]] = {}

    def add(self, method: str, template: str, function: Callable[..., Reply]) -> None:
        self._methods_of(template)[method] = function

    def find(self, method: str, path: str) -> tuple[Callable[..., Reply] | None, tuple[int | str, ...], bool]:
        """The function, its path arguments, and whether the path is known at all."""
        if (methods := self._fixed.get(path)) is not None:
            return methods.get(method), (), True
        for pattern, candidates in self._patterns:
            if match := pattern.fullmatch(path):
                parts = tuple(int(part) if part.isdecimal() else part for part in match.groups())
                return candidates.get(method), parts, True
        return None, (), False

    def _methods_of(self, template: str) -> MutableMapping[str, Callable[..., Reply]]:
        if template not in self._by_template:
            methods: dict[str, Callable[..., Reply]] = {}
            self._by_template[template] = methods
            if "{" in template:
                self._patterns.append((_pattern(template), methods))
            else:
                self._fixed[template] = methods
        return self._by_template[template]


def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"(\{[^}]+\})", template)
    return re.compile("".join(_part(part) for part in parts))


def _part(part: str) -> str:
    if not part.startswith("{"):
        return re.escape(part)
    return "([^/]+)" if part.endswith(":str}") else "([0-9]+)"
