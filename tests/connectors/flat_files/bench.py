"""A flat-file connector on a bench: its folder, its memory and its clock in one place."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from crossdock.connectors.contract import Toolbox
from crossdock.connectors.flat_files.connector import FlatFiles
from crossdock.connectors.flat_files.credentials import FlatFilesCredentials
from crossdock.connectors.flat_files.settings import FlatFilesSettings
from crossdock.connectors.http import Http, OpenGate, new_client
from crossdock.domain.channel import Address, ChannelId
from crossdock.domain.money import Money
from crossdock.domain.shipping import RequestedLine, ShippingOrder
from crossdock.domain.sync import Change, Cursor, Page
from support.sftp_server import FOLDERS

NOW = datetime(2026, 11, 30, 18, 15, tzinfo=UTC)
# No file goes over HTTP, and making a client takes longer than reading one.
CLIENT = new_client()
ALL_ON = {"orders": True, "fulfillments": True, "inventory": True}


class Memory:
    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get(self, kind: str, key: str) -> str | None:
        return self.kept.get((kind, key))

    def put(self, kind: str, key: str, value: str) -> None:
        self.kept[kind, key] = value


class NoVault:
    def tokens(self) -> Mapping[str, str]:
        return {}

    def refreshing(self) -> Any:
        raise AssertionError("files need no tokens")


class StaleError(Exception):
    """This run has lost its lease."""


class CountingGate(OpenGate):
    """Lets so many checks pass, and then says that the run is stale."""

    def __init__(self, checks: int) -> None:
        self.left = checks

    def check(self) -> None:
        if self.left == 0:
            raise StaleError
        self.left -= 1


@dataclass
class Bench:
    """`root` is where the files lie, whether or not a server stands before it."""

    root: Path
    credentials: dict[str, Any]
    memory: Memory = field(default_factory=Memory)
    now: datetime = NOW

    def connector(self, *, gate: OpenGate | None = None, **settings: Any) -> FlatFiles:
        """Orders, fulfillments and stock are on, but for what `settings` say."""
        return FlatFiles(self.toolbox(gate=gate, **ALL_ON | settings))

    def toolbox(self, *, gate: OpenGate | None = None, **settings: Any) -> Toolbox:
        return Toolbox(
            integration="warehouse",
            http=Http(gate=gate, client=CLIENT),
            credentials=FlatFilesCredentials.parse(self.credentials),
            settings=FlatFilesSettings.parse(settings),
            vault=NoVault(),
            memory=self.memory,
            clock=lambda: self.now,
        )

    def put(self, path: str, text: str | bytes, *, age: timedelta = timedelta(minutes=1)) -> Path:
        """A file that was last written `age` ago."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode() if isinstance(text, str) else text)
        moment = (self.now - age).timestamp()
        os.utime(target, (moment, moment))
        return target

    def names(self, folder: str) -> list[str]:
        return sorted(path.name for path in (self.root / folder).iterdir())

    def texts(self, folder: str) -> dict[str, str]:
        return {path.name: path.read_bytes().decode() for path in sorted((self.root / folder).iterdir())}


def in_folder(root: Path, **other: Any) -> Bench:
    for folder in FOLDERS:
        (root / folder).mkdir(parents=True, exist_ok=True)
    return Bench(root, {"where": "folder", "folder": str(root)} | other)


def toolbox(**settings: Any) -> Toolbox:
    """One that reads and writes nothing, for what a connector says of itself."""
    return Bench(Path("/nowhere"), {"where": "folder", "folder": "/nowhere"}).toolbox(**settings)


def everything(pages: Any) -> tuple[list[Any], list[tuple[str, str]], Cursor | None]:
    """The records of all pages, what was unreadable by id and reason, and where the reading stands."""
    records: list[Any] = []
    bad: list[tuple[str, str]] = []
    cursor = None
    for page in pages:
        assert isinstance(page, Page)
        records += page.records
        bad += [(each.channel_id, each.reason) for each in page.unreadable]
        cursor = page.cursor
    return records, bad, cursor


def order(number: str = "1001-1", *units: int, **other: Any) -> ShippingOrder:
    lines = tuple(
        RequestedLine(str(place), f"SKU-{place}", f"Teapot {place}", quantity, Money(Decimal("19.99"), "USD"))
        for place, quantity in enumerate(units or (2, 1), start=1)
    )
    plain = ShippingOrder(
        number=number,
        order_number=number.partition("-")[0],
        channel="tiktok",
        placed_at=datetime(2026, 11, 30, 9, tzinfo=UTC),
        lines=lines,
        address=Address("Ada Lovelace", lines=("1 Main St", "Flat 2"), city="Austin", country_code="US"),
        method="GROUND",
        location="main",
        currency="USD",
    )
    return replace(plain, **other)


def change(wanted: ShippingOrder, *, has: bool = False, is_unclear: bool = False) -> Change[ShippingOrder]:
    """`has`: the hub knows that the warehouse has it."""
    there = ChannelId(wanted.number) if has else None
    return Change(f"req:{wanted.number}", wanted, there, is_unclear=is_unclear)
