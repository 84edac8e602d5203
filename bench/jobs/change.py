"""A change in the store until the shop shows it, by webhook and by poll; and a burst of orders until both are right."""

from __future__ import annotations

import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench import hub
from bench.hub import Bench
from bench.platforms import Platforms, running
from bench.served import serving, set_up
from bench.table import Row

PRODUCTS = 12
LOOK_SECONDS = 0.02
LONGEST_SECONDS = 180.0
BURST_SKUS = 5
PLENTY = 2000


def run(*, changes: int, polled: int, orders: int) -> list[Row]:
    rows = []
    with running(PRODUCTS, is_live=True) as platforms:
        told = hub.work("change", platforms, is_told=True, changes=changes, orders=orders)
        rows += [_row("by webhook", told.notes, "p95 ≤ 1 s, p99 ≤ 3 s")]
        rows += [
            Row(
                f"{orders:,}-order burst on {BURST_SKUS} SKUs until both stocks are right",
                seconds=told.notes["burst"],
                target="≤ 30 s",
                records=orders,
                note=f"all orders were placed after {told.notes['placed']:.1f} s",
            )
        ]
    if polled:
        with running(PRODUCTS, is_live=True) as platforms:
            asked = hub.work("change", platforms, is_told=False, changes=polled, orders=0)
            rows.append(_row("by poll", asked.notes, "≤ 60 s"))
    return rows


def _row(how: str, notes: dict[str, Any], target: str) -> Row:
    waits = sorted(notes["waits"])
    shares = {share: waits[min(len(waits) - 1, int(len(waits) * share))] for share in (0.5, 0.95, 0.99)}
    told = ", ".join(f"p{round(share * 100)} {seconds:.2f} s" for share, seconds in shares.items())
    return Row(
        f"a stock change in the store → right in the shop, {how}",
        calls=notes["calls"],
        least_calls=2,
        seconds=shares[0.95],
        target=target,
        note=f"{told} of {len(waits)}; calls of one change at both platforms; {notes['kb']:.1f} KB",
    )


def work(bench: Bench, *, is_told: bool, changes: int, orders: int) -> None:
    set_up(bench)
    url, platforms = bench.hub.database.url, bench.platforms
    bench.hub.close()
    listed = sorted(platforms.shop_stock().keys() & platforms.store_stock().keys())
    with TemporaryDirectory() as folder, serving(url, Path(folder), is_told=is_told):
        time.sleep(5)  # what start-up itself sets in motion is over
        _one(platforms, listed[0], 500)
        time.sleep(3)
        before = len(platforms.calls()), len(platforms.calls(at="shop"))
        first = _one(platforms, listed[0], 501)
        calls = platforms.calls(before[0]) + platforms.calls(before[1], at="shop")
        waits = [first] + [_one(platforms, listed[n % len(listed)], 502 + n) for n in range(1, changes)]
        bench.notes |= {"waits": waits, "calls": len(calls), "kb": sum(call.size for call in calls) / 1024}
        if orders:
            bench.notes |= _burst(platforms, listed[:BURST_SKUS], orders)


def _one(platforms: Platforms, sku: str, units: int) -> float:
    """Seconds from the change in the store until the shop offers the units."""
    began = time.perf_counter()
    platforms.act("stock", sku=sku, quantity=units)
    total = platforms.store_stock()[sku]
    while platforms.shop_stock()[sku] != total:
        if time.perf_counter() - began > LONGEST_SECONDS:
            raise RuntimeError(f"{sku} is not right after {LONGEST_SECONDS} s")
        time.sleep(LOOK_SECONDS)
    return time.perf_counter() - began


def _burst(platforms: Platforms, skus: list[str], orders: int) -> dict[str, float]:
    """Orders on both platforms in turn, as fast as they take them."""
    for sku in skus:
        _one(platforms, sku, PLENTY)
    start = {sku: platforms.store_stock()[sku] for sku in skus}
    sold = dict.fromkeys(skus, 0)
    began = time.perf_counter()
    for number in range(orders):
        sku = skus[number % len(skus)]
        sold[sku] += 1
        if number // len(skus) % 2:
            platforms.act("orders", lines=[{"sku": sku, "quantity": 1}])
        else:
            line = {"seller_sku": sku, "quantity": 1}
            platforms.act("orders", at="shop", lines=[line], paid=True, on_hold=False)
    placed = time.perf_counter() - began
    right = {sku: start[sku] - sold[sku] for sku in skus}
    while not _is_right(platforms, right):
        if time.perf_counter() - began > LONGEST_SECONDS:
            raise RuntimeError(f"not right: {right}, {platforms.store_stock()}, {platforms.shop_stock()}")
        time.sleep(LOOK_SECONDS)
    return {"burst": time.perf_counter() - began, "placed": placed}


def _is_right(platforms: Platforms, right: dict[str, int]) -> bool:
    store, shop = platforms.store_stock(), platforms.shop_stock()
    return all(store[sku] == units == shop[sku] for sku, units in right.items())
