"""Runs an ASGI app over real HTTP on the loopback interface, for tests and for the demo."""

from __future__ import annotations

import socket
from threading import Thread
from types import TracebackType
from typing import Any, Self

import uvicorn

START_SECONDS = 10.0
# With a short time, a client on a busy machine sends on a connection that is being closed as idle.
KEEP_ALIVE_SECONDS = 75


class Served:
    """A context manager: the app answers at `address` inside the block."""

    def __init__(self, app: Any, *, port: int = 0, host: str = "127.0.0.1") -> None:
        # The protocol is named because asyncio sets TCP_NODELAY only then; without it small answers take 40 ms.
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind((host, port))
        self._socket.listen(256)
        self.port: int = self._socket.getsockname()[1]
        self.address = f"http://{host}:{self.port}"
        config = uvicorn.Config(
            app,
            log_config=None,
            log_level="critical",
            access_log=False,
            lifespan="off",
            loop="asyncio",
            ws="none",
            server_header=False,
            timeout_graceful_shutdown=1,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
        )
        self._server = uvicorn.Server(config)
        self._thread = Thread(target=self._server.run, args=([self._socket],), daemon=True)

    def start(self) -> Self:
        """Connections queue in the socket until the loop runs, so there is nothing to wait for."""
        self._thread.start()
        return self

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(START_SECONDS)
        self._socket.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
