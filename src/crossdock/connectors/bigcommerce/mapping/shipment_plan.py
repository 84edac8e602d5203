"""Which shipments a fulfillment comes to: those that stand for it already, those to make, those to take away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from crossdock.connectors.bigcommerce import payloads
from crossdock.connectors.bigcommerce.mapping.shipment import number_of
from crossdock.connectors.bigcommerce.payloads_shipment import Shipment
from crossdock.domain.channel import ChannelId, ChannelSku, ShippedUnits
from crossdock.domain.fulfillment import Room, WantedFulfillment, WantedUnits, place

Units = Mapping[int, int]
"""Units by the id of their line."""
Kind = tuple[int, int, str]
"""Address, variant and SKU: lines that share them are one and the same to whoever gets the parcel."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a store has on record of one order."""

    lines: Mapping[int, payloads.OrderLine]
    shipments: Sequence[Shipment]

    @property
    def open_units(self) -> int:
        """Units that go to an address and have not left yet."""
        return sum(line.quantity - shipped_of(line) for line in self.lines.values() if has_address(line))

    @property
    def shipped_units(self) -> int:
        return sum(shipped_of(line) for line in self.lines.values())


@dataclass(frozen=True, slots=True)
class Plan:
    kept: tuple[Shipment, ...] = ()
    """Shipments that the hub made for it, and that hold what they should."""
    found: tuple[Shipment, ...] = ()
    """Shipments that somebody else made for it, or that were made when the answer was lost."""
    extra: tuple[Shipment, ...] = ()
    """Shipments that the hub made for it, and that hold something else."""
    to_make: tuple[tuple[int, Units], ...] = ()
    """For each address the units that are still to be recorded."""
    needless: int = 0
    """Units that go to no address: downloads, gift certificates, what is picked up."""
    lacking: int = 0
    """Units for which the order has no room left."""
    rivals: tuple[Shipment, ...] = ()
    """Shipments that hold units of the lines in question for something else."""


def plan(
    wanted: WantedFulfillment, there: Recorded, own: Collection[int], *, is_unclear: bool = False
) -> Plan:
    """`own` are the shipments that the hub was told to stand for this fulfillment.

    Others stand for it where they bear the same number, hold the same units for the same address, and stand for no
    other fulfillment. Without a number that holds only where it was recorded before, and is not there or was not
    answered for (`is_unclear`): the merchant may have shipped as many units by hand. Where the order has no room for
    what it should hold, its own shipments stay as they are.
    """
    mine = [one for one in there.shipments if one.id in own]
    number = wanted.tracking_number.strip()
    may_be_another = bool(number) or is_unclear or (bool(own) and not mine)
    alike = [
        one
        for one in there.shipments
        if may_be_another
        and one.id not in own
        and str(one.id) not in wanted.taken
        and number_of(one) == number
    ]
    placed, lacking = _placed(_wanted_units(wanted), there.lines, _held([*mine, *alike]))
    if lacking:
        rivals = _rivals(wanted, there, mine)
        return Plan(kept=tuple(mine), lacking=lacking, rivals=rivals)
    parts = _by_address(placed, there.lines)
    needless = sum(parts.pop(0, {}).values())
    kept, found, missing = _matched(parts, there.lines, mine, alike)
    extra = tuple(one for one in mine if one not in kept)
    again = [_units_of(there.lines[line], units) for part in missing for line, units in part.items()]
    fitted, lacking = _placed(again, there.lines, _held(extra))
    if lacking:
        return Plan(
            kept=tuple(mine),
            lacking=lacking,
            rivals=_rivals(wanted, there, [*mine, *found]),
        )
    to_make = tuple(_by_address(fitted, there.lines).items())
    return Plan(tuple(kept), tuple(found), extra, to_make, needless)


def unknown_skus(wanted: WantedFulfillment, there: Recorded) -> list[str]:
    """What is wanted of goods that no line of the order there is of."""
    return [
        part.channel_sku or part.variant_id or part.line_id
        for part in wanted.units
        if not any(_fits(_units_wanted(part), line) for line in there.lines.values())
    ]


def has_address(line: payloads.OrderLine) -> bool:
    return bool(line.order_address_id)


def shipped_of(line: payloads.OrderLine) -> int:
    return min(line.quantity_shipped or 0, line.quantity)


def _wanted_units(wanted: WantedFulfillment) -> list[ShippedUnits]:
    return [_units_wanted(part) for part in wanted.units]


def _units_wanted(part: WantedUnits) -> ShippedUnits:
    return ShippedUnits(part.line_id, part.quantity, part.variant_id, part.channel_sku)


def _units_of(line: payloads.OrderLine, units: int) -> ShippedUnits:
    variant = ChannelId(str(line.variant_id) if line.variant_id else "")
    return ShippedUnits(ChannelId(str(line.id)), units, variant, ChannelSku(line.sku or ""))


def _placed(
    parts: Iterable[ShippedUnits], lines: Mapping[int, payloads.OrderLine], freed: Counter[int]
) -> tuple[dict[int, int], int]:
    """Units by line, those with an address first, and how many had no room; `freed` units count as open."""
    ordered = sorted(lines.values(), key=lambda line: (not has_address(line), line.id))
    rooms = [
        Room(
            str(line.id),
            min(line.quantity, line.quantity - shipped_of(line) + freed[line.id]),
            str(line.variant_id) if line.variant_id else "",
            line.sku or "",
        )
        for line in ordered
    ]
    placed, over = place(parts, rooms)
    return {int(line): units for line, units in placed.items()}, over


def _held(shipments: Iterable[Shipment]) -> Counter[int]:
    held: Counter[int] = Counter()
    for one in shipments:
        for item in one.items:
            held[item.order_product_id] += item.quantity
    return held


def _by_address(placed: Units, lines: Mapping[int, payloads.OrderLine]) -> dict[int, dict[int, int]]:
    """What goes nowhere is under 0."""
    parts: dict[int, dict[int, int]] = {}
    for line, units in sorted(placed.items()):
        parts.setdefault(lines[line].order_address_id or 0, {})[line] = units
    return parts


def _matched(
    parts: Mapping[int, Units],
    lines: Mapping[int, payloads.OrderLine],
    mine: Sequence[Shipment],
    alike: Sequence[Shipment],
) -> tuple[list[Shipment], list[Shipment], list[Units]]:
    """Shipments that hold exactly the part of one address, the hub's own first, and the parts that have none."""
    kept: list[Shipment] = []
    found: list[Shipment] = []
    missing: list[Units] = []
    for part in parts.values():
        wanted = _kinds(part, lines)
        if (one := _holding(wanted, mine, kept, lines)) is not None:
            kept.append(one)
        elif (one := _holding(wanted, alike, found, lines)) is not None:
            found.append(one)
        else:
            missing.append(part)
    return kept, found, missing


def _holding(
    wanted: Counter[Kind],
    shipments: Sequence[Shipment],
    used: Sequence[Shipment],
    lines: Mapping[int, payloads.OrderLine],
) -> Shipment | None:
    free = (one for one in shipments if one not in used)
    return next((one for one in free if _kinds(_held([one]), lines) == wanted), None)


def _kinds(units: Units, lines: Mapping[int, payloads.OrderLine]) -> Counter[Kind]:
    kinds: Counter[Kind] = Counter()
    for number, count in units.items():
        line = lines.get(number)
        kinds[_kind(line) if line else (0, number, "")] += count
    return kinds


def _kind(line: payloads.OrderLine) -> Kind:
    return (line.order_address_id or 0, line.variant_id or 0, line.sku or f"line {line.id}")


def _rivals(wanted: WantedFulfillment, there: Recorded, ours: Collection[Shipment]) -> tuple[Shipment, ...]:
    """Other shipments of the lines that could hold what is wanted."""
    meant = {
        line.id for line in there.lines.values() if any(_fits(part, line) for part in _wanted_units(wanted))
    }
    return tuple(one for one in there.shipments if one not in ours and meant & _held([one]).keys())


def _fits(part: ShippedUnits, line: payloads.OrderLine) -> bool:
    is_named = part.line_id == str(line.id)
    is_alike = bool(part.variant_id) and part.variant_id == str(line.variant_id)
    return is_named or is_alike or (bool(part.channel_sku) and part.channel_sku == (line.sku or ""))
