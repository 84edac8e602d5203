"""A push to a store whose plan allows 150 requests in 30 seconds: how much of that is used, and whether it is overdrawn."""

from __future__ import annotations

import time
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import hub
from bench.hub import Bench
from bench.platforms import running
from bench.served import serving
from bench.table import Row
from crossdock.domain.own_catalog import ProductEntry, VariantEntry
from crossdock.operations.catalog import own_products
from crossdock.operations.setup import integrations
from crossdock.operations.task import HUB, Task
from crossdock.store import tables
from crossdock_simulators.bigcommerce.limits import QUOTAS, WINDOW_SECONDS

PLAN = "Standard"
TOO_MANY_REQUESTS = 429
LOOK_SECONDS = 0.2
LONGEST_SECONDS = 900.0


def run(*, products: int) -> list[Row]:
    quota = QUOTAS[PLAN]
    with running(1) as platforms:
        since = len(platforms.calls())
        done = hub.work("pacing", platforms, products=products)
        calls = platforms.calls(since)[done.notes["before"] - since :]
    return [
        Row(
            f"{products:,} products pushed to a store with the {PLAN} plan ({quota} requests in {WINDOW_SECONDS:.0f} s)",
            calls=len(calls),
            least_calls=products,
            seconds=done.notes["seconds"],
            floor_seconds=len(calls) / quota * WINDOW_SECONDS,
            target="≤ 1.1 × what the plan takes for them",
            note=f"{sum(call.status == TOO_MANY_REQUESTS for call in calls)} answers were 429",
        )
    ]


def work(bench: Bench, *, products: int) -> None:
    bench.connect(products="push")
    _give(bench, products)
    url, platforms = bench.hub.database.url, bench.platforms
    platforms.act("limits", quota=QUOTAS[PLAN], window_seconds=WINDOW_SECONDS)
    bench.notes["before"] = len(platforms.calls())
    with TemporaryDirectory() as folder, serving(url, Path(folder), is_told=False):
        began = time.perf_counter()
        while (left := products - _pushed(bench)) > 0:
            if time.perf_counter() - began > LONGEST_SECONDS:
                raise RuntimeError(f"{left} products are not pushed after {LONGEST_SECONDS} s")
            time.sleep(LOOK_SECONDS)
        bench.notes["seconds"] = time.perf_counter() - began


def _give(bench: Bench, products: int) -> None:
    variant = {"price": "10", "currency": "USD"}
    entries = [
        ProductEntry(f"tea-{n}", {"title": f"Tea {n}"}, (VariantEntry(f"TEA-{n}", variant),))
        for n in range(products)
    ]
    opened = bench.hub
    with opened.database.serial() as tx:
        task = Task(HUB, opened.clock(), opened.cipher, truth=integrations.truth(tx), actor="bench")
        given = own_products.take(tx, task, entries)
    assert not any(one.faults for one in given)


def _pushed(bench: Bench) -> int:
    return bench.count(tables.listing)
