"""The record of each run, which is all that people see of it: when it ran, how far it got, and how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from crossdock.domain.sync import FlowKey
from crossdock.store.codec import fingerprint, pack, unpack
from crossdock.store.database import Database, Transaction
from crossdock.store.tables import flow as flows
from crossdock.store.tables import run as runs
from crossdock.sync.workers import upsert


class RunState(StrEnum):
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    FENCED = "fenced"
    CANCELED = "canceled"


@dataclass(frozen=True, slots=True)
class RunRecord:
    """What people see of one run."""

    run_id: str
    flow: FlowKey
    worker: str
    state: RunState
    started_at: datetime
    ended_at: datetime | None
    tally: Mapping[str, int]
    error: str


def history(database: Database, flow: FlowKey | None = None, limit: int = 50) -> list[RunRecord]:
    """The latest runs first."""
    latest = sa.select(runs).order_by(runs.c.started_at.desc(), runs.c.id.desc()).limit(limit)
    if flow is not None:
        latest = latest.where(runs.c.flow == str(flow))
    with database.reading() as tx:
        return [_record(row) for row in tx.execute(latest)]


def _record(row: sa.Row[Any]) -> RunRecord:
    return RunRecord(
        run_id=row.id,
        flow=FlowKey.parse(row.flow),
        worker=row.worker,
        state=RunState(row.state),
        started_at=row.started_at,
        ended_at=row.ended_at,
        tally=unpack(dict[str, int], row.tally),
        error=row.error,
    )


def milestone(database: Database, run_id: str) -> str:
    """Differs whenever the run has got further: the cursor of its flow and its tally, in short."""
    reached = (
        sa.select(flows.c.cursor, runs.c.tally)
        .join_from(runs, flows, runs.c.flow == flows.c.key)
        .where(runs.c.id == run_id)
    )
    with database.reading() as tx:
        row = tx.execute(reached).one_or_none()
        return fingerprint([row.cursor, row.tally] if row else [])


# What a run puts down


def start(  # noqa: PLR0913  # what is put down of it
    tx: Transaction, database: Database, flow: FlowKey, run_id: str, *, worker: str, now: float
) -> None:
    """Open the record. A run that is taken over keeps its first start."""
    row = upsert(database, runs).values(
        id=run_id,
        flow=str(flow),
        integration=flow.integration,
        worker=worker,
        state=RunState.RUNNING,
        started_at=utc(now),
        tally="{}",
        error="",
    )
    again = {"worker": worker, "state": RunState.RUNNING, "ended_at": None, "error": ""}
    tx.execute(row.on_conflict_do_update(index_elements=["id"], set_=again))


def progress(tx: Transaction, run_id: str, tally: Mapping[str, int]) -> None:
    """Note what the run has done so far, in the transaction of the page that did it."""
    tx.execute(sa.update(runs).where(runs.c.id == run_id).values(tally=pack(dict(tally))))


def end(tx: Transaction, run_id: str, state: RunState, *, now: float, error: str = "") -> None:
    """Close the record of a run that is still open."""
    still_open = sa.and_(runs.c.id == run_id, runs.c.state == RunState.RUNNING)
    tx.execute(sa.update(runs).where(still_open).values(state=state, ended_at=utc(now), error=error))


def end_fenced(tx: Transaction, run_id: str, worker: str, now: float) -> None:
    """The same run may live on in another worker, whose record must stay open."""
    is_ours = sa.and_(runs.c.id == run_id, runs.c.worker == worker)
    if tx.scalar(sa.select(sa.func.count()).where(is_ours)):
        end(tx, run_id, RunState.FENCED, now=now)


def utc(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
