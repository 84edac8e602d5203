"""The process of the platforms: a seeded BigCommerce store and a TikTok Shop, over real HTTP, until stdin closes."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2 as httpx

from bench import goods
from bench.copies import Copies
from bench.tape import Tape
from crossdock_simulators.bigcommerce.app import Simulator as BigCommerce
from crossdock_simulators.kit import Served
from crossdock_simulators.tiktok_shop.app import Simulator as TikTokShop


@dataclass(frozen=True)
class Call:
    method: str
    path: str
    query: str
    size: int
    status: int


@dataclass
class Platforms:
    """Where the platforms answer, and what was asked of them."""

    store: dict[str, str]
    shop: dict[str, str]
    others: list[dict[str, str]] = field(default_factory=list)
    """Stores beside the first one."""
    http: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=600))

    def calls(self, since: int = 0, *, at: str = "store") -> list[Call]:
        """The calls to the store, or the shop, so far, past the first `since`."""
        rows = self.http.get(f"{self._address(at)}/_bench/calls", params={"since": since}).json()
        return [Call(*row) for row in rows]

    def act(self, path: str, *, at: str = "store", **body: Any) -> Any:
        """Something that happens on a platform by itself, such as a sale."""
        reply = self.http.post(f"{self._address(at)}/_sim/{path}", json=body)
        if not reply.is_success:
            raise RuntimeError(f"{at}: {path} {body}: {reply.text}")
        return reply.json()

    def store_stock(self) -> dict[str, int]:
        """Units on hand per SKU in the store, over its locations."""
        found: dict[str, int] = {}
        for row in self.http.get(f"{self.store['address']}/_sim/state").json()["stock"]:
            found[row["sku"]] = found.get(row["sku"], 0) + row["onhand"]
        return found

    def shop_stock(self) -> dict[str, int]:
        """Units available per SKU in the shop, over its warehouses."""
        state = self.http.get(f"{self.shop['address']}/_sim/state").json()
        return {
            sku["seller_sku"]: sum(one["available"] for one in sku["stock"].values())
            for product in state["products"]
            for sku in product["skus"]
        }

    def _address(self, at: str) -> str:
        return (self.store if at == "store" else self.shop)["address"]


@contextmanager
def running(
    products: int, *, orders: int = 0, is_live: bool = False, stores: int = 1, times: int = 1
) -> Iterator[Platforms]:
    """Start the process, wait until both answer, end it with the block. The catalog is shown `times` over."""
    command = [sys.executable, "-m", "bench.platforms", "--products", str(products)]
    command += ["--orders", str(orders), "--stores", str(stores), "--times", str(times)]
    command += ["--live"] if is_live else []
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield Platforms(**json.loads(process.stdout.readline()))
        finally:
            process.stdin.close()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--products", type=int, required=True)
    parser.add_argument("--orders", type=int, default=0)
    parser.add_argument("--live", action="store_true", help="answer every call anew")
    parser.add_argument("--stores", type=int, default=1)
    parser.add_argument("--times", type=int, default=1, help="show the catalog so often, as other products")
    options = parser.parse_args()
    numbers = range(1, options.stores + 1)
    stores = [goods.store(options.products, options.orders, number=number) for number in numbers]
    shop = TikTokShop(region="US", seed=1)
    with ExitStack() as stack:
        sizes = {"products": options.products, "variants": len(goods.SIZES), "times": options.times}
        shown = [Copies(store.asgi, **sizes) if options.times > 1 else store.asgi for store in stores]
        tapes = [Tape(app, keeps=not options.live) for app in shown]
        served = [stack.enter_context(Served(tape)) for tape in tapes]
        shop_served = stack.enter_context(Served(Tape(shop.asgi, keeps=False)))
        first, *others = (_store(store, one.address) for store, one in zip(stores, served, strict=True))
        told = {"store": first, "shop": _shop(shop, shop_served.address), "others": others}
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()
        sys.stdin.read()


def _store(simulator: BigCommerce, address: str) -> dict[str, str]:
    path = f"{address}/stores/{simulator.store.store_hash}/v3/"
    return {"address": address, "api_path": path, **simulator.credentials}


def _shop(simulator: TikTokShop, address: str) -> dict[str, str]:
    return {"address": address, **simulator.credentials}


if __name__ == "__main__":
    main()
