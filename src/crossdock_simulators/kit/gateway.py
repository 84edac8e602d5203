"""The outermost layer of a simulator: takes a fault, runs the platform, keeps the journal."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crossdock_simulators.kit.clock import Clock
from crossdock_simulators.kit.control import Control
from crossdock_simulators.kit.faults import Fault, Faults
from crossdock_simulators.kit.http import FAULT_KEY, Reply, json_reply, read_body, send_reply, start_message
from crossdock_simulators.kit.journal import Journal, Seen

HTML = b"<!doctype html><html><head><title>Error</title></head><body><h1>Try again later</h1></body></html>"


def plain_error(fault: Fault) -> Reply:
    """What stands between a client and a platform answers HTML, not the platform's JSON."""
    return Reply(fault.status, HTML, "text/html")


def plain_too_many(fault: Fault) -> Reply:
    headers = {} if fault.kind == "too_many_requests_bare" else {"Retry-After": f"{fault.retry_after:g}"}
    return json_reply({"message": "Too many requests"}, 429, headers)


@dataclass(frozen=True)
class Manners:
    """How one platform words the generic faults, and which paths are no API at all (images)."""

    error: Callable[[Fault], Reply] = plain_error
    too_many: Callable[[Fault], Reply] = plain_too_many
    silent_prefixes: tuple[str, ...] = ("/images/",)


class Gateway:
    """An ASGI app. Faults the platform commits itself reach it as `Request.fault` (`scope[FAULT_KEY]`)."""

    def __init__(
        self, app: ASGIApp, *, journal: Journal, faults: Faults, clock: Clock, manners: Manners | None = None
    ) -> None:
        self.control = Control(journal=journal, faults=faults, clock=clock)
        self._app = app
        self._journal = journal
        self._faults = faults
        self._clock = clock
        self._manners = manners or Manners()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        path: str = scope["path"]
        if path == "/_sim" or path.startswith("/_sim/"):
            await self.control(scope, receive, send)
        elif path == "/favicon.ico":
            await send_reply(send, Reply(204))
        elif path.startswith(self._manners.silent_prefixes):
            await self._app(scope, receive, send)
        else:
            await self._journalled(scope, receive, send)

    async def _journalled(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = perf_counter()
        body = await read_body(receive)
        query = scope["query_string"].decode("latin-1")
        seen = Seen(self._clock.now(), scope["method"], scope["path"], query, body)
        fault = self._faults.take(seen.method, seen.path)
        reply = await self._reply(scope, body, fault)
        # The entry is written first: a client that has its answer finds it in the log.
        dropped = fault is not None and fault.kind in ("reset_before", "reset_after")
        self._journal.add(
            seen,
            status=0 if dropped else reply.status,
            fault=fault.kind if fault else "",
            seconds=perf_counter() - started,
        )
        if dropped:
            await _drop(send)
        elif fault is not None and fault.kind == "truncate":
            await _send_half(send, reply)
        else:
            await send_reply(send, reply)

    async def _reply(self, scope: Scope, body: bytes, fault: Fault | None) -> Reply:
        if fault is None:
            return await self._run(scope, body)
        if fault.kind == "latency":
            await asyncio.sleep(fault.delay_seconds)
        if fault.kind in ("too_many_requests", "too_many_requests_bare"):
            return self._manners.too_many(fault)
        if fault.kind == "error":
            return self._manners.error(fault)
        if fault.kind == "reset_before":
            return Reply(0)
        reply = await self._run({**scope, FAULT_KEY: fault}, body)
        if fault.kind == "error_after":
            return self._manners.error(fault)
        return (
            replace(reply, status=200, body=HTML, content_type="text/html")
            if fault.kind == "not_json"
            else reply
        )

    async def _run(self, scope: Scope, body: bytes) -> Reply:
        """The platform's answer, collected before anything is sent."""
        collected = _Collected()
        waiting = [body]

        async def receive() -> Message:
            if waiting:
                return {"type": "http.request", "body": waiting.pop(), "more_body": False}
            return {"type": "http.disconnect"}

        await self._app(scope, receive, collected.send)
        return collected.reply()


class _Collected:
    """Takes the messages of an ASGI app and makes one reply of them."""

    def __init__(self) -> None:
        self._status = 500
        self._headers: dict[str, str] = {}
        self._chunks: list[bytes] = []

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            self._headers = {k.decode("latin-1"): v.decode("latin-1") for k, v in message.get("headers", [])}
        elif message["type"] == "http.response.body":
            self._chunks.append(message.get("body", b""))

    def reply(self) -> Reply:
        headers = {name: value for name, value in self._headers.items() if name != "content-length"}
        return Reply(self._status, b"".join(self._chunks), headers.pop("content-type", ""), headers)


async def _drop(send: Send) -> None:
    """Abort the connection so that the client sees a reset; without a transport, leave the answer unfinished."""
    transport = _transport(send)
    if transport is None:
        await _send_half(send, Reply(200, b"{}"))
        return
    raw = transport.get_extra_info("socket")
    if raw is not None:
        with contextlib.suppress(OSError):
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
    _settle(send)


async def _send_half(send: Send, reply: Reply) -> None:
    """Promise the whole length, send half, close."""
    await send(start_message(reply))
    half = reply.body[: len(reply.body) // 2]
    await send({"type": "http.response.body", "body": half, "more_body": True})
    if (transport := _transport(send)) is not None:
        transport.close()
        _settle(send)


def _transport(send: Send) -> Any:
    return getattr(getattr(send, "__self__", None), "transport", None)


def _settle(send: Send) -> None:
    """Tell uvicorn's cycle that the client is gone, or it logs an incomplete answer as an error."""
    cycle = getattr(send, "__self__", None)
    if cycle is not None and hasattr(cycle, "disconnected"):
        cycle.disconnected = True
