"""A real SFTP server over a real socket, whose faults are those that warehouses' servers have."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncssh

USER, PASSWORD = "hub", "hush-hush"
FOLDERS = ("outgoing", "fulfillments", "stock", "acknowledgements", "processed", "failed")


class SftpServer:
    """Serves one folder to one user. Each fault happens as often as it says, then no more."""

    def __init__(self, root: Path, *, authorized: str = "", port: int = 0) -> None:
        self.root = root
        self.port = port
        self.host_key = asyncssh.generate_private_key("ssh-ed25519")
        self.drops_while_writing = 0
        self.drops_after_rename = 0
        self.drops_before_rename = 0
        self.denied: set[str] = set()
        self.knows_posix_rename = True
        self.logins = 0
        self.connections: list[Any] = []
        self._authorized = authorized
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="sftp-server", daemon=True)

    @property
    def fingerprint(self) -> str:
        return str(self.host_key.get_fingerprint())

    def credentials(self, **other: Any) -> dict[str, Any]:
        return {
            "where": "sftp",
            "host": "127.0.0.1",
            "port": self.port,
            "user": USER,
            "password": PASSWORD,
            "host_key": self.fingerprint,
        } | other

    def start(self) -> None:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(20)

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(20)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(20)
        self._loop.close()

    async def _listen(self) -> None:
        keys = asyncssh.import_authorized_keys(self._authorized) if self._authorized else None
        self._listener = await asyncssh.listen(
            "127.0.0.1",
            self.port,
            server_factory=lambda: _Door(self),
            server_host_keys=[self.host_key],
            sftp_factory=lambda channel: _Files(channel, self),
            authorized_client_keys=keys,
        )
        self.port = self._listener.get_port()

    async def _close(self) -> None:
        self._listener.close()
        await self._listener.wait_closed()
        for connection in self.connections:
            connection.abort()
            await connection.wait_closed()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)


class _Door(asyncssh.SSHServer):
    def __init__(self, server: SftpServer) -> None:
        self._server = server

    def connection_made(self, conn: Any) -> None:
        self._server.connections.append(conn)

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        self._server.logins += 1
        return (username, password) == (USER, PASSWORD)


class _Files(asyncssh.SFTPServer):
    def __init__(self, channel: Any, server: SftpServer) -> None:
        super().__init__(channel, chroot=os.fsencode(server.root))
        self._server = server

    def open(self, path: bytes, pflags: int, attrs: Any) -> Any:
        self._refuse(path)
        return super().open(path, pflags, attrs)

    def scandir(self, path: bytes) -> Any:
        self._refuse(path)
        return super().scandir(path)

    def write(self, file_obj: object, offset: int, data: bytes) -> int:
        if self._server.drops_while_writing:
            self._server.drops_while_writing -= 1
            super().write(file_obj, offset, data[: len(data) // 2])
            self._drop()
        return int(super().write(file_obj, offset, data))

    def rename(self, oldpath: bytes, newpath: bytes) -> Any:
        return self._renamed(super().rename, oldpath, newpath)

    def posix_rename(self, oldpath: bytes, newpath: bytes) -> Any:
        if not self._server.knows_posix_rename:
            raise asyncssh.SFTPOpUnsupported("posix-rename is not known here")
        return self._renamed(super().posix_rename, oldpath, newpath)

    def _renamed(self, rename: Any, oldpath: bytes, newpath: bytes) -> Any:
        self._refuse(newpath)
        if self._server.drops_before_rename:
            self._server.drops_before_rename -= 1
            self._drop()
        done = rename(oldpath, newpath)
        if self._server.drops_after_rename:
            self._server.drops_after_rename -= 1
            self._drop()
        return done

    def _refuse(self, path: bytes) -> None:
        if any(part.decode() in self._server.denied for part in path.split(b"/")):
            raise asyncssh.SFTPPermissionDenied("You shall not pass")

    def _drop(self) -> None:
        self.channel.get_connection().abort()
        raise asyncssh.SFTPConnectionLost("dropped")


@contextmanager
def sftp_server(root: Path, **choices: Any) -> Iterator[SftpServer]:
    """A server of a folder that has all the sub-folders that a warehouse needs."""
    for folder in FOLDERS:
        (root / folder).mkdir(parents=True, exist_ok=True)
    server = SftpServer(root, **choices)
    server.start()
    try:
        yield server
    finally:
        server.stop()
