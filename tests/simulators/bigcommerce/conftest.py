"""A small simulated store over real HTTP, and a client that holds its token."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx2 as httpx
import pytest

from crossdock_simulators.bigcommerce.app import Simulator
from crossdock_simulators.bigcommerce.store import Switches
from support.stage import on_stage

Post = Callable[..., Any]


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    made = Simulator(switches=Switches(inventory_delay_seconds=0))
    yield made
    made.close()


@pytest.fixture
def address(simulator: Simulator) -> Iterator[str]:
    with on_stage(simulator.asgi) as address:
        yield address


@pytest.fixture
def api(simulator: Simulator, address: str) -> Iterator[httpx.Client]:
    headers = {"X-Auth-Token": simulator.account.access_token}
    with httpx.Client(base_url=f"{address}/stores/abc123", headers=headers, timeout=10) as client:
        yield client


@pytest.fixture
def sim(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{address}/_sim", timeout=10) as client:
        yield client


TEE = {
    "name": "Trail Tee",
    "type": "physical",
    "weight": 6,
    "price": 19.5,
    "sku": "TEE",
    "inventory_tracking": "variant",
    "variants": [
        {
            "sku": f"TEE-RED-{size}",
            "option_values": [
                {"option_display_name": "Color", "label": "Red"},
                {"option_display_name": "Size", "label": size},
            ],
        }
        for size in ("S", "M")
    ],
}
MUG = {
    "name": "Mug",
    "type": "physical",
    "weight": 12,
    "price": 8,
    "sku": "MUG",
    "inventory_tracking": "product",
    "inventory_level": 10,
}


@pytest.fixture
def tee(api: httpx.Client) -> Any:
    """A product with two variants that hold five units each."""
    product = api.post("/v3/catalog/products", json=TEE).json()["data"]
    rows = [{"location_id": 1, "variant_id": one["id"], "quantity": 5} for one in product["variants"]]
    assert api.put("/v3/inventory/adjustments/absolute", json={"items": rows}).status_code == 200
    return product


@pytest.fixture
def mug(api: httpx.Client) -> Any:
    """A simple product tracked as a whole, ten units."""
    return api.post("/v3/catalog/products", json=MUG).json()["data"]


@pytest.fixture
def onhand(api: httpx.Client) -> Callable[[str], int]:
    def read(sku: str) -> int:
        rows = api.get("/v3/inventory/items", params={"sku:in": sku, "location_id:in": 1}).json()["data"]
        return int(rows[0]["locations"][0]["total_inventory_onhand"])

    return read


BUYER = {
    "first_name": "Jane",
    "last_name": "Doe",
    "street_1": "1 Long Road",
    "city": "Austin",
    "state": "Texas",
    "zip": "78751",
    "country": "United States",
    "country_iso2": "US",
    "email": "jane@example.com",
}


@pytest.fixture
def place(api: httpx.Client) -> Post:
    """Create an order through the API; the answer's JSON comes back."""

    def create(*lines: Any, status_id: int = 11, **more: Any) -> Any:
        body = {"status_id": status_id, "billing_address": BUYER, "shipping_addresses": [BUYER]}
        answer = api.post("/v2/orders", json=body | {"products": list(lines)} | more)
        assert answer.status_code == 201, answer.text
        return answer.json()

    return create
