"""The stock of a store that owns it: all of it read for the first time, and again when nothing has changed."""

from __future__ import annotations

from math import ceil

from bench import floor, hub
from bench.hub import STORE, Bench
from bench.jobs.catalog import PRODUCTS
from bench.platforms import running
from bench.table import Row
from crossdock.domain.sync import Direction, Entity, FlowKey
from crossdock.store import tables

INVENTORY = FlowKey(STORE, Direction.PULL, Entity.INVENTORY)
ITEMS_A_PAGE = 1000


def run(*, products: int) -> list[Row]:
    skus = products * 5
    with running(products) as platforms:
        hub.work("inventory", platforms, skus=skus)  # plays every answer onto the tape once
        since = len(platforms.calls())
        took = hub.work("inventory", platforms, skus=skus)
        asked = [call for call in platforms.calls(since) if call.path.endswith("/inventory/items")]
        places = [f"/v3/inventory/items?{call.query}" for call in asked[: len(asked) // 2]]
        with floor.floor(platforms) as bare:
            first = floor.measured(lambda: floor.read_stock(bare, places))
            again = floor.measured(lambda: floor.read_stock(bare, places))
    least = ceil(skus / ITEMS_A_PAGE)
    titles = {"pull": f"full inventory pull, {skus:,} SKUs", "unchanged": "the same, nothing changed"}
    return [
        Row(
            titles[name],
            took[name].calls,
            least,
            took[name].seconds,
            bare.seconds,
            took[name].cpu,
            bare.cpu,
            took[name].peak_mb,
            skus,
        )
        for name, bare in (("pull", first), ("unchanged", again))
    ]


def work(bench: Bench, *, skus: int) -> None:
    bench.connect(products="pull", inventory="pull", locations=True)
    bench.run(PRODUCTS)
    bench.run(FlowKey(STORE, Direction.PULL, Entity.LOCATIONS))
    with bench.measured("pull"):
        bench.run(INVENTORY)
    assert bench.count(tables.level) >= skus
    with bench.measured("unchanged"):
        bench.run(INVENTORY)
