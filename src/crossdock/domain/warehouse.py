"""What people in a warehouse work by: the pick list, and the slip that is packed with the goods."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from crossdock.domain.channel import Address


class Paper(StrEnum):
    """The sheets that slips are printed on."""

    A4 = "A4"
    LETTER = "Letter"


class PickOrder(StrEnum):
    """In which order a pick list goes."""

    SKU = "sku"
    NAME = "name"
    OLDEST = "oldest"
    """What was ordered first comes first."""


@dataclass(frozen=True, slots=True)
class WarehouseStyle:
    """How a warehouse wants its papers. `sender` and `note` may have several lines."""

    paper: Paper = Paper.A4
    sender: str = ""
    """Who sends and where returns go; empty for the location's own name and address."""
    note: str = ""
    """What stands below the goods of each slip."""
    picks_by: PickOrder = PickOrder.SKU


# The pick list


@dataclass(frozen=True, slots=True)
class Wanted:
    """Units of one SKU that one shipping request still needs."""

    request: str
    order_number: str
    placed_at: datetime
    sku: str
    name: str
    quantity: int
    options: tuple[str, ...] = ()
    gtin: str = ""


@dataclass(frozen=True, slots=True)
class Share:
    """How many units of a pick go to one request."""

    request: str
    order_number: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Pick:
    """One SKU to take from its shelf, for all requests at once."""

    sku: str
    name: str
    options: tuple[str, ...]
    gtin: str
    quantity: int
    shares: tuple[Share, ...]


def picks(wanted: Iterable[Wanted], by: PickOrder = PickOrder.SKU) -> tuple[Pick, ...]:
    """One pick a SKU, with what each request gets of it, the oldest order first."""
    by_sku: dict[str, list[Wanted]] = {}
    for each in sorted(wanted, key=lambda one: (one.placed_at, one.request, one.sku)):
        by_sku.setdefault(each.sku, []).append(each)
    oldest = {sku: rank for rank, sku in enumerate(by_sku)}
    found = [_pick(some) for some in by_sku.values()]
    if by is PickOrder.NAME:
        return tuple(sorted(found, key=lambda pick: (pick.name.casefold(), pick.sku)))
    if by is PickOrder.OLDEST:
        return tuple(sorted(found, key=lambda pick: oldest[pick.sku]))
    return tuple(sorted(found, key=lambda pick: (pick.sku.casefold(), pick.sku)))


def _pick(wanted: Sequence[Wanted]) -> Pick:
    first, units = wanted[0], dict[tuple[str, str], int]()
    for each in wanted:
        key = (each.request, each.order_number)
        units[key] = units.get(key, 0) + each.quantity
    shares = tuple(Share(*key, quantity) for key, quantity in units.items())
    return Pick(first.sku, first.name, first.options, first.gtin, sum(units.values()), shares)


# The packing slip


@dataclass(frozen=True, slots=True)
class SlipLine:
    """One line as it is packed. `options` tell a variant from its siblings, as "Color: Red"."""

    sku: str
    name: str
    quantity: int
    options: tuple[str, ...] = ()
    gtin: str = ""
    is_gift: bool = False


@dataclass(frozen=True, slots=True)
class PackingSlip:
    """The paper that goes with one shipping request. It says no prices: the goods may be a present."""

    request: str
    order_number: str
    channel: str
    placed_at: datetime
    sender: tuple[str, ...]
    ship_to: tuple[str, ...]
    lines: tuple[SlipLine, ...]
    method: str = ""
    order_note: str = ""
    """What a person noted on the order."""
    note: str = ""
    """What the warehouse has on all of its slips."""
    is_stopped: bool = False
    paper: Paper = Paper.A4

    @property
    def units(self) -> int:
        return sum(line.quantity for line in self.lines)

    @property
    def is_gift(self) -> bool:
        return any(line.is_gift for line in self.lines)


def address_lines(address: Address | None) -> tuple[str, ...]:
    """An address as it is written on a parcel, without e-mail; empty where there is none."""
    if address is None:
        return ()
    town = " ".join(part for part in (address.city, address.state, address.postal_code) if part)
    parts = (address.name, address.company, *address.lines, town, address.country_code, address.phone)
    return tuple(part.strip() for part in parts if part.strip())
