"""`python -m bench.oversell`: drains few SKUs on both platforms at once, with and without the guard, and prints a table."""

from __future__ import annotations

import argparse
import logging
import math
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import structlog
from rich.console import Console
from rich.table import Table

from bench.oversell.blame import PLATFORMS, Platform, Verdict
from bench.oversell.world import SHOP, STORE, Buyers, Way, World, platforms
from crossdock.operations.task import HUB

TARGET_SECONDS = {True: 3.0, False: 60.0}
"""By webhook and by poll: how long a change may take to the other platform."""


@dataclass(frozen=True)
class Line:
    """One run of the table."""

    way: Way
    existed: int
    sold: int
    seconds: float
    delays: Mapping[Platform, list[float]]
    delay: Mapping[Platform, float]
    most_sold: int
    verdict: Verdict
    unsold: int
    wrongs: list[str]


def run(way: Way, options: argparse.Namespace, known: Mapping[Platform, float] | None = None) -> Line:
    """Set up, drain, wait until nothing moves, judge. `known` is the propagation time of the run without a guard."""
    with TemporaryDirectory(prefix="crossdock-oversell-") as folder, platforms() as at:
        world = World(Path(folder), at, way, count=options.skus, units=options.units)
        with world.serving():
            time.sleep(options.warm_up)
            began = time.monotonic()
            pace = options.rate if way.by_webhook else options.poll_rate
            buyers = Buyers(at, world.skus, per_platform=options.buyers, orders_per_second=pace)
            buyers.buy_until_quiet(options.quiet if way.by_webhook else options.poll_quiet)
            wrongs = _wait_until_equal(world, 30.0 if way.by_webhook else 120.0)
        histories = list(world.histories(began).values())
        wrongs += world.wrongs()
    delays: dict[Platform, list[float]] = {
        to: sorted(one for history in histories for one in history.delays(to)) for to in PLATFORMS
    }
    target = TARGET_SECONDS[way.by_webhook]
    delay = known or {to: max(found, default=target) for to, found in delays.items()}
    verdict = sum((history.verdict(delay, target) for history in histories), Verdict())
    sales = [event.at for history in histories for event in history.events if event.kind == "sale"]
    return Line(
        way,
        existed=options.units * len(histories),
        sold=sum(history.sold for history in histories),
        seconds=max(sales) - min(sales),
        delays=delays,
        delay=delay,
        most_sold=max(history.most_sold_within(max(delay.values())) for history in histories),
        verdict=verdict,
        unsold=sum(max(0, history.existed - history.sold) for history in histories),
        wrongs=wrongs,
    )


def _wait_until_equal(world: World, seconds: float) -> list[str]:
    """Both platforms show what the sales left, less what a guard holds back; how many SKUs do not is said."""
    give_up = time.monotonic() + seconds
    while wrong := sorted(_differing(world)):
        if time.monotonic() > give_up:
            return [f"{len(wrong)} numbers are wrong in the end: {', '.join(wrong)}"]
        time.sleep(0.5)
    return []


def _differing(world: World) -> Iterator[str]:
    sold = dict.fromkeys(world.skus, 0)
    for kind, _, _, *more in world.at.notes():
        if kind == "sale" and more[0] in sold:
            sold[more[0]] += more[1]
    for platform in PLATFORMS:
        shown = world.at.shown(platform)
        for sku in world.skus:
            left = max(0, world.units - sold[sku])
            wanted = _guarded(left, world.way.guards.get(platform, {}))
            if shown[sku] != wanted:
                yield f"{sku} on {platform} {shown[sku]} for {wanted}"


def _guarded(left: int, guard: Mapping[str, int]) -> int:
    if not 0 < left < guard.get("last_units_below", 0):
        return left
    return max(0, left * guard["last_units_share"] // 100 - guard["last_units_buffer"])


def guards(owner: str, most_sold: int) -> dict[str, dict[str, int]]:
    """As docs/inventory.md says, for `most_sold` units of one SKU within the propagation time."""
    below = 2 * most_sold
    if owner == STORE:
        return {SHOP: _guard(below, 0, 0)}
    return {name: _guard(below, 50, math.ceil(most_sold / 2)) for name in (STORE, SHOP)}


def _guard(below: int, share: int, buffer: int) -> dict[str, int]:
    return {"last_units_below": below, "last_units_share": share, "last_units_buffer": buffer}


def table(lines: list[Line]) -> Table:
    shown = Table(title="Units sold beyond what existed")
    for name in ("Stock of", "By", "Guard", "Units", "Sold", "Orders/s", "Propagation p50 / p95 / max"):
        shown.add_column(name)
    for name in ("W", "Oversold", "No hub could", "Late", "In flight", "By the hub", "Unsold"):
        shown.add_column(name, justify="right")
    for line in lines:
        found = line.verdict
        shown.add_row(
            "the hub" if line.way.owner == HUB else "BigCommerce",
            "webhook" if line.way.by_webhook else "poll",
            _told(line.way),
            str(line.existed),
            str(line.sold),
            f"{line.sold / line.seconds:.0f}",
            "" if line.way.guards else "\n".join(f"→ {to}: {_spread(line.delays[to])}" for to in PLATFORMS),
            str(line.most_sold),
            *map(str, (found.total, found.unpreventable, found.late, found.in_flight, found.by_hub)),
            str(line.unsold),
        )
    return shown


def _told(way: Way) -> str:
    return "\n".join(
        f"{name} <{guard['last_units_below']}: {guard['last_units_share']} % − {guard['last_units_buffer']}"
        for name, guard in way.guards.items()
    )


def _spread(delays: list[float]) -> str:
    if not delays:
        return "–"
    at = [delays[min(len(delays) - 1, int(len(delays) * part))] for part in (0.5, 0.95)]
    return " / ".join(f"{one:.2f}" for one in (*at, delays[-1])) + " s"


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    parser = argparse.ArgumentParser(prog="python -m bench.oversell")
    parser.add_argument("--skus", type=int, default=4)
    parser.add_argument("--units", type=int, default=400, help="of each SKU")
    parser.add_argument("--buyers", type=int, default=3, help="on each platform")
    parser.add_argument(
        "--rate", type=float, default=0.0, help="orders per second and platform; 0: as fast as they can"
    )
    parser.add_argument("--poll-rate", type=float, default=0.0, help="the same for the runs without webhooks")
    parser.add_argument("--quiet", type=float, default=6.0, help="seconds without a sale that end a run")
    parser.add_argument("--poll-quiet", type=float, default=70.0)
    parser.add_argument("--warm-up", type=float, default=5.0)
    parser.add_argument("--only", choices=("webhook", "poll"), action="append")
    parser.add_argument("--owner", choices=(HUB, STORE), action="append")
    parser.add_argument("--no-guard", action="store_true")
    options = parser.parse_args()
    lines = []
    for by_webhook in (True, False):
        if ("webhook" if by_webhook else "poll") not in (options.only or ("webhook", "poll")):
            continue
        for owner in options.owner or (HUB, STORE):
            lines.append(run(Way(owner, by_webhook), options))
            _say(lines[-1])
            if options.no_guard:
                continue
            first = lines[-1]
            known = first.delay
            lines.append(run(Way(owner, by_webhook, guards(owner, first.most_sold)), options, known))
            _say(lines[-1])
    Console(width=160).print(table(lines))
    for line in lines:
        for wrong in line.wrongs:
            sys.stdout.write(f"{line.way.owner}, {'webhook' if line.way.by_webhook else 'poll'}: {wrong}\n")
    sys.exit(1 if any(line.verdict.by_hub or line.wrongs for line in lines) else 0)


def _say(line: Line) -> None:
    delays = ", ".join(f"to {to} {_spread(line.delays[to])}" for to in PLATFORMS)
    sys.stderr.write(
        f"{line.way} {line.verdict} {delays}; sold {line.sold} of {line.existed} {line.wrongs}\n"
    )


if __name__ == "__main__":
    main()
