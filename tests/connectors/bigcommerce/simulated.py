"""A simulated store over real HTTP, and connectors that are plugged into it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.request import Request as ControlRequest
from urllib.request import urlopen

from connectors.bigcommerce.scripted import FACTS, DictMemory, toolbox
from crossdock.connectors.bigcommerce.connector import BigCommerce
from crossdock.connectors.http import Http
from crossdock_simulators.bigcommerce.app import Simulator
from crossdock_simulators.bigcommerce.seed import load_merchant
from crossdock_simulators.merchant import merchant
from support.stage import on_stage


@dataclass
class Shop:
    """The store as its merchant and its shoppers see it; `hub` makes connectors to it."""

    simulator: Simulator
    address: str
    https: list[Http] = field(default_factory=list)

    @property
    def credentials(self) -> Mapping[str, str]:
        path = f"{self.address}/stores/{self.simulator.store.store_hash}/v3/"
        return {"api_path": path, **self.simulator.credentials}

    def hub(
        self,
        *,
        facts: Mapping[str, str] = FACTS,
        memory: DictMemory | None = None,
        http: Http | None = None,
        **settings: Any,
    ) -> BigCommerce:
        self.https.append(http or Http())
        tools = toolbox(self.https[-1], facts=facts, memory=memory, credentials=self.credentials, **settings)
        return BigCommerce(tools)

    def act(self, path: str, **values: Any) -> Any:
        """What a person does in the store, by the simulator's own door."""
        data = json.dumps(values).encode() if values else None
        request = ControlRequest(
            f"{self.address}/_sim/{path}", data=data, headers={"Content-Type": "application/json"}
        )
        with urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def stock(self) -> dict[tuple[str, int], int]:
        return {(row["sku"], row["location_id"]): row["onhand"] for row in self.act("state")["stock"]}


@contextmanager
def open_shop(products: int, **options: Any) -> Iterator[Shop]:
    simulator = Simulator(**options)
    load_merchant(simulator.store, merchant(products, seed=7))
    with on_stage(simulator.asgi) as address:
        shop = Shop(simulator, address)
        try:
            yield shop
        finally:
            for http in shop.https:
                http.close()
            simulator.close()
