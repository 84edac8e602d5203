"""Orders that no card could take: a case that says what each card lacked, until one does."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
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
from crossdock.store.query import select_in

LINE = tables.order_line
LOCATION = tables.location


def key(order_id: str) -> str:
    return f"unroutable:{order_id}"


def close(tx: Transaction, task: Task, order_ids: Iterable[str]) -> None:
    close_cases(tx, task.now, [key(order) for order in order_ids])


def with_places(tx: Transaction, order_id: str, report: Report) -> Report:
    """Where no card was asked, the locations that hold its units are named if nobody can ship from there."""
    return all_with_places(tx, {order_id: report})[order_id]


def all_with_places(tx: Transaction, reports: Mapping[str, Report]) -> dict[str, Report]:
    """The same of many orders, by their ids."""
    bare = [key for key, report in reports.items() if report.state is Routing.FAILED and not report.lost]
    if not bare:
        return dict(reports)
    lines = {row.id: row.order_id for row in select_in(tx, sa.select(LINE), LINE.c.order_id, bare)}
    held: dict[str, set[str]] = defaultdict(set)
    for line, _, place in ledger.sums_by_line(tx, lines):
        held[lines[line]].add(place)
    why = _unlinked(tx)
    named = {
        key: tuple(text for place, (_, text) in why.items() if place in held[key] and text) for key in bare
    }
    return {
        key: replace(report, unlinked=named[key]) if key in named else report
        for key, report in reports.items()
    }


def _unlinked(tx: Transaction) -> dict[str, tuple[str, str]]:
    """By location, its name, and why nobody can be told to ship from there; empty where somebody can."""
    names = warehouses.names(tx)
    rows = tx.execute(sa.select(LOCATION).order_by(LOCATION.c.name))
    return {row.id: (row.name, place_of(row, names).unlinked) for row in rows}


def cases(tx: Transaction, orders: Sequence[Any], reports: Mapping[str, Report]) -> list[Case]:
    """What a person must know of orders that no card takes, with the names that the fixes need."""
    if not orders:
        return []
    known, unlinked = warehouses.names(tx), _unlinked(tx)
    warehouse = next(iter(known)) if len(known) == 1 else ""
    full = all_with_places(tx, reports)
    return [_case(order, full[order.id], unlinked.values(), warehouse) for order in orders]


def _case(order: Any, report: Report, unlinked: Iterable[tuple[str, str]], warehouse: str) -> Case:
    place = next((name for name, why in unlinked if why and why in report.unlinked), "")
    return Case(
        key=key(order.id),
        kind="unroutable",
        subject=Subject.ORDER,
        subject_id=order.id,
        cause=f"Order {order.number} of {order.integration} is not routed: {reporting.summary(report)}",
        fix=reporting.fix(report, place, warehouse),
        evidence={"lacked": reporting.lost_in_words(report), "unlinked": list(report.unlinked)},
    )
