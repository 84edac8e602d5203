"""What an order shows of a fulfillment that it should have on record, and which units stand for the rest of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, combinations, islice

from crossdock.connectors.tiktok_shop.mapping.carrier import folded
from crossdock.connectors.tiktok_shop.mapping.lines import Shipment, Unit
from crossdock.domain.fulfillment import WantedFulfillment, WantedUnits

MOST_WAYS = 4096
"""How many ways to make up a fulfillment out of packages are looked at."""


@dataclass(frozen=True, slots=True)
class Need:
    """What one line still lacks: `units` of it are to be taken from `free`, and `others` cannot be had."""

    units: int
    free: tuple[Unit, ...]
    others: tuple[Unit, ...]


@dataclass(frozen=True, slots=True)
class Look:
    """`parcels` are those that stand for the fulfillment, of which `own` were known to; `needs` is what is lacking."""

    parcels: tuple[Shipment, ...]
    own: tuple[Shipment, ...]
    needs: tuple[Need, ...]

    @property
    def is_complete(self) -> bool:
        return not self.needs


def look(
    units: Sequence[Unit], wanted: WantedFulfillment, known: Collection[str], *, in_packages: bool
) -> Look:
    """`known` are the ids of the parcels that stood for it at the last answer.

    Units that left in one of these, or under its number in a parcel that stands for nothing else, are those of the
    fulfillment. `in_packages` says that a unit is packed before it leaves, so that one in a package is still free.
    """
    own = _still_there(units, wanted, known)
    by_id = {unit.id: unit for unit in units}
    found: dict[str, Shipment] = {}
    needs: list[Need] = []
    for part in wanted.units:
        of_line = [by_id[unit] for unit in sorted(part.unit_ids, key=_by_number) if unit in by_id]
        free = tuple(unit for unit in of_line if _is_free(unit, in_packages=in_packages))
        ours = _ours(of_line, wanted, own, least=part.quantity - len(free))[: part.quantity]
        found |= {unit.shipment.id: unit.shipment for unit in ours}
        if len(ours) < part.quantity:
            others = tuple(unit for unit in of_line if unit not in free and unit not in ours)
            needs.append(Need(part.quantity - len(ours), free, others))
    parcels = tuple(found[key] for key in sorted(found, key=_by_number))
    return Look(parcels, tuple(each for each in parcels if each.id in own), tuple(needs))


def _ours(
    of_line: Sequence[Unit], wanted: WantedFulfillment, own: Collection[str], *, least: int
) -> list[Unit]:
    """Units of a line that left for this fulfillment.

    Where fewer than `least` did, and no others can follow, the number alone says that they left, whatever else their
    parcel stands for.
    """
    left = [unit for unit in of_line if unit.has_left]
    known = [unit for unit in left if unit.shipment.id in own]
    same = [unit for unit in left if unit not in known and _has_number(unit, wanted)]
    new = [unit for unit in same if unit.shipment.id not in wanted.taken]
    taken = [unit for unit in same if unit.shipment.id in wanted.taken]
    return known + new + taken[: max(0, least - len(known) - len(new))]


def standing(units: Iterable[Unit], wanted: WantedFulfillment, known: Collection[str]) -> list[Unit]:
    """Units that left for this fulfillment, of whatever line, in parcels that stand for no other one."""
    left = [unit for unit in units if unit.has_left and unit.shipment.id not in wanted.taken]
    return [unit for unit in left if unit.shipment.id in known or _has_number(unit, wanted)]


def _still_there(units: Sequence[Unit], wanted: WantedFulfillment, known: Collection[str]) -> set[str]:
    """The known parcels; where all have another id by now, the ones that hold just these units and stand for nothing."""
    there = {unit.shipment.id for unit in units if unit.has_left}
    if not known or there & set(known):
        return there & set(known)
    left = [unit for unit in units if unit.has_left and unit.shipment.id not in wanted.taken]
    fits = all(len(_of(part, left)) == part.quantity for part in wanted.units)
    return {unit.shipment.id for part in wanted.units for unit in _of(part, left)} if fits else set()


def _of(part: WantedUnits, units: Iterable[Unit]) -> list[Unit]:
    return [unit for unit in units if unit.id in part.unit_ids]


def _has_number(unit: Unit, wanted: WantedFulfillment) -> bool:
    return are_same_number(unit.shipment.number, wanted.tracking_number)


def are_same_number(one: str, other: str) -> bool:
    return folded(one) == folded(other) != ""


def _is_free(unit: Unit, *, in_packages: bool) -> bool:
    is_packed = bool(unit.shipment.package_id)
    return not unit.has_left and not unit.is_canceled and is_packed <= in_packages


def chosen_units(needs: Iterable[Need]) -> list[Unit]:
    """The units with the lowest ids, so that trying again chooses the same."""
    return [unit for need in needs for unit in need.free[: need.units]]


def chosen_packages(needs: Sequence[Need], units: Iterable[Unit]) -> list[str] | None:
    """The fewest packages that hold just what is lacking; None where none do. A package is shipped whole.

    `units` are all of the order: a package may hold lines that the fulfillment has nothing of.
    """
    lines = {unit.id: number for number, need in enumerate(needs) for unit in need.free}
    lacking = Counter({number: need.units for number, need in enumerate(needs)})
    packages: dict[str, Counter[int]] = {}
    for unit in units:
        if _is_free(unit, in_packages=True):
            packages.setdefault(unit.shipment.package_id, Counter())[lines.get(unit.id, -1)] += 1
    fitting = sorted((key for key, held in packages.items() if key and held <= lacking), key=_by_number)
    ways = chain.from_iterable(combinations(fitting, size) for size in range(1, len(fitting) + 1))
    for way in islice(ways, MOST_WAYS):
        if sum((packages[key] for key in way), Counter()) == lacking:
            return list(way)
    return None


def leaves_whole(units: Sequence[Unit], left: Sequence[WantedUnits], package: str) -> bool:
    """Whether all units of an order that wait in this package are among those that left; `units` are all of it."""
    waiting = {u.id for u in units if u.shipment.package_id == package and _is_free(u, in_packages=True)}
    found = 0
    for part in left:
        of_line = waiting.intersection(part.unit_ids)
        if len(of_line) > part.quantity:
            return False
        found += len(of_line)
    return found == len(waiting)


@dataclass(frozen=True, slots=True)
class Parts:
    """Units of one line item: all of it that is not canceled, or single parts of a bundle."""

    line_id: str
    part_ids: tuple[str, ...]
    is_whole: bool
    are_named: bool


def by_line_item(chosen: Iterable[Unit], units: Iterable[Unit]) -> list[Parts]:
    """The chosen units by line item. `units` are all of the order."""
    picked = {unit.id for unit in chosen}
    items: dict[str, list[Unit]] = {}
    for unit in units:
        items.setdefault(unit.id.partition("/")[0], []).append(unit)
    return [
        Parts(
            line_id,
            part_ids=tuple(part for unit in some if unit.id in picked and (part := _part(unit))),
            is_whole=all(unit.id in picked or unit.is_canceled for unit in some),
            are_named=all(unit.is_named for unit in some),
        )
        for line_id, some in items.items()
        if any(unit.id in picked for unit in some)
    ]


def _part(unit: Unit) -> str:
    return unit.id.partition("/")[2] if unit.is_named else ""


def _by_number(key: str) -> list[tuple[int, str]]:
    """Ids are numbers, those of a bundle's parts two of them."""
    return [(len(part), part) for part in key.split("/")]
