"""What of an order is still to be shipped and in no shipping request, and which units on the shelves are its own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crossdock.domain.catalog import Variant
from crossdock.domain.inventory import ReportState
from crossdock.domain.routing import Need
from crossdock.operations.catalog import bundles
from crossdock.operations.routing.order_facts import open_units
from crossdock.operations.routing.requested import RequestPart, parts_of
from crossdock.operations.stock import ledger, sold_lines
from crossdock.operations.stock.ledger import LineSums
from crossdock.operations.task import HUB, Task
from crossdock.store import tables
from crossdock.store.codec import unpack
from crossdock.store.database import Transaction
from crossdock.store.query import select_in

ORDER = tables.order
LINE = tables.order_line
REPORT = tables.sale_report
VARIANT = tables.variant

Units = Mapping[tuple[str, str], int]
"""Units by variant and location."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an order needs, and the units that the shelves do not show as free only because they are this order's."""

    needs: tuple[Need, ...]
    own: Units
    rank: tuple[datetime, str] | None = None
    """When the order was placed, and its id; None for one that nobody has placed."""


NOTHING = Wanted((), {})


def of_orders(
    tx: Transaction, task: Task, order_ids: Iterable[str], *, whole: bool = False
) -> dict[str, Wanted]:
    """By order id: open units that no shipping request has. With `whole` all that are not canceled, as at the first."""
    lines = _lines(tx, task, order_ids)
    parts = {} if whole else parts_of(tx, {line.order_id for line in lines})
    requested = _requested(part for each in parts.values() for part in each)
    made_of = _made_of(tx, task, lines)
    sums = _sums(tx, [line.id for line in lines])
    lowered = _lowered(tx, task, [line.id for line in lines])
    by_order: dict[str, list[tuple[Need, dict[tuple[str, str], int]]]] = defaultdict(list)
    for line in lines:
        there = requested.get(line.id, {})
        left = max(0, open_units(line) - sum(there.values()))
        units = max(0, int(line.quantity - line.quantity_canceled)) if whole else left
        need = _need(line, units, made_of)
        held = _Held(units, there, lowered.get(line.id, {}), counts_shipped=whole)
        own = _own(task, need, sums.get(line.id, []), held)
        by_order[line.order_id].append((need, own))
    placed_at = {line.order_id: line.placed_at for line in lines}
    return {
        key: Wanted(tuple(need for need, _ in each), _added(own for _, own in each), (placed_at[key], key))
        for key, each in by_order.items()
    }


def of_skus(tx: Transaction, task: Task, units: Mapping[str, int]) -> Wanted:
    """Of an order that nobody has placed: units by master SKU; what no product has is unmatched."""
    rows = {row.sku: row for row in select_in(tx, _variants(task), VARIANT.c.sku, units)}
    made_of = _composed(tx, task, [row.variant_id for row in rows.values()])
    needs = []
    for sku, count in units.items():
        row = rows.get(sku)
        variant = row.variant_id if row is not None else ""
        is_counted = row is None or bool(row.is_counted)
        needs.append(Need(sku, variant, sku, count, made_of.get(variant), is_counted))
    return Wanted(tuple(needs), {})


def _lines(tx: Transaction, task: Task, order_ids: Iterable[str]) -> list[Any]:
    statement = (
        sa.select(
            LINE,
            VARIANT.c.body.label("variant_body"),
            sold_lines.is_counted(task).label("is_counted"),
            ORDER.c.placed_at,
        )
        .join(ORDER, ORDER.c.id == LINE.c.order_id)
        .outerjoin(VARIANT, VARIANT.c.id == LINE.c.variant_id)
        .order_by(LINE.c.id)
    )
    return select_in(tx, statement, LINE.c.order_id, order_ids)


def _variants(task: Task) -> sa.Select[Any]:
    return sa.select(
        VARIANT.c.id.label("variant_id"), VARIANT.c.sku, sold_lines.is_counted(task).label("is_counted")
    ).where(~VARIANT.c.is_removed)


def _need(line: Any, units: int, made_of: Mapping[str, Mapping[str, int]]) -> Need:
    variant = line.variant_id or ""
    sku = unpack(Variant, line.variant_body).sku if line.variant_body else line.channel_sku
    return Need(line.id, variant, sku, units, made_of.get(line.id), is_counted=bool(line.is_counted))


def _made_of(tx: Transaction, task: Task, lines: Sequence[Any]) -> dict[str, Mapping[str, int]]:
    """By line. A bundle stays put together as it was when it was sold, whatever is decided about it later."""
    now = _composed(tx, task, [line.variant_id for line in lines if line.variant_id])
    found: dict[str, Mapping[str, int]] = {}
    for line in lines:
        then = unpack(dict[str, int] | None, line.taken_as)
        if then is not None and then.keys() != {line.variant_id}:
            found[line.id] = then
        elif line.variant_id in now:
            found[line.id] = now[line.variant_id]
    return found


def _composed(tx: Transaction, task: Task, variant_ids: Sequence[str]) -> dict[str, dict[str, int]]:
    """A platform that owns stock counts its bundles itself."""
    return bundles.made_of(tx, variant_ids) if task.truth.inventory == HUB else {}


def _requested(parts: Iterable[RequestPart]) -> dict[str, dict[str, int]]:
    """By line and location: units that may leave by a shipping request."""
    found: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for part in parts:
        found[part.line_id][part.request.location_id] += part.held
    return found


def _sums(tx: Transaction, line_ids: Sequence[str]) -> dict[str, list[tuple[str, str, LineSums]]]:
    found: dict[str, list[tuple[str, str, LineSums]]] = defaultdict(list)
    for (line, variant, place), sums in sorted(ledger.sums_by_line(tx, line_ids).items()):
        found[line].append((variant, place, sums))
    return found


def _lowered(tx: Transaction, task: Task, line_ids: Sequence[str]) -> dict[str, dict[str, int]]:
    """By line and location: units of which the owner's number shows that they were sold."""
    found: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    statement = sa.select(REPORT).where(REPORT.c.owner == task.truth.inventory)
    for row in select_in(tx, statement, REPORT.c.line_id, line_ids):
        if row.state == ReportState.SEEN:
            found[row.line_id][row.location_id] -= row.quantity
    return found


@dataclass(frozen=True, slots=True)
class _Held:
    """Units of a line that no request has, and by location those that one has."""

    left: int
    requested: Mapping[str, int]
    lowered: Mapping[str, int]
    """By location, units that the owner's number is net of since they were reported."""
    counts_shipped: bool = False
    """Whether what has left is looked at as if it still lay where it left from."""


def _own(
    task: Task, need: Need, sums: Sequence[tuple[str, str, LineSums]], held: _Held
) -> dict[tuple[str, str], int]:
    """The line's units that shelves hold back for it. What the owner's own number is net of lies where it was noted."""
    found: dict[tuple[str, str], int] = {}
    as_components = need.made_of or {}
    for variant in sorted({variant for variant, _, _ in sums}):
        each = 1 if variant == need.variant else as_components.get(variant, 0)
        left = held.left * each
        at = [(place, of_it) for what, place, of_it in sums if what == variant]
        for place, of_it in at:
            lay_there = of_it.committed + (of_it.shipped if held.counts_shipped else 0)
            mine = min(left, max(0, lay_there - held.requested.get(place, 0) * each))
            found[variant, place] = mine
            left -= mine
        for place, units in held.lowered.items() if variant == need.variant else ():
            mine = max(0, min(left, units - held.requested.get(place, 0)))
            found[variant, place] = found.get((variant, place), 0) + mine
            left -= mine
        if left and task.truth.inventory != HUB:
            for place, units in _noted(at, left):
                found[variant, place] += units
    return {key: units for key, units in found.items() if units}


def _noted(at: Sequence[tuple[str, LineSums]], left: int) -> Iterator[tuple[str, int]]:
    """Where the owner's number is net of these units: where they were noted, and at the first of it what was nowhere."""
    by_most = sorted(at, key=lambda spot: -spot[1].noted)
    for place, of_it in by_most:
        units = max(0, min(left, of_it.noted))
        left -= units
        yield place, units
    yield by_most[0][0], left


def _added(parts: Iterable[Units]) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = defaultdict(int)
    for part in parts:
        for key, units in part.items():
            found[key] += units
    return dict(found)
