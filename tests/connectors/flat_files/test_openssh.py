"""The same against the server that most warehouses run, where this machine has it."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import asyncssh
import pytest

from connectors.flat_files.bench import NOW, Bench, change, everything, order
from crossdock.connectors.errors import CredentialsError
from crossdock.domain.sync import Confirmed
from support.ports import free_port

SSHD = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
NOBODY = 65534
CONFIG = """
Port {port}
ListenAddress 127.0.0.1
HostKey {base}/host
AuthorizedKeysFile {base}/authorized
PidFile none
StrictModes no
UsePAM {pam}
PasswordAuthentication no
KbdInteractiveAuthentication no
Subsystem sftp internal-sftp
ForceCommand internal-sftp -d {base}/files
"""


@pytest.fixture
def openssh() -> Iterator[Bench]:
    if SSHD is None:
        pytest.skip("sshd of OpenSSH is not installed here; the tests against another real server have run")
    base = Path(tempfile.mkdtemp())
    is_root = os.getuid() == 0
    host, user = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))
    (base / "host").write_bytes(host.export_private_key())
    (base / "host").chmod(0o600)
    (base / "authorized").write_bytes(user.export_public_key())
    (base / "files").mkdir()
    port = free_port()
    # Without root's rights sshd lets in nobody but the user it runs as, and so needs no user of its own.
    (base / "config").write_text(CONFIG.format(port=port, base=base, pam="yes" if is_root else "no"))
    if is_root:
        for path in (base, *base.iterdir()):
            os.chown(path, NOBODY, NOBODY)
    whom = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if is_root else {}
    command = [SSHD, "-D", "-e", "-f", str(base / "config")]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, **whom) as process:
        try:
            _wait_for(port)
            yield Bench(
                base / "files",
                {
                    "where": "sftp",
                    "host": "127.0.0.1",
                    "port": port,
                    "user": "nobody" if is_root else getpass.getuser(),
                    "private_key": user.export_private_key().decode(),
                    "host_key": host.get_fingerprint(),
                },
            )
        finally:
            process.terminate()
    shutil.rmtree(base)


def _wait_for(port: int) -> None:
    give_up = time.monotonic() + 10
    while time.monotonic() < give_up:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.skip("sshd of OpenSSH does not start here")


def test_openssh_is_written_to_and_read_from(openssh: Bench) -> None:
    assert openssh.connector().check().missing_access == ()

    wanted = change(order())
    for is_unclear in (False, True):
        [outcome] = openssh.connector().push_shipping_requests(
            [change(wanted.desired, is_unclear=is_unclear)]
        )
        assert isinstance(outcome, Confirmed)
    assert len(openssh.names("outgoing")) == 1

    openssh.put("fulfillments/a.csv", "number,line,quantity,tracking_number\n1001-1,1,2,1Z1\n")
    _let_in(openssh.root)
    records, _, cursor = everything(openssh.connector().pull_fulfillments(None))
    assert [each.order_id for each in records] == ["1001-1"]
    assert everything(openssh.connector().pull_fulfillments(cursor))[0] == []
    assert [name[:8] for name in openssh.names("processed")] == [f"{NOW:%Y%m%d}"]


def test_openssh_with_another_key_is_told_nothing(openssh: Bench) -> None:
    shown = str(openssh.credentials["host_key"])
    openssh.credentials["host_key"] = ""

    with pytest.raises(CredentialsError, match=shown.replace("+", r"\+")):
        openssh.connector().check()


def _let_in(root: Path) -> None:
    if os.getuid() == 0:
        for path in root.rglob("*"):
            os.chown(path, NOBODY, NOBODY)
