"""The hub's own process: opens a hub on a fresh database, does one job's runs, and tells what they took."""

from __future__ import annotations

import cProfile
import importlib
import itertools
import json
import logging
import os
import pstats
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy import event

from bench.platforms import Platforms
from crossdock.app import Hub
from crossdock.config import Config
from crossdock.connectors.contract import Connector
from crossdock.domain.inventory import MovementKind
from crossdock.domain.sync import FlowKey
from crossdock.equipment import spare_the_collector
from crossdock.operations.setup import integrations
from crossdock.operations.setup.spec import Spec
from crossdock.operations.stock import ledger
from crossdock.operations.stock.ledger import Movement
from crossdock.operations.task import HUB, Task
from crossdock.store import tables
from crossdock.sync import lease as leases
from crossdock.sync.lease import Lease
from crossdock.sync.runner import Runner

STORE, SHOP = "store", "tiktok"
HUB_FILE = "hub.sqlite"
OFF = {"products": "disabled", "orders": False, "inventory": "disabled", "locations": False}
PROFILE = "BENCH_PROFILE"
"""Environment: a folder into which each measured part writes its profile."""


@dataclass(frozen=True)
class Took:
    """What one measured part cost in the hub's process."""

    seconds: float
    cpu: float
    calls: int
    statements: int
    peak_mb: float
    idle_mb: float = 0.0


class Bench:
    """A hub that is connected to the bench's platforms, and the stop-watch beside it."""

    def __init__(self, folder: Path, platforms: Platforms, *, url: str = "") -> None:
        self.platforms = platforms
        self.folder = folder
        database_url = url or f"sqlite:///{folder / HUB_FILE}"
        self.hub = Hub.open(Config(database_url=database_url, secret_key="bench"))
        self.took: dict[str, Took] = {}
        self.notes: dict[str, Any] = {}
        self._runs = itertools.count(1)
        self._statements = 0
        event.listen(self.hub.database.engine, "before_cursor_execute", self._count)

    def connect(self, **settings: Any) -> None:
        """The store with these settings; whatever they do not name is off.

        The hub owns what is not pulled; its stock is in one warehouse.
        """
        store = {
            "name": STORE,
            "connector": "bigcommerce",
            "credentials": {name: text for name, text in self.platforms.store.items() if name != "address"},
            "settings": OFF | {"hold_minutes": 0} | settings,
        }
        pulled = {"catalog": settings.get("products"), "inventory": settings.get("inventory")}
        truth = {about: STORE if how == "pull" else HUB for about, how in pulled.items()}
        place = {"location": "Main warehouse", "integration": HUB, "default": True}
        wanted = Spec.model_validate(
            {"sources_of_truth": truth, "integrations": [store], "locations": [place]}
        )
        self.hub.apply(wanted)
        connection = self.hub.connect(STORE)
        if connection.status != "Connected":
            raise RuntimeError(connection.reason)

    def run(self, flow: FlowKey, *, wake: Callable[[FlowKey], object] = lambda _: None) -> None:
        """One run as a worker does it, without the engine around it."""
        lease = leases.begin(self.hub.database, flow, f"{flow}:bench-{next(self._runs)}", "bench")
        if lease is None:
            raise RuntimeError(f"{flow} is taken or off")
        ended = Runner(self.hub.desk, self._connector, wake).run(lease)
        leases.finish(self.hub.database, lease, ended)
        if ended.error:
            raise RuntimeError(ended.error)

    @contextmanager
    def measured(self, name: str) -> Iterator[None]:
        asked, statements = len(self.platforms.calls()), self._statements
        idle = _peak_mb()
        began, began_cpu = time.perf_counter(), time.process_time()
        with _profiled(name):
            yield
        seconds, cpu = time.perf_counter() - began, time.process_time() - began_cpu
        self.took[name] = Took(
            seconds,
            cpu,
            len(self.platforms.calls()) - asked,
            self._statements - statements,
            _peak_mb(),
            idle,
        )

    def count_shelves(self, units: int) -> None:
        """Somebody counts every shelf of the hub's warehouse."""
        with self.hub.database.serial() as tx:
            place = tx.scalar(tables.location.select().where(tables.location.c.integration == HUB))
            task = Task(HUB, self.hub.clock(), self.hub.cipher, truth=integrations.truth(tx), actor="bench")
            moves = [
                Movement(key, str(place), MovementKind.COUNT, "counted", on_hand=units)
                for key in tx.scalars(sa.select(tables.variant.c.id))
            ]
            ledger.append(tx, task, moves)

    def count(self, table: sa.Table) -> int:
        with self.hub.database.reading() as tx:
            return int(tx.scalar(sa.select(sa.func.count()).select_from(table)) or 0)

    def _connector(self, integration: str, lease: Lease) -> Connector:  # noqa: ARG002
        return self.hub.connector(integration)

    def _count(self, *_: Any) -> None:
        self._statements += 1


def _peak_mb() -> float:
    """The most memory that this program had; what getrusage tells is at least that of the process which started it."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return int(status.read_text().partition("VmHWM:")[2].split()[0]) / 1024


@contextmanager
def _profiled(name: str) -> Iterator[None]:
    folder = os.environ.get(PROFILE)
    if not folder:
        yield
        return
    profile = cProfile.Profile(time.thread_time)
    with profile:
        yield
    Path(folder).mkdir(parents=True, exist_ok=True)
    profile.dump_stats(Path(folder) / f"{name}.prof")
    with (Path(folder) / f"{name}.txt").open("w") as file:
        pstats.Stats(profile, stream=file).sort_stats("cumulative").print_stats(70)
        pstats.Stats(profile, stream=file).sort_stats("tottime").print_stats(50)


@dataclass(frozen=True)
class Done:
    """What came of a job: what each part of it took, and whatever else it found."""

    took: dict[str, Took]
    notes: dict[str, Any]

    def __getitem__(self, name: str) -> Took:
        return self.took[name]


def work(job: str, platforms: Platforms, **options: Any) -> Done:
    """Have a process of its own do the hub's part of a job."""
    given = {"store": platforms.store, "shop": platforms.shop, "options": options}
    done = subprocess.run(
        [sys.executable, "-m", "bench.hub", job],
        input=json.dumps(given),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    told = json.loads(done.stdout.splitlines()[-1])
    return Done({name: Took(**took) for name, took in told["took"].items()}, told["notes"])


def be_quiet() -> None:
    """A line for each call would be measured too; a served hub writes none of them either."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))


def main() -> None:
    be_quiet()
    job = importlib.import_module(f"bench.jobs.{sys.argv[1]}")
    given = json.loads(sys.stdin.read())
    platforms = Platforms(given["store"], given["shop"])
    with TemporaryDirectory(prefix="crossdock-bench-") as folder:
        bench = Bench(Path(folder), platforms)
        spare_the_collector()
        job.work(bench, **given["options"])
        bench.hub.close()
    told = {"took": {name: asdict(took) for name, took in bench.took.items()}, "notes": bench.notes}
    sys.stdout.write("\n" + json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
