"""The manual warehouse under the contract suite: there is no platform behind it, so that little can go wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar

from connectors.contract.subject import Subject, Trial
from connectors.manual_warehouse.manual_bench import toolbox
from connectors.shipstation.bench import change, request
from crossdock.connectors.contract import Connector
from crossdock.connectors.manual_warehouse.connector import ManualWarehouse


class ManualWarehouseSubject(Subject):
    kind = ManualWarehouse
    wrong_field = ""
    pulls: ClassVar = {}
    faults = frozenset[str]()

    @classmethod
    @contextmanager
    def open(cls) -> Iterator[Subject]:
        yield cls()

    def connector(self, **asked: Any) -> Connector:
        settings = {name: value for name, value in asked.items() if name not in ("http", "wrong")}
        return ManualWarehouse(toolbox(**settings))

    def secrets(self) -> Sequence[str]:
        return []

    def fails(self, kind: str, path: str, **more: Any) -> None:
        raise AssertionError(f"nothing is there to commit {kind} at {path}, {more}")

    def trials(self) -> Mapping[str, Trial]:
        return {
            "push_shipping_requests": Trial(
                changes=[change(request(f"1001-{n}")) for n in range(1, 4)],
                refused=change(request("1002-1")),
                effect=lambda: None,
                wanted=None,
                path="",
            )
        }


SUBJECT = ManualWarehouseSubject
