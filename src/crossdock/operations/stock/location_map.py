"""Which hub location feeds which warehouse of a channel, and from where the channel's orders are taken, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from crossdock.connectors.contract import Rules
from crossdock.domain.channel import LocationKind
from crossdock.domain.sync import Entity
from crossdock.operations import publishing
from crossdock.operations.events import Subject
from crossdock.operations.exceptions import Case, close_cases, open_case
from crossdock.operations.stock import offering, provisional
from crossdock.operations.stock.provisional import Maps
from crossdock.operations.task import Task
from crossdock.operations.views.view_hub import why_not_counted
from crossdock.store import tables
from crossdock.store.codec import unpack
from crossdock.store.database import Transaction

LOCATION = tables.location


@dataclass(frozen=True, slots=True)
class Feed:
    """A hub location whose stock can be offered, and the channel's warehouse it goes to; none means nowhere."""

    location: str
    location_id: str
    warehouse: str
    warehouse_id: str
    why: str


@dataclass(frozen=True, slots=True)
class Take:
    """A location of the channel, and the hub location that its orders are taken from; none means wherever units are."""

    warehouse: str
    warehouse_id: str
    kind: str
    location: str
    location_id: str
    why: str


@dataclass(frozen=True, slots=True)
class LocationMap:
    """Both directions, and what is missing or named wrongly."""

    integration: str
    feeds: list[Feed]
    takes: list[Take]
    warnings: list[str]


def of_channel(tx: Transaction, integration: str, rules: Rules, *, owner: str) -> LocationMap:
    """The map as the settings and the locations read so far make it."""
    rows = tx.execute(sa.select(LOCATION).order_by(LOCATION.c.name, LOCATION.c.id)).all()
    shown = [row for row in rows if row.kind != LocationKind.IMPLIED]
    mine = [row for row in rows if row.integration != integration and (not owner or row.integration == owner)]
    theirs = [row for row in shown if row.integration == integration]
    on = offering.channel(tx, integration, rules)
    maps = Maps(rules.location_preferences, rules.warehouse_map)
    active = [row for row in rows if row.is_active]
    taken = provisional.assigned(maps, active, [row for row in mine if row.is_active], integration)
    names = {row.channel_id: row.name for row in theirs}
    return LocationMap(
        integration,
        [_feed(on, row, names, owner) for row in mine],
        [_take(row, maps, taken, mine) for row in theirs],
        [*_lacking(rules, theirs), *meaningless_names(rules, mine, theirs)],
    )


def _feed(on: offering.Channel, row: Any, names: dict[str, str], owner: str) -> Feed:
    if why := _left_out(on, row, owner):
        return Feed(row.name, row.id, "", "", why)
    target = on.destinations.of(row.id)
    if target is None:
        why = "Outside the Location to warehouse map, and “Quantities of unmapped locations” is Nowhere"
        return Feed(row.name, row.id, "", "", why)
    is_mapped = on.destinations.mapped.get(row.id) == target
    why = "By the Location to warehouse map" if is_mapped else "Outside the map: to the default warehouse"
    return Feed(row.name, row.id, names.get(target, target), target, why)


def _left_out(on: offering.Channel, row: Any, owner: str) -> str:
    if why := why_not_counted(row, owner):
        return why
    if on.integration in unpack(list[str], row.excluded_for):
        return f"It is excluded for {on.integration}"
    only = on.rules.inventory_location
    if only and only not in (row.id, row.code, row.name):
        return f"“Push inventory from a specific location only” is {only}"
    return ""


def _take(row: Any, maps: Maps, taken: dict[str, str], mine: Sequence[Any]) -> Take:
    if row.kind == LocationKind.PLATFORM_WAREHOUSE:
        why = "The platform's own warehouse: its orders touch no stock of the merchant"
        return Take(row.name, row.channel_id, row.kind, "", "", why)
    if row.kind == LocationKind.RETURNS:
        return Take(row.name, row.channel_id, row.kind, "", "", "For returns; nothing is sold from here")
    place = next((each for each in mine if each.id == taken.get(row.channel_id)), None)
    if place is None:
        why = "No preference: from wherever the units are, the default location first"
        return Take(row.name, row.channel_id, row.kind, "", "", why)
    is_preferred = not {row.id, row.name, row.code, row.channel_id}.isdisjoint(maps.preferences)
    why = "By location preference" if is_preferred else "By the Location to warehouse map"
    return Take(row.name, row.channel_id, row.kind, place.name, place.id, why)


def _lacking(rules: Rules, theirs: Sequence[Any]) -> list[str]:
    """Warehouses that the channel asks for; said only once its locations were read."""
    active = {row.kind for row in theirs if row.is_active}
    wanted = {LocationKind.WAREHOUSE: "pickup"}
    if rules.needs_return_warehouse:
        wanted[LocationKind.RETURNS] = "return"
    missing = [name for kind, name in wanted.items() if kind not in active]
    return [f"There is no active {name} warehouse" for name in missing] if theirs else []


def meaningless_names(rules: Rules, mine: Sequence[Any], theirs: Sequence[Any]) -> list[str]:
    """Names in the settings that no location bears, or none that is in use where stock is to go there or come from.

    Each side is judged only once it has been read.
    """
    sources = [*rules.location_preferences.values(), rules.inventory_location]
    targets = [*rules.warehouse_map.values(), rules.target_location]
    ours = [({row.id, row.code, row.name}, row) for row in mine]
    channel = [({row.id, row.code, row.name, row.channel_id}, row) for row in theirs]
    found = _meaningless("hub location", ours, [*rules.warehouse_map, *sources], used=sources)
    found += _meaningless("warehouse", channel, [*targets, *rules.location_preferences], used=targets)
    return list(dict.fromkeys(found))


def _meaningless(
    what: str, places: Sequence[tuple[set[str], Any]], names: Sequence[str], *, used: Sequence[str]
) -> list[str]:
    """`places` are locations with what each can be called; of the names `used` one in use has to be meant."""
    if not places:
        return []
    borne = {name for called, _ in places for name in called}
    active = {name for called, row in places if row.is_active for name in called}
    known = ", ".join(sorted(row.name for _, row in places if row.is_active)) or "none in use"
    wrong = [name for name in names if name and name not in borne]
    closed = [name for name in used if name and name in borne - active]
    return [f"{name!r} is no {what}; there are {known}" for name in wrong] + [
        f"the {what} {name!r} is not in use; there are {known}" for name in closed
    ]


def check(tx: Transaction, task: Task) -> None:
    """Keep the case about names in this channel's settings that mean nothing."""
    rows = tx.execute(sa.select(LOCATION)).all()
    owner, rules = task.truth.inventory, task.rules
    if task.integration not in publishing.pushing_integrations(tx, Entity.INVENTORY):
        rules = replace(rules, inventory_location="", target_location="")
    mine = [r for r in rows if r.integration != task.integration and (not owner or r.integration == owner)]
    theirs = [row for row in rows if row.integration == task.integration]
    key = f"location-map:{task.integration}"
    wrong = meaningless_names(rules, mine, theirs)
    if not wrong:
        close_cases(tx, task.now, [key])
        return
    case = Case(
        key=key,
        kind="location_map",
        subject=Subject.INTEGRATION,
        subject_id=task.integration,
        cause=f"Location settings of {task.integration} name what is not there: {'; '.join(wrong)}",
        fix="Correct the settings that name it: “Location to warehouse map”, “Location preferences”, or the one "
        "location that stock comes from or goes to; names, codes and ids are compared exactly",
        evidence={"wrong": wrong},
    )
    open_case(tx, task, case)
