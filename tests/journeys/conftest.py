"""What journeys share beside their worlds."""

from __future__ import annotations

from collections.abc import Callable

import pytest

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
