"""The process of both platforms, which write down each move of their stock and each reading of their orders."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from crossdock_simulators import merchant as goods
from crossdock_simulators.bigcommerce import control, inventory_api, stock
from crossdock_simulators.bigcommerce.app import Simulator as BigCommerce
from crossdock_simulators.bigcommerce.app import serve
from crossdock_simulators.bigcommerce.inventory_api import Step
from crossdock_simulators.bigcommerce.records import OrderLine
from crossdock_simulators.bigcommerce.seed import load_merchant
from crossdock_simulators.bigcommerce.store import DEFAULT_LOCATION, Store
from crossdock_simulators.kit import Reply
from crossdock_simulators.kit.http import send_reply
from crossdock_simulators.tiktok_shop.app import Simulator as TikTokShop
from crossdock_simulators.tiktok_shop.seed import load_listings

ORDER_LISTS = ("/v2/orders", "/orders/search")


@dataclass
class Notes:
    """What happened, as lists: kind, moment, platform, then what the kind needs. One clock for both platforms."""

    rows: list[list[Any]] = field(default_factory=list)

    def add(self, kind: str, platform: str, *more: Any) -> None:
        self.rows.append([kind, time.monotonic(), platform, *more])


class Watched:
    """Notes when readings of orders begin and end, and hands out the notes."""

    def __init__(self, app: ASGIApp, notes: Notes, platform: str) -> None:
        self._app, self._notes, self._platform = app, notes, platform

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == "/_bench/notes":
            body = json.dumps(self._notes.rows).encode()
            await send_reply(send, Reply(200, body))
            return
        began = time.monotonic()
        await self._app(scope, receive, send)
        if scope["type"] == "http" and scope["path"].endswith(ORDER_LISTS):
            self._notes.add("read", self._platform, began)


def watch_store(simulator: BigCommerce, notes: Notes) -> None:
    """Sales, accepted numbers and their landings at the default location, the only one that sells."""
    store = simulator.store

    def shown(item: Any) -> tuple[str, int]:
        return control.item_sku(store, item), store.peek(item, DEFAULT_LOCATION).available

    move_line, set_absolute, change, accepted = (
        stock.move_line,
        stock.set_absolute,
        stock.change,
        inventory_api._accepted,  # there is no other place that knows when a number was asked for
    )

    def sold(store: Store, line: OrderLine, step: int) -> None:
        move_line(store, line, step)
        product = store.products.get(line.product_id)
        if product and (item := store.item_of(product, line.variant_id)):
            sku, left = shown(item)
            notes.add("sale", "store", sku, -step, left)

    def landed(kind: str, do: Callable[..., None]) -> Callable[..., None]:
        def act(of: Any, item: Any, units: int, location_id: int = DEFAULT_LOCATION) -> None:
            do(of, item, units, location_id)
            if location_id == DEFAULT_LOCATION:
                sku, left = shown(item)
                notes.add(kind, "store", sku, units, left)

        return act

    def asked(store: Store, kind: str, steps: list[Step]) -> Reply:
        for item, location_id, units in steps:
            if location_id == DEFAULT_LOCATION:
                notes.add("asked", "store", control.item_sku(store, item), units)
        return accepted(store, kind, steps)

    stock.move_line = sold
    stock.set_absolute = landed("set", set_absolute)
    stock.change = landed("step", change)
    inventory_api._accepted = asked


def watch_shop(simulator: TikTokShop, notes: Notes) -> None:
    """Sales and landings; here a number lands as it is accepted."""
    shop = simulator.shop
    move_stock, set_available = shop.move_stock, shop.set_available

    def shown(sku_id: str) -> tuple[str, int]:
        sku = shop.sku(sku_id)
        left = sum(level.available for level in shop.stock_of(sku_id).values())
        return (sku.seller_sku if sku else ""), left

    def moved(sku_id: str, warehouse_id: str, *, available: int = 0, committed: int = 0) -> None:
        move_stock(sku_id, warehouse_id, available=available, committed=committed)
        if available:
            sku, left = shown(sku_id)
            notes.add("sale", "shop", sku, -available, left)

    def was_set(sku_id: str, quantities: Any) -> None:
        chosen = list(quantities)
        set_available(sku_id, chosen)
        sku, left = shown(sku_id)
        notes.add("asked", "shop", sku, left)
        notes.add("set", "shop", sku, left, left)

    shop.move_stock = moved  # type: ignore[method-assign]
    shop.set_available = was_set  # type: ignore[method-assign]


def main() -> None:
    products = int(sys.argv[1])
    notes = Notes()
    with ExitStack() as stack:
        store = stack.enter_context(closing(BigCommerce(seed=1)))
        shop = stack.enter_context(closing(TikTokShop(region="US", seed=1)))
        store.limits.change(10**9, 30.0)
        seller = goods.merchant(products, seed=1)
        load_merchant(store.store, seller)
        load_listings(shop.shop, goods.existing_listings(seller, products, seed=1))
        watch_store(store, notes)
        watch_shop(shop, notes)
        at_store = _serve(stack, store, notes, "store")
        at_shop = _serve(stack, shop, notes, "shop")
        path = f"{at_store}/stores/{store.store.store_hash}/v3/"
        bases = dict.fromkeys(("api_base", "token_base", "authorize_base"), at_shop)
        told = {
            "store": {"address": at_store, "given": {"api_path": path, **store.credentials}},
            "shop": {"address": at_shop, "given": {**bases, **shop.credentials}},
        }
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()
        sys.stdin.read()


def _serve(stack: ExitStack, simulator: Any, notes: Notes, platform: str) -> str:
    simulator.asgi = Watched(simulator.asgi, notes, platform)
    return str(stack.enter_context(serve(simulator)).address)


if __name__ == "__main__":
    main()
