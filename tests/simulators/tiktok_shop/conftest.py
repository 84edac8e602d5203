"""A simulator and a client, new for every test, behind one server for all of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from crossdock_simulators.kit import Served
from crossdock_simulators.tiktok_shop.app import Simulator
from simulators.tiktok_shop.tiktok_client import Client


class Door:
    """Leads to the simulator of the test that runs; starting a server for each would take most of the time."""

    def __init__(self) -> None:
        self.app: ASGIApp | None = None
        self.address = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.app is not None
        await self.app(scope, receive, send)


@pytest.fixture(scope="session")
def door() -> Iterator[Door]:
    made = Door()
    with Served(made) as served:
        made.address = served.address
        yield made


@pytest.fixture
def shop(door: Door) -> Iterator[Client]:
    yield from _client(door, "US")


@pytest.fixture
def region_shop(door: Door, request: pytest.FixtureRequest) -> Iterator[Client]:
    """A client of the market that the test's parameter names."""
    yield from _client(door, request.param)


def _client(door: Door, region: str) -> Iterator[Client]:
    simulator = Simulator(region=region)
    door.app = simulator.asgi
    client = Client(simulator, door.address)
    yield client
    client.http.close()
    simulator.close()
