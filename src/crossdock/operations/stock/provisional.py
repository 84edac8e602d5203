"""The provisional location: where the units of an order are taken from until routing decides otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from crossdock.domain.inventory import Level
from crossdock.operations.catalog import bundles
from crossdock.operations.stock.sold_lines import Line
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.codec import unpack
from crossdock.store.database import Transaction

LOCATION = tables.location


@dataclass(frozen=True, slots=True)
class Wanted:
    """Units of a variant, sold on a channel, which may say from which of its own locations they are to come."""

    integration: str
    location_channel_id: str
    variant_id: str
    units: int


class Places:
    """The owner's locations, and which of them a channel's orders are taken from."""

    def __init__(self, tx: Transaction, task: Task, variant_ids: Sequence[str]) -> None:
        self._tx, self._task = tx, task
        every = tx.execute(sa.select(LOCATION).order_by(LOCATION.c.is_default.desc(), LOCATION.c.id)).all()
        self._rows = [row for row in every if row.is_active]
        owner = task.truth.inventory
        self._belonging = {row.id for row in every if not owner or row.integration == owner}
        self._mine = [row for row in self._rows if not owner or row.integration == owner]
        self._ids = [str(row.id) for row in self._mine]
        self._levels = bundles.levels(tx, variant_ids, owner=owner)
        self._assigned: dict[str, Mapping[str, str]] = {}

    def of(self, wanted: Wanted) -> str | None:
        """By location preference or warehouse map; else where the units are, the default location first."""
        assigned = self._assigned_on(wanted.integration).get(wanted.location_channel_id)
        levels = {level.location_id: level for level in self._levels.get(wanted.variant_id, [])}
        if assigned and assigned in levels:
            return assigned
        first = self._ids[0] if self._ids else None
        return self._best(levels, wanted.units) or assigned or first

    def usual(self, line: Line) -> str:
        """Where a sold line is taken from while nobody was asked for it; empty where there is no location yet."""
        return (
            self.of(Wanted(line.integration, line.location_channel_id, line.variant_id, max(line.sold, 0)))
            or ""
        )

    def net_of(self, line: Line) -> str:
        """Where the owner's own number has lost the units of its sale by itself: at its default location, unless it says."""
        assigned = self._assigned_on(line.integration).get(line.location_channel_id)
        counted = {level.location_id for level in self._levels.get(line.variant_id, [])}
        if assigned in counted:
            return str(assigned)
        first = self._ids[0] if self._ids else ""
        return next((place for place in self._ids if place in counted), first)

    def counts(self, location_id: str) -> bool:
        """Whether it is one of the owner's, so that its shelf is counted."""
        return any(row.id == location_id for row in self._mine)

    def belongs(self, location_id: str) -> bool:
        """Whether it is, or was before it was switched off, one of the owner's."""
        return location_id in self._belonging

    def is_unlimited(self, location_id: str) -> bool:
        return any(row.id == location_id and row.is_unlimited for row in self._mine)

    def keeps_bundles(self, location_id: str) -> bool:
        return any(row.id == location_id and row.keeps_bundles for row in self._mine)

    def is_locked(self, variant_id: str, location_id: str) -> bool:
        levels = self._levels.get(variant_id, [])
        return any(level.location_id == location_id and level.is_locked for level in levels)

    def _assigned_on(self, integration: str) -> Mapping[str, str]:
        if integration not in self._assigned:
            maps = maps_of(self._tx, self._task, integration)
            self._assigned[integration] = assigned(maps, self._rows, self._mine, integration)
        return self._assigned[integration]

    def _best(self, levels: dict[str, Level], units: int) -> str | None:
        """The default location when it can give the units, else whichever has most."""
        default = next((place for place in self._ids if place in levels), None)
        if default is not None and (levels[default].is_unlimited or levels[default].available >= units):
            return default
        most = max(
            levels.values(),
            key=lambda level: (level.is_unlimited, level.available, level.location_id),
            default=None,
        )
        return most.location_id if most is not None else None


@dataclass(frozen=True, slots=True)
class Maps:
    """Two settings of a channel: its warehouse → hub location, and hub location → its warehouse."""

    preferences: Mapping[str, str]
    warehouses: Mapping[str, str]


def maps_of(tx: Transaction, task: Task, integration: str) -> Maps:
    """Of the task's own channel by its rules; of another one as its settings are stored, under the same names."""
    if integration == task.integration:
        return Maps(task.rules.location_preferences, task.rules.warehouse_map)
    stored = tx.scalar(
        sa.select(tables.integration.c.settings).where(tables.integration.c.name == integration)
    )
    settings = unpack(dict[str, Any], stored) if stored else {}
    return Maps(settings.get("location_preferences", {}), settings.get("warehouse_map", {}))


def assigned(maps: Maps, rows: Sequence[Any], mine: Sequence[Any], integration: str) -> dict[str, str]:
    """Which of the owner's locations the orders of each of the channel's locations are taken from.

    A location preference decides; without one it is the location whose stock the warehouse map sends there.
    """
    ours = {name: str(row.id) for row in mine for name in (row.id, row.code, row.name) if name}
    theirs = {
        name: str(row.channel_id)
        for row in rows
        if row.integration == integration
        for name in (row.id, row.name, row.code)
        if name
    }
    by_map = {
        theirs.get(target, target): ours[source]
        for source, target in maps.warehouses.items()
        if source in ours
    }
    preferred = {
        theirs.get(warehouse, warehouse): ours[place]
        for warehouse, place in maps.preferences.items()
        if place in ours
    }
    return by_map | preferred
