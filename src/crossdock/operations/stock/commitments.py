"""What the lines of an order do to stock: each unit sold counts exactly once, and so does its cancellation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from crossdock.domain.inventory import MovementKind, Report, ReportState, plan_reports
from crossdock.domain.order import OrderStatus
from crossdock.operations import publishing
from crossdock.operations.catalog import bundles
from crossdock.operations.stock import first_counts, ledger, routed_lines, sold_lines
from crossdock.operations.stock.ledger import LineSums, Movement
from crossdock.operations.stock.provisional import Places
from crossdock.operations.stock.sold_lines import Line
from crossdock.operations.task import HUB, Task
from crossdock.store import tables
from crossdock.store.codec import pack
from crossdock.store.database import Transaction
from crossdock.store.query import select_in

ORDER = tables.order
LINE = tables.order_line
REPORT = tables.sale_report
LOCATION = tables.location

Done = dict[tuple[str, str, str], LineSums]
"""What the movements of each order line come to, by line, variant and location."""


def apply(tx: Transaction, task: Task, order_ids: Iterable[str]) -> None:
    """Bring the stock effects of these orders to what their lines say now. Repeating it changes nothing.

    A sale on the channel that owns stock is only noted where the owner's number is net of it, else it
    commits. A sale elsewhere commits and is to be reported to the owner.
    """
    lines = sold_lines.lines_of(tx, task, order_ids)
    own = [line for line in lines if line.integration == task.truth.inventory]
    foreign = [line for line in lines if line.integration != task.truth.inventory]
    made_of = _made_of(tx, task, lines)
    parts = [part for composition in made_of.values() for part in composition]
    places = Places(tx, task, [*(line.variant_id for line in lines), *parts])
    current = ledger.sums_by_line(tx, [line.id for line in lines])
    owner_is_channel = _is_channel(tx, task.truth.inventory)
    movements = _own_movements(own, current, places)
    if owner_is_channel:
        movements += _reports(tx, task, foreign, places)
    else:
        taken = _taken(tx, foreign, made_of, current, places)
        placed = routed_lines.at_their_places(tx, taken, current, places)
        movements += _committing(placed, current, places)
    for channel in sorted({line.integration for line in lines}):
        ids = {line.id for line in lines if line.integration == channel}
        ledger.append(tx, task, [m for m in movements if m.line_id in ids], unsettle=channel)
        # These moved nothing themselves, but the channel that sold them lowered what it offers.
        unmoved = [
            line.variant_id
            for line in lines
            if line.id in ids and (not line.is_stock_tracked or line.variant_id in made_of)
        ]
        publishing.mark_variants(tx, unmoved, unsettle=channel)
    first_counts.check(tx, task, {movement.variant_id for movement in movements})


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


def taken_apart(tx: Transaction, task: Task, lines: Sequence[Line]) -> list[Line]:
    """The lines as what the owner's shelves give for them, decided anew, each with its place, if there is one yet."""
    made_of = _made_of(tx, task, lines)
    parts = [part for composition in made_of.values() for part in composition]
    places = Places(tx, task, [*(line.variant_id for line in lines), *parts])
    taken = _taken(tx, lines, made_of, {}, places)
    return [replace(line, place=line.place or places.usual(line)) for line in taken]


def mark_taken(tx: Transaction, integration: str, order_ids: Iterable[str]) -> None:
    """The channel's own numbers are, or are no longer, net of these orders: what it shows moved by itself."""
    statement = sa.select(LINE.c.variant_id).where(LINE.c.variant_id.is_not(None))
    rows = select_in(tx, statement, LINE.c.order_id, order_ids)
    publishing.mark_variants(tx, [row.variant_id for row in rows], unsettle=integration)


def _is_channel(tx: Transaction, owner: str) -> bool:
    """Whether stock is owned by a connected platform, whose numbers are read, and not by the hub itself."""
    if not owner:
        return False
    statement = sa.select(tables.integration.c.name).where(tables.integration.c.name == owner)
    return tx.execute(statement).first() is not None


def _own_movements(lines: Sequence[Line], current: Done, places: Places) -> list[Movement]:
    """Sales of the owner itself: noted where its number is net of them at once, else committed until shipped.

    A locked record follows no number of the owner's, so what the owner sells is taken off it here.
    """
    # An order may begin to count in the owner's number only later: what it held until then is given back. That it
    # counts in part, once a part of it has left, is nowhere said.
    under_way = {line.order_id for line in lines if line.shipped_there < line.sold}
    held = [
        replace(line, sold=0, shipped=0)
        if line.stock_is_taken
        else replace(line, shipped=0 if line.order_id in under_way else line.shipped_there)
        for line in lines
    ]
    movements = _committing(held, current, places, ships=False)
    noted: dict[str, int] = defaultdict(int)
    for (line_id, _, _), done in current.items():
        noted[line_id] += done.noted
    for line in lines:
        change = (line.told if line.stock_is_taken else 0) - noted[line.id]
        if change and (place := places.net_of(line)):
            what = f"{change} sold" if change > 0 else f"{-change} canceled"
            reason = f"{what} on {line.integration} (order {line.number}); its own number contains that"
            movements.append(
                Movement(
                    line.variant_id,
                    place,
                    MovementKind.NOTE,
                    reason,
                    on_hand=-change if places.is_locked(line.variant_id, place) else 0,
                    noted=change,
                    order_id=line.order_id,
                    line_id=line.id,
                )
            )
    return movements


def _made_of(tx: Transaction, task: Task, lines: Sequence[Line]) -> dict[str, dict[str, int]]:
    """The components of what was sold, where the hub itself takes them off its shelves."""
    if task.truth.inventory != HUB:
        return {}
    return bundles.made_of(tx, [line.variant_id for line in lines])


def _taken(
    tx: Transaction,
    lines: Sequence[Line],
    made_of: dict[str, dict[str, int]],
    current: Done,
    places: Places,
) -> list[Line]:
    """Each line as the variants that its units are taken of: itself, or the components of a bundle.

    They are decided as the line first moves stock, and kept: a bundle that is put together otherwise
    later changes no order.
    """
    moved = {line_id for line_id, _, _ in current}
    taken = []
    for line in lines:
        parts, place = line.taken_as, ""
        if parts is None and line.variant_id in made_of and line.sold and line.id not in moved:
            place = places.usual(line)
            parts = {line.variant_id: 1} if places.keeps_bundles(place) else made_of[line.variant_id]
            tx.execute(sa.update(LINE).where(LINE.c.id == line.id).values(taken_as=pack(parts)))
        for part, each in ({line.variant_id: 1} if parts is None else parts).items():
            taken.append(
                replace(
                    line,
                    variant_id=part,
                    sold=line.sold * each,
                    shipped=line.shipped * each,
                    taken_back=line.taken_back * each,
                    place=place,
                    each=each,
                )
            )
    return taken


def _committing(
    lines: Sequence[Line], current: Done, places: Places, *, ships: bool = True
) -> list[Movement]:
    """Commit what is sold and not shipped. Where the hub owns the stock, shipping takes it off the shelf.

    What is committed of another variant, such as of a line's former SKU, goes back.
    """
    of_line: dict[tuple[str, str], list[tuple[str, LineSums]]] = defaultdict(list)
    for (line_id, variant, place), sums in current.items():
        of_line[line_id, variant].append((place, sums))
    by_id = {line.id: line for line in lines}
    former = of_line.keys() - {(line.id, line.variant_id) for line in lines}
    gone_from = [
        replace(by_id[key], variant_id=variant, sold=0, shipped=0, taken_back=0)
        for key, variant in sorted(former)
        if key in by_id
    ]
    movements: list[Movement] = []
    for line in (*lines, *gone_from):
        done = of_line[line.id, line.variant_id]
        if line.is_placed:
            done = [(at, sums) for at, sums in done if at == line.place]
        held = sum(sums.committed for _, sums in done)
        gone = sum(sums.shipped + sums.noted for _, sums in done) if ships else line.shipped
        spot = next((at for at, sums in done if sums.committed), None) or line.place
        spot = spot or places.usual(line)
        if not spot:
            continue
        if ships:
            back = _taken_back(line, done)
            gone -= sum(each.on_hand - each.noted for each in back)
            movements += back
        change = max(0, line.sold - gone) - held
        movements += _moved(line, spot, MovementKind.COMMIT if change > 0 else MovementKind.RELEASE, change)
        if ships and line.shipped > gone:
            is_counted = not places.is_unlimited(spot)
            movements += _shipped(line, spot, line.shipped - gone, is_counted=is_counted)
    return movements


def _taken_back(line: Line, done: Sequence[tuple[str, LineSums]]) -> list[Movement]:
    """What was recorded as shipped by mistake lies on its shelf as before; so much of the line is to be shipped again.

    What was sold no more when it had left is no mistake: that comes back as a return, if it does.
    """
    gone = sum(sums.shipped + sums.noted for _, sums in done)
    left = min(gone, line.sold + line.taken_back) - line.shipped
    movements = []
    for place, sums in done:
        on_hand = max(0, min(left, sums.shipped))
        noted = max(0, min(left - on_hand, sums.noted))
        left -= on_hand + noted
        if on_hand or noted:
            reason = f"Order {line.number} of {line.integration}: {on_hand + noted} not shipped after all"
            movements.append(
                Movement(
                    line.variant_id,
                    place,
                    MovementKind.SHIP,
                    reason,
                    on_hand=on_hand,
                    noted=-noted,
                    order_id=line.order_id,
                    line_id=line.id,
                )
            )
    return movements


def _shipped(line: Line, place: str, units: int, *, is_counted: bool) -> list[Movement]:
    """Units leave the shelf with their commitment; where stock has no limit that is only noted."""
    [left] = _moved(line, place, MovementKind.SHIP, -units)
    return [left if is_counted else replace(left, on_hand=0, noted=units)]


def _moved(line: Line, place: str, kind: MovementKind, units: int) -> list[Movement]:
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


def _reports(tx: Transaction, task: Task, lines: Sequence[Line], places: Places) -> list[Movement]:
    """Sales elsewhere: commit them against the owner's number, and queue their reports to the owner."""
    by_line: dict[str, list[Any]] = defaultdict(list)
    for row in select_in(
        tx,
        sa.select(REPORT).where(REPORT.c.owner == task.truth.inventory).order_by(REPORT.c.id),
        REPORT.c.line_id,
        [line.id for line in lines],
    ):
        by_line[row.line_id].append(row)
    movements: list[Movement] = []
    fresh: list[dict[str, Any]] = []
    for line in lines:
        movements += _report_line(tx, task, line, by_line[line.id], _Reporting(places, fresh))
    if fresh:
        tx.execute(sa.insert(REPORT), fresh)
    return movements


@dataclass(frozen=True, slots=True)
class _Reporting:
    """Where units are taken from, and the reports that are to be added, all together."""

    places: Places
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
    known = next((row.location_id for row in rows if row.location_id), None)
    if plan.add and (place := known or to.places.usual(line)):
        to.fresh.append(_report(tx, task, line, place, plan.add))
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


def _report(tx: Transaction, task: Task, line: Line, place: str, quantity: int) -> dict[str, Any]:
    # Whoever canceled the owner's order by hand has given the units back there already.
    is_given_back = quantity > 0 and _is_copy_canceled(tx, task, line.order_id)
    return {
        "owner": task.truth.inventory,
        "order_id": line.order_id,
        "line_id": line.id,
        "variant_id": line.variant_id,
        "location_id": place,
        "quantity": quantity,
        "state": ReportState.SEEN if is_given_back else ReportState.OPEN,
        "created_at": task.now,
        "ended_at": task.now if is_given_back else None,
    }


def _is_copy_canceled(tx: Transaction, task: Task, order_id: str) -> bool:
    statement = sa.select(ORDER.c.id).where(
        ORDER.c.copy_of == order_id,
        ORDER.c.integration == task.truth.inventory,
        ORDER.c.status_there == OrderStatus.CANCELED,
    )
    return tx.execute(statement).first() is not None


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
