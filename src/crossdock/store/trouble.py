"""What is wrong with a database that fails: full, read-only, damaged or away, with the place and the fix."""

from __future__ import annotations

import shutil
import sqlite3
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import sqlalchemy as sa

LEAST_FREE_BYTES = 32 << 20
"""With less room on its disk a hub is not ready: the next page may not fit."""


class Kind(StrEnum):
    FULL = "disk full"
    READ_ONLY = "database read-only"
    DAMAGED = "database damaged"
    AWAY = "database not reachable"


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong, and a sentence that says where and what to do."""

    kind: Kind
    text: str


FIXES = {
    Kind.FULL: "make room on its disk; the hub goes on by itself",
    Kind.READ_ONLY: "make it writable for the user that the hub runs as; the hub goes on by itself",
    Kind.DAMAGED: "stop the hub and restore a backup (crossdock restore)",
    Kind.AWAY: "look whether it runs and at CROSSDOCK_DATABASE_URL; the hub goes on by itself",
}
OF_SQLITE = {
    "SQLITE_FULL": Kind.FULL,
    "SQLITE_READONLY": Kind.READ_ONLY,
    "SQLITE_PERM": Kind.READ_ONLY,
    "SQLITE_AUTH": Kind.READ_ONLY,
    "SQLITE_CORRUPT": Kind.DAMAGED,
    "SQLITE_NOTADB": Kind.DAMAGED,
    "SQLITE_CANTOPEN": Kind.AWAY,
    "SQLITE_IOERR": Kind.AWAY,
}
OF_POSTGRESQL = {"53100": Kind.FULL, "25006": Kind.READ_ONLY, "XX001": Kind.DAMAGED, "XX002": Kind.DAMAGED}
AWAY_CLASSES = ("08", "57P", "53300")


def trouble_of(error: BaseException, place: str) -> Trouble | None:
    """None where the database itself is well, such as when a statement is wrong or a lock took too long."""
    cause = error.orig if isinstance(error, sa.exc.DBAPIError) else error
    kind = _of_sqlite(cause) if isinstance(cause, sqlite3.Error) else _of_postgresql(cause)
    return Trouble(kind, f"{kind.capitalize()} ({place}): {FIXES[kind]}") if kind else None


def _of_sqlite(error: sqlite3.Error) -> Kind | None:
    name = str(getattr(error, "sqlite_errorname", ""))
    return next((kind for start, kind in OF_SQLITE.items() if name.startswith(start)), None)


def _of_postgresql(error: BaseException | None) -> Kind | None:
    if error is None or not hasattr(error, "sqlstate"):
        return None
    state = error.sqlstate
    if state is None:  # the server said nothing, because it was not there to say it
        return Kind.AWAY if type(error).__name__ == "OperationalError" else None
    return OF_POSTGRESQL.get(state) or (Kind.AWAY if state.startswith(AWAY_CLASSES) else None)


def shortage_of_room(file: Path | None) -> Trouble | None:
    """Where the disk of an SQLite file is as good as full; a server's disk is its own matter."""
    if file is None:
        return None
    free = shutil.disk_usage(file.absolute().parent).free
    if free >= LEAST_FREE_BYTES:
        return None
    return Trouble(Kind.FULL, f"{free >> 20} MiB are left on the disk of {file}: {FIXES[Kind.FULL]}")
