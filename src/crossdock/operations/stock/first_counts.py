"""SKUs that nobody has counted yet where the hub owns stock: how they are told apart, and what to do once they sell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

import sqlalchemy as sa

from crossdock.operations.events import Subject
from crossdock.operations.exceptions import Case, close_cases, open_cases, open_keys
from crossdock.operations.task import HUB, Task
from crossdock.store import tables
from crossdock.store.asking import Question
from crossdock.store.database import Transaction
from crossdock.store.query import select_in

LEVEL = tables.level
LOCATION = tables.location
MOVEMENT = tables.movement
VARIANT = tables.variant


AT_IT = (MOVEMENT.c.variant_id == LEVEL.c.variant_id, MOVEMENT.c.location_id == LEVEL.c.location_id)
HAS_MOVED, HAS_COUNT = sa.exists().where(*AT_IT), sa.exists().where(*AT_IT, MOVEMENT.c.order_id == "")
LEVELS = Question(
    sa.select(
        LEVEL,
        LOCATION.c.name,
        LOCATION.c.is_unlimited,
        HAS_MOVED.label("has_moved"),
        HAS_COUNT.label("has_count"),
    )
    .join(LOCATION, LOCATION.c.id == LEVEL.c.location_id)
    .where(LOCATION.c.integration == HUB),
    LEVEL.c.variant_id,
)
TAKEN_UNCOUNTED = Question(
    sa.select(LEVEL.c.variant_id)
    .join(LOCATION, LOCATION.c.id == LEVEL.c.location_id)
    .where(
        LOCATION.c.integration == HUB,
        ~LOCATION.c.is_unlimited,
        sa.or_(LEVEL.c.committed > 0, LEVEL.c.on_hand < 0),
        LEVEL.c.read_at.is_(None),
        ~HAS_COUNT,
        HAS_MOVED,
    ),
    LEVEL.c.variant_id,
)
"""Of most that is sold there are none, so that nothing more is asked of it."""


def never_counted(tx: Transaction, variant_ids: Iterable[str]) -> set[str]:
    """Those of the variants that have no count at any of the hub's locations, whatever orders have taken there."""
    wanted = set(variant_ids)
    counted = {key for key, rows in _levels(tx, wanted).items() if any(_is_counted(row) for row in rows)}
    return wanted - counted


def check(tx: Transaction, task: Task, variant_ids: Collection[str]) -> None:
    """Keep the case of each of these that was sold before it was counted; where a platform counts there is none."""
    wanted = set(variant_ids)
    if task.truth.inventory != HUB:
        return
    taken = {row.variant_id for row in TAKEN_UNCOUNTED.rows(tx, wanted)}
    sold = {
        key: rows for key, rows in _levels(tx, taken).items() if not any(_is_counted(row) for row in rows)
    }
    statement = sa.select(VARIANT.c.id, VARIANT.c.sku).where(~VARIANT.c.is_removed)
    found = select_in(tx, statement, VARIANT.c.id, sold)
    open_cases(tx, task, [_case(row, sold[row.id]) for row in found])
    close_cases(tx, task.now, [_key(key) for key in wanted - {row.id for row in found}])


def close_all(tx: Transaction, task: Task) -> None:
    """Stock has another owner, who counts by itself."""
    close_cases(tx, task.now, open_keys(tx, _key("")))


def _levels(tx: Transaction, variant_ids: Iterable[str]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for row in LEVELS.rows(tx, variant_ids):
        found[row.variant_id].append(row)
    return found


def _is_counted(row: Any) -> bool:
    """A record that only orders have made knows no count."""
    return row.read_at is not None or row.has_count or not row.has_moved


def _key(variant_id: str) -> str:
    return f"never-counted:{variant_id}"


def _case(variant: Any, levels: Collection[Any]) -> Case:
    sold = sum(row.committed - row.on_hand for row in levels)
    places = ", ".join(sorted(row.name for row in levels))
    return Case(
        key=_key(variant.id),
        kind="never_counted",
        subject=Subject.VARIANT,
        subject_id=variant.id,
        cause=(
            f"{sold} of “{variant.sku}” are sold, and nobody has counted it yet at {places}: since the hub owns stock, "
            "channels are told that there are none"
        ),
        fix=(
            f"Count what is on the shelf, sold or not: crossdock inventory set {variant.sku} --location NAME --on-hand "
            "UNITS, or with a file: crossdock inventory import FILE. The case closes itself"
        ),
        evidence={"sku": variant.sku, "sold": sold},
    )
