"""Flat files under the contract suite, against a real SFTP server."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

from connectors.contract.subject import Pull, Subject, Trial
from connectors.flat_files.bench import Bench, change, order
from crossdock.connectors.contract import Connector
from crossdock.connectors.flat_files.connector import FlatFiles
from crossdock.connectors.http import Http
from crossdock.domain.shipping import RequestedLine
from support.sftp_server import PASSWORD, SftpServer, sftp_server

FILES = {
    "pull_fulfillments": (
        "fulfillments",
        "number,line,quantity,carrier,tracking_number",
        "{n}-1,1,1,UPS,1Z{n}",
        "9-1,1,many,UPS,1Z9",
    ),
    "pull_inventory": ("stock", "sku,quantity", "SKU-{n},{n}", "SKU-9,many"),
    "pull_shipping_requests": ("acknowledgements", "number,status", "{n}-1,accepted", "9-1,perhaps"),
}
"""Folder, columns, a row that is good for any number, and one that is not."""
ON = {"orders": True, "acknowledgements": True, "fulfillments": True, "inventory": True}


class FlatFilesSubject(Subject):
    kind = FlatFiles
    wrong_field = "Password"
    faults = frozenset({"reset_before", "reset_after"})
    pulls: ClassVar = {name: Pull(settings=ON) for name in FILES}

    def __init__(self, server: SftpServer) -> None:
        self.server = server
        self.bench = Bench(server.root, server.credentials())

    @classmethod
    @contextmanager
    def open(cls) -> Iterator[Subject]:
        with TemporaryDirectory() as folder, sftp_server(Path(folder)) as server:
            yield cls(server)

    def fill(self, pull: str) -> None:
        if pull in FILES:
            for first in (1, 3):
                self._put(pull, f"{first}.csv", first, first + 1)

    def _put(self, pull: str, name: str, *numbers: int, more: str = "") -> None:
        folder, head, row, _ = FILES[pull]
        rows = [head, *(row.format(n=n) for n in numbers), more]
        self.bench.put(f"{folder}/{name}", "\n".join(filter(None, rows)))

    def spoilt(self, pull: str) -> Connector:
        self._put(pull, "9.csv", more=FILES[pull][3])
        return self.connector(**self.pulls[pull].settings)

    def connector(self, *, http: Http | None = None, wrong: bool = False, **settings: Any) -> Connector:
        given = self.server.credentials(**({"password": "wrong"} if wrong else {}))
        bench = replace(self.bench, credentials=given)
        return bench.connector(gate=http.gate if http else None, **settings)

    def secrets(self) -> Sequence[str]:
        return [PASSWORD]

    def fails(self, kind: str, path: str, **more: Any) -> None:  # noqa: ARG002  # files have no addresses
        setattr(
            self.server, {"reset_before": "drops_before_rename", "reset_after": "drops_after_rename"}[kind], 1
        )

    def trials(self) -> Mapping[str, Trial]:
        wanted = [order(f"1001-{n}") for n in range(1, 4)]
        line = RequestedLine("1", "TEA", "Tea 茶", 1)
        return {
            "push_shipping_requests": Trial(
                changes=[change(one) for one in wanted],
                refused=change(order("1002-1", lines=(line,))),
                effect=lambda: [name[:6] for name in self.bench.names("outgoing")],
                wanted=[one.number for one in wanted],
                path="",
                settings={**ON, "encoding": "latin-1"},
            )
        }


SUBJECT = FlatFilesSubject
