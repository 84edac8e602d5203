"""Stands before a simulator and keeps its answers to reads, so that its own work is not what is measured."""

from __future__ import annotations

from typing import Any

import orjson
from starlette.types import ASGIApp, Message, Receive, Scope, Send

Kept = tuple[Message, Message]


class Tape:
    """An ASGI app. Where it `keeps` answers, reads are answered as they were the first time, until anything is written.

    It counts every call; `/_bench/calls?since=N` tells them.
    """

    def __init__(self, app: ASGIApp, *, keeps: bool) -> None:
        self._app = app
        self._keeps = keeps
        self._kept: dict[tuple[str, bytes], Kept] = {}
        self._calls: list[tuple[str, str, str, int, int]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        if scope["path"] == "/_bench/calls":
            since = int(scope["query_string"].removeprefix(b"since=") or 0)
            await _tell(send, self._calls[since:])
            return
        key = (scope["path"], scope["query_string"])
        if scope["method"] != "GET":
            self._kept.clear()
        elif (kept := self._kept.get(key)) is not None:
            for message in kept:
                await send(message)
            self._count(scope, kept)
            return
        answer: list[Message] = []

        async def sent(message: Message) -> None:
            answer.append(message)
            await send(message)

        await self._app(scope, receive, sent)
        if len(answer) == 2:
            self._count(scope, (answer[0], answer[1]))
            if self._keeps and scope["method"] == "GET" and answer[0]["status"] < 300:
                self._kept[key] = (answer[0], answer[1])

    def _count(self, scope: Scope, answer: Kept) -> None:
        if not scope["path"].startswith("/_"):
            query = scope["query_string"].decode("latin-1")
            size = len(answer[1].get("body", b""))
            self._calls.append((scope["method"], scope["path"], query, size, answer[0]["status"]))


async def _tell(send: Send, content: Any) -> None:
    body = orjson.dumps(content)
    headers = [(b"content-length", str(len(body)).encode()), (b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
