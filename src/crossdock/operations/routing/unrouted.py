"""Orders that no card could take: a case that says what each card lacked, until one does."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from crossdock.operations.events import Subject
from crossdock.operations.exceptions import Case, close_cases
from crossdock.operations.routing import reporting, warehouses
from crossdock.operations.routing.deciding import place_of
from crossdock.operations.routing.reporting import Report
from crossdock.operations.routing.state import Routing
from crossdock.operations.stock import ledger
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.database import Transaction

LINE = tables.order_line
LOCATION = tables.location


def key(order_id: str) -> str:
    return f"unroutable:{order_id}"


def close(tx: Transaction, task: Task, order_ids: Iterable[str]) -> None:
    close_cases(tx, task.now, [key(order) for order in order_ids])


def with_places(tx: Transaction, order_id: str, report: Report) -> Report:
    """Where no card was asked, the locations that hold its units are named if nobody can ship from there."""
    if report.state is not Routing.FAILED or report.lost:
        return report
    lines = tx.scalars(sa.select(LINE.c.id).where(LINE.c.order_id == order_id)).all()
    held = {place for _, _, place in ledger.sums_by_line(tx, lines)}
    names = warehouses.names(tx)
    rows = tx.execute(sa.select(LOCATION).where(LOCATION.c.id.in_(held)).order_by(LOCATION.c.name))
    unlinked = [place_of(each, names).unlinked for each in rows]
    return replace(report, unlinked=tuple(why for why in unlinked if why))


def case(tx: Transaction, order: Any, report: Report) -> Case:
    """What a person must know of an order that no card takes, with the names that the fix needs."""
    report = with_places(tx, order.id, report)
    known = warehouses.names(tx)
    rows = tx.execute(sa.select(LOCATION).order_by(LOCATION.c.name)).all() if report.unlinked else ()
    unlinked = [row.name for row in rows if place_of(row, known).unlinked in report.unlinked]
    warehouse = next(iter(known)) if len(known) == 1 else ""
    return Case(
        key=key(order.id),
        kind="unroutable",
        subject=Subject.ORDER,
        subject_id=order.id,
        cause=f"Order {order.number} of {order.integration} is not routed: {reporting.summary(report)}",
        fix=reporting.fix(report, next(iter(unlinked), ""), warehouse),
        evidence={"lacked": reporting.lost_in_words(report), "unlinked": list(report.unlinked)},
    )
