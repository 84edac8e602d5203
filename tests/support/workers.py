"""Worker processes for tests of the job engine: started, killed, stopped and asked what they said."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from crossdock.domain.sync import FlowKey
from crossdock.store.database import Database
from crossdock.store.tables import memory

SCRIPT = Path(__file__).with_name("engine_worker.py")


class Farm:
    """All worker processes of one test. None survives it."""

    def __init__(self, database: Database, folder: Path, **job: Any) -> None:
        self.database, self.folder, self.job = database, folder, job
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, worker: str, **job: Any) -> None:
        said = {"url": self.database.url, "folder": str(self.folder), "worker": worker} | self.job | job
        process = subprocess.Popen(
            [sys.executable, str(SCRIPT), json.dumps(said)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self.processes[worker] = process
        assert process.stdout is not None
        if not job.get("is_deadly"):
            assert process.stdout.readline() == b"ready\n"

    def kill(self, worker: str) -> None:
        process = self.processes.pop(worker)
        process.kill()
        finish(process)

    def leave(self, worker: str) -> int:
        """Ask a worker to stop, as SIGTERM does."""
        return finish(self.processes.pop(worker))

    def wait_for_death(self, worker: str) -> None:
        process = self.processes.pop(worker)
        process.wait(30)
        finish(process)

    def freeze(self, worker: str) -> None:
        os.kill(self.processes[worker].pid, signal.SIGSTOP)

    def thaw(self, worker: str) -> None:
        os.kill(self.processes[worker].pid, signal.SIGCONT)

    def said(self) -> list[str]:
        file = self.folder / "said"
        return file.read_text().splitlines() if file.exists() else []

    def close(self) -> None:
        for worker in list(self.processes):
            self.thaw(worker)
            self.kill(worker)


def finish(process: subprocess.Popen[bytes]) -> int:
    if process.stdin is not None:
        process.stdin.close()
    code = process.wait(30)
    if process.stdout is not None:
        process.stdout.close()
    return code


@contextlib.contextmanager
def farm(database: Database, folder: Path, **job: Any) -> Iterator[Farm]:
    one = Farm(database, folder, **job)
    try:
        yield one
    finally:
        one.close()


def until(is_so: Callable[[], bool], seconds: float = 120.0) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.05)


def pages_of(database: Database, flow: FlowKey) -> dict[int, str]:
    """The pages recorded for a flow, and by whom."""
    recorded = sa.select(memory.c.key, memory.c.value).where(memory.c.integration == str(flow))
    with database.reading() as tx:
        return {int(row.key): row.value for row in tx.execute(recorded)}
