"""Units that have left become the parcels that they left in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from crossdock.connectors.tiktok_shop.mapping.lines import Shipment, Unit
from crossdock.domain.channel import ChannelId, ChannelOrderLine, Parcel, ShippedUnits


def to_parcels(
    units: Iterable[Unit], lines: Sequence[ChannelOrderLine], *, left_at: int = 0
) -> tuple[Parcel, ...]:
    """One parcel for each package and number. Units that left without either are in none.

    A package is made before it leaves in some markets, so that the id alone says nothing: only what counts as shipped
    does. `left_at`, in Unix seconds, is when the order left, for units that do not say so themselves.
    """
    groups: dict[tuple[str, str], list[Unit]] = {}
    for unit in units:
        if unit.has_left and unit.shipment.id:
            groups.setdefault((unit.shipment.package_id, unit.shipment.number), []).append(unit)
    parcels: dict[str, Parcel] = {}
    for some in groups.values():
        shipment = some[0].shipment
        # The second number of one package is a parcel of its own.
        key = f"{shipment.id}/{shipment.number}" if shipment.id in parcels else shipment.id
        parcels[key] = _parcel(key, shipment, _shipped(some, lines), left_at)
    return tuple(parcels[key] for key in sorted(parcels, key=lambda key: (len(key), key)))


def _parcel(key: str, shipment: Shipment, units: tuple[ShippedUnits, ...], left_at: int) -> Parcel:
    seconds = shipment.left_at or left_at
    return Parcel(
        channel_id=ChannelId(key),
        units=units,
        carrier=shipment.carrier,
        tracking_number=shipment.number,
        shipped_at=datetime.fromtimestamp(seconds, UTC) if seconds else None,
    )


def _shipped(units: Sequence[Unit], lines: Sequence[ChannelOrderLine]) -> tuple[ShippedUnits, ...]:
    ids = {unit.id for unit in units}
    counted = ((line, sum(unit in ids for unit in line.unit_ids)) for line in lines)
    return tuple(
        ShippedUnits(line.channel_id, count, line.variant_id, line.channel_sku)
        for line, count in counted
        if count
    )
