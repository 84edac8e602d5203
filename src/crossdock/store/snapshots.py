"""One file that holds a whole hub: its database, what it needs to be read again, and a checksum over it."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from crossdock.store.database import Database
from crossdock.store.tables import metadata

FORMAT = 1
MANIFEST, CONTENT, KEY = "manifest.json", "hub", "key"
CHUNK_BYTES = 1 << 20
LONGEST_DUMP_SECONDS = 6 * 3600


class SnapshotError(Exception):
    """A backup cannot be made or used; the message says why and what to do."""


class Manifest(msgspec.Struct, frozen=True):
    """What a backup says of itself. `key_fingerprints` name the keys it was stored with, the newest first."""

    format: int
    version: str
    kind: str
    """sqlite or postgresql."""
    schema: str
    made_at: datetime
    key_fingerprints: tuple[str, ...]
    sha256: str
    has_key: bool = False


# Making one


def write(database: Database, file: Path, about: Manifest, *, keys: Sequence[str] = ()) -> Manifest:
    """Put the database, as it is at this moment, into `file`; whoever works on it goes on. Raises SnapshotError.

    `keys` are the secrets to put in as well; then the file alone opens everything.
    """
    beside = file.with_name(f"{file.name}.part")
    with tempfile.TemporaryDirectory(dir=file.parent, prefix=".crossdock-backup-") as folder:
        content = Path(folder) / CONTENT
        copy_sqlite(database, content) if database.is_sqlite else dump(database.url, content)
        whole = msgspec.structs.replace(about, sha256=_sha256(content), has_key=bool(keys))
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with (
            os.fdopen(descriptor, "wb") as out,
            zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as into,
        ):
            into.writestr(MANIFEST, msgspec.json.format(msgspec.json.encode(whole)))
            into.write(content, CONTENT)
            if keys:
                into.writestr(KEY, ",".join(keys))
    beside.replace(file)
    return whole


def copy_sqlite(database: Database, to: Path) -> None:
    """By SQLite's own backup, which begins anew where somebody writes meanwhile, and ends in one consistent state."""
    with closing(sqlite3.connect(str(database.file))) as source, closing(sqlite3.connect(to)) as target:
        source.execute("PRAGMA busy_timeout=30000")
        # All at once: in steps, a hub that never stops writing would have it begin anew for ever.
        source.backup(target, pages=-1)
        target.execute("PRAGMA journal_mode=DELETE")
        if target.execute("PRAGMA quick_check").fetchone() != ("ok",):
            raise SnapshotError(f"{database.file} is damaged; restore a backup that was made before")


def dump(url: str, to: Path) -> None:
    _run_tool("pg_dump", url, "--format=custom", "--no-owner", "--no-privileges", f"--file={to}")


# Reading one


def read_manifest(file: Path) -> Manifest:
    """Raises SnapshotError where the file is no backup, or not as it was made."""
    with _opened(file) as archive:
        try:
            manifest = msgspec.json.decode(archive.read(MANIFEST), type=Manifest)
        except (KeyError, msgspec.MsgspecError):
            raise SnapshotError(f"{file} is no backup of a Crossdock hub") from None
    if manifest.format > FORMAT:
        raise SnapshotError(f"{file} was made by Crossdock {manifest.version}; restore it with that version")
    return manifest


def read_keys(file: Path) -> list[str]:
    """The secrets that were put in; none where it was made without."""
    with _opened(file) as archive:
        return archive.read(KEY).decode().split(",") if KEY in archive.namelist() else []


@contextmanager
def unpacked(file: Path, manifest: Manifest, beside: Path) -> Iterator[Path]:
    """Its database, as a file in the folder `beside`, gone afterwards. Raises SnapshotError where it was changed."""
    with (
        tempfile.TemporaryDirectory(dir=beside, prefix=".crossdock-restore-") as folder,
        _opened(file) as archive,
    ):
        content = Path(folder) / CONTENT
        try:
            with archive.open(CONTENT) as source, content.open("wb") as target:
                shutil.copyfileobj(source, target, CHUNK_BYTES)
        except (KeyError, zipfile.BadZipFile):
            raise SnapshotError(f"{file} is damaged: its content cannot be read") from None
        if _sha256(content) != manifest.sha256:
            raise SnapshotError(f"{file} is damaged: its checksum does not fit")
        yield content


@contextmanager
def _opened(file: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(file) as archive:
            yield archive
    except FileNotFoundError:
        raise SnapshotError(f"There is no file {file}") from None
    except zipfile.BadZipFile:
        raise SnapshotError(f"{file} is no backup, or was cut short") from None


def _sha256(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


# Putting one back


def swap_sqlite(prepared: Path, target: Path) -> None:
    """Have a prepared database file take the place of another, whole or not at all. Nobody has either open."""
    for file in (prepared, target):
        if file.exists():
            with closing(sqlite3.connect(file)) as connection:
                # What a log beside it still held would be read into the file that takes its place.
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                connection.execute("PRAGMA journal_mode=DELETE")
    prepared.replace(target)


def clear_postgresql(database: Database) -> None:
    """Remove all tables of the hub and of its queue, so that a dump finds room."""
    with database.transaction() as tx:
        tx.execute(sa.text("DROP SCHEMA IF EXISTS dbos CASCADE"))
        metadata.drop_all(tx)
        tx.execute(sa.text("DROP TABLE IF EXISTS alembic_version"))


def load_dump(url: str, dump: Path) -> None:
    """Bring a database without tables of ours to what the dump says, whole or not at all. Raises SnapshotError."""
    _run_tool(
        "pg_restore",
        url,
        "--no-owner",
        "--no-privileges",
        "--single-transaction",
        "--exit-on-error",
        str(dump),
    )


def _run_tool(tool: str, url: str, *arguments: str) -> None:
    """The password goes by the environment: the arguments of a process can be read by everybody on its machine."""
    program = shutil.which(tool)
    if program is None:
        raise SnapshotError(f"{tool} is not in PATH; install the client programs of PostgreSQL")
    parts = make_url(url)
    plain = parts.set(drivername="postgresql", password=None).render_as_string()
    environment = os.environ | ({"PGPASSWORD": str(parts.password)} if parts.password else {})
    done = subprocess.run(  # noqa: S603  # our own arguments; the address is the configured one
        [program, f"--dbname={plain}", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=LONGEST_DUMP_SECONDS,
        check=False,
    )
    if done.returncode:
        said = next((line for line in done.stderr.splitlines() if line.strip()), "no reason given")
        raise SnapshotError(f"{tool} failed: {said}")
