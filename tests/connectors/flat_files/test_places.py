"""Folders and servers as they are: links, missing rights, full disks, dropped connections, other keys."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from connectors.flat_files.bench import Bench, change, everything, in_folder, order
from crossdock.connectors.errors import (
    AccessMissingError,
    CredentialsError,
    RefusedError,
    SettingsError,
    UnavailableError,
)
from crossdock.connectors.flat_files.credentials import FlatFilesCredentials
from crossdock.connectors.flat_files.files import failure
from crossdock.connectors.flat_files.folder import FolderFiles
from crossdock.domain.sync import Confirmed
from support.sftp_server import PASSWORD, SftpServer, sftp_server

FULFILLMENT = "number,line,quantity\n1001-1,1,2\n"


def push(bench: Bench, *, is_unclear: bool = False) -> Any:
    return next(bench.connector().push_shipping_requests([change(order(), is_unclear=is_unclear)]))


def finished(bench: Bench) -> list[str]:
    return [name for name in bench.names("outgoing") if not name.endswith(".part")]


# Both kinds of places


def test_the_check_makes_missing_folders_and_leaves_nothing_in_them(bench: Bench) -> None:
    for path in bench.root.iterdir():
        path.rmdir()

    account = bench.connector(fulfillments_folder="in/ship").check()

    assert account.missing_access == ()
    assert list((bench.root / "in/ship").iterdir()) == []
    made = {path.name for path in bench.root.iterdir()}
    assert made == {"outgoing", "in", "stock", "processed", "failed"}


def test_only_folders_that_are_used_are_looked_at(folder: Bench) -> None:
    (folder.root / "stock").rmdir()
    (folder.root / "stock").write_text("no folder at all")

    assert folder.connector(inventory=False).check().missing_access == ()
    [lacking] = folder.connector().check().missing_access
    assert lacking.startswith("stock: ")


@pytest.mark.parametrize("name", ["../outside.csv", "/etc/passwd", "a/../../b", "a\\b", "a\x00b", "", "a//b"])
def test_no_path_leaves_the_base_folder(folder: Bench, name: str) -> None:
    files = FolderFiles(str(folder.root))

    for act in (files.read, files.size, files.remove, files.ensure, files.entries):
        with pytest.raises(RefusedError, match="base folder"):
            act(name)


# A folder


def test_links_are_not_followed(tmp_path: Path) -> None:
    bench = in_folder(tmp_path / "base")
    secret = tmp_path / "secret.csv"
    secret.write_text(FULFILLMENT)
    (bench.root / "fulfillments/link.csv").symlink_to(secret)
    records, bad, _ = everything(bench.connector().pull_fulfillments(None))
    assert (records, bad) == ([], [])

    files = FolderFiles(str(bench.root))
    with pytest.raises(AccessMissingError):
        files.read("fulfillments/link.csv")
    with pytest.raises(AccessMissingError):
        files.write("fulfillments/link.csv", b"overwritten")
    (bench.root / "stock").rmdir()
    (bench.root / "stock").symlink_to(tmp_path)
    with pytest.raises(AccessMissingError, match="link"):
        files.entries("stock")
    with pytest.raises(AccessMissingError, match="link"):
        files.read("stock/secret.csv")
    assert secret.read_text() == FULFILLMENT


def test_a_full_disk_hands_nothing_over_and_says_so(folder: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(RefusedError, match="no space is left") as refused:
            push(folder)
    assert refused.value.code == "no_space"
    assert finished(folder) == []

    assert isinstance(push(folder, is_unclear=True), Confirmed)
    assert len(folder.names("outgoing")) == 1


def test_a_base_folder_that_is_not_there_is_the_credentials_fault(tmp_path: Path) -> None:
    bench = Bench(tmp_path, {"where": "folder", "folder": str(tmp_path / "nowhere")})

    with pytest.raises(CredentialsError, match="nowhere"):
        bench.connector().check()
    assert not (tmp_path / "nowhere").exists()


def test_a_file_that_is_too_large_is_set_aside(folder: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crossdock.connectors.flat_files.folder.LARGEST_FILE_BYTES", 100)
    folder.put("fulfillments/a.csv", FULFILLMENT + " " * 100)

    records, bad, cursor = everything(folder.connector().pull_fulfillments(None))
    assert records == []
    assert "split it" in bad[0][1]
    list(folder.connector().pull_fulfillments(cursor))
    assert len(folder.names("failed")) == 1


# A server


def test_a_server_whose_key_is_unknown_gets_no_password_and_its_key_is_told(server: SftpServer) -> None:
    bench = Bench(server.root, server.credentials(host_key=""))

    with pytest.raises(CredentialsError) as refused:
        bench.connector().check()

    assert server.fingerprint in str(refused.value)
    assert "Ask the warehouse" in refused.value.fix
    assert server.logins == 0


def test_a_server_whose_key_changed_is_not_written_to(server: SftpServer) -> None:
    other = str(asyncssh.generate_private_key("ssh-ed25519").get_fingerprint())
    bench = Bench(server.root, server.credentials(host_key=other))

    with pytest.raises(CredentialsError, match="not the one that was entered"):
        push(bench)
    assert (server.logins, bench.names("outgoing")) == (0, [])


def test_of_several_keys_any_is_good(server: SftpServer) -> None:
    other = str(asyncssh.generate_private_key("ssh-ed25519").get_fingerprint())
    bench = Bench(server.root, server.credentials(host_key=f"{other}, {server.fingerprint}="))

    assert bench.connector().check().missing_access == ()


def test_a_wrong_password_is_said_without_it(server: SftpServer) -> None:
    bench = Bench(server.root, server.credentials(password="wrong-one"))

    with pytest.raises(CredentialsError) as refused:
        bench.connector().check()

    assert "wrong-one" not in f"{refused.value}{refused.value.fix}{bench.connector()._credentials!r}"
    assert "hub@127.0.0.1" in str(refused.value)


@pytest.mark.parametrize("passphrase", ["", "open sesame"])
def test_a_private_key_opens_the_door(tmp_path: Path, passphrase: str) -> None:
    key = asyncssh.generate_private_key("ssh-ed25519")
    text = key.export_private_key(passphrase=passphrase or None, rounds=1, ignore_few_rounds=True).decode()
    with sftp_server(tmp_path, authorized=key.export_public_key().decode()) as server:
        given = server.credentials(password="", private_key=text.replace("\n", "\r\n"), passphrase=passphrase)
        account = Bench(tmp_path, given).connector().check()

    assert account.missing_access == ()
    there = f"sftp://hub@127.0.0.1:{server.port}/"
    assert (account.name, account.channel_id) == ("SFTP server 127.0.0.1", there)


def test_a_server_that_is_away_was_certainly_not_written_to(server: SftpServer, remote: Bench) -> None:
    nobody = Bench(server.root, server.credentials(port=1))

    with pytest.raises(UnavailableError) as away:
        push(nobody)
    assert not away.value.is_unclear


def test_a_folder_without_rights_is_named(server: SftpServer, remote: Bench) -> None:
    server.denied = {"stock"}

    [lacking] = remote.connector().check().missing_access
    assert lacking.startswith("stock: ")
    with pytest.raises(AccessMissingError, match="stock"):
        list(remote.connector().pull_inventory(None))


@pytest.mark.parametrize("fault", ["drops_while_writing", "drops_before_rename", "drops_after_rename"])
def test_a_dropped_connection_is_unclear_and_the_next_try_makes_it_one_file(
    server: SftpServer, remote: Bench, fault: str
) -> None:
    setattr(server, fault, 1)
    with pytest.raises(UnavailableError) as dropped:
        push(remote)
    assert dropped.value.is_unclear
    assert len(finished(remote)) == (fault == "drops_after_rename")

    assert isinstance(push(remote, is_unclear=True), Confirmed)
    [name] = remote.names("outgoing")
    assert remote.texts("outgoing")[name].count("\r\n") == 3


def test_taken_before_the_answer_was_lost_it_is_not_written_again(server: SftpServer, remote: Bench) -> None:
    server.drops_after_rename = 1
    with pytest.raises(UnavailableError):
        push(remote)
    next((server.root / "outgoing").iterdir()).unlink()

    assert isinstance(push(remote, is_unclear=True), Confirmed)
    assert remote.names("outgoing") == []


@pytest.mark.parametrize("fault", ["drops_before_rename", "drops_after_rename"])
def test_a_connection_dropped_at_a_claim_loses_no_file(server: SftpServer, remote: Bench, fault: str) -> None:
    remote.put("fulfillments/a.csv", FULFILLMENT)
    setattr(server, fault, 1)
    with pytest.raises(UnavailableError):
        list(remote.connector().pull_fulfillments(None))

    records, bad, cursor = everything(remote.connector().pull_fulfillments(None))
    assert (len(records), bad) == (1, [])

    setattr(server, fault, 1)
    with pytest.raises(UnavailableError):
        list(remote.connector().pull_fulfillments(cursor))
    assert everything(remote.connector().pull_fulfillments(cursor))[0] == []
    assert len(remote.names("processed")) == 1


def test_servers_without_a_rename_in_one_step_are_served_too(server: SftpServer, remote: Bench) -> None:
    server.knows_posix_rename = False

    assert isinstance(push(remote), Confirmed)
    assert len(finished(remote)) == 1


def test_a_base_folder_of_the_server_holds_all_others(server: SftpServer) -> None:
    (server.root / "shop/outgoing").mkdir(parents=True)
    bench = Bench(server.root / "shop", server.credentials(folder="/shop/"))

    push(bench)

    assert len(finished(bench)) == 1


def test_a_host_inside_a_private_network_has_to_be_named_first(server: SftpServer) -> None:
    bench = Bench(server.root, server.credentials(host="10.0.0.7"))

    with pytest.raises(CredentialsError, match="CROSSDOCK_PRIVATE_HOSTS"):
        bench.connector().check()


# What can be entered


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"where": "folder", "folder": "relative"}, "folder"),
        ({"where": "folder"}, "folder"),
        ({"where": "folder", "folder": "/a/../b"}, "folder"),
        ({"where": "sftp", "user": "u", "password": "p"}, "host"),
        ({"where": "sftp", "host": "h", "password": "p"}, "user"),
        ({"where": "sftp", "host": "h", "user": "u"}, "password"),
        ({"where": "sftp", "host": "h", "user": "u", "password": "p", "port": 0}, "port"),
        ({"where": "sftp", "host": "h", "user": "u", "password": "p", "host_key": "MD5:aa"}, "host_key"),
        ({"where": "sftp", "host": "h", "user": "u", "private_key": "no key: s3cret"}, "private_key"),
        ({"where": "ftp"}, "where"),
    ],
)
def test_what_is_missing_or_wrong_is_named(given: dict[str, Any], field: str) -> None:
    with pytest.raises(SettingsError) as refused:
        FlatFilesCredentials.parse(given)

    assert refused.value.field == field
    assert "s3cret" not in str(refused.value)


def test_secrets_are_only_said_to_be_set(server: SftpServer) -> None:
    credentials = FlatFilesCredentials.parse(server.credentials())

    assert credentials.shown()["password"] == "set"
    assert PASSWORD not in f"{credentials!r}{credentials.place}"
    assert FlatFilesCredentials.parse(credentials.as_stored()) == credentials


def test_every_error_of_a_place_says_who_has_to_act() -> None:
    kinds = {
        errno.ENOSPC: RefusedError,
        errno.EACCES: AccessMissingError,
        errno.EXDEV: AccessMissingError,
        errno.EIO: UnavailableError,
    }
    for number, kind in kinds.items():
        assert type(failure("read a", OSError(number, "why"))) is kind
