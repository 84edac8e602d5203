"""A PostgreSQL server of one test's own, which it may stop and start without harming the others."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from support.ports import free_port

ACCOUNT = "postgres"
"""The server refuses to run as root: then it runs as this user."""


class OwnServer:
    """A cluster in a folder. Commits wait for the log's file, not for the disk: the server may die, the machine not."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs, self._data = programs, folder / "data"
        self._port = free_port()
        self._folder = folder
        self._run(
            "initdb", "-D", self._data, "-U", ACCOUNT, "-A", "trust", "-E", "UTF8", "--no-sync", "--no-locale"
        )
        self.start()

    @property
    def url(self) -> str:
        return f"postgresql://{ACCOUNT}@127.0.0.1:{self._port}/postgres"

    def start(self) -> None:
        options = f"-p {self._port} -h 127.0.0.1 -k {self._folder} -c fsync=off -c max_connections=200"
        self._run("pg_ctl", "-D", self._data, "-w", "-l", self._folder / "log", "-o", options, "start")

    def die(self) -> None:
        """All of its processes end at once, as in a crash: the next start recovers from the log."""
        self._run("pg_ctl", "-D", self._data, "-w", "-m", "immediate", "stop")

    def _run(self, program: str, *arguments: str | Path) -> None:
        as_user = ["runuser", "-u", ACCOUNT, "--"] if os.geteuid() == 0 else []
        command = [*as_user, str(self._programs / program), *map(str, arguments)]
        subprocess.run(command, check=True, cwd=self._folder, stdout=subprocess.DEVNULL)


@contextmanager
def own_server() -> Iterator[OwnServer]:
    """Skips, or fails where CROSSDOCK_REQUIRE_POSTGRESQL=1, when the server's programs are not installed."""
    programs = _programs()
    folder = Path(tempfile.mkdtemp(prefix="crossdock-server-"))
    if os.geteuid() == 0:
        shutil.chown(folder, ACCOUNT, pwd.getpwnam(ACCOUNT).pw_gid)
    server = OwnServer(programs, folder)
    try:
        yield server
    finally:
        server.die()
        shutil.rmtree(folder)


def _programs() -> Path:
    found = shutil.which("initdb")
    candidates = [Path(found).parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not candidates:
        problem = "the programs of a PostgreSQL server (initdb, pg_ctl) are not installed"
        if os.environ.get("CROSSDOCK_REQUIRE_POSTGRESQL") == "1":
            pytest.fail(problem)
        pytest.skip(problem)
    return candidates[-1]
