"""Which reports stand for the lines of an order where a platform owns stock, and at which of its locations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from crossdock.domain.inventory import MovementKind, Report, ReportState, plan_reports
from crossdock.domain.order import OrderStatus
from crossdock.domain.spreading import moved_to
from crossdock.operations import publishing
from crossdock.operations.stock import routed_lines
from crossdock.operations.stock.beside import taken_beside
from crossdock.operations.stock.ledger import Movement
from crossdock.operations.stock.provisional import Places
from crossdock.operations.stock.routed_lines import Units
from crossdock.operations.stock.sold_lines import Line
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.database import Transaction
from crossdock.store.query import select_in

ORDER = tables.order
REPORT = tables.sale_report


def keep(tx: Transaction, task: Task, lines: Sequence[Line], places: Places) -> list[Movement]:
    """Sales elsewhere: commit them against the owner's number, and queue their reports to the owner.

    What was not reported yet is reported of the locations that were asked for it, and lies there until then.
    """
    asked = routed_lines.asked(tx, {line.order_id for line in lines}, places)
    by_line = _by_line(tx, task, lines)
    movements: list[Movement] = []
    to = _Reporting(places, asked, [])
    for line in lines:
        movements += _report_line(tx, task, line, by_line[line.id], to)
    if to.fresh:
        tx.execute(sa.insert(REPORT), to.fresh)
    routed = [line for line in lines if line.id in asked]
    by_line = _by_line(tx, task, routed)
    for line in routed:
        movements += _follow_routing(tx, line, by_line[line.id], asked[line.id])
    return movements


def _by_line(tx: Transaction, task: Task, lines: Iterable[Line]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    statement = sa.select(REPORT).where(REPORT.c.owner == task.truth.inventory).order_by(REPORT.c.id)
    for row in select_in(tx, statement, REPORT.c.line_id, [line.id for line in lines]):
        found[row.line_id].append(row)
    return found


@dataclass(frozen=True, slots=True)
class _Reporting:
    """Where units are taken from, who was asked for them, and the reports that are to be added, all together."""

    places: Places
    asked: Units
    fresh: list[dict[str, Any]]


def _report_line(tx: Transaction, task: Task, line: Line, rows: list[Any], to: _Reporting) -> list[Movement]:
    plan = plan_reports(line.sold, [Report(row.id, row.quantity, ReportState(row.state)) for row in rows])
    by_id = {row.id: row for row in rows}
    why = f"Order {line.number} of {line.integration}"
    movements: list[Movement] = []
    for report_id in plan.void:
        tx.execute(
            sa.update(REPORT)
            .where(REPORT.c.id == report_id)
            .values(state=ReportState.VOID, ended_at=task.now)
        )
        row = by_id[report_id]
        movements += _release(row, row.quantity, f"{why}: canceled before it was reported")
    if plan.shrink is not None:
        report_id, quantity = plan.shrink
        row = by_id[report_id]
        tx.execute(sa.update(REPORT).where(REPORT.c.id == report_id).values(quantity=quantity))
        movements += _release(row, row.quantity - quantity, f"{why}: partly canceled before it was reported")
    standing = [row for row in rows if row.id not in plan.void and row.state != ReportState.VOID]
    known = next((row.location_id for row in standing if row.location_id), None)
    place = known or to.places.usual(line)
    if plan.add > 0 and place:
        back = _given_back(standing, to.asked.get(line.id, {}), plan.add, place)
        to.fresh.extend(_reversals(tx, task, line, back))
        # Nothing is released until the owner shows it, but the channel has put the units back on sale.
        publishing.mark_variants(tx, [line.variant_id], unsettle=line.integration)
    elif plan.add < 0 and place:
        to.fresh.append(_report(task, line, place, plan.add, ReportState.OPEN))
        reason = f"{why}: {-plan.add} sold, until the number of {task.truth.inventory} contains it"
        movements.append(_moved(line, place, -plan.add, reason))
    return movements


def _given_back(
    standing: Sequence[Any], asked: Mapping[str, int], units: int, usual: str
) -> Iterator[tuple[str, int]]:
    """By location, units of a line that are given back: where they were reported, those first that nobody is to ship."""
    there: dict[str, int] = defaultdict(int)
    for row in standing:
        there[row.location_id] -= row.quantity
    back: dict[str, int] = defaultdict(int)
    for most in ({at: count - asked.get(at, 0) for at, count in there.items()}, there):
        for at in sorted(most, key=lambda at: (at != usual, at)):
            some = max(0, min(units, most[at] - back[at]))
            back[at] += some
            units -= some
    back[usual] += units
    yield from ((at, count) for at, count in back.items() if count)


def _reversals(
    tx: Transaction, task: Task, line: Line, back: Iterable[tuple[str, int]]
) -> Iterator[dict[str, Any]]:
    """Whoever canceled the owner's order by hand has given its units back there already, but not those beside it."""
    is_canceled = _is_copy_canceled(tx, task, line.order_id)
    beside = taken_beside(tx, task.truth.inventory, line.order_id)[line.variant_id] if is_canceled else 0
    for at, units in back:
        due = min(units, max(0, beside)) if is_canceled else units
        beside -= due
        if due:
            yield _report(task, line, at, due, ReportState.OPEN)
        if units > due:
            yield _report(task, line, at, units - due, ReportState.SEEN)


def _report(task: Task, line: Line, place: str, quantity: int, state: ReportState) -> dict[str, Any]:
    return {
        "owner": task.truth.inventory,
        "order_id": line.order_id,
        "line_id": line.id,
        "variant_id": line.variant_id,
        "location_id": place,
        "quantity": quantity,
        "state": state,
        "created_at": task.now,
        "ended_at": task.now if state is ReportState.SEEN else None,
    }


def _is_copy_canceled(tx: Transaction, task: Task, order_id: str) -> bool:
    statement = sa.select(ORDER.c.id).where(
        ORDER.c.copy_of == order_id,
        ORDER.c.integration == task.truth.inventory,
        ORDER.c.status_there == OrderStatus.CANCELED,
    )
    return tx.execute(statement).first() is not None


def _follow_routing(
    tx: Transaction, line: Line, rows: Sequence[Any], asked: Mapping[str, int]
) -> list[Movement]:
    """Reports of sales that nobody has sent yet go, with what they commit, to the locations that are to ship.

    What the owner has refused to take from one location stays where it was moved to since.
    """
    unsent = {
        row.id: row for row in rows if row.state == ReportState.OPEN and row.quantity < 0 and not row.moves
    }
    missing = dict(asked)
    for row in rows:
        if row.id not in unsent and row.state != ReportState.VOID and row.location_id in missing:
            missing[row.location_id] += row.quantity
    lots = {key: (str(row.location_id), -int(row.quantity)) for key, row in unsent.items()}
    movements: list[Movement] = []
    for key, shares in moved_to(lots, missing).items():
        if shares.keys() == {unsent[key].location_id}:
            continue
        _divide(tx, unsent[key], shares)
        at, units = lots[key]
        for place, change in (*shares.items(), (at, -units)):
            movements.append(_moved(line, place, change, f"Order {line.number}: shipped from elsewhere"))
    return movements


def _divide(tx: Transaction, row: Any, shares: Mapping[str, int]) -> None:
    """One report for each location; together they say what the one did."""
    (first, units), *others = shares.items()
    values = {"location_id": first, "quantity": -units}
    tx.execute(sa.update(REPORT).where(REPORT.c.id == row.id).values(**values))
    same = {name: value for name, value in row._mapping.items() if name != "id"}
    fresh = [{**same, "location_id": place, "quantity": -count} for place, count in others]
    if fresh:
        tx.execute(sa.insert(REPORT), fresh)


def _moved(line: Line, place: str, committed: int, reason: str) -> Movement:
    return Movement(
        line.variant_id,
        place,
        MovementKind.COMMIT if committed > 0 else MovementKind.RELEASE,
        reason,
        committed=committed,
        order_id=line.order_id,
        line_id=line.id,
    )


def _release(row: Any, committed: int, reason: str) -> list[Movement]:
    """End a commitment; `committed` is the negative number of units. What gives units back has committed none."""
    if row.quantity > 0:
        return []
    return [
        Movement(
            row.variant_id,
            row.location_id,
            MovementKind.RELEASE,
            reason,
            committed=committed,
            order_id=row.order_id,
            line_id=row.line_id,
        )
    ]
