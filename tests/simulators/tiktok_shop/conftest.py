"""A simulator and a client, new for every test, behind one server for all of them."""

from __future__ import annotations

from collections.abc import Iterator

import httpx2 as httpx
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from crossdock_simulators.kit import Served
from crossdock_simulators.tiktok_shop.app import Simulator
from crossdock_simulators.tiktok_shop.seed import load_listings
from simulators.tiktok_shop.tiktok_client import Client
from simulators.tiktok_shop.tiktok_page import FORM, TOTE, Press


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


@pytest.fixture
def market(request: pytest.FixtureRequest) -> Client:
    """A shop whose two totes are live."""
    client: Client = request.getfixturevalue(getattr(request, "param", "shop"))
    load_listings(client.simulator.shop, [TOTE])
    return client


@pytest.fixture
def press(market: Client) -> Press:
    """Send a form as the page would, which has to be taken unless `status` says otherwise."""

    def send(path: str, status: int = 303, **fields: str) -> httpx.Response:
        answer = market.http.post(f"/_sim/{path}", data=fields, headers=FORM)
        assert answer.status_code == status, answer.text
        return answer

    return send


def _client(door: Door, region: str) -> Iterator[Client]:
    simulator = Simulator(region=region)
    door.app = simulator.asgi
    client = Client(simulator, door.address)
    yield client
    client.http.close()
    simulator.close()
