"""Opens the place where an integration's files lie, and looks at whether everything in it may be done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import cast

from crossdock.connectors.contract import Toolbox
from crossdock.connectors.errors import AccessMissingError, CredentialsError, RefusedError
from crossdock.connectors.flat_files.credentials import FlatFilesCredentials, Where
from crossdock.connectors.flat_files.files import Files
from crossdock.connectors.flat_files.folder import FolderFiles
from crossdock.connectors.flat_files.sftp import connected

PROBE = ".crossdock-probe"


@contextmanager
def opened(toolbox: Toolbox) -> Iterator[Files]:
    """The files while the block runs."""
    credentials = cast(FlatFilesCredentials, toolbox.credentials)
    if credentials.where is Where.FOLDER:
        yield FolderFiles(credentials.folder)
    else:
        with connected(toolbox.http, credentials) as files:
            yield files


def missing_access(files: Files, folders: Sequence[str]) -> list[str]:
    """Each folder that cannot be listed, written and tidied, with the reason. Folders that are missing are made.

    Raises CredentialsError where there is no base folder at all.
    """
    lacking = []
    for folder in dict.fromkeys(folders):
        try:
            _try_out(files, folder)
        except (AccessMissingError, RefusedError) as error:
            lacking.append(f"{folder}: {error}")
    if len(lacking) == len(set(folders)) > 1:
        raise CredentialsError(
            f"folder: nothing can be done in {files.place} ({lacking[0]})",
            fix="Correct the base folder, or give the hub's user access to it",
        )
    return lacking


def _try_out(files: Files, folder: str) -> None:
    """All that the hub ever does there: list, write, rename, read, remove."""
    files.ensure(folder)
    files.entries(folder)
    probe, renamed = f"{folder}/{PROBE}", f"{folder}/{PROBE}-renamed"
    for left in (probe, renamed):
        if files.size(left) is not None:
            files.remove(left)
    files.write(probe, b"Written and removed by the connection check.\n")
    files.rename(probe, renamed)
    files.read(renamed)
    files.remove(renamed)
