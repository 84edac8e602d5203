"""A simulated account over real HTTP, and a client that holds its key."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx2 as httpx
import pytest

from crossdock_simulators.shipstation.app import Simulator
from support.stage import on_stage


@pytest.fixture
def simulator() -> Simulator:
    return Simulator(per_minute=1_000)


@pytest.fixture
def address(simulator: Simulator) -> Iterator[str]:
    with on_stage(simulator.asgi) as address:
        yield address


@pytest.fixture
def api(simulator: Simulator, address: str) -> Iterator[httpx.Client]:
    given = simulator.credentials
    with httpx.Client(base_url=address, auth=(given["api_key"], given["api_secret"]), timeout=10) as client:
        yield client


@pytest.fixture
def sim(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{address}/_sim", timeout=10) as client:
        yield client


def order(number: str = "A-1", **more: Any) -> dict[str, Any]:
    """What `createorder` takes at least, with two mugs and a tote."""
    to = {"name": "Sam Shopper", "street1": "12 Sample Street", "city": "Austin", "country": "US"}
    items = [
        {"lineItemKey": "1", "sku": "MUG", "name": "Mug", "quantity": 2},
        {"lineItemKey": "2", "sku": "TOTE", "name": "Tote", "quantity": 1},
    ]
    given = {"orderNumber": number, "orderDate": "2026-11-24T04:00:00", "orderStatus": "awaiting_shipment"}
    return {**given, "billTo": to, "shipTo": to, "items": items, **more}
