"""Stock as a warehouse counts it, at the locations of the hub that it is linked to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crossdock.connectors.errors import SettingsError
from crossdock.domain.channel import ChannelStock
from crossdock.domain.inventory import MovementKind
from crossdock.operations.events import Subject
from crossdock.operations.exceptions import Case, close_cases, open_cases
from crossdock.operations.stock import own_stock
from crossdock.operations.stock.own_stock import RecordChange
from crossdock.operations.task import HUB, Task
from crossdock.store import tables
from crossdock.store.database import Transaction

LOCATION = tables.location
LEVEL = tables.level
MOVEMENT = tables.movement


def ingest(tx: Transaction, task: Task, stocks: Sequence[ChannelStock], *, counted_at: datetime) -> int:
    """Units on the shelf become counts; answers how many differed.

    What left the shelf after that moment is taken off, since the number may still contain it. An older count than
    the last is left out, and so are locked records. What fits no SKU or location is a case each.
    """
    places = _places(tx, task.integration)
    changed, cases, good = 0, [], []
    for stock in stocks:
        key = f"count-unknown:{task.integration}:{stock.location_id}:{stock.channel_sku}"
        try:
            place = _place(places, stock)
            variant = own_stock.counted_variant(tx, stock.channel_sku)
        except SettingsError as error:
            cases.append(_case(task, key, stock, error))
            continue
        good.append(key)
        changed += _count(tx, task, (variant.id, stock), place, counted_at)
    open_cases(tx, task, cases)
    close_cases(tx, task.now, good)
    return changed


def _places(tx: Transaction, warehouse: str) -> list[Any]:
    of_it = (LOCATION.c.linked_integration == warehouse, LOCATION.c.integration == HUB, LOCATION.c.is_active)
    return list(tx.execute(sa.select(LOCATION).where(*of_it).order_by(LOCATION.c.name)))


def _place(places: Sequence[Any], stock: ChannelStock) -> Any:
    """The location that is meant; where the warehouse names none, the only one. Raises SettingsError."""
    names = stock.location_id
    found = [row for row in places if names in (row.id, row.code, row.name)] if names else places
    if len(found) == 1:
        return found[0]
    known = ", ".join(row.name for row in places) or "none; link a location of the hub to it"
    raise SettingsError("location", f"{names!r} is none of its linked locations: {known}")


def _count(
    tx: Transaction, task: Task, counted: tuple[str, ChannelStock], place: Any, counted_at: datetime
) -> bool:
    variant, stock = counted
    of_it = (LEVEL.c.variant_id == variant, LEVEL.c.location_id == place.id)
    level = tx.execute(sa.select(LEVEL).where(*of_it)).first()
    if level is not None and (level.is_locked or (level.read_at is not None and level.read_at > counted_at)):
        return False
    gone = tx.scalar(
        sa.select(sa.func.coalesce(sa.func.sum(MOVEMENT.c.on_hand), 0)).where(
            MOVEMENT.c.variant_id == variant,
            MOVEMENT.c.location_id == place.id,
            MOVEMENT.c.kind == MovementKind.SHIP,
            MOVEMENT.c.at > counted_at,
        )
    )
    units = max(0, stock.on_hand + int(gone or 0))
    is_new = level is None or level.on_hand != units
    if level is None or is_new or level.read_at is None:
        wanted = RecordChange(on_hand=units, reason=f"counted by {task.integration}")
        own_stock.change(tx, task, stock.channel_sku, place.id, wanted)
    # One that found nothing new is the last count as well: an older one that comes late says less.
    tx.execute(sa.update(LEVEL).where(*of_it).values(read_at=min(counted_at, task.now)))
    return is_new


def _case(task: Task, key: str, stock: ChannelStock, error: SettingsError) -> Case:
    return Case(
        key=key,
        kind="count_unknown",
        subject=Subject.INTEGRATION,
        subject_id=task.integration,
        cause=f"{task.integration} counts {stock.on_hand} units of “{stock.channel_sku}”, which cannot be taken: {error}",
        fix="Correct the SKU or the location there, or here, and have the stock sent again",
        evidence={"sku": stock.channel_sku, "location": stock.location_id},
    )
