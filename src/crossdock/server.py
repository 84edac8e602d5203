"""Puts the API and the engine into one process that serves until it is told to stop."""

from __future__ import annotations

import socket
import threading
from functools import partial
from types import FrameType

import uvicorn

from crossdock.api import ApiDesk, build_api
from crossdock.api.heads import BoundedHeads
from crossdock.app import Hub
from crossdock.connectors.registry import CONNECTORS
from crossdock.stopping import Handler, Stopping
from crossdock.sync.engine import Engine

STOP_SECONDS = 10


class _Server(uvicorn.Server):
    """Leaves signals to whoever serves; uvicorn puts its own handler in the place of ours meanwhile."""

    on_signal: Handler

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.on_signal(sig, frame)


def serve(hub: Hub, engine: Engine, listener: socket.socket, stopping: Stopping | None = None) -> None:
    """Answer until SIGTERM or Ctrl-C; the engine has been started.

    Then, in this order: not ready any more, requests that are under way end, and the caller stops the engine.
    """
    stopping = stopping or Stopping()
    config = uvicorn.Config(
        build_api(_desk(hub, engine, stopping)),
        http=BoundedHeads,
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="off",
        ws="none",
        timeout_graceful_shutdown=STOP_SECONDS,
    )
    server = _Server(config)
    server.on_signal = stopping.listen(partial(_end, server, after=hub.config.drain_seconds))
    server.run([listener])


def _end(server: uvicorn.Server, *, after: float) -> None:
    """Go on answering for a while, so that whoever distributes requests has seen that this process is not ready."""

    def end() -> None:
        server.should_exit = True

    if after:
        timer = threading.Timer(after, end)
        timer.daemon = True
        timer.start()
    else:
        end()


def desk_of_worker(hub: Hub, stopping: Stopping) -> ApiDesk:
    """For a worker that answers for itself only."""
    return _desk(hub, hub.engine(works=True), stopping)


def _desk(hub: Hub, engine: Engine, stopping: Stopping) -> ApiDesk:
    return ApiDesk(
        hub=hub,
        wake=engine.wake,
        hint=partial(engine.wake, is_hint=True),
        connectors=CONNECTORS,
        public_url=hub.config.public_url,
        is_stopping=lambda: stopping.is_asked,
        own_figures=hub.figures.registry,
    )
