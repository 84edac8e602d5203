"""A worker process whose runs read pages of nothing: each page is recorded once, and never by two at a time.

Started with one JSON argument. Says "ready", then works until its standard input closes.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from crossdock.domain.sync import FlowKey
from crossdock.store.database import Database
from crossdock.store.tables import flow as flows
from crossdock.store.tables import memory
from crossdock.sync import engine as engine_module
from crossdock.sync import lease, run_records, sweep, workers
from crossdock.sync.engine import Engine
from crossdock.sync.lease import Ended, FencedError, Lease


@dataclass(frozen=True)
class Job:
    url: str
    folder: str
    worker: str
    pages: int = 20
    page_seconds: float = 0.05
    lease_seconds: float = 12.0
    beat_seconds: float = 3.0
    role_seconds: float = 9.0
    is_deadly: bool = False


def main() -> None:
    job = Job(**json.loads(sys.argv[1]))
    workers.LEASE_SECONDS = job.lease_seconds
    engine_module.BEAT_SECONDS, sweep.ROLE_SECONDS = job.beat_seconds, job.role_seconds
    database = Database(job.url)
    with Engine(
        database,
        lambda held: read_pages(job, database, engine, held),
        worker=job.worker,
        on_poison=lambda flow: say(job, f"poison {flow}"),
    ) as engine:
        print("ready", flush=True)
        sys.stdin.read()


def read_pages(job: Job, database: Database, engine: Engine, held: Lease) -> Ended:
    """From where the cursor stands to the next multiple of `pages`."""
    if job.is_deadly:
        os._exit(9)
    check, read = engine.guard(held), 0
    try:
        while True:
            check()
            call(job, held.flow)
            read += 1
            if commit_page(database, held, read) % job.pages == 0:
                return Ended({"read": read})
    except FencedError:
        say(job, f"fenced {job.worker}")
        raise


def call(job: Job, flow: FlowKey) -> None:
    """What a platform would see. Two calls for one flow at a time, or for one integration in the bulk lane, are a fault."""
    with alone(job, str(flow)), alone(job, flow.integration):
        time.sleep(job.page_seconds)


@contextlib.contextmanager
def alone(job: Job, name: str) -> Iterator[None]:
    with (Path(job.folder) / f"{name.replace('/', '-')}.call").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(job, f"overlap {name}")
        yield


def commit_page(database: Database, held: Lease, read: int) -> int:
    """The page, the cursor and the progress in one transaction. A page recorded twice breaks the primary key."""
    key = str(held.flow)
    with database.transaction() as tx:
        lease.check(tx, held)
        page = int(tx.scalar(sa.select(flows.c.cursor).where(flows.c.key == key)) or 0)
        tx.execute(sa.insert(memory).values(integration=key, kind="page", key=str(page), value=held.worker))
        tx.execute(sa.update(flows).where(flows.c.key == key).values(cursor=str(page + 1)))
        run_records.progress(tx, held.run_id, {"read": read})
    return page + 1


def say(job: Job, what: str) -> None:
    """Kept in a file, since a killed worker's output may be lost."""
    with (Path(job.folder) / "said").open("a") as file:
        file.write(what + "\n")


if __name__ == "__main__":
    main()
