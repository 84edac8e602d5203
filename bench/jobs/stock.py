"""A hundred thousand stock numbers of the hub brought to BigCommerce, and planned again where nothing is to be sent."""

from __future__ import annotations

from math import ceil

from bench import floor, hub
from bench.hub import STORE, Bench
from bench.jobs.catalog import PRODUCTS
from bench.platforms import running
from bench.table import Row
from crossdock.domain.sync import Direction, Entity, FlowKey
from crossdock.operations import publishing
from crossdock.store import tables

INVENTORY = FlowKey(STORE, Direction.PUSH, Entity.INVENTORY)
ITEMS_A_WRITE = 2000


def run(*, products: int) -> list[Row]:
    skus = products * 5
    with running(products) as platforms:
        since = len(platforms.calls())
        took = hub.work("stock", platforms, skus=skus)
        calls = platforms.calls(since)
        writes = [call for call in calls if call.path.endswith("/adjustments/absolute")]
        read = [call for call in calls if call.path.endswith("/inventory/items")]
        with floor.floor(platforms) as bare:
            least = floor.measured(lambda: floor.write_stock(bare, skus))
    first, again = took["push"], took["unchanged"]
    return [
        Row(
            f"stock push, {skus:,} changed SKUs to BigCommerce",
            len(writes),
            ceil(skus / ITEMS_A_WRITE),
            first.seconds,
            least.seconds,
            first.cpu,
            least.cpu,
            first.peak_mb,
            skus,
            "≤ 6 ×",
            f"and {len(read)} calls that look before and after",
        ),
        Row(
            f"planning of {skus:,} marked SKUs that are right",
            again.calls,
            0,
            again.seconds,
            None,
            again.cpu,
            None,
            again.peak_mb,
            skus,
            "≤ 1 s",
        ),
    ]


def work(bench: Bench, *, skus: int) -> None:
    bench.connect(products="pull", inventory="push", locations=True)
    bench.run(PRODUCTS)
    bench.run(FlowKey(STORE, Direction.PULL, Entity.LOCATIONS))
    bench.count_shelves(10)
    with bench.measured("push"):
        bench.run(INVENTORY)
    assert _settled(bench) == skus
    with bench.hub.database.serial() as tx:
        publishing.mark_all(tx, STORE, Entity.INVENTORY)
    with bench.measured("unchanged"):
        bench.run(INVENTORY)
    assert _settled(bench) == skus


def _settled(bench: Bench) -> int:
    publication = tables.publication
    with bench.hub.database.reading() as tx:
        rows = tx.execute(
            publication.select().where(
                publication.c.entity == Entity.INVENTORY, publication.c.state == "settled"
            )
        )
        return len(rows.all())
