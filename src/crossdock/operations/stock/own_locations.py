"""Locations of the hub's own: warehouses that no platform reports, whose stock people and files count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from crossdock.connectors.errors import SettingsError
from crossdock.domain.channel import Address, LocationKind
from crossdock.operations.events import Event, Subject, record
from crossdock.operations.routing import again, relinking
from crossdock.operations.stock import commitments, locations, stock_owner
from crossdock.operations.task import HUB, Task
from crossdock.store import tables
from crossdock.store.codec import pack
from crossdock.store.database import Transaction

LOCATION = tables.location
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class OwnLocation:
    """A location to add. Its code, or else its name, is what it is known by for good."""

    name: str
    code: str = ""
    address: Address | None = None
    is_default: bool = False


def add(tx: Transaction, task: Task, wanted: OwnLocation) -> str:
    """Add it; answers its id. The first one is the default. Raises SettingsError naming the field and the fix."""
    name, code = wanted.name.strip(), wanted.code.strip()
    if not name or len(name) > LONGEST_NAME:
        raise SettingsError("name", f"a location has a name of 1 to {LONGEST_NAME} characters")
    own = every(tx)
    _refuse_taken(own, name=name, code=code)
    key = locations.location_id(HUB, code or name)
    if any(row.id == key for row in own):
        raise SettingsError(
            "code", f"{code or name!r} was given to another location before; choose another code"
        )
    tx.execute(
        sa.insert(LOCATION).values(
            id=key,
            name=name,
            code=code,
            kind=LocationKind.WAREHOUSE,
            integration=HUB,
            channel_id=code or name,
            is_active=True,
            is_default=wanted.is_default or not own,
            body=pack(wanted.address),
            seen_at=task.now,
        )
    )
    if wanted.is_default:
        _be_only_default(tx, key)
    record(tx, task, [Event(Subject.LOCATION, key, f"Added as a location of the hub: {name}")])
    locations.recount(tx)
    if not own and task.truth.inventory == HUB:
        # What was sold while there was nowhere to take it from.
        stock_owner.hand_over(tx, task, former=HUB)
    commitments.apply_waiting(tx, task)
    again.retry(tx)
    return key


def change(tx: Transaction, task: Task, key: str, **values: Any) -> None:
    """Set `name`, `code`, `address`, `is_active` or `is_default` of one that is the hub's. Raises SettingsError."""
    own = every(tx)
    row = next((each for each in own if each.id == key), None)
    if row is None:
        raise SettingsError(
            "location", "only a location of the hub has these fields; others are read as they are"
        )
    others = [each for each in own if each.id != key]
    _refuse_taken(others, name=values.get("name", ""), code=values.get("code", ""))
    if values.get("is_default") is False and row.is_default:
        raise SettingsError("is_default", "one location is always the default; make another one it instead")
    columns = {"body" if name == "address" else name: value for name, value in values.items()}
    if "body" in columns:
        columns["body"] = pack(columns["body"])
    tx.execute(sa.update(LOCATION).where(LOCATION.c.id == key).values(**columns))
    if values.get("is_default"):
        _be_only_default(tx, key)
    record(tx, task, [Event(Subject.LOCATION, key, f"Changed: {', '.join(sorted(values))}")])
    locations.recount(tx)
    again.retry(tx)
    relinking.taken_from(tx, task, [key])


def every(tx: Transaction) -> list[Any]:
    """The hub's own locations, by name."""
    return list(
        tx.execute(sa.select(LOCATION).where(LOCATION.c.integration == HUB).order_by(LOCATION.c.name))
    )


def _refuse_taken(others: list[Any], *, name: str, code: str) -> None:
    """Settings name locations by either, so neither may mean two."""
    for field, value in (("name", name), ("code", code)):
        if value and any(value in (row.name, row.code) for row in others):
            raise SettingsError(field, f"{value!r} is another location of the hub already")


def _be_only_default(tx: Transaction, key: str) -> None:
    tx.execute(
        sa.update(LOCATION)
        .where(LOCATION.c.integration == HUB)
        .values(is_default=sa.case((LOCATION.c.id == key, sa.true()), else_=sa.false()))
    )
