"""What is forgotten after a while: history that nobody looks at any more. Numbers never are, nor what is still needed.

The ledger's movements, orders, products, settings' versions, intents and dismissed cases stay for good.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from crossdock.domain.inventory import ReportState
from crossdock.operations.automations.outbox import NOT_SENT, NotificationState
from crossdock.operations.events import Subject
from crossdock.operations.setup.deliveries import KEPT as DELIVERIES_KEPT
from crossdock.store import tables
from crossdock.store.codec import pack, unpack
from crossdock.store.database import Transaction
from crossdock.store.metadata import metadata
from crossdock.store.query import select_in, slices

RUN = tables.run
EVENT = tables.event
CASE = tables.exception_case
INTENT = tables.intent
NOTIFICATION = tables.notification
FIRING = tables.automation_firing
SETTING = tables.hub_setting

KEY = "retention_done_at"
HOUR_UTC = 2
BUDGETS_KEPT = timedelta(days=7)
STATES_KEPT = timedelta(days=1)
COUNTED_UP_TO = 100_000
MOVED = ("written", "unreadable", "confirmed", "rejected", "unclear")


@dataclass(frozen=True, slots=True)
class Keep:
    """For how long each kind of history is kept; None for ever."""

    runs: timedelta | None
    idle_runs: timedelta | None
    events: timedelta | None
    cases: timedelta | None
    payloads: timedelta | None
    notifications: timedelta | None


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of history: what of it is older than `age` and not needed, and how that is forgotten."""

    name: str
    age: timedelta | None
    table: sa.Table
    which: Callable[[datetime], list[sa.ColumnElement[bool]]]
    forget: Callable[[Transaction, sa.Table, list[Any]], None]


def kinds(keep: Keep) -> list[Kind]:
    drift = metadata.tables.get("drift")
    found = [
        Kind("runs that moved nothing", keep.idle_runs, RUN, _idle_runs, _delete),
        Kind("runs", keep.runs, RUN, _runs, _delete),
        Kind("lines of timelines", keep.events, EVENT, _events, _delete),
        Kind("records kept with closed cases", keep.payloads, CASE, _payloads, _without_payload),
        Kind("resolved cases", keep.cases, CASE, _cases, _delete),
        Kind("notifications", keep.notifications, NOTIFICATION, _notifications, _delete),
        Kind("log lines of automations", keep.notifications, FIRING, _firings, _delete),
        Kind("webhooks known again", DELIVERIES_KEPT, tables.delivery, _deliveries, _delete),
        Kind("consents that were begun", STATES_KEPT, tables.oauth_state, _states, _delete),
        Kind("call budgets", BUDGETS_KEPT, tables.bucket, _budgets, _delete),
    ]
    if drift is not None:
        found.append(Kind("differences that were set right", keep.events, drift, _drift, _delete))
    return found


def count(tx: Transaction, kind: Kind, now: datetime) -> int:
    """How much of it would be forgotten now, counted up to a hundred thousand."""
    if kind.age is None:
        return 0
    some = sa.select(sa.literal(1)).select_from(kind.table).where(*kind.which(now - kind.age))
    return int(tx.scalar(sa.select(sa.func.count()).select_from(some.limit(COUNTED_UP_TO).subquery())) or 0)


def forget(tx: Transaction, kind: Kind, now: datetime, *, limit: int) -> int:
    """Forget some of it, and answer how much; less than `limit` means that there is no more."""
    if kind.age is None:
        return 0
    keys = list(kind.table.primary_key.columns)
    rows = tx.execute(sa.select(*keys).where(*kind.which(now - kind.age)).limit(limit)).all()
    if rows:
        kind.forget(tx, kind.table, [tuple(row) for row in rows])
    return len(rows)


def _delete(tx: Transaction, table: sa.Table, keys: list[Any]) -> None:
    columns = list(table.primary_key.columns)
    for some in slices(keys, 200):
        if len(columns) == 1:
            tx.execute(sa.delete(table).where(columns[0].in_([key for (key,) in some])))
        else:
            tx.execute(sa.delete(table).where(sa.tuple_(*columns).in_(some)))


# Which


def _runs(before: datetime) -> list[sa.ColumnElement[bool]]:
    """Not those behind an open case, nor behind what was sent and not answered for."""
    in_flight = sa.select(INTENT.c.run_id).where(
        INTENT.c.state.in_([state for state in ReportState if state.is_in_flight])
    )
    flows = sa.select(CASE.c.flow).where(CASE.c.state == "open")
    subjects = sa.select(CASE.c.subject_id).where(CASE.c.state == "open", CASE.c.subject_kind == Subject.FLOW)
    return [
        RUN.c.started_at < before,
        RUN.c.ended_at.is_not(None),
        RUN.c.id.not_in(in_flight),
        RUN.c.flow.not_in(flows),
        RUN.c.flow.not_in(subjects),
    ]


def _idle_runs(before: datetime) -> list[sa.ColumnElement[bool]]:
    moved_nothing = [RUN.c.tally.like(f'%"{name}":0%') for name in MOVED]
    return [*_runs(before), RUN.c.state == "done", *moved_nothing]


def _events(before: datetime) -> list[sa.ColumnElement[bool]]:
    """The timeline of a record stays whole while a case about it is open."""
    is_open = sa.exists().where(
        CASE.c.state == "open",
        CASE.c.subject_kind == EVENT.c.subject_kind,
        CASE.c.subject_id == EVENT.c.subject_id,
    )
    return [EVENT.c.at < before, ~is_open]


def _payloads(before: datetime) -> list[sa.ColumnElement[bool]]:
    return [CASE.c.state != "open", CASE.c.closed_at < before, CASE.c.evidence.like('%"payload":%')]


def _cases(before: datetime) -> list[sa.ColumnElement[bool]]:
    """A dismissed one says for good that nothing needs to be done about its cause."""
    return [CASE.c.state == "resolved", CASE.c.closed_at < before]


def _notifications(before: datetime) -> list[sa.ColumnElement[bool]]:
    is_missed = sa.exists().where(CASE.c.state == "open", CASE.c.kind == NOT_SENT)
    is_over = sa.or_(
        NOTIFICATION.c.state == NotificationState.SENT,
        sa.and_(NOTIFICATION.c.state == NotificationState.FAILED, ~is_missed),
    )
    return [NOTIFICATION.c.created_at < before, is_over]


def _firings(before: datetime) -> list[sa.ColumnElement[bool]]:
    """A rule that acts on each record once knows by these lines that it has."""
    once = sa.select(tables.automation.c.id).where(tables.automation.c.is_once)
    return [FIRING.c.at < before, FIRING.c.automation_id.not_in(once)]


def _deliveries(before: datetime) -> list[sa.ColumnElement[bool]]:
    return [tables.delivery.c.received_at < before]


def _states(before: datetime) -> list[sa.ColumnElement[bool]]:
    return [tables.oauth_state.c.expires_at < before]


def _budgets(before: datetime) -> list[sa.ColumnElement[bool]]:
    return [tables.bucket.c.ready_at < before.timestamp()]


def _drift(before: datetime) -> list[sa.ColumnElement[bool]]:
    return [metadata.tables["drift"].c.repaired_at < before]


def _without_payload(tx: Transaction, table: sa.Table, keys: list[Any]) -> None:
    """The record itself may hold a buyer's data; that there was a case stays."""
    rows = select_in(tx, sa.select(table.c.id, table.c.evidence), table.c.id, [key for (key,) in keys])
    for row in rows:
        evidence: Mapping[str, Any] = unpack(dict[str, Any], row.evidence)
        kept = {name: value for name, value in evidence.items() if name != "payload"}
        tx.execute(sa.update(table).where(table.c.id == row.id).values(evidence=pack(kept)))


# When


def is_due(tx: Transaction, now: datetime) -> bool:
    """Whether it has not been done since the last night."""
    done = tx.scalar(sa.select(SETTING.c.value).where(SETTING.c.key == KEY))
    night = now.astimezone(UTC).replace(hour=HOUR_UTC, minute=0, second=0, microsecond=0)
    last_night = night if night <= now else night - timedelta(days=1)
    return done is None or datetime.fromisoformat(done) < last_night


def note_done(tx: Transaction, now: datetime) -> None:
    tx.execute(sa.delete(SETTING).where(SETTING.c.key == KEY))
    tx.execute(sa.insert(SETTING).values(key=KEY, value=now.isoformat()))
