"""What of a request is no body is bounded where it comes in: no application sees it before it is complete."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from crossdock.api.heads import LARGEST_HEAD_BYTES, BoundedHeads

START = b"POST /webhooks/x HTTP/1.1\r\nHost: hub\r\n"
ENDLESS = b"a" * (4 * LARGEST_HEAD_BYTES)


async def yes(_: Scope, receive: Receive, send: Send) -> None:
    size, message = 0, await receive()
    while True:
        size += len(message.get("body", b""))
        if not message.get("more_body"):
            break
        message = await receive()
    text = str(size).encode()
    headers = [(b"content-length", str(len(text)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": text})


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(yes, http=BoundedHeads, log_config=None, lifespan="off", ws="none")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield int(listener.getsockname()[1])
        server.should_exit = True
        thread.join(10)


def status_of(port: int, *parts: bytes) -> int:
    """What is answered; 0 if the connection ends without an answer."""
    with closing(socket.create_connection(("127.0.0.1", port), timeout=10)) as connection:
        try:
            for part in parts:
                connection.sendall(part)
            return int(connection.recv(1000).split(b" ")[1])
        except (ConnectionError, IndexError):
            return 0


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param((START, b"X-Big: ", ENDLESS), id="a header"),
        pytest.param((START, b"X-Small: a\r\n" * LARGEST_HEAD_BYTES), id="many headers"),
        pytest.param((b"GET /", ENDLESS), id="an address"),
        pytest.param(
            (START, b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n", b"X-Late: ", ENDLESS),
            id="a trailer",
        ),
    ],
)
def test_an_endless_head_is_refused_and_the_connection_ends(port: int, parts: tuple[bytes, ...]) -> None:
    assert status_of(port, *parts) in (431, 0)
    assert status_of(port, START, b"Content-Length: 2\r\n\r\nhi") == 200


def test_a_long_body_is_no_head_in_one_piece_or_in_many(port: int) -> None:
    size = len(ENDLESS)
    assert status_of(port, START, f"Content-Length: {size}\r\n\r\n".encode(), ENDLESS) == 200
    pieces = b"1\r\na\r\n" * LARGEST_HEAD_BYTES
    assert status_of(port, START, b"Transfer-Encoding: chunked\r\n\r\n", pieces, b"0\r\n\r\n") == 200
