"""What one run works with, and the books it keeps on its flow row."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crossdock.connectors.contract import Connector, Rules
from crossdock.connectors.http import AddressRule
from crossdock.domain.scope import Scope
from crossdock.domain.sync import Cursor, Direction, Entity, FlowKey, Page, Tally
from crossdock.operations.task import SourcesOfTruth, Task
from crossdock.store.cipher import Cipher
from crossdock.store.codec import pack, unpack
from crossdock.store.database import Database, Transaction
from crossdock.store.tables import flow as flows
from crossdock.sync import lease as leases
from crossdock.sync import run_records
from crossdock.sync.lease import Ended, Lease
from crossdock.sync.mail import MailServer
from crossdock.telemetry import spans

BARRIER_WAIT_SECONDS = 60.0


@dataclass(frozen=True)
class Desk:
    """What all runs of a process share."""

    database: Database
    cipher: Cipher
    clock: Callable[[], datetime]
    rules_of: Callable[[str], Rules]
    """The rules of any integration by its name, from its settings as they are now."""
    sleep: Callable[[float], None] = time.sleep
    title_of: Callable[[str], str] = str
    """The platform that an integration is an account of, as people call it."""
    mail: MailServer | None = None
    """Where mails leave; None where sending mail is not set up."""
    addresses: AddressRule = field(default_factory=AddressRule)
    """Which addresses outside of channels may be called."""
    public_url: str = ""
    """Where platforms reach this hub; empty where they do not."""


@dataclass
class Work:
    """One run: its lease, its connector, its rules, and what it has done so far."""

    desk: Desk
    lease: Lease
    connector: Connector
    rules: Rules
    truth: SourcesOfTruth
    tally: Tally = field(default_factory=Tally)
    retry_in: float | None = None
    """Seconds after which to look again although nothing failed."""

    @property
    def integration(self) -> str:
        return self.lease.flow.integration

    @property
    def database(self) -> Database:
        return self.desk.database

    def task(self) -> Task:
        """Who acts in the operations: this run, now."""
        return Task(
            integration=self.integration,
            now=self.desk.clock(),
            cipher=self.desk.cipher,
            rules=self.rules,
            truth=self.truth,
            run_id=self.lease.run_id,
            flow=str(self.lease.flow),
        )

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """A serial transaction that commits only while the lease holds, together with the run's tally."""
        with spans.span("transaction", {}), self.database.serial() as tx:
            leases.check(tx, self.lease)
            yield tx
            run_records.progress(tx, self.lease.run_id, self.tally.as_dict())


@dataclass(frozen=True, slots=True)
class Position:
    """Where a flow's reading stands."""

    cursor: Cursor | None
    sweep_began_at: datetime | None
    swept_at: datetime | None
    read_until: datetime | None
    first_began_at: datetime | None = None
    """When the flow began to read for the first time ever."""

    @property
    def is_first_sweep(self) -> bool:
        return self.swept_at is None


def position(tx: Transaction, flow: FlowKey) -> Position | None:
    """Where the flow stands; None when there is no such flow."""
    row = tx.execute(sa.select(flows).where(flows.c.key == str(flow))).first()
    if row is None:
        return None
    cursor = Cursor(row.cursor) if row.cursor is not None else None
    # A flow that is older than this book of its beginning was certainly reading when its last sweep ended.
    first_began_at = row.first_began_at or row.swept_at
    return Position(cursor, row.sweep_began_at, row.swept_at, row.read_until, first_began_at)


def is_on(tx: Transaction, flow: FlowKey) -> bool:
    row = tx.execute(sa.select(flows.c.is_on, flows.c.refusal).where(flows.c.key == str(flow))).first()
    return row is not None and row.is_on and not row.refusal


def save_page(tx: Transaction, flow: FlowKey, page: Page[Any], at: Position) -> Position:
    """Keep the cursor with the page's records, and the sweep that it belongs to."""
    began = at.sweep_began_at or (page.read_began_at if at.cursor is None else None)
    done = page.completes_sweep
    first = at.first_began_at or began
    values: dict[str, Any] = {
        "cursor": page.cursor,
        "sweep_began_at": None if done else began,
        "first_began_at": first,
    }
    if done:
        values["swept_at"] = page.read_began_at
    _write(tx, flow, values)
    swept_at = values.get("swept_at", at.swept_at)
    return Position(page.cursor, values["sweep_began_at"], swept_at, at.read_until, first)


def widen(tx: Transaction, flow: FlowKey, scope: Scope) -> None:
    """Keep what the settings let through now. Where that is more than the last time, everything is read once again."""
    kept = tx.scalar(sa.select(flows.c.scope).where(flows.c.key == str(flow)))
    if kept == pack(scope):
        return
    is_wider = kept is not None and scope.is_wider_than(unpack(Scope, kept))
    _write(tx, flow, {"scope": pack(scope)} | ({"cursor": None, "sweep_began_at": None} if is_wider else {}))


def save_cursor(tx: Transaction, flow: FlowKey, cursor: Cursor, **more: datetime | None) -> None:
    """Keep how far a flow has come that reads no page of records; `more` are other columns of its row."""
    _write(tx, flow, {"cursor": cursor, **more})


def save_read_until(tx: Transaction, flow: FlowKey, moment: datetime) -> None:
    """Everything that changed before this moment has been read."""
    _write(tx, flow, {"read_until": moment})


def _write(tx: Transaction, flow: FlowKey, values: dict[str, Any]) -> None:
    tx.execute(sa.update(flows).where(flows.c.key == str(flow)).values(**values))


def run_inline(work: Work, entity: Entity, handler: Callable[[Work], None]) -> datetime | None:
    """Run another pull of this integration now, as a barrier, and answer since when it is current.

    None when that flow is off. Waits for a run of it that is under way, since its reading may have begun too early.
    """
    part = begin_inline(work, entity)
    if part is None:
        return None
    began = work.desk.clock()
    error = "The run that needed it was stopped"
    try:
        handler(part)
        error = ""
    except Exception as failure:
        error = str(failure) or type(failure).__name__
        raise
    finally:
        end_inline(part, error)
    return began


def begin_inline(work: Work, entity: Entity) -> Work | None:
    """Take another pull of this integration: until `end_inline` nobody else runs it. None when that flow is off."""
    flow = FlowKey(work.integration, Direction.PULL, entity)
    with work.database.reading() as tx:
        if not is_on(tx, flow):
            return None
    return replace(work, lease=_begin(work, flow), tally=Tally())


def end_inline(part: Work, error: str = "") -> None:
    leases.finish(part.database, part.lease, Ended(part.tally.as_dict(), error=error))


def _begin(work: Work, flow: FlowKey) -> Lease:
    give_up = time.monotonic() + BARRIER_WAIT_SECONDS
    run_id = f"{work.lease.run_id}>{flow.entity}:{work.desk.clock().timestamp():.3f}"
    while (inner := leases.begin(work.database, flow, run_id, work.lease.worker)) is None:
        if time.monotonic() > give_up:
            raise BarrierBusyError(
                f"{flow} has been running for {BARRIER_WAIT_SECONDS:.0f} s; this run waits for it"
            )
        work.connector.toolbox.http.gate.check()
        work.desk.sleep(0.05)
    return inner


class BarrierBusyError(Exception):
    """A flow that has to be read first is still being read by somebody else."""
