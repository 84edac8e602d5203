"""Routing decisions: gathers what cards decide by, and leaves the decision itself to `domain.routing`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from crossdock.domain import routing
from crossdock.domain.routing import Card, Need, Place, Routed, Shelf, Verdict, parts_at, preferred
from crossdock.operations.routing import cards, needs, oversold, warehouses
from crossdock.operations.routing.needs import Units, Wanted
from crossdock.operations.routing.order_facts import facts_of
from crossdock.operations.stock import ledger, provisional
from crossdock.operations.stock.provisional import Maps
from crossdock.operations.task import HUB, Task
from crossdock.store import tables
from crossdock.store.database import Transaction
from crossdock.store.query import select_in

LOCATION = tables.location
ORDER = tables.order


def decide(tx: Transaction, task: Task, order_ids: Iterable[str]) -> dict[str, Verdict]:
    """By order id: which locations are to ship what no shipping request has yet. Nothing is changed.

    Orders are decided in the order that they are given, each as if those before it had been routed as decided.
    """
    ids = list(dict.fromkeys(order_ids))
    facts, wanted = facts_of(tx, task, ids), needs.of_orders(tx, task, ids)
    yard = Yard(tx, task, [need for each in wanted.values() for need in each.needs])
    preferences = preferred_cards(tx, task, ids, yard)
    on = cards.those_on(tx)
    verdicts: dict[str, Verdict] = {}
    for key in ids:
        if key not in facts:
            continue
        mine = wanted.get(key, needs.NOTHING)
        places = yard.places(mine)
        tried = [*preferences.get(key, ()), *on]
        verdicts[key] = routing.decide(facts[key], mine.needs, places, tried)
        yard.book(verdicts[key], mine, places)
    return verdicts


def preferred_cards(
    tx: Transaction, task: Task, order_ids: Iterable[str], yard: Yard
) -> dict[str, tuple[Card, ...]]:
    """By order id: what the location preferences of its channel say about the location that the channel assigned."""
    statement = sa.select(ORDER.c.id, ORDER.c.integration, ORDER.c.location_channel_id)
    rows = [row for row in select_in(tx, statement, ORDER.c.id, order_ids) if row.location_channel_id]
    by_channel = {name: yard.preferences_of(tx, task, name) for name in {row.integration for row in rows}}
    found: dict[str, tuple[Card, ...]] = {}
    for row in rows:
        if location := by_channel[row.integration].get(row.location_channel_id):
            found[row.id] = (preferred(row.integration, location),)
    return found


def parts_of(wanted: Iterable[Need]) -> set[str]:
    """The variants whose stock decides: what is needed, and what bundles among it are made of."""
    return {part for need in wanted for part in (need.variant, *(need.made_of or ())) if part}


class Yard:
    """All locations with the units on their shelves, as decisions made meanwhile leave them."""

    def __init__(self, tx: Transaction, task: Task, wanted: Collection[Need]) -> None:
        self.rows = tx.execute(sa.select(LOCATION).order_by(LOCATION.c.id)).all()
        self._warehouses = warehouses.names(tx)
        owner = task.truth.inventory
        self._owner = "the hub" if owner == HUB else owner
        self._counted = {row.id for row in self.rows if not owner or row.integration == owner}
        parts = parts_of(wanted)
        self._free: dict[tuple[str, str], int] = defaultdict(int)
        self._to_come: dict[tuple[str, str], int] = defaultdict(int)
        for variant, levels in ledger.levels(tx, parts, owner=owner, with_excluded=True).items():
            for level in levels:
                self._free[variant, level.location_id] = level.available
                self._to_come[variant, level.location_id] = level.future - level.committed_future
        short = {spot for spot, units in self._free.items() if units < 0}
        self._claims = oversold.claims(tx, short) if short else {}
        self._booked: set[str] = set()

    def places(self, wanted: Wanted) -> dict[str, Place]:
        """As the order sees them that has these needs."""
        own = self._own(wanted)
        parts = sorted(parts_of(wanted.needs))
        shelves: dict[str, dict[str, Shelf]] = defaultdict(dict)
        for place in self._counted:
            for key in [(part, place) for part in parts]:
                units = self._free.get(key, 0) + own.get(key, 0) + self._taken_back(key, wanted)
                shelves[place][key[0]] = Shelf(units, self._to_come.get(key, 0))
        found = {row.id: place_of(row, self._warehouses, shelves[row.id]) for row in self.rows}
        elsewhere = found.keys() - self._counted
        return found | {key: replace(found[key], uncounted_by=self._owner) for key in elsewhere}

    def _taken_back(self, key: oversold.Spot, wanted: Wanted) -> int:
        """Of what is promised beyond what is there: units of orders that were placed later, and wait behind this one."""
        if not wanted.own.get(key) or wanted.rank is None:
            return 0
        claims = [each for each in self._claims.get(key, ()) if each.order_id not in self._booked]
        later = sum(each.units for each in claims if each.rank > wanted.rank)
        return min(max(0, -self._free[key]), later)

    def _own(self, wanted: Wanted) -> Units:
        return {key: units for key, units in wanted.own.items() if key[1] in self._counted}

    def book(self, verdict: Verdict, wanted: Wanted, places: Mapping[str, Place]) -> None:
        """What was held for the order is free again, and what it ships is not."""
        if not isinstance(verdict, Routed):
            return
        if wanted.rank is not None:
            self._booked.add(wanted.rank[1])
        for key, units in self._own(wanted).items():
            self._free[key] += units
        by_line = {need.line: need for need in wanted.needs}
        for part in verdict.parts:
            for line, units in part.units.items():
                for variant, each in parts_at(places[part.location], by_line[line]).items():
                    self._free[variant, part.location] -= units * each

    def could_ship(self, row: Any) -> bool:
        """Whether a card might name the location: its stock is counted here, or it is linked to something."""
        return bool(row.is_active and (row.id in self._counted or row.linked_integration))

    def preferences_of(self, tx: Transaction, task: Task, channel: str) -> dict[str, str]:
        """The channel's location → the hub location that ships what is assigned to it."""
        maps = provisional.maps_of(tx, task, channel)
        mine = [row for row in self.rows if row.id in self._counted]
        active = [row for row in self.rows if row.is_active]
        return provisional.assigned(Maps(maps.preferences, {}), active, mine, channel)


def place_of(row: Any, warehouse_names: Collection[str], shelves: Mapping[str, Shelf] | None = None) -> Place:
    """A stored location as routing sees it."""
    linked = row.linked_integration or ""
    return Place(
        row.id,
        row.name,
        is_active=row.is_active,
        linked=linked,
        is_warehouse=linked in warehouse_names,
        shelves=shelves or {},
        is_unlimited=row.is_unlimited,
        keeps_bundles=row.keeps_bundles,
    )
