"""Reports that no longer mean anything once they are laid side by side: taken back, or settled without being sent."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from crossdock.domain.inventory import ReportState
from crossdock.operations.stock import commitments, observing, sales
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.database import Transaction

REPORT = tables.sale_report


def withdraw_contradicting(tx: Transaction, task: Task) -> None:
    """A sale that turns out never to have reached the owner needs no reversal any more, and no report either."""
    unsent = [state for state in ReportState if state.can_be_withdrawn]
    statement = (
        sa.select(REPORT.c.order_id)
        .where(REPORT.c.owner == task.integration, REPORT.c.state.in_(unsent))
        .group_by(REPORT.c.order_id, REPORT.c.line_id)
        .having(sa.func.min(REPORT.c.quantity) < 0, sa.func.max(REPORT.c.quantity) > 0)
    )
    if orders := list(tx.scalars(statement)):
        commitments.apply(tx, task, orders)


def settle_even(tx: Transaction, task: Task, *, without: Collection[str]) -> None:
    """Where one order has sold what another gives back, the owner's number is right as it is; `without` as in sales."""
    withdraw_contradicting(tx, task)
    observing.settle_even(tx, task, sales.open_groups(tx, task.integration, without=without))
