"""What journeys share beside their worlds."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from support.asking import IDLE_SHOP, IDLE_STORE, OWNED_BY_HUB, Asking, asking
from support.canceling import SECRET
from support.command import Command
from support.world import World


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Callable[[World], Command]:
    """The command line on the hub of a world."""

    def of(made: World) -> Command:
        monkeypatch.setenv("CROSSDOCK_DATABASE_URL", made.config.database_url)
        monkeypatch.setenv("CROSSDOCK_SECRET_KEY", SECRET)
        return Command()

    return of


@pytest.fixture
def idle(small_world: World, monkeypatch: pytest.MonkeyPatch) -> Asking:
    """Both are connected, the store owns everything, and nothing is switched on."""
    return asking(small_world, monkeypatch, store=IDLE_STORE, shop=IDLE_SHOP)


@pytest.fixture
def of_the_hub(small_world: World, monkeypatch: pytest.MonkeyPatch) -> Asking:
    """Both are connected, the hub owns everything, and nothing is switched on."""
    return asking(small_world, monkeypatch, store=IDLE_STORE, shop=IDLE_SHOP, sources_of_truth=OWNED_BY_HUB)
