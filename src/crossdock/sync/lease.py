"""Who runs a flow now, and when it is due next; usable without the engine."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeGuard

import sqlalchemy as sa

from crossdock.domain.sync import FlowKey
from crossdock.store import wishes
from crossdock.store.database import Database, Transaction
from crossdock.store.tables import flow as flows
from crossdock.sync import run_records
from crossdock.sync.run_records import RunState, utc
from crossdock.sync.workers import living, now_sql

FIRST_BACK_OFF_SECONDS = 5.0
LONGEST_BACK_OFF_SECONDS = 1800.0


class FencedError(Exception):
    """Another run owns this flow now: whatever this one still does must not count."""


class StoppedError(Exception):
    """The worker is stopping: leave between two calls; the flow stays due."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right of one run to work on one flow, until the flow's epoch moves on."""

    flow: FlowKey
    run_id: str
    worker: str
    epoch: int


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended. `retry_in` seconds replace the schedule after a success and the back-off after an error."""

    tally: Mapping[str, int]
    error: str = ""
    retry_in: float | None = None
    is_canceled: bool = False
    is_fenced: bool = False
    details: Mapping[str, str] = field(default_factory=dict)
    """What the log says of it beside: the platform's code, and its own id of the call that failed."""


@dataclass(frozen=True, slots=True)
class Wakeup:
    """The next run of a flow. Its id is the same for everybody who asks before that run begins."""

    flow: FlowKey
    generation: int
    lane: str
    is_running: bool = False

    @property
    def run_id(self) -> str:
        return f"{self.flow}:{self.generation}"


# Asking for a run


def want(
    database: Database, flow: FlowKey, names: Collection[str] = (), *, is_hint: bool = False
) -> Wakeup | None:
    """Make a flow due now, or again once its present run has ended; None when it is off, refused or unknown.

    With `names` it is enough to read the records that events call so, for a flow that can. A hint leaves the back-off
    after a failure in force; a person's wish does not.
    """
    with database.transaction() as tx:
        row = _locked(tx, flow)
        if not _may_run(row):
            return None
        if wishes.are_kept_of(flow):
            wishes.note(tx, flow, row.epoch, names)
        if is_hint and row.failures and row.runner is None and row.due_at > _now(tx, database):
            return None
        is_running = row.runner is not None
        since = sa.case((flows.c.due_at < now_sql(database), flows.c.due_at), else_=now_sql(database))
        _change(tx, flow, due_at=since, again=is_running)
        return Wakeup(flow, row.generation, row.lane, is_running)


def next_generation(database: Database, spent: Wakeup) -> Wakeup | None:
    """The wake-up after one whose run is over; None when its run began after the wish, or another has moved on."""
    with database.transaction() as tx:
        row = _locked(tx, spent.flow)
        if row is None or row.generation != spent.generation:
            return None
        _change(tx, spent.flow, generation=spent.generation + 1)
        return Wakeup(spent.flow, spent.generation + 1, row.lane)


def due_wakeups(database: Database, flow: FlowKey | None = None) -> list[Wakeup]:
    """The flows to run now, or just this one, longest due first. One that is running becomes due when it ends."""
    asked = (
        sa.select(flows)
        .where(_is_runnable(), flows.c.runner.is_(None), flows.c.due_at <= now_sql(database))
        .order_by(flows.c.due_at, flows.c.key)
    )
    if flow is not None:
        asked = asked.where(flows.c.key == str(flow))
    with database.reading() as tx:
        return [Wakeup(FlowKey.parse(row.key), row.generation, row.lane) for row in tx.execute(asked)]


def due(database: Database) -> list[FlowKey]:
    return [wakeup.flow for wakeup in due_wakeups(database)]


def make_due(database: Database, flow: FlowKey, in_seconds: float = 0.0) -> None:
    with database.transaction() as tx:
        _change(tx, flow, due_at=_now(tx, database) + in_seconds)


def idle(database: Database, among: Collection[FlowKey] | None = None) -> bool:
    """Whether no flow that is on runs or is due."""
    busy = sa.select(sa.func.count()).where(
        _is_runnable(), sa.or_(flows.c.runner.is_not(None), flows.c.due_at <= now_sql(database))
    )
    if among is not None:
        busy = busy.where(flows.c.key.in_([str(flow) for flow in among]))
    with database.reading() as tx:
        return not tx.scalar(busy)


# One run


def begin(database: Database, flow: FlowKey, run_id: str, worker: str) -> Lease | None:
    """Take the flow, unless another run of a living worker has it: then that one is to run again, and None returns."""
    with database.transaction() as tx:
        row = _locked(tx, flow)
        if row is None:
            return None
        # Whoever asks from here on means the run after this one, so nobody's wish is lost.
        generation = row.generation + (run_id == f"{flow}:{row.generation}")
        if not _may_run(row):
            _change(tx, flow, generation=generation)
            return None
        if row.runner not in (None, run_id) and row.owner in living(tx, database):
            _change(tx, flow, generation=generation, again=True)
            return None
        now = _now(tx, database)
        if row.runner not in (None, run_id):
            run_records.end(
                tx, row.runner, RunState.FENCED, now=now, error="Its worker died; another run took over"
            )
        _change(
            tx,
            flow,
            generation=generation,
            runner=run_id,
            owner=worker,
            epoch=row.epoch + 1,
            again=False,
            due_at=now + row.every_seconds,
        )
        held = Lease(flow, run_id, worker, row.epoch + 1)
        run_records.start(tx, database, flow, run_id, worker=worker, now=now)
        return held


def check(tx: Transaction, held: Lease) -> None:
    """Raise FencedError unless the lease still holds; it then holds until the transaction ends."""
    _require(_locked(tx, held.flow), held)


def ensure(database: Database, held: Lease) -> None:
    """Raise FencedError unless the lease holds at this moment: for use before a call to a platform."""
    with database.reading() as tx:
        _require(tx.execute(_row_of(held.flow)).one_or_none(), held)


def finish(database: Database, held: Lease, ended: Ended) -> bool:
    """Give the flow back and say whether it wants to run again at once. A fenced run changes nothing but its record."""
    with database.transaction() as tx:
        row, now = _locked(tx, held.flow), _now(tx, database)
        if not _holds(row, held):
            run_records.end_fenced(tx, held.run_id, held.worker, now)
            return False
        verdict = _verdict(row, held, ended, now)
        _change(tx, held.flow, runner=None, owner=None, again=False, **verdict)
        if ended.tally:
            run_records.progress(tx, held.run_id, ended.tally)
        run_records.end(tx, held.run_id, state_of(ended), now=now, error=ended.error)
        return float(verdict.get("due_at", row.due_at)) <= now


def state_of(ended: Ended) -> RunState:
    if ended.is_fenced:
        return RunState.FENCED
    if ended.is_canceled:
        return RunState.CANCELED
    return RunState.FAILED if ended.error else RunState.DONE


def _verdict(row: sa.Row[Any], held: Lease, ended: Ended, now: float) -> dict[str, Any]:
    """What the end of a run means for its flow: health, and when it is due next."""
    wished = {} if ended.retry_in is None else {"due_at": now + ended.retry_in}
    at_once = {"due_at": 0.0} if row.again else {}
    if ended.is_canceled:
        return wished or at_once
    if ended.error:
        failures = row.failures + 1
        due_at = now + back_off(failures, held.run_id)
        return {"failures": failures, "last_error": ended.error, "due_at": due_at} | wished
    return {"failures": 0, "last_error": "", "last_success_at": utc(now)} | wished | at_once


def back_off(failures: int, salt: str) -> float:
    """Seconds to wait after so many failures in a row: doubling, spread by a quarter, at most 30 minutes."""
    doubled = FIRST_BACK_OFF_SECONDS * 2.0 ** min(failures - 1, 20)
    spread = hashlib.blake2b(f"{salt}/{failures}".encode(), digest_size=1).digest()[0] / 255
    return min(LONGEST_BACK_OFF_SECONDS, doubled) * (0.75 + 0.25 * spread)


# Ending a run from outside


def cancel(database: Database, flow: FlowKey) -> str | None:
    """End the present run at its next page, and name it. The flow goes on by its schedule."""
    with database.transaction() as tx:
        row, now = _locked(tx, flow), _now(tx, database)
        if row is None:
            return None
        due_at = now + row.every_seconds
        _change(tx, flow, runner=None, owner=None, epoch=row.epoch + 1, again=False, due_at=due_at)
        if row.runner is not None:
            run_records.end(tx, row.runner, RunState.CANCELED, now=now)
        runner: str | None = row.runner
        return runner


def release(
    database: Database, flow: FlowKey, run_id: str, *, error: str, retry_in: float | None = None
) -> bool:
    """Free a flow whose run is over without having said so; False when that run holds it no longer.

    The flow is due at once, unless it was failing already or `retry_in` seconds are given.
    """
    with database.transaction() as tx:
        row, now = _locked(tx, flow), _now(tx, database)
        if row is None or row.runner != run_id:
            return False
        failures = row.failures + 1
        if retry_in is None:
            retry_in = back_off(failures, run_id) if row.failures else 0.0
        health = {"failures": failures, "last_error": error, "due_at": now + retry_in}
        _change(tx, flow, runner=None, owner=None, epoch=row.epoch + 1, again=False, **health)
        run_records.end(tx, run_id, RunState.FAILED, now=now, error=error)
        return True


def holders(database: Database) -> list[Lease]:
    """The leases that are out."""
    held = sa.select(flows.c.key, flows.c.runner, flows.c.owner, flows.c.epoch).where(
        flows.c.runner.is_not(None)
    )
    with database.reading() as tx:
        return [Lease(FlowKey.parse(key), *rest) for key, *rest in tx.execute(held)]


# Rows and the database's clock


def _now(tx: Transaction, database: Database) -> float:
    return float(tx.execute(sa.select(now_sql(database))).scalar_one())


def moment(tx: Transaction, database: Database) -> datetime:
    """Now, by the clock that all workers share."""
    return utc(_now(tx, database))


def _row_of(flow: FlowKey) -> sa.Select[Any]:
    return sa.select(flows).where(flows.c.key == str(flow))


def _locked(tx: Transaction, flow: FlowKey) -> sa.Row[Any] | None:
    return tx.execute(_row_of(flow).with_for_update()).one_or_none()


def _change(tx: Transaction, flow: FlowKey, **values: Any) -> None:
    if values:
        tx.execute(sa.update(flows).where(flows.c.key == str(flow)).values(values))


def _is_runnable() -> sa.ColumnElement[bool]:
    return sa.and_(flows.c.is_on, flows.c.refusal == "")


def _may_run(row: sa.Row[Any] | None) -> TypeGuard[sa.Row[Any]]:
    return row is not None and bool(row.is_on) and not row.refusal


def _holds(row: sa.Row[Any] | None, held: Lease) -> TypeGuard[sa.Row[Any]]:
    return row is not None and row.runner == held.run_id and row.epoch == held.epoch


def _require(row: sa.Row[Any] | None, held: Lease) -> None:
    if not _holds(row, held):
        raise FencedError(f"{held.run_id} no longer owns {held.flow}")
