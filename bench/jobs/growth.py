"""What one change costs in a small catalog and in a big one: requests, milliseconds, statements."""

from __future__ import annotations

from bench import hub
from bench.hub import Bench
from bench.jobs.catalog import PRODUCTS
from bench.jobs.orders import ORDERS
from bench.platforms import running
from bench.table import Row


def run(*, sizes: list[int]) -> list[Row]:
    rows = []
    for products in sizes:
        with running(products, orders=500) as platforms:
            done = hub.work("growth", platforms)
        for name, took in done.took.items():
            rows.append(
                Row(
                    f"{name}, among {products * 5:,} SKUs",
                    took.calls,
                    1,
                    took.seconds,
                    None,
                    took.cpu,
                    None,
                    took.peak_mb,
                    1,
                    "the same at any size",
                    f"{took.statements} statements",
                )
            )
    return rows


def work(bench: Bench) -> None:
    bench.connect(products="pull", orders=True)
    for flow in (PRODUCTS, ORDERS, PRODUCTS, ORDERS):
        bench.run(flow)
    skus = sorted(bench.platforms.store_stock())
    # Once beforehand: the first of its kind compiles its statements.
    _change_a_product(bench, 1)
    _sell(bench, skus[2])
    with bench.measured("one product changed"):
        _change_a_product(bench, 3)
    with bench.measured("one order placed"):
        _sell(bench, skus[4])
    with bench.measured("nothing new"):
        bench.run(PRODUCTS)


def _change_a_product(bench: Bench, number: int) -> None:
    bench.platforms.act(f"products/{number}", name=f"Renamed {number}")
    bench.run(PRODUCTS)


def _sell(bench: Bench, sku: str) -> None:
    bench.platforms.act("orders", lines=[{"sku": sku, "quantity": 1}])
    bench.run(ORDERS)
