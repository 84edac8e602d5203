"""Puts the API and the engine into one process that serves until it is told to stop."""

from __future__ import annotations

import signal
import socket
from functools import partial

import uvicorn

from crossdock.api import ApiDesk, build_api
from crossdock.app import Hub
from crossdock.connectors.registry import CONNECTORS
from crossdock.sync.engine import Engine

STOP_SECONDS = 10


def serve(hub: Hub, engine: Engine, listener: socket.socket) -> None:
    """Answer until SIGTERM or Ctrl-C; the engine has been started."""
    config = uvicorn.Config(
        build_api(_desk(hub, engine)),
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="off",
        ws="none",
        timeout_graceful_shutdown=STOP_SECONDS,
    )
    # Uvicorn raises the signal again once it is done; the engine still has to be stopped then.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: None)
    uvicorn.Server(config).run([listener])


def _desk(hub: Hub, engine: Engine) -> ApiDesk:
    return ApiDesk(
        hub=hub,
        wake=engine.wake,
        hint=partial(engine.wake, is_hint=True),
        connectors=CONNECTORS,
        public_url=hub.config.public_url,
    )
