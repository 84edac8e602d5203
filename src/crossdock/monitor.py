"""A worker's own figures and probes, at a port of their own: it serves nothing else."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from crossdock.api.build import build_monitor
from crossdock.api.heads import BoundedHeads
from crossdock.app import Hub
from crossdock.server import desk_of_worker
from crossdock.stopping import Stopping


class _Server(uvicorn.Server):
    """Runs in a thread of its own, which gets no signals."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextmanager
def monitor(hub: Hub, listener: socket.socket, told: Stopping) -> Iterator[None]:
    """Answers /healthz, /readyz and /metrics while the block runs."""
    config = uvicorn.Config(
        build_monitor(desk_of_worker(hub, told)),
        http=BoundedHeads,
        log_config=None,
        access_log=False,
        lifespan="off",
        ws="none",
    )
    server = _Server(config)
    thread = threading.Thread(target=server.run, args=([listener],), name="crossdock-monitor", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(5)
