"""What SQLite alone takes for a catalog as the hub keeps it: the same rows and indexes, written by hand, page by page."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path

from bench.floor import Measured

A_PAGE = {"product": 250, "variant": 1250, "listing": 1250, "event": 250}
"""Tables whose rows a pull of products writes, and how many with each page, of products of five variants."""


def written_again(source: Path, folder: Path) -> Measured:
    """Copy the hub's catalog into a fresh file in the order in which the hub wrote it; only the writing is measured."""
    with closing(sqlite3.connect(source)) as hub, closing(_like(hub, folder / "again.sqlite")) as again:
        rows = {name: hub.execute(f"SELECT * FROM {name} ORDER BY rowid") for name in A_PAGE}  # noqa: S608
        seconds = cpu = 0.0
        while page := {name: some for name, size in A_PAGE.items() if (some := rows[name].fetchmany(size))}:
            began, began_cpu = time.perf_counter(), time.thread_time()
            again.execute("BEGIN")
            for name, some in page.items():
                marks = ",".join("?" * len(some[0]))
                again.executemany(f"INSERT INTO {name} VALUES ({marks})", some)  # noqa: S608
            again.execute("COMMIT")
            seconds += time.perf_counter() - began
            cpu += time.thread_time() - began_cpu
        return Measured(seconds, cpu)


def _like(hub: sqlite3.Connection, file: Path) -> sqlite3.Connection:
    """An empty database with the hub's tables and indexes, as safe as the floor's."""
    made = sqlite3.connect(file, isolation_level=None)
    made.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF")
    for kind, table, statement in hub.execute(
        "SELECT type, tbl_name, sql FROM sqlite_master ORDER BY type DESC"
    ):
        if table in A_PAGE and kind in ("table", "index") and statement:
            made.execute(statement)
    return made
