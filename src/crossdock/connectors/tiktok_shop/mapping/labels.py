"""Orders that travel with TikTok's own label: which packages hold a fulfillment already, and how another is made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from crossdock.connectors.tiktok_shop.mapping.lines import Shipment, Unit
from crossdock.connectors.tiktok_shop.mapping.shipping import Need
from crossdock.connectors.tiktok_shop.payloads import amount, text
from crossdock.connectors.tiktok_shop.payloads_fulfillment import HandoverSlots, Service, Services

PICKUP, DROP_OFF = "PICKUP", "DROP_OFF"


def packed_already(
    units: Iterable[Unit], needs: Sequence[Need], taken: Collection[str], *, is_unclear: bool
) -> tuple[tuple[Shipment, ...], tuple[Need, ...]]:
    """Packages with a label that hold what is lacking and stand for nothing else; and what is lacking beside them.

    One that holds all of it is the fulfillment, as the number of such a package is TikTok's to choose. Others are parts
    of it only where a package may have been made and not answered for, or where nothing else is left.
    """
    lines = {unit.id: place for place, need in enumerate(needs) for unit in need.others}
    lacking = Counter({place: need.units for place, need in enumerate(needs)})
    there: dict[str, Shipment] = {}
    held: dict[str, Counter[int]] = {}
    for unit in units:
        key = unit.shipment.id
        if key and key not in taken and not unit.is_canceled:
            there[key] = unit.shipment
            held.setdefault(key, Counter())[lines.get(unit.id, -1)] += 1
    whole = sorted(key for key in there if held[key] == lacking)
    if whole:
        return (there[whole[0]],), ()
    is_short = any(len(need.free) < need.units for need in needs)
    found: list[Shipment] = []
    for key in sorted(there) if is_unclear or is_short else ():
        if held[key] <= lacking:
            found.append(there[key])
            lacking -= held[key]
    left = (replace(need, units=lacking[place]) for place, need in enumerate(needs))
    return tuple(found), tuple(need for need in left if need.units)


def chosen_service(services: Services) -> Service | None:
    """TikTok's own choice, else the cheapest; None where it names none."""
    named = [each for each in services.shipping_services or () if text(each.id)]
    by_default = [each for each in named if each.is_default]
    return min(by_default or named, key=lambda each: amount(each.price), default=None)


def from_services(services: Services) -> dict[str, Any]:
    """The service to buy, with weight and measures as TikTok Shop reckons with them."""
    service = chosen_service(services)
    found: dict[str, Any] = {"shipping_service_id": text(service.id)} if service else {}
    measured: Mapping[str, Any] = {"weight": services.weight, "dimension": services.dimension}
    for name, given in measured.items():
        values = {key: text(value) for key, value in (given or {}).items()}
        if values and all(values.values()):
            found[name] = values
    return found


def bought(service: Service | None) -> str:
    """In words, for people: which service at which price."""
    if service is None or not text(service.name):
        return "TikTok Shop made the label"
    price = f" for {text(service.price)} {text(service.currency)}".rstrip() if text(service.price) else ""
    return f"TikTok Shop made the label: {text(service.name)}{price}"


def handover(slots: HandoverSlots | None, preferred: str) -> dict[str, Any] | None:
    """What to say of the package, in the preferred way where it is offered; None where neither is.

    Without `slots` nobody knows what is offered, and the preferred way is asked for without a time.
    """
    if slots is None:
        return {"handover_method": preferred}
    ways = (preferred, DROP_OFF if preferred == PICKUP else PICKUP)
    return next((found for way in ways if (found := _offered(slots, way)) is not None), None)


def _offered(slots: HandoverSlots, way: str) -> dict[str, Any] | None:
    if way == DROP_OFF:
        return {"handover_method": DROP_OFF} if slots.can_drop_off is not False else None
    if slots.can_pickup is False:
        return None
    free = [slot for slot in slots.pickup_slots or () if slot.avaliable is not False and slot.start_time]
    if not free:
        return None
    first = min(free, key=lambda slot: slot.start_time or 0)
    return {
        "handover_method": PICKUP,
        "pickup_slot": {"start_time": first.start_time, "end_time": first.end_time},
    }
