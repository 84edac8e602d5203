"""The API on the hub of a world; the application is made once in a process and shown one hub after the other."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.testclient import TestClient

from crossdock.api.build import build_api
from crossdock.api.desk import ApiDesk
from crossdock.app import Hub
from crossdock.connectors.registry import CONNECTORS
from crossdock.operations.setup import keys
from crossdock.operations.setup.keys import Scope

_MADE: list[FastAPI] = []


def client_of(hub: Hub, name: str = "test") -> TestClient:
    """A client with a key of this name that may write. The hub that was asked for last is the one that answers."""
    app = _app_on(ApiDesk(hub, wake=_nothing, hint=_nothing, connectors=CONNECTORS))
    with hub.database.transaction() as tx:
        key = keys.create(tx, name, [Scope.READ, Scope.WRITE], now=hub.clock())
    return TestClient(app, headers={"Authorization": f"Bearer {key}"})


def _app_on(desk: ApiDesk) -> FastAPI:
    if not _MADE:
        _MADE.append(build_api(desk))
    _MADE[0].state.desk = desk
    return _MADE[0]


def _nothing(*_: object) -> None:
    """No engine is running."""
