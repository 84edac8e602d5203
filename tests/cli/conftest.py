"""Hubs for the command line's tests: an empty one, and one that has synced."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from support.command import Command
from support.world import World, world

SECRET = "a test's own secret"
# Without a fabric, products made of one cannot be listed: there is something to be seen of every kind.
NEARLY_COMPLETE = {"attribute_defaults": {"Contains batteries": "No"}, "incomplete_products": "keep_back"}


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Command]:
    """On an empty hub in a folder of its own."""
    for name in [name for name in os.environ if name.startswith("CROSSDOCK_")]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("COLUMNS", raising=False)
    _choose(monkeypatch, f"sqlite:///{tmp_path}/hub.sqlite")
    with _logs_restored():
        yield Command()


@pytest.fixture(scope="module")
def synced_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A dozen products, pulled and listed; one sale on TikTok Shop. Tests only look at it."""
    with world(tmp_path_factory.mktemp("synced")) as made:
        made.connect(shop=NEARLY_COMPLETE)
        made.sync()
        made.approve_all()
        made.sync()
        sku = next(sku for sku, units in sorted(made.shop_stock().items()) if units > 5)
        made.sell(sku, 2)
        made.sync()
        yield made


@pytest.fixture
def synced(synced_world: World, command: Command, monkeypatch: pytest.MonkeyPatch) -> Command:
    """The command on the hub of `synced_world`."""
    _choose(monkeypatch, synced_world.config.database_url)
    return command


def _choose(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("CROSSDOCK_DATABASE_URL", url)
    monkeypatch.setenv("CROSSDOCK_SECRET_KEY", SECRET)


class _logs_restored:  # noqa: N801  # reads as a context manager
    """A command sets up the logs of its whole process, which here is that of all tests."""

    def __enter__(self) -> None:
        root = logging.getLogger()
        self._handlers, self._level, self._structlog = root.handlers, root.level, structlog.get_config()

    def __exit__(self, *_: object) -> None:
        root = logging.getLogger()
        root.handlers, root.level = self._handlers, self._level
        structlog.configure(**self._structlog)
