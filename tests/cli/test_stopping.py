"""How `serve` and `worker` stop: what runs ends, probes say so before, and a second signal ends at once."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2 as httpx
import pytest

from support.command import Command
from support.ports import free_port
from support.workers import until

pytestmark = pytest.mark.engine


@contextmanager
def started(command: str, folder: Path, port: int, **more: str) -> Iterator[subprocess.Popen[bytes]]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CROSSDOCK_")}
    environment |= {f"CROSSDOCK_{name.upper()}": value for name, value in more.items()}
    environment |= {"CROSSDOCK_DATABASE_URL": f"sqlite:///{folder}/hub.sqlite", "CROSSDOCK_PORT": str(port)}
    process = subprocess.Popen(Command.line(command), env=environment, stderr=subprocess.PIPE)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def ready(port: int) -> int:
    """The status of /readyz; 0 where nobody answers."""
    try:
        return int(httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=5).status_code)
    except httpx.HTTPError:
        return 0


def test_serve_is_no_longer_ready_before_it_stops_answering(tmp_path: Path) -> None:
    port = free_port()
    with started("serve", tmp_path, port, drain_seconds="3") as serving:
        until(lambda: ready(port) == 200, seconds=60)
        address = f"http://127.0.0.1:{port}"
        # Once the first run has ended.
        until(lambda: "crossdock_run_seconds_bucket" in httpx.get(f"{address}/metrics").text, seconds=60)

        serving.send_signal(signal.SIGTERM)

        until(lambda: ready(port) == 503, seconds=5)
        assert httpx.get(f"{address}/healthz").status_code == 200
        assert serving.wait(30) == 0
        assert ready(port) == 0


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_a_second_signal_ends_at_once(tmp_path: Path, command: str) -> None:
    port = free_port()
    more = {"drain_seconds": "60"} if command == "serve" else {"metrics_port": str(port)}
    with started(command, tmp_path, port, **more) as running:
        until(lambda: ready(port) == 200, seconds=60)
        running.send_signal(signal.SIGINT)
        if command == "serve":
            until(lambda: ready(port) == 503, seconds=5)
            began = time.monotonic()

            running.send_signal(signal.SIGTERM)

            assert running.wait(10) == 128 + signal.SIGTERM
            assert time.monotonic() - began < 2
        else:
            running.send_signal(signal.SIGINT)
            assert running.wait(30) in (0, 128 + signal.SIGINT)
