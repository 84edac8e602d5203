"""The merchant whose shop is measured: as many products as wanted, five variants each."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import orjson

from crossdock_simulators import merchant as goods
from crossdock_simulators.bigcommerce import control, seed
from crossdock_simulators.bigcommerce.app import Simulator
from crossdock_simulators.bigcommerce.store import Outside
from crossdock_simulators.kit import Clock, Request
from crossdock_simulators.merchant import Merchant, SoldProduct, SoldVariant

SIZES = ("S", "M", "L", "XL", "XXL")
AGE = timedelta(days=30)


def merchant(products: int, *, number: int = 1) -> Merchant:
    """Like the merchants of the tests, but each product in five sizes that count their own stock."""
    made = goods.merchant(products, seed=number)
    random = Random(number)
    return replace(made, products=tuple(_in_five_sizes(one, random) for one in made.products))


def _in_five_sizes(product: SoldProduct, random: Random) -> SoldProduct:
    variants = tuple(
        SoldVariant(
            f"{product.sku}-{size}",
            (("Size", size),),
            None,
            "",
            (random.randint(20, 200), random.randint(0, 60), random.randint(0, 15)),
        )
        for size in SIZES
    )
    return replace(product, tracking="variant", variants=variants)


def store(products: int, orders: int = 0, *, number: int = 1) -> Simulator:
    """A BigCommerce store without limits, its catalog a month old, its orders spread over the time since."""
    simulator = Simulator(clock=Clock(datetime.now(UTC) - AGE), seed=number)
    simulator.limits.change(10**9, 30.0)
    simulator.store.store_hash = f"abc{number}"
    seed.load_merchant(simulator.store, merchant(products, number=number))
    for place, product in enumerate(simulator.store.products.values()):
        # A real catalog was not changed all in one second.
        product.modified += place * AGE * 0.9 / products
    if orders:
        _sell(simulator, orders, Random(number))
    simulator.clock.advance(datetime.now(UTC) - simulator.clock.now())
    return simulator


def _sell(simulator: Simulator, orders: int, random: Random) -> None:
    """Paid orders of two or three lines, from buyers with addresses."""
    store, outside = simulator.store, simulator.store.outside
    store.outside = Outside(outside.clock, lambda _scope, _data: None, outside.later)
    skus = sorted(store.variant_by_sku)
    step = AGE * 0.9 / orders
    for _ in range(orders):
        lines = [
            {"sku": random.choice(skus), "quantity": random.randint(1, 3)}
            for _ in range(random.randint(2, 3))
        ]
        body = orjson.dumps({"lines": lines, "oversell": True})
        scope = {"method": "POST", "path": "", "query_string": b"", "headers": []}
        control.place_order(store, Request(scope, body))
        simulator.clock.advance(step)
    store.outside = outside
