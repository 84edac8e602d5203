"""How long hints are under way: from the event on the platform to the end of the run that looked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from crossdock.domain.sync import FlowKey
from crossdock.operations.setup.deliveries import Arrival
from crossdock.operations.views.view_hub import clock
from crossdock.store import tables
from crossdock.store.database import Transaction
from crossdock.store.query import upsert

HINT = tables.hint
RUN = tables.run

SLOTS = 1024
"""So many seconds with hints are kept per flow."""
LOOKED_AT = 256
"""Of those, the latest so many are measured."""
FORGOTTEN_AFTER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Spread:
    """Seconds that half, 19 of 20 and 99 of 100 stay below. None where nothing was measured."""

    p50: float | None = None
    p95: float | None = None
    p99: float | None = None


@dataclass(frozen=True, slots=True)
class Delay:
    """How long the hints of one flow took lately, part by part: their delivery, the wait for a run, the run, and all."""

    flow: str
    hints: int
    delivery: Spread
    wait: Spread
    run: Spread
    total: Spread


@dataclass(frozen=True, slots=True)
class Backlog:
    """Hints of a flow that no run has begun after."""

    flow: str
    hints: int
    oldest_at: datetime


@dataclass(frozen=True, slots=True)
class _Way:
    """One second's first hint on its way."""

    happened_at: datetime | None
    received_at: datetime
    hints: int
    began_at: datetime | None
    ended_at: datetime | None


def note(tx: Transaction, wanted: Mapping[FlowKey, Sequence[Arrival]], *, now: datetime) -> None:
    """Keep when these came; within a second only the first and how many followed.

    `now` is by the clock that the arrivals were noted by: they are kept by the database's, as the times of runs are.
    """
    shift = _now(tx) - now
    rows = [_row(flow, arrivals, shift) for flow, arrivals in wanted.items() if arrivals]
    keys = [row["flow"] for row in rows]
    former = {
        (row.flow, row.slot): row
        for row in tx.execute(
            sa.select(HINT).where(HINT.c.flow.in_(keys), HINT.c.slot.in_([row["slot"] for row in rows]))
        )
    }
    for row in rows:
        before = former.get((row["flow"], row["slot"]))
        if before is not None and row["received_at"] - before.received_at < timedelta(seconds=1):
            row.update(
                happened_at=before.happened_at,
                received_at=before.received_at,
                hints=before.hints + row["hints"],
            )
    upsert(tx, HINT, rows)


def _row(flow: FlowKey, arrivals: Sequence[Arrival], shift: timedelta) -> dict[str, Any]:
    first = min(arrivals, key=lambda one: one.received_at)
    received_at = first.received_at + shift
    return {
        "flow": str(flow),
        "slot": int(received_at.timestamp()) % SLOTS,
        "happened_at": first.hint.happened_at,
        "received_at": received_at,
        "hints": len(arrivals),
    }


def delays(tx: Transaction) -> list[Delay]:
    """Of each flow that was hinted at within a day."""
    now = _now(tx)
    return [_delay(flow, _ways(tx, flow, now)) for flow in _hinted(tx, now)]


def backlog(tx: Transaction) -> list[Backlog]:
    """The flows whose latest hints are still waited on, the longest first."""
    latest_run = sa.select(sa.func.max(RUN.c.started_at)).where(RUN.c.flow == HINT.c.flow).scalar_subquery()
    waiting = (
        sa.select(HINT.c.flow, sa.func.sum(HINT.c.hints).label("hints"), sa.func.min(HINT.c.received_at))
        .where(HINT.c.received_at > _now(tx) - FORGOTTEN_AFTER)
        .where(sa.or_(latest_run.is_(None), HINT.c.received_at > latest_run))
        .group_by(HINT.c.flow)
        .order_by(sa.func.min(HINT.c.received_at))
    )
    return [Backlog(flow, int(count), oldest_at) for flow, count, oldest_at in tx.execute(waiting)]


def _hinted(tx: Transaction, now: datetime) -> list[str]:
    recent = HINT.c.received_at > now - FORGOTTEN_AFTER
    return list(tx.scalars(sa.select(HINT.c.flow).where(recent).distinct().order_by(HINT.c.flow)))


def _ways(tx: Transaction, flow: str, now: datetime) -> list[_Way]:
    """The latest hints, each with the first run that began after it came."""
    latest = (
        sa.select(HINT)
        .where(HINT.c.flow == flow, HINT.c.received_at > now - FORGOTTEN_AFTER)
        .order_by(HINT.c.received_at.desc())
        .limit(LOOKED_AT)
        .subquery()
    )
    began = (
        sa.select(sa.func.min(RUN.c.started_at))
        .where(RUN.c.flow == flow, RUN.c.started_at >= latest.c.received_at)
        .scalar_subquery()
    )
    rows = tx.execute(sa.select(latest, began.label("began_at"))).all()
    starts = {row.began_at for row in rows if row.began_at is not None}
    ran = sa.select(RUN.c.started_at, RUN.c.ended_at).where(RUN.c.flow == flow, RUN.c.started_at.in_(starts))
    ends = {row.started_at: row.ended_at for row in tx.execute(ran)} if starts else {}
    return [
        _Way(row.happened_at, row.received_at, row.hints, row.began_at, ends.get(row.began_at))
        for row in rows
    ]


def _delay(flow: str, ways: Sequence[_Way]) -> Delay:
    return Delay(
        flow,
        hints=sum(way.hints for way in ways),
        delivery=_spread(_between(way.happened_at, way.received_at) for way in ways),
        wait=_spread(_between(way.received_at, way.began_at) for way in ways),
        run=_spread(_between(way.began_at, way.ended_at) for way in ways),
        total=_spread(_between(way.happened_at or way.received_at, way.ended_at) for way in ways),
    )


def _between(first: datetime | None, then: datetime | None) -> float | None:
    """Clocks of two machines differ a little: nothing arrives before it happened."""
    return None if first is None or then is None else max(0.0, (then - first).total_seconds())


def _now(tx: Transaction) -> datetime:
    return datetime.fromtimestamp(float(tx.execute(sa.select(clock(tx))).scalar_one()), UTC)


def _spread(seconds: Iterable[float | None]) -> Spread:
    known = sorted(one for one in seconds if one is not None)
    if not known:
        return Spread()
    return Spread(
        *(round(known[min(len(known) - 1, int(len(known) * share))], 3) for share in (0.5, 0.95, 0.99))
    )
