"""Files in a folder of this machine."""

from __future__ import annotations

import errno
import os
import stat
from datetime import UTC, datetime
from pathlib import Path

from crossdock.connectors.errors import RefusedError
from crossdock.connectors.flat_files.files import LARGEST_FILE_BYTES, Entry, safe, telling, too_large


class FolderFiles:
    """Links are never followed below the base folder: they could lead to any file of the machine."""

    def __init__(self, base: str) -> None:
        self.place = base
        self._base = Path(base)

    def entries(self, folder: str) -> list[Entry]:
        with telling(f"list {folder}"), os.scandir(self._folder(folder)) as found:
            return [
                _entry(each.name, each.stat(follow_symlinks=False))
                for each in found
                if each.is_file(follow_symlinks=False)
            ]

    def size(self, path: str) -> int | None:
        with telling(f"look at {path}"):
            try:
                found = self._path(path).lstat()
            except FileNotFoundError:
                return None
        return found.st_size if stat.S_ISREG(found.st_mode) else None

    def read(self, path: str) -> bytes:
        with telling(f"read {path}"):
            handle = os.open(self._path(path), os.O_RDONLY | os.O_NOFOLLOW)
            with os.fdopen(handle, "rb") as file:
                content = file.read(LARGEST_FILE_BYTES + 1)
        if len(content) > LARGEST_FILE_BYTES:
            raise too_large(path, self.size(path) or len(content))
        return content

    def write(self, path: str, content: bytes) -> None:
        with telling(f"write {path}"):
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
            with os.fdopen(os.open(self._path(path), flags, 0o666), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())

    def rename(self, path: str, target: str) -> None:
        with telling(f"rename {path} to {target}"):
            source, there = self._path(path), self._path(target)
            if os.path.lexists(there):
                raise RefusedError(f"Cannot rename {path}: {target} is there already", code="exists")
            source.rename(there)
            _sync(there.parent)

    def remove(self, path: str) -> None:
        with telling(f"remove {path}"):
            self._path(path).unlink()

    def ensure(self, folder: str) -> None:
        with telling(f"make the folder {folder}"):
            if not self._base.is_dir():
                raise FileNotFoundError(errno.ENOENT, f"there is no folder {self._base}")
            self._folder(folder).mkdir(parents=True, exist_ok=True)

    def _folder(self, path: str) -> Path:
        """A path that is itself no link either."""
        return self._path(f"{path}/inside").parent

    def _path(self, path: str) -> Path:
        found = self._base
        for part in safe(path).split("/"):
            if found != self._base and found.is_symlink():
                raise OSError(errno.ELOOP, f"{found.name} is a link, and links are not followed")
            found = found / part
        return found


def _entry(name: str, found: os.stat_result) -> Entry:
    return Entry(name, found.st_size, datetime.fromtimestamp(found.st_mtime, UTC))


def _sync(folder: Path) -> None:
    """Have the new name outlive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
