"""A database file with the hub's newest schema, migrated once in a process."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from crossdock.store.database import Database
from crossdock.store.migrations import migrate
from support.databases import take_copy


def lay_out(url: str) -> None:
    """Put it where a hub is to be opened; on PostgreSQL the hub makes its own."""
    database = Database(url)
    if (file := database.file) is not None and not file.exists():
        file.write_bytes(_blank())
    database.close()


@cache
def _blank() -> bytes:
    with TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'blank.sqlite'}")
        migrate(database)
        database.close()
        copy = take_copy(database)
    assert isinstance(copy, bytes)
    return copy
