"""Eight integrations on PostgreSQL, pulled by one, two and four workers."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import ExitStack

import sqlalchemy as sa

from bench import servers
from bench.hub import OFF, be_quiet
from bench.platforms import Platforms, running
from bench.table import Row
from crossdock.app import Hub
from crossdock.config import Config
from crossdock.operations.setup.spec import Spec
from crossdock.operations.task import HUB
from crossdock.store import tables
from crossdock.store.database import Database
from crossdock.sync import lease as leases
from crossdock.sync.workers import live_workers

INTEGRATIONS = 8
LONGEST_SECONDS = 300.0
SETTLE_SECONDS = 3.0


def run(*, products: int, orders: int) -> list[Row]:
    be_quiet()
    if not servers.answers():
        return [Row("PostgreSQL, 1, 2 and 4 workers", note=f"no server answers at {servers.SERVER}")]
    rows: list[Row] = []
    with running(products, orders=orders, stores=INTEGRATIONS) as platforms:
        for workers in (1, 2, 4):
            seconds = _measure(platforms, workers, orders)
            one = rows[0].seconds if rows else None
            note = (
                f"{one / seconds:.2f} × as fast as one"
                if one
                else f"{os.cpu_count()} cores for all processes"
            )
            title = f"PostgreSQL, {workers} worker{'s' if workers > 1 else ''}, {INTEGRATIONS} integrations"
            rows.append(
                Row(
                    f"{title}, {orders * INTEGRATIONS:,} orders",
                    seconds=seconds,
                    records=orders * INTEGRATIONS,
                    target="≥ 2 × one worker with 4, never slower",
                    note=note,
                )
            )
    return rows


def _measure(platforms: Platforms, workers: int, orders: int) -> float:
    url = servers.fresh_postgresql()
    opened = Hub.open(Config(database_url=url, secret_key="bench"))
    stores = {f"store{number}": one for number, one in enumerate([platforms.store, *platforms.others])}
    settings = OFF | {"orders": True, "hold_minutes": 0}
    wanted = {
        "sources_of_truth": {"catalog": HUB, "inventory": HUB},
        "integrations": [
            {
                "name": name,
                "connector": "bigcommerce",
                "credentials": {key: text for key, text in one.items() if key != "address"},
                "settings": settings,
            }
            for name, one in stores.items()
        ],
    }
    opened.apply(Spec.model_validate(wanted))
    for name in stores:
        connection = opened.connect(name)
        if connection.status != "Connected":
            raise RuntimeError(connection.reason)
    flows = opened.flows()
    for flow in flows:
        leases.make_due(opened.database, flow, in_seconds=1e6)
    environment = os.environ | {
        "CROSSDOCK_DATABASE_URL": url,
        "CROSSDOCK_SECRET_KEY": "bench",
        "CROSSDOCK_LOG_LEVEL": "ERROR",
    }
    code = "from crossdock.cli.main import run; run()"
    with ExitStack() as stack:
        for _ in range(workers):
            worker = stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", code, "worker"], env=environment, stderr=subprocess.DEVNULL
                )
            )
            stack.callback(worker.terminate)
        while len(live_workers(opened.database)) < workers:
            time.sleep(0.1)
        time.sleep(SETTLE_SECONDS)  # starting four of them is not what is measured
        began = time.perf_counter()
        for flow in flows:
            leases.want(opened.database, flow)
        while _orders(opened.database) < orders * INTEGRATIONS:
            if time.perf_counter() - began > LONGEST_SECONDS:
                raise RuntimeError("The workers are not done")
            time.sleep(0.05)
        seconds = time.perf_counter() - began
    opened.close()
    return seconds


def _orders(database: Database) -> int:
    with database.reading() as tx:
        return int(tx.scalar(sa.select(sa.func.count()).select_from(tables.order)) or 0)
