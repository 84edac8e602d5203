"""Fulfillments: which units of an order left, by whom and under which number they travel."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from crossdock.domain.channel import ChannelId, ChannelSku, Parcel, ShippedUnits


class FulfillmentState(StrEnum):
    SHIPPED = "shipped"
    VOIDED = "voided"
    """Taken back: it never left, or was recorded by mistake. Its units are open again."""


@dataclass(frozen=True, slots=True)
class OrderShipments:
    """All parcels that a channel has on record for one of its orders; none where all were deleted."""

    order_id: ChannelId
    parcels: tuple[Parcel, ...] = ()

    @property
    def channel_id(self) -> ChannelId:
        """The record's own id, as of all records that pulls read: that of the order."""
        return self.order_id


@dataclass(frozen=True, slots=True)
class WantedUnits:
    """Units of one line of the order as its channel knows it.

    `line_id` is empty where the order is a copy whose lines only its channel can tell apart; then
    `variant_id`, and where that is empty too `channel_sku`, say which line is meant.
    """

    quantity: int
    line_id: ChannelId
    variant_id: ChannelId
    channel_sku: ChannelSku
    unit_ids: tuple[ChannelId, ...] = ()
    """All units of the line, of which any `quantity` that are still open may be taken."""


@dataclass(frozen=True, slots=True)
class Companion:
    """What left of another order of the same channel in the same parcel, going by its number."""

    order_id: ChannelId
    units: tuple[WantedUnits, ...]


@dataclass(frozen=True, slots=True)
class WantedFulfillment:
    """What a channel should have on record of one fulfillment."""

    order_id: ChannelId
    units: tuple[WantedUnits, ...]
    carrier: str = ""
    tracking_number: str = ""
    tracking_url: str = ""
    service: str = ""
    is_voided: bool = False
    taken: tuple[ChannelId, ...] = ()
    """Parcels of this order that stand for other fulfillments of the hub, and so are not this one."""
    beside: tuple[Companion, ...] = ()
    """What else left under this number: a channel may have packed several orders in one package."""
    has_platform_label: bool = False
    """Whether the channel ships it with a label of its own, which names carrier and number."""


@dataclass(frozen=True, slots=True)
class ShippingLabel:
    """Where the channel's own label for one parcel can be fetched; the address works for some hours only."""

    parcel: ChannelId
    url: str
    tracking_number: str = ""


@dataclass(frozen=True, slots=True)
class Room:
    """How many units of a line may still be shipped, how many are canceled, and by what the line is known."""

    line_id: str
    units: int
    variant_id: str = ""
    sku: str = ""
    canceled: int = 0


def place(shipped: Iterable[ShippedUnits], rooms: Sequence[Room]) -> tuple[dict[str, int], int]:
    """Units per line for what was shipped, and how many had no room.

    A line that is named takes its units first; where it is not among the lines, or full, those of the same variant
    follow, and then those of the same SKU.
    """
    placed, over = _placed(shipped, rooms)
    return placed, sum(part.quantity for part in over)


def _placed(
    shipped: Iterable[ShippedUnits], rooms: Sequence[Room]
) -> tuple[dict[str, int], list[ShippedUnits]]:
    left = {room.line_id: room.units for room in rooms}
    placed: dict[str, int] = {}
    over: list[ShippedUnits] = []
    for part in shipped:
        wanted = part.quantity
        for room in _fitting(part, rooms):
            taken = min(wanted, left[room.line_id])
            if taken > 0:
                placed[room.line_id] = placed.get(room.line_id, 0) + taken
                left[room.line_id] -= taken
                wanted -= taken
        if wanted:
            over.append(replace(part, quantity=wanted))
    return placed, over


def _fitting(part: ShippedUnits, rooms: Sequence[Room]) -> list[Room]:
    named = [room for room in rooms if part.line_id and room.line_id == part.line_id]
    alike = [room for room in rooms if part.variant_id and room.variant_id == part.variant_id]
    same = [room for room in rooms if part.channel_sku and room.sku == part.channel_sku]
    return list({room.line_id: room for room in (*named, *alike, *same)}.values())


@dataclass(frozen=True, slots=True)
class Left:
    """What one fulfillment holds: units by line as they were entered, or units as its channel recorded them."""

    id: str
    entered: Mapping[str, int] = field(default_factory=dict)
    recorded: tuple[ShippedUnits, ...] = ()


@dataclass(frozen=True, slots=True)
class Places:
    """Where the units of all fulfillments of one order belong."""

    parts: Mapping[str, Mapping[str, int]]
    """Units by fulfillment and line."""
    over: Mapping[str, int]
    """Units by fulfillment for which the order has no room, whether they are canceled or it never had them."""
    canceled: Mapping[str, int]
    """Units by line that have left and are canceled all the same."""


def place_all(left: Iterable[Left], rooms: Sequence[Room]) -> Places:
    """Each unit its line: what was entered by line keeps its place, what channels recorded gets what is free then."""
    ordered = sorted(left, key=lambda one: not one.entered)
    free = {room.line_id: room.units for room in rooms}
    canceled = {room.line_id: room.canceled for room in rooms}
    parts: dict[str, Mapping[str, int]] = {}
    over: dict[str, int] = {}
    for one in ordered:
        given = [ShippedUnits(ChannelId(line), units) for line, units in one.entered.items()]
        placed, rest = _placed(given or one.recorded, _with(rooms, free))
        _take(free, placed)
        _take(canceled, _placed(rest, _with(rooms, canceled))[0])
        parts[one.id] = one.entered or placed
        over[one.id] = sum(part.quantity for part in rest)
    gone = {room.line_id: room.canceled - canceled[room.line_id] for room in rooms}
    return Places(parts, over, gone)


def _with(rooms: Sequence[Room], units: Mapping[str, int]) -> list[Room]:
    return [replace(room, units=units[room.line_id]) for room in rooms]


def _take(free: dict[str, int], placed: Mapping[str, int]) -> None:
    for line, units in placed.items():
        free[line] -= units


def shipped_units(*, ordered: int, canceled: int, told: int, fulfilled: int) -> int:
    """Units of a line that left: what the channel shows or the hub has on record, whichever is more.

    Never more than were ordered and not canceled: shipped + canceled + open is always what was ordered.
    """
    return max(0, min(max(told, fulfilled), ordered - canceled))


def is_same_parcel(one: Parcel, other: Parcel) -> bool:
    """Whether two records are of the same parcel under different ids: same number, same units."""
    return one.tracking_number == other.tracking_number and units_by_line(one) == units_by_line(other)


def units_by_line(parcel: Parcel) -> Mapping[str, int]:
    found: dict[str, int] = {}
    for part in parcel.units:
        found[part.line_id] = found.get(part.line_id, 0) + part.quantity
    return found
