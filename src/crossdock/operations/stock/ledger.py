"""The stock ledger: append-only movements, and the levels that are their sums."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from msgspec import Struct

from crossdock.domain.inventory import Level, MovementKind
from crossdock.operations import publishing
from crossdock.operations.routing import again
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.asking import Question, parameter
from crossdock.store.codec import unpack
from crossdock.store.database import Transaction, UtcDateTime
from crossdock.store.query import add_rows, insert_rows

MOVEMENT = tables.movement
LEVEL = tables.level
PLACE = tables.location
COUNTING = tuple(column for column in LEVEL.c if not isinstance(column.type, UtcDateTime))
"""What of a level is part of the arithmetic, which is all but its times."""
_LEVELS_AT_PLACES = sa.select(
    *COUNTING, PLACE.c.is_active, PLACE.c.is_excluded, PLACE.c.excluded_for, PLACE.c.is_unlimited
).join(PLACE, PLACE.c.id == LEVEL.c.location_id)
_OWNERS = _LEVELS_AT_PLACES.where(PLACE.c.integration == parameter("owner", PLACE.c.integration))
LEVELS, OWNERS_LEVELS = (Question(each, LEVEL.c.variant_id) for each in (_LEVELS_AT_PLACES, _OWNERS))
IS_SHIPPED = MOVEMENT.c.kind == MovementKind.SHIP
SUMS = Question(
    sa.select(
        MOVEMENT.c.line_id,
        MOVEMENT.c.variant_id,
        MOVEMENT.c.location_id,
        sa.func.sum(MOVEMENT.c.committed).label("committed"),
        sa.func.sum(sa.case((IS_SHIPPED, MOVEMENT.c.on_hand), else_=0)).label("on_hand"),
        sa.func.sum(MOVEMENT.c.noted).label("noted"),
    ).group_by(MOVEMENT.c.line_id, MOVEMENT.c.variant_id, MOVEMENT.c.location_id),
    MOVEMENT.c.line_id,
)


class Movement(Struct, frozen=True):
    """One line to append: signed units on hand and committed. `noted` are the owner's own sales, already in its number."""

    variant_id: str
    location_id: str
    kind: MovementKind
    reason: str
    on_hand: int = 0
    committed: int = 0
    noted: int = 0
    order_id: str = ""
    line_id: str = ""


def append(tx: Transaction, task: Task, movements: Sequence[Movement], *, unsettle: str = "") -> None:
    """Append movements, keep the levels, and have every channel that offers these variants looked at.

    `unsettle` names the channel whose own number moved by the same cause.
    """
    if not movements:
        return
    insert_rows(tx, MOVEMENT, [_row(task, movement) for movement in movements])
    _add_to_levels(tx, movements)
    moved = [m.variant_id for m in movements if m.on_hand or m.committed]
    publishing.mark_variants(tx, moved, unsettle=unsettle)
    again.retry_for(tx, _more_of(movements))


def _more_of(movements: Iterable[Movement]) -> set[str]:
    """The variants of which a location has more to give now than before."""
    more: dict[tuple[str, str], int] = defaultdict(int)
    for movement in movements:
        more[movement.variant_id, movement.location_id] += movement.on_hand - movement.committed
    return {variant for (variant, _), units in more.items() if units > 0}


def _row(task: Task, movement: Movement) -> dict[str, Any]:
    return {
        "at": task.now,
        "run_id": task.run_id,
        "variant_id": movement.variant_id,
        "location_id": movement.location_id,
        "kind": movement.kind,
        "reason": movement.reason,
        "on_hand": movement.on_hand,
        "committed": movement.committed,
        "noted": movement.noted,
        "order_id": movement.order_id,
        "line_id": movement.line_id,
    }


def _add_to_levels(tx: Transaction, movements: Iterable[Movement]) -> None:
    sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for movement in movements:
        at = sums[movement.variant_id, movement.location_id]
        at[0] += movement.on_hand
        at[1] += movement.committed
    rows = [
        {"variant_id": variant, "location_id": place, "on_hand": on_hand, "committed": committed}
        for (variant, place), (on_hand, committed) in sums.items()
        if on_hand or committed
    ]
    add_rows(tx, LEVEL, rows)


def levels(
    tx: Transaction,
    variant_ids: Iterable[str],
    *,
    owner: str = "",
    channel: str = "",
    with_excluded: bool = False,
) -> dict[str, list[Level]]:
    """The levels of these variants that count: at active, included locations, of the owner where one is named.

    With `channel`, locations that are excluded for that integration are left out too. A variant that has
    numbers, but none that counts, is there with an empty list.
    """
    rows = OWNERS_LEVELS.rows(tx, variant_ids, owner=owner) if owner else LEVELS.rows(tx, variant_ids)
    found: dict[str, list[Level]] = defaultdict(list)
    for row in rows:
        counting = found[row.variant_id]
        is_excluded = row.is_excluded or channel in _names(row.excluded_for)
        if row.is_active and (with_excluded or not is_excluded):
            counting.append(_level(row))
    return found


@lru_cache(maxsize=256)
def _names(text: str) -> frozenset[str]:
    """Each location has its list, and a great many levels."""
    return frozenset(unpack(list[str], text))


def _level(row: Any) -> Level:
    return Level(
        row.location_id,
        row.on_hand,
        row.committed,
        row.unavailable,
        future=row.future,
        committed_future=row.committed_future,
        buffer=row.buffer,
        is_unlimited=row.is_unlimited,
        is_locked=row.is_locked,
    )


@dataclass(frozen=True, slots=True)
class LineSums:
    """What the movements of one order line at one location come to, in units."""

    committed: int
    shipped: int
    noted: int


def sums_by_line(tx: Transaction, line_ids: Iterable[str]) -> dict[tuple[str, str, str], LineSums]:
    """Per order line, variant and location: units now committed, shipped, and noted as in no need of counting."""
    return {
        (row.line_id, row.variant_id, row.location_id): LineSums(
            int(row.committed), -int(row.on_hand), int(row.noted)
        )
        for row in SUMS.rows(tx, line_ids)
    }
