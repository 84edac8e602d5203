"""Stock gets another owner: what is sold stays sold, exactly once, whoever counts the shelves from now on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from crossdock.domain.inventory import MovementKind, ReportState
from crossdock.domain.sync import Entity
from crossdock.operations import publishing
from crossdock.operations.exceptions import close_cases
from crossdock.operations.publishing import PublicationState
from crossdock.operations.stock import commitments, first_counts, ledger, sold_lines
from crossdock.operations.stock.intents import IN_FLIGHT, refused_key, unclear_key_of
from crossdock.operations.stock.ledger import Movement
from crossdock.operations.stock.sales import IntentKind
from crossdock.operations.stock.sold_lines import Line
from crossdock.operations.stock.taking import Done
from crossdock.operations.task import HUB, Task
from crossdock.store import tables
from crossdock.store.database import Transaction
from crossdock.store.query import select_in, slices

INTENT = tables.intent
LOCATION = tables.location
ORDER = tables.order
PUBLICATION = tables.publication
REPORT = tables.sale_report

STOCK_ONLY = (IntentKind.ADJUSTMENT, IntentKind.EXPECTED)
"""An order whose creation got no answer is still looked for."""


def hand_over(tx: Transaction, task: Task, *, former: str) -> None:
    """Bring all orders to the owner of the task's sources of truth. Repeating it changes nothing.

    What is promised at locations that count no more is promised at those of the new owner. Goods that
    are gone already are in nobody's number any more: the hub's shelves are counted without them, and a
    platform that the hub wrote its numbers to was told a number that is net of every sale.
    """
    _close_reports(tx, task, former)
    if task.truth.inventory != HUB:
        first_counts.close_all(tx, task)
    told = _told(tx, task.truth.inventory)
    places = frozenset(
        tx.scalars(sa.select(LOCATION.c.id).where(LOCATION.c.integration == task.truth.inventory))
    )
    statement = sa.select(ORDER.c.id).where(ORDER.c.copy_of.is_(None)).order_by(ORDER.c.id)
    for some in slices(tx.scalars(statement).all()):
        lines = sold_lines.lines_of(tx, task, some)
        done = ledger.sums_by_line(tx, [line.id for line in lines])
        movements = _given_back(lines, done, places)
        if task.truth.inventory == HUB:
            movements += _gone(commitments.taken_apart(tx, task, lines, done), done)
        else:
            movements += _own_noted(task, lines, done)
            _stand_in(tx, task, lines, told)
        ledger.append(tx, task, movements)
        commitments.apply(tx, task, some)


# What the former owner no longer has to be told


def _close_reports(tx: Transaction, task: Task, former: str) -> None:
    """Sales that the former owner was to be told of, or may have been told of, are the new owner's affair now."""
    if former in ("", HUB, task.truth.inventory):
        return
    open_ones = (REPORT.c.owner == former, REPORT.c.state.not_in([ReportState.SEEN, ReportState.VOID]))
    rows = tx.execute(
        sa.select(REPORT.c.variant_id, REPORT.c.location_id, REPORT.c.intent_id).where(*open_ones).distinct()
    ).all()
    may_be_told = REPORT.c.state.in_(IN_FLIGHT)
    ended = sa.case((may_be_told, ReportState.SEEN.value), else_=ReportState.VOID.value)
    tx.execute(sa.update(REPORT).where(*open_ones).values(state=ended, ended_at=task.now))
    tx.execute(
        sa.update(INTENT)
        .where(INTENT.c.integration == former, INTENT.c.kind.in_(STOCK_ONLY), INTENT.c.state.in_(IN_FLIGHT))
        .values(state=ReportState.SEEN)
    )
    theirs = replace(task, integration=former)
    keys = [refused_key(theirs, row.variant_id, row.location_id) for row in rows]
    keys += [unclear_key_of(theirs, row.variant_id, row.intent_id) for row in rows if row.intent_id]
    close_cases(tx, task.now, keys)


# What was promised and taken where nobody counts any more


def _given_back(lines: Sequence[Line], done: Done, places: frozenset[str]) -> list[Movement]:
    by_id = {line.id: line for line in lines}
    return [
        _moved(by_id[key], variant, place, committed=-sums.committed)
        for (key, variant, place), sums in done.items()
        if sums.committed and place not in places
    ]


def _gone(taken: Sequence[Line], done: Done) -> list[Movement]:
    """The hub counts what is there: what was shipped before is noted as gone, and what was not is no more."""
    gone: dict[tuple[str, str], int] = defaultdict(int)
    for (key, variant, _), sums in done.items():
        gone[key, variant] += sums.shipped + sums.noted
    return [
        _moved(line, line.variant_id, line.place, noted=change)
        for line in taken
        if line.place and (change := line.shipped - gone[line.id, line.variant_id])
    ]


def _own_noted(task: Task, lines: Sequence[Line], done: Done) -> list[Movement]:
    """The owner's number is net of its own sales again, wherever those were taken from meanwhile."""
    noted: dict[str, int] = defaultdict(int)
    at: dict[str, str] = {}
    for (key, _, place), sums in done.items():
        noted[key] += sums.noted
        at[key] = place
    return [
        _moved(line, line.variant_id, at[line.id], noted=line.told - noted[line.id])
        for line in lines
        if line.integration == task.truth.inventory
        and line.stock_is_taken
        and line.id in at
        and line.told != noted[line.id]
    ]


def _moved(line: Line, variant: str, place: str, *, committed: int = 0, noted: int = 0) -> Movement:
    return Movement(
        variant,
        place,
        MovementKind.RELEASE if committed else MovementKind.NOTE,
        f"Order {line.number} of {line.integration}: stock has another owner",
        committed=committed,
        noted=noted,
        order_id=line.order_id,
        line_id=line.id,
    )


# What the new owner's number contains already


def _told(tx: Transaction, owner: str) -> set[str]:
    """Variants whose number there is the hub's own, net of all sales: it was pushed, and nothing changed since."""
    if owner not in publishing.pushing_integrations(tx, Entity.INVENTORY):
        return set()
    statement = sa.select(PUBLICATION.c.record_id).where(
        PUBLICATION.c.integration == owner,
        PUBLICATION.c.entity == Entity.INVENTORY,
        PUBLICATION.c.state == PublicationState.SETTLED,
        ~PUBLICATION.c.is_dirty,
    )
    return set(tx.scalars(statement))


def _stand_in(tx: Transaction, task: Task, lines: Sequence[Line], told: set[str]) -> None:
    """Reports that were never needed, so that only what the owner's number lacks is reported, and can be reversed.

    Of a number that the hub did not write, nobody knows what it contains: what has not been shipped is reported.
    """
    foreign = [line for line in lines if line.integration != task.truth.inventory]
    statement = sa.select(REPORT.c.line_id, sa.func.sum(REPORT.c.quantity).label("units")).where(
        REPORT.c.owner == task.truth.inventory, REPORT.c.state != ReportState.VOID
    )
    rows = select_in(
        tx, statement.group_by(REPORT.c.line_id), REPORT.c.line_id, [line.id for line in foreign]
    )
    standing = {row.line_id: -int(row.units) for row in rows}
    fresh = []
    for line in foreign:
        missing = line.sold - standing.get(line.id, 0)
        units = missing if line.variant_id in told else max(0, missing - (line.sold - line.shipped))
        if units:
            fresh.append(_report(task, line, -units))
    if fresh:
        tx.execute(sa.insert(REPORT), fresh)


def _report(task: Task, line: Line, quantity: int) -> dict[str, Any]:
    return {
        "owner": task.truth.inventory,
        "order_id": line.order_id,
        "line_id": line.id,
        "variant_id": line.variant_id,
        "location_id": line.place,
        "quantity": quantity,
        "state": ReportState.SEEN,
        "created_at": task.now,
        "ended_at": task.now,
    }
