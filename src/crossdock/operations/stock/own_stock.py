"""Stock that people set: counts, receipts, buffers and locks of single records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from crossdock.connectors.errors import SettingsError
from crossdock.domain.inventory import MovementKind
from crossdock.operations import publishing
from crossdock.operations.events import Event, Subject, record
from crossdock.operations.routing import again
from crossdock.operations.stock import first_counts, ledger
from crossdock.operations.stock.ledger import Movement
from crossdock.operations.task import HUB, Task
from crossdock.store import tables
from crossdock.store.database import Transaction
from crossdock.store.query import upsert

LEVEL = tables.level
LOCATION = tables.location
VARIANT = tables.variant

MOST_UNITS = 2_147_483_647
"""What the column holds, and the largest number that platforms take as well."""
PLAIN = ("unavailable", "buffer", "future", "committed_future", "inbound")


@dataclass(frozen=True, slots=True)
class RecordChange:
    """What a person sets on one SKU at one location; None leaves it as it is.

    `on_hand` is a count; `receive` adds units that came in, or takes off those that went.
    """

    on_hand: int | None = None
    receive: int | None = None
    unavailable: int | None = None
    buffer: int | None = None
    future: int | None = None
    committed_future: int | None = None
    inbound: int | None = None
    is_locked: bool | None = None
    reason: str = ""


def change(tx: Transaction, task: Task, sku: str, location: str, wanted: RecordChange) -> None:
    """Change one inventory record; `location` is its id, code or name.

    Raises SettingsError naming the field and the fix.
    """
    variant, place = counted_variant(tx, sku), find_location(tx, task, location)
    row = tx.execute(
        sa.select(LEVEL).where(LEVEL.c.variant_id == variant.id, LEVEL.c.location_id == place.id)
    ).first()
    is_locked = wanted.is_locked if wanted.is_locked is not None else bool(row is not None and row.is_locked)
    check(wanted, place, is_locked=is_locked)
    at = _Record(variant.id, place, row)
    _set_plain(tx, task, at, wanted)
    _move(tx, task, at, wanted)
    if place.integration == HUB:
        _keep_count(tx, task, at, wanted)


@dataclass(frozen=True, slots=True)
class _Record:
    """One SKU at one location, with its level as it was; None where it had none."""

    variant_id: str
    place: Any
    level: Any


def counted_variant(tx: Transaction, sku: str) -> Any:
    """The variant with this SKU, whose stock can be counted. Raises SettingsError."""
    row = tx.execute(sa.select(VARIANT).where(VARIANT.c.sku == sku, ~VARIANT.c.is_removed)).first()
    if row is None:
        raise SettingsError("sku", _unknown(tx, sku))
    if not row.is_stock_tracked:
        raise SettingsError(
            "sku", f"nobody counts the stock of {sku!r}; turn stock tracking on where the product comes from"
        )
    return row


def _unknown(tx: Transaction, sku: str) -> str:
    if tx.scalar(sa.select(VARIANT.c.id).limit(1)) is None:
        return (
            f"{sku!r} is not known, as the hub has no products yet: read them first with “crossdock sync --once”, "
            "or import them where the hub itself is the source of the catalog"
        )
    return f"no variant has the master SKU {sku!r}; SKUs are compared exactly"


def find_location(tx: Transaction, task: Task, name: str) -> Any:
    """By id, code or name; where several bear it, the one in use of whoever owns stock. Raises SettingsError."""
    rows = tx.execute(
        sa.select(LOCATION).where(
            sa.or_(LOCATION.c.id == name, LOCATION.c.code == name, LOCATION.c.name == name)
        )
    ).all()
    # Neither another owner's nor one that is gone keeps a name from meaning the location there is.
    found = (
        [row for row in rows if row.integration == task.truth.inventory] or rows if len(rows) > 1 else rows
    )
    found = [row for row in found if row.is_active] or found if len(found) > 1 else found
    if len(found) != 1:
        known = tx.scalars(sa.select(LOCATION.c.name).order_by(LOCATION.c.name)).all()
        why = "several; give its id" if found else f"none; there are: {', '.join(known) or 'none yet'}"
        raise SettingsError("location", f"{name!r} means {why}")
    return found[0]


def check(wanted: RecordChange, place: Any, *, is_locked: bool) -> None:
    if wanted.on_hand is not None and wanted.receive is not None:
        raise SettingsError("receive", "give a count (on_hand) or what came in (receive), not both")
    moves = wanted.on_hand is not None or wanted.receive is not None
    if moves and place.integration != HUB and not is_locked:
        raise SettingsError(
            "on_hand",
            f"{place.integration} counts the stock at {place.name!r}, and its next number would replace this one; "
            "correct it there, or lock the record",
        )
    for name in ("on_hand", *PLAIN):
        value = getattr(wanted, name)
        if value is not None and not 0 <= value <= MOST_UNITS:
            raise SettingsError(name, f"a whole number from 0 to {MOST_UNITS}, not {value}")
    if wanted.receive is not None and abs(wanted.receive) > MOST_UNITS:
        raise SettingsError("receive", f"a whole number up to {MOST_UNITS}, not {wanted.receive}")


def _set_plain(tx: Transaction, task: Task, at: _Record, wanted: RecordChange) -> None:
    """What is no movement of goods, said on the variant's timeline. A record that was not there is from now on."""
    names = (*PLAIN, "is_locked")
    given = {name: getattr(wanted, name) for name in names if getattr(wanted, name) is not None}
    before = {name: getattr(at.level, name) if at.level is not None else 0 for name in given}
    key = {"variant_id": at.variant_id, "location_id": at.place.id}
    fresh = {"on_hand": 0, "committed": 0, "unavailable": 0}
    upsert(tx, LEVEL, [key | fresh | given], keep=[name for name in fresh if name not in given])
    told = [
        f"{name} {_said(before[name])} → {_said(new)}" for name, new in given.items() if new != before[name]
    ]
    if told:
        why = f" ({wanted.reason})" if wanted.reason else ""
        what = f"At {at.place.name}: {', '.join(told)}{why}"
        record(tx, task, [Event(Subject.VARIANT, at.variant_id, what)])
    if told or at.level is None:
        publishing.mark_variants(tx, [at.variant_id])
        again.retry_for(tx, [at.variant_id])


def _keep_count(tx: Transaction, task: Task, at: _Record, wanted: RecordChange) -> None:
    """A count is one even where it finds what orders have left there, be it nothing."""
    if wanted.on_hand is not None or wanted.receive is not None:
        tx.execute(
            sa.update(LEVEL)
            .where(LEVEL.c.variant_id == at.variant_id, LEVEL.c.location_id == at.place.id)
            .values(read_at=task.now)
        )
    first_counts.check(tx, task, [at.variant_id])


def _said(value: Any) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def _move(tx: Transaction, task: Task, at: _Record, wanted: RecordChange) -> None:
    """A count or a receipt goes into the ledger; a count that finds what was there moves nothing."""
    on_hand = at.level.on_hand if at.level is not None else 0
    units = wanted.receive or 0
    kind, what = MovementKind.RECEIVE, "Received" if units >= 0 else "Taken off"
    if wanted.on_hand is not None:
        units, kind, what = wanted.on_hand - on_hand, MovementKind.COUNT, "Counted"
    elif units and not 0 <= on_hand + units <= MOST_UNITS:
        where = f"there are {on_hand} units at {at.place.name!r}"
        raise SettingsError("receive", f"{where}; {units:+d} is not possible")
    if not units:
        return
    who = f" by {task.actor}" if task.actor else ""
    reason = f"{what}{who}{f': {wanted.reason}' if wanted.reason else ''}"
    ledger.append(tx, task, [Movement(at.variant_id, at.place.id, kind, reason, on_hand=units)])
    record(tx, task, [Event(Subject.VARIANT, at.variant_id, f"{reason} ({units:+d} at {at.place.name})")])
