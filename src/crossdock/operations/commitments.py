"""What the lines of an order do to stock: each unit sold counts exactly once, and so does its cancellation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from crossdock.domain.inventory import MovementKind, Report, ReportState, plan_reports
from crossdock.domain.order import FulfilledBy
from crossdock.operations import ledger, publishing
from crossdock.operations.ledger import LineSums, Movement
from crossdock.operations.provisional import Places, Wanted
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.database import Transaction
from crossdock.store.query import select_in

ORDER = tables.order
LINE = tables.order_line
REPORT = tables.sale_report
LOCATION = tables.location


@dataclass(frozen=True, slots=True)
class _Line:
    """One matched line: the units of it that concern the merchant's stock."""

    id: str
    order_id: str
    number: str
    integration: str
    variant_id: str
    sold: int
    shipped: int
    stock_is_taken: bool
    location_channel_id: str
    is_stock_tracked: bool


def apply(tx: Transaction, task: Task, order_ids: Iterable[str]) -> None:
    """Bring the stock effects of these orders to what their lines say now. Repeating it changes nothing.

    A sale on the channel that owns stock is only noted where the owner's number is net of it, else it
    commits. A sale elsewhere commits and is to be reported to the owner.
    """
    lines = _lines(tx, order_ids)
    own = [line for line in lines if line.integration == task.truth.inventory]
    foreign = [line for line in lines if line.integration != task.truth.inventory]
    places = Places(tx, task, [line.variant_id for line in lines])
    current = ledger.sums_by_line(tx, [line.id for line in lines])
    owner_is_channel = _is_channel(tx, task.truth.inventory)
    movements = _own_movements(own, current, places)
    if owner_is_channel:
        movements += _reports(tx, task, foreign, places)
    else:
        movements += _committing(foreign, current, places)
    for channel in sorted({line.integration for line in lines}):
        ids = {line.id for line in lines if line.integration == channel}
        ledger.append(tx, task, [m for m in movements if m.line_id in ids], unsettle=channel)
        # Nobody counts these, but the channel that sold them lowered what it offers.
        untracked = [line.variant_id for line in lines if line.id in ids and not line.is_stock_tracked]
        publishing.mark_variants(tx, untracked, unsettle=channel)


def apply_waiting(tx: Transaction, task: Task) -> None:
    """Orders whose sale could not be counted, as no location was known when they came, are counted now."""
    moved = sa.exists().where(tables.movement.c.line_id == LINE.c.id)
    statement = (
        sa.select(LINE.c.order_id)
        .join(ORDER, ORDER.c.id == LINE.c.order_id)
        .where(ORDER.c.counts, ORDER.c.copy_of.is_(None), LINE.c.variant_id.is_not(None), ~moved)
        .distinct()
    )
    apply(tx, task, tx.scalars(statement).all())


def _lines(tx: Transaction, order_ids: Iterable[str]) -> list[_Line]:
    was_counted = sa.exists().where(tables.movement.c.line_id == LINE.c.id).label("was_counted")
    statement = (
        sa.select(
            LINE,
            ORDER.c.integration,
            ORDER.c.number,
            ORDER.c.fulfilled_by,
            ORDER.c.stock_is_taken,
            ORDER.c.location_channel_id,
            ORDER.c.counts,
            sa.and_(tables.variant.c.is_stock_tracked, ~tables.variant.c.is_stock_shared).label(
                "is_stock_tracked"
            ),
            was_counted,
        )
        .join(ORDER, ORDER.c.id == LINE.c.order_id)
        .join(tables.variant, tables.variant.c.id == LINE.c.variant_id)
        .where(ORDER.c.copy_of.is_(None), LINE.c.variant_id.is_not(None))
    )
    return [_line(row) for row in select_in(tx, statement, LINE.c.order_id, order_ids)]


def _line(row: Any) -> _Line:
    # What was counted stays counted when nobody counts the product any more: its report must not be reversed.
    is_tracked = row.is_stock_tracked or row.was_counted
    counts = row.counts and is_tracked and FulfilledBy(row.fulfilled_by).takes_merchant_stock
    sold = row.quantity - row.quantity_canceled if counts else 0
    return _Line(
        id=row.id,
        order_id=row.order_id,
        number=row.number,
        integration=row.integration,
        variant_id=row.variant_id,
        sold=sold,
        shipped=min(row.quantity_shipped, sold),
        stock_is_taken=row.stock_is_taken,
        location_channel_id=row.location_channel_id,
        is_stock_tracked=row.is_stock_tracked,
    )


def _is_channel(tx: Transaction, owner: str) -> bool:
    """Whether stock is owned by a connected platform, whose numbers are read, and not by the hub itself."""
    if not owner:
        return False
    statement = sa.select(tables.integration.c.name).where(tables.integration.c.name == owner)
    return tx.execute(statement).first() is not None


def _own_movements(
    lines: Sequence[_Line], current: dict[tuple[str, str], LineSums], places: Places
) -> list[Movement]:
    """Sales of the owner itself: noted where its number is net of them at once, else committed until shipped."""
    # An order may begin to count in the owner's number only later: what it held until then is given back.
    held = [replace(line, sold=0, shipped=0) if line.stock_is_taken else line for line in lines]
    movements = _committing(held, current, places, ships=False)
    noted: dict[str, int] = defaultdict(int)
    for (line_id, _), done in current.items():
        noted[line_id] += done.noted
    for line in lines:
        change = (line.sold if line.stock_is_taken else 0) - noted[line.id]
        if change and (place := places.of(_wanted(line))):
            what = f"{change} sold" if change > 0 else f"{-change} canceled"
            reason = f"{what} on {line.integration} (order {line.number}); its own number contains that"
            movements.append(
                Movement(
                    line.variant_id,
                    place,
                    MovementKind.NOTE,
                    reason,
                    noted=change,
                    order_id=line.order_id,
                    line_id=line.id,
                )
            )
    return movements


def _committing(
    lines: Sequence[_Line],
    current: dict[tuple[str, str], LineSums],
    places: Places,
    *,
    ships: bool = True,
) -> list[Movement]:
    """Commit what is sold and not shipped. Where the hub owns the stock, shipping takes it off the shelf."""
    of_line: dict[str, list[tuple[str, LineSums]]] = defaultdict(list)
    for (line_id, place), sums in current.items():
        of_line[line_id].append((place, sums))
    movements: list[Movement] = []
    for line in lines:
        held = sum(sums.committed for _, sums in of_line[line.id])
        gone = sum(sums.shipped for _, sums in of_line[line.id])
        spot = next((at for at, sums in of_line[line.id] if sums.committed), None) or places.of(_wanted(line))
        if spot is None:
            continue
        leaves = max(0, line.shipped - gone) if ships else 0
        change = line.sold - gone - held if ships else line.sold - line.shipped - held
        kind = MovementKind.COMMIT if change > 0 else MovementKind.RELEASE
        movements += _moved(line, spot, kind, change)
        movements += _moved(line, spot, MovementKind.SHIP, -leaves)
    return movements


def _moved(line: _Line, place: str, kind: MovementKind, units: int) -> list[Movement]:
    """One movement of `units` committed, on hand as well where they are shipped; none for no units."""
    if not units:
        return []
    return [
        Movement(
            line.variant_id,
            place,
            kind,
            f"Order {line.number} of {line.integration}: {line.sold} sold, {line.shipped} shipped",
            on_hand=units if kind is MovementKind.SHIP else 0,
            committed=units,
            order_id=line.order_id,
            line_id=line.id,
        )
    ]


def _reports(tx: Transaction, task: Task, lines: Sequence[_Line], places: Places) -> list[Movement]:
    """Sales elsewhere: commit them against the owner's number, and queue their reports to the owner."""
    by_line: dict[str, list[Any]] = defaultdict(list)
    for row in select_in(
        tx, sa.select(REPORT).order_by(REPORT.c.id), REPORT.c.line_id, [line.id for line in lines]
    ):
        by_line[row.line_id].append(row)
    movements: list[Movement] = []
    for line in lines:
        movements += _report_line(tx, task, line, by_line[line.id], places)
    return movements


def _report_line(tx: Transaction, task: Task, line: _Line, rows: list[Any], places: Places) -> list[Movement]:
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
        movements.append(_release(row, row.quantity, f"{why}: canceled before it was reported"))
    if plan.shrink is not None:
        report_id, quantity = plan.shrink
        row = by_id[report_id]
        tx.execute(sa.update(REPORT).where(REPORT.c.id == report_id).values(quantity=quantity))
        movements.append(
            _release(row, row.quantity - quantity, f"{why}: partly canceled before it was reported")
        )
    if plan.add and (place := rows[0].location_id if rows else places.of(_wanted(line))):
        _add_report(tx, task, line, place, plan.add)
        if plan.add > 0:
            # Nothing is released until the owner shows it, but the channel has put the units back on sale.
            publishing.mark_variants(tx, [line.variant_id], unsettle=line.integration)
        if plan.add < 0:
            movements.append(
                Movement(
                    line.variant_id,
                    place,
                    MovementKind.COMMIT,
                    f"{why}: {-plan.add} sold, until the number of {task.truth.inventory} contains it",
                    committed=-plan.add,
                    order_id=line.order_id,
                    line_id=line.id,
                )
            )
    return movements


def _add_report(tx: Transaction, task: Task, line: _Line, place: str, quantity: int) -> None:
    tx.execute(
        sa.insert(REPORT).values(
            owner=task.truth.inventory,
            order_id=line.order_id,
            line_id=line.id,
            variant_id=line.variant_id,
            location_id=place,
            quantity=quantity,
            state=ReportState.OPEN,
            created_at=task.now,
        )
    )


def _wanted(line: _Line) -> Wanted:
    return Wanted(line.integration, line.location_channel_id, line.variant_id, max(line.sold, 0))


def _release(row: Any, committed: int, reason: str) -> Movement:
    """End a commitment; `committed` is the negative number of units."""
    return Movement(
        row.variant_id,
        row.location_id,
        MovementKind.RELEASE,
        reason,
        committed=committed,
        order_id=row.order_id,
        line_id=row.line_id,
    )
