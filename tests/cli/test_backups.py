"""The hub in a file, and back: what is refused, and what is in the file."""

from __future__ import annotations

import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from crossdock.sync import workers
from support.command import Command
from support.databases import fresh_database

KEY = "a test's own secret"


def make_hub(command: Command, folder: Path) -> Path:
    """A hub with a key of its API and one product, and the backup of it."""
    assert command("key", "create", "scanner").code == 0
    with closing(sqlite3.connect(folder / "hub.sqlite")) as connection:
        now = "2026-03-02 09:30:00"
        connection.execute(
            "INSERT INTO product (id, kind, title, body, source, channel_id, fingerprint, is_removed, seen_at, version,"
            " created_at, updated_at) VALUES ('prd_1', 'simple', 'Pot', '{}', 'hub', '1', 'x', 0, ?, 1, ?, ?)",
            (now, now, now),
        )
        connection.commit()
    file = folder / "hub.backup"
    done = command("backup", str(file), "--json")
    assert done.code == 0, done.err
    assert done.json()["has_key"] is False
    return file


def test_a_backup_is_one_file_for_its_owner_without_the_key(command: Command, tmp_path: Path) -> None:
    file = make_hub(command, tmp_path)

    assert file.stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(file) as archive:
        assert archive.namelist() == ["manifest.json", "hub"]
        assert all(KEY.encode() not in archive.read(name) for name in archive.namelist())
    assert [path.name for path in tmp_path.iterdir() if "backup" in path.name] == ["hub.backup"]
    assert command("backup", str(file)).code == 1


def test_with_key_puts_it_in_and_a_fresh_place_gets_it(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CROSSDOCK_SECRET_KEY")
    make_hub(command, tmp_path)
    kept = (tmp_path / "hub.sqlite.key").read_text().strip()
    file = tmp_path / "whole.backup"
    assert command("backup", str(file), "--with-key").code == 0
    elsewhere = tmp_path / "elsewhere"
    monkeypatch.setenv("CROSSDOCK_DATABASE_URL", f"sqlite:///{elsewhere}/hub.sqlite")

    done = command("restore", str(file))

    assert done.code == 0, done.err
    assert (elsewhere / "hub.sqlite.key").read_text().strip() == kept
    assert [each["name"] for each in command("key", "list", "--json").json()] == ["scanner"]


def test_without_the_key_it_names_the_place_for_it_and_makes_none(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = make_hub(command, tmp_path)
    monkeypatch.delenv("CROSSDOCK_SECRET_KEY")
    monkeypatch.setenv("CROSSDOCK_DATABASE_URL", f"sqlite:///{tmp_path}/new.sqlite")

    done = command("restore", str(file))

    assert done.code == 1
    assert f"put the key file of that hub at {tmp_path}/new.sqlite.key" in done.err
    assert not (tmp_path / "new.sqlite.key").exists()


def test_another_key_is_refused(command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = make_hub(command, tmp_path)
    monkeypatch.setenv("CROSSDOCK_SECRET_KEY", "another")

    done = command("restore", str(file), "--force")

    assert (done.code, "and this is" in done.err) == (1, True)
    assert "another" not in done.err.partition("and this is")[2]


def test_a_hub_that_has_something_is_replaced_by_force_only_and_put_aside(
    command: Command, tmp_path: Path
) -> None:
    file = make_hub(command, tmp_path)
    assert command("key", "create", "later").code == 0

    refused = command("restore", str(file))
    assert (refused.code, "--force" in refused.err) == (1, True)
    done = command("restore", str(file), "--force", "--json")

    assert done.code == 0, done.err
    assert [each["name"] for each in command("key", "list", "--json").json()] == ["scanner"]
    with closing(sqlite3.connect(done.json()["aside"])) as connection:
        assert connection.execute("SELECT count(*) FROM api_key").fetchone() == (2,)


def test_beside_a_running_worker_it_is_refused(command: Command, tmp_path: Path) -> None:
    file = make_hub(command, tmp_path)
    held = workers.lock(tmp_path / "hub.sqlite")
    assert held is not None

    with held:
        done = command("restore", str(file), "--force")

    assert (done.code, "stop it first" in done.err) == (1, True)


def test_a_backup_of_a_newer_crossdock_is_refused(command: Command, tmp_path: Path) -> None:
    make_hub(command, tmp_path)
    with closing(sqlite3.connect(tmp_path / "hub.sqlite")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    file = tmp_path / "newer.backup"
    assert command("backup", str(file)).code == 0

    done = command("restore", str(file), "--force")

    assert (done.code, "a newer Crossdock" in done.err) == (1, True)


@pytest.mark.parametrize("how", ["cut", "changed", "other"])
def test_what_is_damaged_or_no_backup_is_refused_and_changes_nothing(
    command: Command, tmp_path: Path, how: str
) -> None:
    file = make_hub(command, tmp_path)
    before = (tmp_path / "hub.sqlite").read_bytes()
    if how == "changed":
        with zipfile.ZipFile(file) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("manifest.json", parts["manifest.json"])
            archive.writestr("hub", parts["hub"][:-1] + b"!")
    else:
        file.write_bytes(file.read_bytes()[:-200] if how == "cut" else b"something else")

    done = command("restore", str(file), "--force")

    assert done.code == 1
    assert "damaged" in done.err or "no backup" in done.err
    assert (tmp_path / "hub.sqlite").read_bytes() == before


def test_where_nothing_is_there_is_nothing_to_back_up(command: Command, tmp_path: Path) -> None:
    done = command("backup", str(tmp_path / "hub.backup"))

    assert (done.code, "There is no hub" in done.err) == (1, True)
    assert not (tmp_path / "hub.backup").exists()


def test_without_the_programs_of_postgresql_it_says_what_to_install(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with fresh_database("postgresql", tmp_path, empty=True) as url:
        monkeypatch.setenv("CROSSDOCK_DATABASE_URL", url)
        assert command("key", "list").code == 0
        monkeypatch.setenv("PATH", str(tmp_path))

        done = command("backup", str(tmp_path / "hub.backup"))

    assert (done.code, "pg_dump is not in PATH" in done.err) == (1, True)
    assert list(tmp_path.glob("*backup*")) == []
