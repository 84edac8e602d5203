"""What one change costs in a small catalog and in a big one: requests, milliseconds, statements."""

from __future__ import annotations

from math import ceil

import sqlalchemy as sa

from bench import hub
from bench.hub import STORE, Bench
from bench.jobs.catalog import PAGE, PRODUCTS
from bench.jobs.orders import ORDERS
from bench.platforms import running
from bench.table import Row
from crossdock.store import tables

MOST_BUILT = 1000
"""Products; of more the store shows copies."""


def run(*, sizes: list[int]) -> list[Row]:
    rows = []
    for products in sizes:
        built, times = (MOST_BUILT, products // MOST_BUILT) if products > MOST_BUILT else (products, 1)
        with running(built, orders=500, times=times, is_live=True) as platforms:
            done = hub.work("growth", platforms, products=products)
        rows.append(_pulled(products, done["first pull"]))
        for name, took in list(done.took.items())[1:]:
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


def _pulled(products: int, took: hub.Took) -> Row:
    """A pull of everything; of its peak the job's other parts are no more."""
    return Row(
        f"full catalog pull, {products * 5:,} variants",
        took.calls,
        ceil(products / PAGE) + 1,
        took.seconds,
        None,
        took.cpu,
        None,
        took.peak_mb,
        products * 6,
        "≤ 250 MB",
        f"{took.idle_mb:.0f} MB before it began",
    )


def work(bench: Bench, *, products: int) -> None:
    bench.connect(products="pull", orders=True)
    with bench.measured("first pull"):
        bench.run(PRODUCTS)
    assert bench.count(tables.product) == products
    for flow in (ORDERS, PRODUCTS, ORDERS):
        bench.run(flow)
    # Once beforehand: the first of its kind compiles its statements.
    _change_a_product(bench, 1)
    _sell(bench, 2)
    with bench.measured("one product changed"):
        _change_a_product(bench, 3)
    with bench.measured("one order placed"):
        _sell(bench, 4)
    with bench.measured("nothing new"):
        bench.run(PRODUCTS)


def _change_a_product(bench: Bench, number: int) -> None:
    bench.platforms.act(f"products/{number}", name=f"Renamed {number}")
    bench.run(PRODUCTS)


def _sell(bench: Bench, number: int) -> None:
    """One unit of the first variant of this product."""
    listing = tables.listing
    statement = sa.select(listing.c.channel_sku).where(listing.c.product_channel_id == str(number))
    with bench.hub.database.reading() as tx:
        sku = tx.scalar(statement.where(listing.c.integration == STORE).order_by(listing.c.channel_sku))
    bench.platforms.act("orders", lines=[{"sku": sku, "quantity": 1}])
    bench.run(ORDERS)
