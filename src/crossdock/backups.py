"""Puts a whole hub into one file, and back: what is checked before, and what the hub has to know afterwards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from crossdock import __version__
from crossdock.config import Config
from crossdock.operations.setup import integrations, restored
from crossdock.operations.views import views
from crossdock.store import snapshots
from crossdock.store.cipher import Cipher, WrongKeyError, fingerprint
from crossdock.store.database import Database
from crossdock.store.migrations import known_schemas, migrate, schema_of
from crossdock.store.snapshots import FORMAT, Manifest, SnapshotError
from crossdock.sync import lease, workers

ASIDE = "before-restore"


def backup(config: Config, file: Path, *, now: datetime, with_key: bool = False) -> Manifest:
    """Put the hub, as it is at this moment, into a file, while it goes on working. Raises SnapshotError, ConfigError."""
    if not file.parent.is_dir():
        raise SnapshotError(f"There is no folder {file.parent}")
    secrets = config.secrets()
    database = Database(config.database_url)
    try:
        about = _about(database, secrets, now)
        return snapshots.write(database, file, about, keys=secrets if with_key else ())
    finally:
        database.close()


def _about(database: Database, secrets: Sequence[str], now: datetime) -> Manifest:
    with database.reading() as tx:
        schema = schema_of(tx)
    if schema is None:
        raise SnapshotError("There is no hub to back up; look at CROSSDOCK_DATABASE_URL")
    return Manifest(
        format=FORMAT,
        version=__version__,
        kind=_kind(database),
        schema=schema,
        made_at=now,
        key_fingerprints=Cipher(secrets).fingerprints,
        sha256="",
    )


def _kind(database: Database) -> str:
    return "sqlite" if database.is_sqlite else "postgresql"


@dataclass(frozen=True, slots=True)
class Restoring:
    """What became of a restore: which backup it was, and where that which was there before has been put."""

    manifest: Manifest
    aside: Path | None
    has_brought_key: bool


def restore(config: Config, file: Path, *, now: datetime, force: bool = False) -> Restoring:
    """Bring the hub back to a backup, and have it read first what happened since. Raises SnapshotError, WrongKeyError.

    Refused over a hub that has something in it unless `force`, beside a running worker, with another key than the
    backup was made with, and for a newer schema.
    """
    manifest = snapshots.read_manifest(file)
    if manifest.schema not in known_schemas():
        raise SnapshotError(
            f"{file} was made by a newer Crossdock ({manifest.version}); restore it with that one"
        )
    secrets, is_brought = _keys(config, file, manifest)
    database = Database(config.database_url)
    try:
        if manifest.kind != _kind(database):
            raise SnapshotError(
                f"{file} holds a {manifest.kind} database; CROSSDOCK_DATABASE_URL names another kind"
            )
        with _alone(database):
            is_there = _is_in_use(database)
            if is_there and not force:
                raise SnapshotError("There is a hub already; --force puts the backup in its place")
            folder = database.file.parent if database.file else file.parent
            with snapshots.unpacked(file, manifest, folder) as content:
                put = _put_sqlite if database.is_sqlite else _put_postgresql
                aside = put(database, content, (file, now) if is_there else None, Cipher(secrets))
    finally:
        database.close()
    if is_brought:
        config.keep_secrets(secrets)
    return Restoring(manifest, aside, is_brought)


def _keys(config: Config, file: Path, manifest: Manifest) -> tuple[list[str], bool]:
    """The secrets that the backup can be read with, and whether they came with it."""
    known = config.known_secrets()
    if manifest.key_fingerprints[0] in map(fingerprint, known):
        return known, False
    if not known and (brought := snapshots.read_keys(file)):
        return brought, True
    where = config.key_place()
    raise WrongKeyError(
        f"{file} was made with key {manifest.key_fingerprints[0]}, which is not at hand; {where}"
        if not known
        else f"{file} was made with key {manifest.key_fingerprints[0]}, and this is {fingerprint(known[0])}; {where}"
    )


@contextmanager
def _alone(database: Database) -> Iterator[None]:
    """While no worker works on this database. Raises SnapshotError where one does."""
    if database.file is None:
        if _has_tables(database) and workers.live_workers(database):
            raise SnapshotError("A worker is running; stop every serve and worker, and try again after 15 s")
        yield
        return
    held = workers.lock(database.file)
    if held is None:
        raise SnapshotError(f"A process is working on {database.file}; stop it first")
    with held:
        yield


def _has_tables(database: Database) -> bool:
    with database.reading() as tx:
        return bool(views.is_laid_out(tx))


def _is_in_use(database: Database) -> bool:
    if not _has_tables(database):
        return False
    with database.reading() as tx:
        return bool(integrations.every(tx)) or views.has_records(tx)


Before = tuple[Path, datetime] | None
"""The backup, and now, where something was there before that has to be put aside."""


def _put_sqlite(database: Database, content: Path, before: Before, cipher: Cipher) -> Path | None:
    """Prepared beside it, then exchanged: at every moment the file is the hub before or the hub after."""
    target = Path(str(database.file))
    aside = None
    if before is not None:
        _, now = before
        aside = target.with_name(f"{target.name}.{ASIDE}-{now:%Y%m%dT%H%M%S}")
        snapshots.copy_sqlite(database, aside)
    database.close()
    prepared = Database(f"sqlite:///{content}")
    try:
        _prepare(prepared, cipher)
    finally:
        prepared.close()
    snapshots.swap_sqlite(content, target)
    return aside


def _put_postgresql(database: Database, content: Path, before: Before, cipher: Cipher) -> Path | None:
    aside = None
    if before is not None:
        file, now = before
        aside = file.with_name(f"{file.name}.{ASIDE}-{now:%Y%m%dT%H%M%S}.dump")
        snapshots.dump(database.url, aside)
    snapshots.clear_postgresql(database)
    snapshots.load_dump(database.url, content)
    _prepare(database, cipher)
    return aside


def _prepare(database: Database, cipher: Cipher) -> None:
    """Bring it to this schema, see that its secrets can be read, and note that it has been away."""
    migrate(database)
    with database.transaction() as tx:
        for integration in integrations.every(tx):
            integration.secrets(cipher)
        restored.begin(tx, lease.moment(tx, database))
