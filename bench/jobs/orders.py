"""Ten thousand orders with lines and addresses, their stock committed as they come in."""

from __future__ import annotations

from math import ceil

from bench import floor, hub
from bench.hub import STORE, Bench
from bench.jobs.catalog import PRODUCTS
from bench.platforms import running
from bench.table import Row
from crossdock.domain.sync import Direction, Entity, FlowKey
from crossdock.store import tables

ORDERS = FlowKey(STORE, Direction.PULL, Entity.ORDERS)
PAGE = 250
CATALOG = 2000


def run(*, orders: int) -> list[Row]:
    with running(CATALOG, orders=orders) as platforms:
        hub.work("orders", platforms, orders=orders)  # plays every answer onto the tape once
        since = len(platforms.calls())
        took = hub.work("orders", platforms, orders=orders)["orders"]
        asked = [call for call in platforms.calls(since) if call.path.endswith("/v2/orders")]
        places = [f"/v2/orders?{call.query}" for call in asked if "consignments" in call.query]
        with floor.floor(platforms) as bare:
            least = floor.measured(lambda: floor.orders(bare, places))
    title = f"orders pull, {orders:,} with lines and addresses, stock committed"
    return [
        Row(
            title,
            took.calls,
            ceil(orders / PAGE) + 1,
            took.seconds,
            least.seconds,
            took.cpu,
            least.cpu,
            took.peak_mb,
            orders,
            "≤ 3 ×",
        )
    ]


def work(bench: Bench, *, orders: int) -> None:
    bench.connect(products="pull", orders=True)
    bench.run(PRODUCTS)
    bench.count_shelves(1000)
    with bench.measured("orders"):
        bench.run(ORDERS)
    assert bench.count(tables.order) == orders
    assert bench.count(tables.movement) >= orders
    assert bench.count(tables.exception_case) == 0
