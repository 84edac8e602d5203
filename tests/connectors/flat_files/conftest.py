"""The same tests for a folder of this machine and for a real SFTP server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.flat_files.bench import Bench, in_folder
from support.sftp_server import SftpServer, sftp_server


@pytest.fixture(scope="module", autouse=True)
def quick_disk() -> Iterator[None]:
    """These files need not outlive a power cut, and waiting for the disk takes most of the time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("os.fsync", lambda _: None)
        yield


@pytest.fixture
def folder(tmp_path: Path) -> Bench:
    return in_folder(tmp_path)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SftpServer]:
    with sftp_server(tmp_path) as server:
        yield server


@pytest.fixture
def remote(server: SftpServer) -> Bench:
    return Bench(server.root, server.credentials())


@pytest.fixture(params=["folder", "sftp"])
def bench(request: pytest.FixtureRequest) -> Bench:
    found: Bench = request.getfixturevalue("folder" if request.param == "folder" else "remote")
    return found
