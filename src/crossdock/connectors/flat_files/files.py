"""What a place for files can do, whichever it is: paths lie below its base folder, as "outgoing/1001-1.csv"."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from crossdock.connectors.errors import AccessMissingError, ChannelError, RefusedError, UnavailableError

LARGEST_FILE_BYTES = 50 * 1024 * 1024
LONGEST_NAME = 200
NO_ACCESS = (
    errno.EACCES,
    errno.EPERM,
    errno.ENOENT,
    errno.ENOTDIR,
    errno.EISDIR,
    errno.EEXIST,
    errno.EROFS,
    errno.ELOOP,
)
NO_SPACE = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True, slots=True)
class Entry:
    """A regular file of a folder. `modified_at` is by the clock of the machine that it lies on."""

    name: str
    size: int
    modified_at: datetime


class Files(Protocol):
    """All methods raise AccessMissingError, RefusedError (no space left) and UnavailableError, naming the path."""

    place: str
    """Where it is, for people, without anything secret."""

    def entries(self, folder: str) -> list[Entry]:
        """The regular files of a folder in any order; links and folders are left out."""
        ...

    def size(self, path: str) -> int | None:
        """Bytes of a regular file; None where there is none."""
        ...

    def read(self, path: str) -> bytes: ...

    def write(self, path: str, content: bytes) -> None:
        """Write it whole, over what was there under this name."""
        ...

    def rename(self, path: str, target: str) -> None:
        """In one step. Raises RefusedError where `target` is there already: nothing is ever replaced."""
        ...

    def remove(self, path: str) -> None: ...

    def ensure(self, folder: str) -> None:
        """Make the folder where it is missing."""
        ...


def is_safe(path: str) -> bool:
    """Whether it stays below the base folder and is a name on every system."""
    parts = path.split("/")
    return all(
        part not in ("", ".", "..") and len(part) <= LONGEST_NAME and "\\" not in part and part.isprintable()
        for part in parts
    )


def safe(path: str) -> str:
    """The path itself. Raises RefusedError for one that leaves the base folder."""
    if not is_safe(path):
        raise RefusedError(f"{path!r} is no path below the base folder")
    return path


def too_large(path: str, size: int) -> RefusedError:
    return RefusedError(
        f"{path} has {size:,} bytes; at most {LARGEST_FILE_BYTES:,} are read", code="too_large"
    )


@contextmanager
def telling(doing: str) -> Iterator[None]:
    """Sort what goes wrong by who must act. `doing` says what was tried, as "read incoming/a.csv"."""
    try:
        yield
    except (OSError, EOFError) as error:
        raise failure(doing, error) from error


def failure(doing: str, error: Exception) -> ChannelError:
    number = error.errno if isinstance(error, OSError) else None
    if number in NO_SPACE:
        return RefusedError(
            f"Cannot {doing}: no space is left there",
            code="no_space",
            fix="Make room on that disk; the flow is tried again by itself, and nothing was handed over meanwhile",
        )
    if number == errno.EXDEV:
        return AccessMissingError(
            f"Cannot {doing}: the two folders lie on different disks", fix="Put all folders onto one disk"
        )
    if number in NO_ACCESS:
        return AccessMissingError(
            f"Cannot {doing}: {_said(error)}",
            fix="Give the hub's user read and write access to this folder, or correct the folder in the settings",
        )
    return UnavailableError(f"Cannot {doing}: {_said(error)}")


def _said(error: Exception) -> str:
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return text or type(error).__name__
