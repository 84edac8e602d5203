"""Measures how long it takes until the flows of a killed worker go on elsewhere, with the leases of production.

PYTHONPATH=tests python tests/sync/engine/takeover_bench.py [TIMES]; needs the PostgreSQL server of the tests.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from pathlib import Path

import sqlalchemy as sa

from crossdock.domain.sync import Direction, Entity, FlowKey
from crossdock.store.database import Database
from crossdock.store.tables import flow as flows
from crossdock.sync.engine import Engine
from support.databases import open_database
from support.flows import add_flow
from support.workers import Farm, farm, pages_of, until

BOUND_SECONDS = 30.0
MANY_PAGES = 100_000
NAMES = ("anna", "ben", "cleo")


def main(times: int) -> None:
    chance = random.Random(7)
    with tempfile.TemporaryDirectory() as folder, open_database("postgresql", Path(folder)) as database:
        wanted = [
            add_flow(database, FlowKey(f"shop-{number}", direction, Entity.INVENTORY), lane="urgent")
            for number in range(3)
            for direction in Direction
        ]
        with (
            farm(database, Path(folder), pages=MANY_PAGES, page_seconds=0.1) as workers,
            Engine(database) as beside,
        ):
            for name in NAMES:
                workers.start(name)
            for flow in wanted:
                beside.wake(flow)
            until(lambda: len(owners(database)) == len(wanted))
            took = [killed_once(database, workers, number, chance) for number in range(times)]
            # In this lane an integration may have two runs at once, but a flow one only.
            spoiled = [
                line
                for line in workers.said()
                if line.startswith("poison") or "/" in line.partition("overlap")[2]
            ]
    told = ", ".join(f"{seconds:.1f}" for seconds in took)
    print(f"{times} kills: {told} s; worst {max(took):.1f} s of {BOUND_SECONDS:.0f} s")
    print(f"calls of two runs at once: {len(spoiled)}")
    assert max(took) <= BOUND_SECONDS
    assert not spoiled


def killed_once(database: Database, workers: Farm, number: int, chance: random.Random) -> float:
    """Seconds from the kill until every flow of the victim has a page by somebody else."""
    time.sleep(chance.uniform(1.0, 4.0))
    held = owners(database)
    victim = chance.choice(sorted(set(held.values())))
    lost = [flow for flow, owner in held.items() if owner == victim]
    reached = {flow: len(pages_of(database, flow)) for flow in lost}
    workers.kill(victim)
    began = time.monotonic()
    until(lambda: all(goes_on(database, flow, reached[flow], victim) for flow in lost), seconds=60)
    took = time.monotonic() - began
    workers.start(f"worker-{number}")
    print(f"{victim} killed with {len(lost)} flows: {took:.1f} s", flush=True)
    return took


def owners(database: Database) -> dict[FlowKey, str]:
    """Which worker runs which flow."""
    with database.reading() as tx:
        rows = tx.execute(sa.select(flows.c.key, flows.c.owner).where(flows.c.owner.is_not(None)))
        return {FlowKey.parse(row.key): row.owner for row in rows}


def goes_on(database: Database, flow: FlowKey, reached: int, victim: str) -> bool:
    pages = pages_of(database, flow)
    return any(page >= reached and name != victim for page, name in pages.items())


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10)
