"""How long work has been waiting, by queue: flows, records to send, shipping requests, webhooks, and who works on them.

Asked every few seconds by a monitor, so each figure comes from an index, and none counts further than it must.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from crossdock.domain.sync import Direction
from crossdock.operations.setup import hints
from crossdock.operations.views.view_hub import clock
from crossdock.store import tables
from crossdock.store.database import Transaction
from crossdock.store.metadata import metadata

FLOW = tables.flow
PUBLICATION = tables.publication
REQUEST = tables.shipping_request
DELIVERY = tables.delivery
BUCKET = tables.bucket
WORKER = tables.worker

COUNTED_UP_TO = 10_000
RECENT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Queues:
    """Each figure by its labels; ages in seconds."""

    due_flows: dict[str, int]
    """Flows to run now that nobody runs, by lane."""
    oldest_due: dict[str, float]
    """By lane, for how long the first of them has been due."""
    waiting_records: dict[tuple[str, str], int]
    """By integration and entity, counted up to ten thousand."""
    waiting_since_success: dict[tuple[str, str], float]
    """Of those that have records waiting: since when nothing has gone out. A record waits at most about so long."""
    waiting_requests: dict[str, int]
    oldest_request: dict[str, float]
    """By warehouse."""
    webhooks: dict[str, int]
    """Those of the last hour, by integration."""
    last_webhook: dict[str, float]
    call_waits: dict[str, float]
    """By budget: how long a call waits for its turn now."""
    call_intervals: dict[str, float]
    """By budget: seconds between two calls, 0 while no limit is near."""
    quota_left: dict[str, int]
    """By budget whose quota the platform tells: calls that it still takes in this window."""
    hints_waiting: dict[str, int]
    oldest_hint: dict[str, float]
    """By flow: webhooks that no run has begun after."""
    worker_ages: dict[str, float]
    """Since each worker was last alive; those silent for an hour are forgotten."""
    drift: dict[tuple[str, str], int]
    """Differences that stand, by integration and entity."""


def queues(tx: Transaction) -> Queues:
    now = float(tx.execute(sa.select(clock(tx))).scalar_one())
    due = tx.execute(sa.select(FLOW).where(FLOW.c.is_on, FLOW.c.refusal == "", FLOW.c.runner.is_(None))).all()
    due = [row for row in due if row.due_at <= now]
    waiting, since = _records(tx, now)
    requests = _requests(tx)
    hooks = _webhooks(tx, now)
    buckets = tx.execute(sa.select(BUCKET)).all()
    behind = hints.backlog(tx)
    return Queues(
        due_flows={lane: sum(row.lane == lane for row in due) for lane in sorted({row.lane for row in due})},
        oldest_due=_oldest_due(due, now),
        waiting_records=waiting,
        waiting_since_success=since,
        waiting_requests={row.integration: int(row.requests) for row in requests},
        oldest_request={row.integration: _age(row.oldest, now) for row in requests},
        webhooks={row.integration: int(row.hooks) for row in hooks},
        last_webhook={row.integration: _age(row.latest, now) for row in hooks},
        call_waits={row.key: max(0.0, row.ready_at - now) for row in buckets if not row.quota},
        call_intervals={row.key: float(row.interval_seconds) for row in buckets if not row.quota},
        quota_left={row.key: _left(row, now) for row in buckets if row.quota},
        hints_waiting={one.flow: one.hints for one in behind},
        oldest_hint={one.flow: _age(one.oldest_at, now) for one in behind},
        worker_ages={row.id: max(0.0, now - row.beat) for row in tx.execute(sa.select(WORKER))},
        drift=_drift(tx),
    )


def _left(row: Any, now: float) -> int:
    """Calls that the platform still takes; all once the window is over that it spoke of."""
    return int(row.remaining if row.ready_at > now else row.quota)


def _oldest_due(due: list[Any], now: float) -> dict[str, float]:
    """Where a person or an upgrade has made everything due at once, that moment is not known."""
    ages: dict[str, float] = {}
    for row in due:
        if row.due_at > 0:
            ages[row.lane] = max(ages.get(row.lane, 0.0), now - row.due_at)
    return ages


def _records(tx: Transaction, now: float) -> tuple[dict[tuple[str, str], int], dict[tuple[str, str], float]]:
    counts: dict[tuple[str, str], int] = {}
    since: dict[tuple[str, str], float] = {}
    for row in tx.execute(sa.select(FLOW).where(FLOW.c.direction == Direction.PUSH, FLOW.c.is_on)).all():
        some = (
            sa.select(PUBLICATION.c.record_id)
            .where(
                PUBLICATION.c.integration == row.integration,
                PUBLICATION.c.entity == row.entity,
                PUBLICATION.c.is_dirty,
            )
            .limit(COUNTED_UP_TO)
            .subquery()
        )
        count = int(tx.scalar(sa.select(sa.func.count()).select_from(some)) or 0)
        counts[row.integration, row.entity] = count
        if count and row.last_success_at is not None:
            since[row.integration, row.entity] = _age(row.last_success_at, now)
    return counts, since


def _requests(tx: Transaction) -> list[Any]:
    waiting = sa.select(
        REQUEST.c.integration,
        sa.func.count().label("requests"),
        sa.func.min(REQUEST.c.created_at).label("oldest"),
    ).where(REQUEST.c.is_dirty)
    return list(tx.execute(waiting.group_by(REQUEST.c.integration)))


def _webhooks(tx: Transaction, now: float) -> list[Any]:
    recent = DELIVERY.c.received_at > datetime.fromtimestamp(now, UTC) - RECENT
    statement = sa.select(
        DELIVERY.c.integration,
        sa.func.count().label("hooks"),
        sa.func.max(DELIVERY.c.received_at).label("latest"),
    )
    return list(tx.execute(statement.where(recent).group_by(DELIVERY.c.integration)))


def _drift(tx: Transaction) -> dict[tuple[str, str], int]:
    """None where this version keeps no table of it."""
    drift = metadata.tables.get("drift")
    if drift is None:
        return {}
    statement = sa.select(drift.c.integration, drift.c.entity, sa.func.count().label("rows"))
    standing = statement.where(drift.c.repaired_at.is_(None)).group_by(drift.c.integration, drift.c.entity)
    return {(row.integration, row.entity): int(row.rows) for row in tx.execute(standing)}


def _age(moment: datetime, now: float) -> float:
    return max(0.0, now - moment.timestamp())
