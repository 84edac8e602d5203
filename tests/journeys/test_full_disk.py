"""A disk that is full and a file that is read-only: said clearly, nothing half, and the hub goes on by itself."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from crossdock.domain.sync import FlowKey
from crossdock.store import tables
from crossdock.store.database import Database
from crossdock.store.trouble import Kind, trouble_of
from crossdock.sync import lease
from crossdock.sync.engine import Engine
from crossdock.sync.lease import Ended, Lease
from crossdock.sync.run_records import RunState
from support.command import Command
from support.databases import open_database
from support.flows import ORDERS, add_flow, flow_row
from support.workers import until


class Disk:
    """Where the file of a database lies: `limit` says how, to each connection as it begins a transaction."""

    def __init__(self, database: Database) -> None:
        self.is_full = self.is_read_only = False
        event.listen(database.engine, "checkout", self._prepare)

    def _prepare(self, connection: Any, *_: object) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count={pages if self.is_full else 1 << 30}")
        connection.execute(f"PRAGMA query_only={int(self.is_read_only)}")


@contextmanager
def hub_on_a_disk(folder: Path) -> Iterator[tuple[Database, Disk]]:
    with open_database("sqlite", folder) as database:
        add_flow(database, ORDERS)
        yield database, Disk(database)


def write_a_lot(database: Database, held: Lease) -> Ended:
    """A page that needs room: all of its rows, or none."""
    with database.transaction() as tx:
        lease.check(tx, held)
        cursor = int(flow_row_in(tx, held.flow).cursor or 0)
        rows = [
            {"integration": "page", "kind": "row", "key": f"{cursor}-{number}", "value": "x" * 2000}
            for number in range(200)
        ]
        tx.execute(sa.insert(tables.memory), rows)
        tx.execute(
            sa.update(tables.flow).where(tables.flow.c.key == str(held.flow)).values(cursor=str(cursor + 1))
        )
    return Ended({"read": 200})


def flow_row_in(tx: Any, flow: FlowKey) -> Any:
    return tx.execute(sa.select(tables.flow).where(tables.flow.c.key == str(flow))).one()


def rows_of(database: Database) -> int:
    with database.reading() as tx:
        return int(tx.scalar(sa.select(sa.func.count()).select_from(tables.memory)) or 0)


@pytest.mark.engine
@pytest.mark.parametrize("how", ["is_full", "is_read_only"])
def test_a_page_that_cannot_be_written_is_not_half_there_and_the_hub_goes_on_by_itself(
    tmp_path: Path, how: str
) -> None:
    with (
        hub_on_a_disk(tmp_path) as (database, disk),
        Engine(database, lambda held: write_a_lot(database, held)) as engine,
    ):
        setattr(disk, how, True)
        try_to_wake(engine)
        until(lambda: database.trouble is not None, seconds=20)
        wanted = Kind.FULL if how == "is_full" else Kind.READ_ONLY
        assert database.trouble is not None
        assert database.trouble.kind is wanted
        assert str(database.file) in database.trouble.text
        assert "goes on by itself" in database.trouble.text
        time.sleep(2)
        assert rows_of(database) == 0

        setattr(disk, how, False)
        try_to_wake(engine)

        until(lambda: rows_of(database) == 200, seconds=60)
        assert engine.wait_until_idle({ORDERS}, 60)
        assert flow_row(database, ORDERS).cursor == "1"
        assert engine.history(ORDERS)[0].state is RunState.DONE


def try_to_wake(engine: Engine) -> None:
    """Somebody asks; while nothing can be written that fails as well."""
    with suppress(sa.exc.DBAPIError):
        engine.wake(ORDERS)


def test_what_is_wrong_is_told_from_mistakes_of_our_own(tmp_path: Path) -> None:
    with open_database("sqlite", tmp_path) as database:
        with pytest.raises(sa.exc.OperationalError) as raised, database.transaction() as tx:
            tx.execute(sa.text("SELECT nothing FROM nowhere"))

        assert trouble_of(raised.value, database.place) is None
        assert database.trouble is None


def test_a_file_that_is_no_database_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "hub.sqlite"
    file.write_text("not a database " * 100)
    monkeypatch.setenv("CROSSDOCK_DATABASE_URL", f"sqlite:///{file}")

    done = Command()("flows")

    assert done.code == 4
    assert f"Database damaged ({file})" in done.err
    assert "restore a backup" in done.err


def test_a_command_that_finds_its_file_read_only_names_it_and_the_fix(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "hub.sqlite"
    monkeypatch.setenv("CROSSDOCK_DATABASE_URL", f"sqlite:///{file}")
    assert Command()("key", "list").code == 0
    monkeypatch.setattr(sqlite3.dbapi2, "connect", read_only(sqlite3.dbapi2.connect))

    looked, made = Command()("flows"), Command()("key", "create", "scanner")

    assert looked.code == 0, looked.err
    assert made.code == 4
    assert f"Database read-only ({file})" in made.err
    assert "make it writable" in made.err


def read_only(connect: Any) -> Any:
    def connected(*parts: Any, **more: Any) -> Any:
        made = connect(*parts, **more)
        made.execute("PRAGMA query_only=1")
        return made

    return connected


def test_a_server_that_takes_nothing_is_told_apart_and_named_without_its_password(tmp_path: Path) -> None:
    with open_database("postgresql", tmp_path) as database:
        add_flow(database, ORDERS)
        name = database.engine.url.database
        with database.transaction() as tx:
            tx.execute(sa.text(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on'))
        beside = Database(database.url)
        with pytest.raises(sa.exc.DBAPIError):
            lease.want(beside, ORDERS)

        assert beside.trouble is not None
        assert beside.trouble.kind is Kind.READ_ONLY
        assert f"{name} on 127.0.0.1" in beside.trouble.text
        beside.close()


def test_a_server_that_is_not_there_is_said_to_be_away() -> None:
    database = Database("postgresql://hub:hunter2@127.0.0.1:1/hub")

    with pytest.raises(sa.exc.OperationalError) as raised, database.transaction():
        pass

    found = trouble_of(raised.value, database.place)
    assert found is not None
    assert found.kind is Kind.AWAY
    assert "hunter2" not in found.text
    database.close()
