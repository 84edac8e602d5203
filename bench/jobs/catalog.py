"""The whole catalog, then again unchanged, then with ten products changed."""

from __future__ import annotations

from dataclasses import asdict
from math import ceil

from bench import by_hand, floor, hub
from bench.hub import HUB_FILE, STORE, Bench
from bench.platforms import Call, Platforms, running
from bench.table import Row
from crossdock.domain.sync import Direction, Entity, FlowKey
from crossdock.operations.setup import integrations
from crossdock.store import tables

PRODUCTS = FlowKey(STORE, Direction.PULL, Entity.PRODUCTS)
PAGE = 250


def run(*, products: int) -> list[Row]:
    with running(products // 4) as platforms:
        small = hub.work("catalog", platforms, products=products // 4)["first"]
    with running(products) as platforms:
        with floor.floor(platforms) as bare:
            floor.products(bare, [])  # plays the pages onto the tape
        took, calls = _hub(platforms, products)
        names = [f"{call.path}?{call.query}" for call in calls if not call.path.endswith("/catalog/products")]
        names = [place[place.index("/v3") :] for place in names if "/v3/catalog" in place]
        with floor.floor(platforms) as bare:
            first = floor.measured(lambda: floor.products(bare, names))
            again = floor.measured(lambda: floor.products(bare, names))
    records = products * 6
    least = ceil(products / PAGE) + 1
    rows = []
    for name, title, measured, target in (
        ("first", f"full catalog pull, {products * 5:,} variants", first, "≤ 2 ×"),
        ("unchanged", "the same sweep, nothing changed", again, "≤ 1.2 ×"),
    ):
        one = took[name]
        rows.append(
            Row(
                title,
                one.calls,
                least,
                one.seconds,
                measured.seconds,
                one.cpu,
                measured.cpu,
                one.peak_mb,
                records,
                target,
            )
        )
    hand = floor.Measured(**took.notes["by hand"])
    rows.append(
        Row(
            "the floor, and the hub's rows and indexes written by hand",
            None,
            None,
            first.seconds + hand.seconds,
            first.seconds,
            first.cpu + hand.cpu,
            first.cpu,
            records=records,
        )
    )
    big = took["first"]
    rows.append(
        Row(
            f"peak memory of a full pull, {products:,} products",
            peak_mb=big.peak_mb,
            target="≤ 150 MB, within 20 MB of the next",
            note=f"{small.peak_mb:.0f} MB with {products // 4:,} products; {big.idle_mb:.0f} MB before it began",
        )
    )
    ten = took["ten changed"]
    rows.append(
        Row(
            "ten products changed",
            ten.calls,
            1,
            ten.seconds,
            None,
            ten.cpu,
            None,
            ten.peak_mb,
            10,
            "≤ 50 ms CPU",
        )
    )
    return rows


def _hub(platforms: Platforms, products: int) -> tuple[hub.Done, list[Call]]:
    since = len(platforms.calls())
    took = hub.work("catalog", platforms, products=products)
    return took, platforms.calls(since)


def work(bench: Bench, *, products: int) -> None:
    bench.connect(products="pull")
    with bench.measured("first"):
        bench.run(PRODUCTS)
    assert bench.count(tables.product) == products
    bench.notes["by hand"] = asdict(by_hand.written_again(bench.folder / HUB_FILE, bench.folder))
    events = bench.count(tables.event)
    with bench.hub.database.serial() as tx:
        integrations.restart_flow(tx, PRODUCTS)
    with bench.measured("unchanged"):
        bench.run(PRODUCTS)
    assert bench.count(tables.event) == events
    bench.run(PRODUCTS)
    for number in range(1, 11):
        bench.platforms.act(f"products/{number}", name=f"Renamed {number} at {bench.count(tables.event)}")
    with bench.measured("ten changed"):
        bench.run(PRODUCTS)
