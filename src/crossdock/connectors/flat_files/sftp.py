"""Files on an SFTP server, whose host key has to be known before anything secret is sent."""

from __future__ import annotations

import contextlib
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import paramiko

from crossdock.connectors.errors import CredentialsError, RefusedError, SettingsError, UnavailableError
from crossdock.connectors.flat_files.credentials import FlatFilesCredentials, fingerprints
from crossdock.connectors.flat_files.files import LARGEST_FILE_BYTES, Entry, safe, telling, too_large
from crossdock.connectors.flat_files.private_key import read_private_key
from crossdock.connectors.http import Http

CONNECT_SECONDS = 15.0
ANSWER_SECONDS = 60.0


class SftpFiles:
    """Files below one folder of a server; it stays connected as long as `connected` does."""

    def __init__(self, client: paramiko.SFTPClient, base: str, place: str) -> None:
        self.place = place
        self._client = client
        self._base = base.rstrip("/") if base != "/" else "/"

    def entries(self, folder: str) -> list[Entry]:
        with _asked(f"list {folder}"):
            try:
                found = self._client.listdir_attr(self._path(folder))
            except UnicodeDecodeError as error:
                reason = f"Cannot list {folder}: the name of a file in it is no UTF-8"
                raise RefusedError(reason, fix="Have that file renamed or removed") from error
        return [
            Entry(each.filename, each.st_size or 0, datetime.fromtimestamp(each.st_mtime or 0, UTC))
            for each in found
            if stat.S_ISREG(each.st_mode or 0)
        ]

    def size(self, path: str) -> int | None:
        with _asked(f"look at {path}"):
            try:
                found = self._client.lstat(self._path(path))
            except FileNotFoundError:
                return None
        return found.st_size if stat.S_ISREG(found.st_mode or 0) else None

    def read(self, path: str) -> bytes:
        size = self.size(path) or 0
        if size > LARGEST_FILE_BYTES:
            raise too_large(path, size)
        with _asked(f"read {path}"), self._client.open(self._path(path), "rb") as file:
            file.prefetch(size)
            content: bytes = file.read(LARGEST_FILE_BYTES + 1)
        if len(content) > LARGEST_FILE_BYTES:
            raise too_large(path, len(content))
        return content

    def write(self, path: str, content: bytes) -> None:
        with _asked(f"write {path}"):
            with self._client.open(self._path(path), "wb") as file:
                file.set_pipelined(True)
                file.write(content)
            written = self._client.stat(self._path(path)).st_size
        if written != len(content):
            raise UnavailableError(f"Cannot write {path}: {written} of {len(content)} bytes have arrived")

    def rename(self, path: str, target: str) -> None:
        if self.size(target) is not None:
            raise RefusedError(f"Cannot rename {path}: {target} is there already", code="exists")
        source, there = self._path(path), self._path(target)
        with _asked(f"rename {path} to {target}"):
            try:
                self._client.posix_rename(source, there)
            except OSError as error:
                if error.errno is not None:
                    raise
                # The extension for one step is not known to every server; the rename of the protocol is.
                self._client.rename(source, there)

    def remove(self, path: str) -> None:
        with _asked(f"remove {path}"):
            self._client.remove(self._path(path))

    def ensure(self, folder: str) -> None:
        parts = safe(folder).split("/")
        for depth in range(1, len(parts) + 1):
            part = "/".join(parts[:depth])
            with _asked(f"make the folder {part}"):
                try:
                    self._client.stat(self._path(part))
                except FileNotFoundError:
                    self._client.mkdir(self._path(part))

    def _path(self, path: str) -> str:
        base = self._base
        return safe(path) if not base else f"{base.rstrip('/')}/{safe(path)}"


@contextmanager
def connected(http: Http, credentials: FlatFilesCredentials) -> Iterator[SftpFiles]:
    """The server's files while the block runs. Raises CredentialsError for a host key or login that does not fit."""
    with contextlib.closing(paramiko.SSHClient()) as client:
        client.set_missing_host_key_policy(_Pinned(credentials.host_key))
        _log_in(client, http, credentials)
        try:
            session = client.open_sftp()
            _channel(session).settimeout(ANSWER_SECONDS)
        except (paramiko.SSHException, OSError, EOFError) as error:
            raise UnavailableError(
                f"{credentials.place} offers no SFTP: {_said(error)}", is_unclear=False
            ) from error
        yield SftpFiles(session, credentials.folder, credentials.place)


def _log_in(client: paramiko.SSHClient, http: Http, credentials: FlatFilesCredentials) -> None:
    place = credentials.place
    key = credentials.private_key.get_secret_value()
    try:
        http.check_host(credentials.host, field="host")
        sock = socket.create_connection((credentials.host, credentials.port), timeout=CONNECT_SECONDS)
        client.connect(
            credentials.host,
            credentials.port,
            credentials.user,
            password=credentials.password.get_secret_value() or None,
            pkey=read_private_key(key, credentials.passphrase.get_secret_value()) if key else None,
            sock=sock,
            timeout=CONNECT_SECONDS,
            banner_timeout=CONNECT_SECONDS,
            auth_timeout=CONNECT_SECONDS,
            allow_agent=False,
            look_for_keys=False,
        )
    except SettingsError as error:
        raise CredentialsError(str(error)) from error
    except paramiko.AuthenticationException as error:
        raise CredentialsError(
            f"{place} does not let this user in", fix="Correct user, password or private key"
        ) from error
    except (paramiko.SSHException, OSError, EOFError) as error:
        raise UnavailableError(f"{place} cannot be reached: {_said(error)}", is_unclear=False) from error


class _Pinned(paramiko.MissingHostKeyPolicy):
    """Lets in no server but the one whose key was entered. It is asked before user and password are sent."""

    def __init__(self, accepted: str) -> None:
        self._accepted = fingerprints(accepted)

    def missing_host_key(self, client: paramiko.SSHClient, hostname: str, key: paramiko.PKey) -> None:  # noqa: ARG002
        if key.fingerprint in self._accepted:
            return
        seen = f"{hostname} shows the host key {key.fingerprint} ({key.get_name()})"
        raise CredentialsError(
            f"host_key: {seen}, which is not the one that was entered"
            if self._accepted
            else f"host_key: {seen}, and none was entered",
            code="host_key",
            fix="Ask the warehouse for its host key's fingerprint. Only where it is this one, enter it as Host key",
        )


@contextmanager
def _asked(doing: str) -> Iterator[None]:
    """The same sorting as everywhere, with what the SSH library raises of its own."""
    with telling(doing):
        try:
            yield
        except paramiko.SSHException as error:
            raise ConnectionError(_said(error)) from error


def _channel(session: paramiko.SFTPClient) -> Any:
    return session.get_channel()


def _said(error: Exception) -> str:
    return str(error).strip() or type(error).__name__
