"""Which reports of sales wait: to be sent, to be seen, or for their next turn."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from crossdock.domain.inventory import ReportState
from crossdock.operations.stock.intents import IN_FLIGHT
from crossdock.operations.stock.sales import AS_ORDERS, IntentKind
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.database import Transaction

REPORT = tables.sale_report
INTENT = tables.intent

UNCLEAR_SHOWS_WITHIN = timedelta(minutes=2)


def has_work(tx: Transaction, owner: str) -> bool:
    """Whether anything is to be sent or to be seen."""
    return _is_any(tx, owner, [ReportState.OPEN, *IN_FLIGHT])


def is_any_unsent(tx: Transaction, owner: str, *, now: datetime) -> bool:
    """Whether anything is to be sent whose turn is now."""
    return _is_any(
        tx, owner, [ReportState.OPEN], sa.or_(REPORT.c.again_at.is_(None), REPORT.c.again_at <= now)
    )


def next_turn(tx: Transaction, owner: str, *, now: datetime) -> datetime | None:
    """When the next of the orders that are set aside has its turn; None where there is none."""
    found: datetime | None = tx.scalar(
        sa.select(sa.func.min(REPORT.c.again_at)).where(
            REPORT.c.owner == owner, REPORT.c.state == ReportState.OPEN, REPORT.c.again_at > now
        )
    )
    return found


def is_effect_expected(tx: Transaction, task: Task) -> bool:
    """Whether something is to show soon: what the owner accepted, or what became unclear just now."""
    is_recent = INTENT.c.answered_at > task.now - UNCLEAR_SHOWS_WITHIN
    statement = (
        sa.select(REPORT.c.id)
        .join(INTENT, INTENT.c.id == REPORT.c.intent_id)
        .where(REPORT.c.owner == task.integration)
        # What a person is to give back there takes its time.
        .where(sa.or_(INTENT.c.kind != IntentKind.EXPECTED, REPORT.c.quantity < 0))
        .where(
            sa.or_(
                REPORT.c.state == ReportState.ANSWERED,
                sa.and_(REPORT.c.state == ReportState.UNCLEAR, is_recent, INTENT.c.kind.not_in(AS_ORDERS)),
            )
        )
    )
    return tx.scalar(statement.limit(1)) is not None


def _is_any(
    tx: Transaction, owner: str, states: Sequence[ReportState], *more: sa.ColumnElement[bool]
) -> bool:
    statement = sa.select(REPORT.c.id).where(REPORT.c.owner == owner, REPORT.c.state.in_(states), *more)
    return tx.scalar(statement.limit(1)) is not None
