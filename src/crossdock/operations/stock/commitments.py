"""What the lines of an order do to stock: each unit sold counts exactly once, and so does its cancellation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from msgspec.structs import replace

from crossdock.domain.inventory import MovementKind
from crossdock.operations import publishing
from crossdock.operations.stock import first_counts, ledger, routed_lines, sale_reports, sold_lines, taking
from crossdock.operations.stock.ledger import LineSums, Movement
from crossdock.operations.stock.provisional import Places
from crossdock.operations.stock.sold_lines import Line
from crossdock.operations.stock.taking import Done, Taken
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.database import Transaction
from crossdock.store.query import select_in

ORDER = tables.order
LINE = tables.order_line


def apply(tx: Transaction, task: Task, order_ids: Iterable[str]) -> None:
    """Bring the stock effects of these orders to what their lines say now. Repeating it changes nothing.

    A sale on the channel that owns stock is only noted where the owner's number is net of it, else it
    commits. A sale elsewhere commits and is to be reported to the owner.
    """
    lines = sold_lines.lines_of(tx, task, order_ids)
    own = [line for line in lines if line.integration == task.truth.inventory]
    foreign = [line for line in lines if line.integration != task.truth.inventory]
    made_of = taking.made_of(tx, task, lines)
    parts = [part for composition in made_of.values() for part in composition]
    places = Places(tx, task, [*(line.variant_id for line in lines), *parts])
    current = ledger.sums_by_line(tx, [line.id for line in lines])
    owner_is_channel = _is_channel(tx, task.truth.inventory)
    movements = _own_movements(own, current, places)
    if owner_is_channel:
        movements += sale_reports.keep(tx, task, foreign, places)
    else:
        moved = {line_id for line_id, _, _ in current}
        composed = taking.composed(tx, foreign, made_of, moved)
        placed = routed_lines.at_their_places(tx, composed, current, places)
        movements += _given_back(composed, placed, current)
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


def taken_apart(tx: Transaction, task: Task, lines: Sequence[Line], done: Done) -> list[Line]:
    """The lines as what the owner's shelves give for them, decided anew, each with its place, if there is one yet."""
    made_of = taking.made_of(tx, task, lines)
    parts = [part for composition in made_of.values() for part in composition]
    places = Places(tx, task, [*(line.variant_id for line in lines), *parts])
    sums = taking.by_line(done)
    composed = taking.composed(tx, lines, made_of, ())
    taken = [part for line in composed for part in Taken(line, sums.get(line.id, {}), places).unplaced()]
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
    movements = _given_back(held, held, current) + _committing(held, current, places, ships=False)
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


def _given_back(lines: Sequence[Line], now: Sequence[Line], current: Done) -> list[Movement]:
    """What is promised of another variant than now, as of a line's former SKU or in another way of a bundle, goes back."""
    by_id = {line.id: line for line in lines}
    there = {(line.id, line.variant_id, line.place if line.is_placed else "") for line in now}
    movements = []
    for (key, variant, place), sums in sorted(current.items(), key=lambda each: each[0]):
        if key in by_id and not there & {(key, variant, place), (key, variant, "")}:
            former = replace(by_id[key], variant_id=variant, sold=0, shipped=0)
            movements += _moved(former, place, MovementKind.RELEASE, -sums.committed)
    return movements


def _committing(
    lines: Sequence[Line], current: Done, places: Places, *, ships: bool = True
) -> list[Movement]:
    """Commit what is sold and not shipped. Where the hub owns the stock, shipping takes it off the shelf."""
    of_line: dict[tuple[str, str], list[tuple[str, LineSums]]] = defaultdict(list)
    for (line_id, variant, place), sums in current.items():
        of_line[line_id, variant].append((place, sums))
    movements: list[Movement] = []
    for line in lines:
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
    if not done:
        return []
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
