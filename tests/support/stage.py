"""Addresses that outlive the simulators behind them: whatever was made against one can be used with the next."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from crossdock_simulators.kit import Served

_FREE: list[Stage] = []


class Stage:
    """A server of this process that shows one app after the other."""

    def __init__(self) -> None:
        self._app: Any = None
        self.address = Served(self).start().address

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self._app(scope, receive, send)

    def show(self, app: Any) -> None:
        self._app = app


@contextmanager
def on_stage(app: Any) -> Iterator[str]:
    """The address at which the app answers; worlds that follow each other get the same ones."""
    stage = _FREE.pop() if _FREE else Stage()
    stage.show(app)
    try:
        yield stage.address
    finally:
        _FREE.append(stage)
