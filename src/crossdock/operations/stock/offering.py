"""What each channel may be offered of the stock, and where it is told of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec
import sqlalchemy as sa

from crossdock.connectors.contract import Rules
from crossdock.domain.channel import LocationKind
from crossdock.domain.inventory import Destinations, LastUnits, Level, Offering, Share, offering
from crossdock.domain.sync import Entity
from crossdock.operations.catalog import bundles, channel_options
from crossdock.operations.task import HUB
from crossdock.store import tables
from crossdock.store.database import Transaction
from crossdock.store.query import select_in

LEVEL = tables.level
LISTING = tables.listing
VARIANT = tables.variant
LOCATION = tables.location

DECIDING = (
    VARIANT.c.id,
    VARIANT.c.sku,
    VARIANT.c.is_removed,
    VARIANT.c.is_purchasable,
    VARIANT.c.is_stock_shared,
    VARIANT.c.is_stock_tracked,
)
"""What of a variant bears on what is offered of it."""
NEVER_READ = "its stock, which has not been read yet"
NEVER_COUNTED = "a first count: crossdock inventory set SKU --location NAME --on-hand UNITS"
SHARED_STOCK = (
    "The catalog source counts this product's stock as a whole, so its variants have no numbers of their own"
)
SHARED_STOCK_FIX = "Track the stock of this product by variant in the catalog source"
SKU_LIST = "Process inventory information only for products with specific SKUs"
CHANNEL_SYNC = "Channel sync per item"
UNTRACKED = "Quantity of products without stock tracking"
ONE_LOCATION = "Push inventory from a specific location only"
TARGET = "BigCommerce location that receives the totals"


@dataclass(frozen=True, slots=True)
class Offer:
    """Units per location of the channel, or why there are none to be pushed.

    `sum` tells how the number comes about, where it was computed from stock.
    """

    quantities: tuple[tuple[str, int], ...] = ()
    waiting_for: str = ""
    excluded_by: str = ""
    blocked_by: str = ""
    sum: Offering | None = None

    @property
    def why_not(self) -> str:
        """Why the channel's number is left alone, as a sentence; empty where one is pushed."""
        if self.blocked_by:
            return self.blocked_by
        if self.waiting_for:
            return f"Waits for {self.waiting_for}"
        if self.excluded_by == CHANNEL_SYNC:
            return "Switched off for this channel, whose number is left alone"
        return f"Left out by the setting “{self.excluded_by}”" if self.excluded_by else ""


@dataclass(frozen=True, slots=True)
class Channel:
    """The channel that stock is offered on. `writable` are its warehouses that the seller keeps stock in.

    `only` are the hub locations whose stock is offered, where not all of them are; `lacking` says what
    the settings name and nobody knows.
    """

    integration: str
    rules: Rules
    destinations: Destinations
    writable: frozenset[str]
    only: frozenset[str] = frozenset()
    lacking: str = ""


def channel(tx: Transaction, integration: str, rules: Rules) -> Channel:
    """Where the channel keeps stock and which hub location feeds which of its locations."""
    # Those in use last, so that a name that an earlier location bore too means the one there is.
    rows = tx.execute(sa.select(LOCATION).order_by(LOCATION.c.is_active, LOCATION.c.id)).all()
    own = [row for row in rows if row.integration == integration and row.kind == LocationKind.WAREHOUSE]
    hubs = [row for row in rows if row.integration != integration]
    names = {
        name: row.channel_id for row in own for name in (row.name, row.code, row.id, row.channel_id) if name
    }
    default, lacking = _default(rules, own, names)
    active = [row.channel_id for row in own if row.is_active]
    closed = {row.channel_id for row in own if not row.is_active}
    mapped: dict[str, str] = {}
    for place in hubs:
        target = next(
            (rules.warehouse_map[n] for n in (place.id, place.code, place.name) if n in rules.warehouse_map),
            None,
        )
        if target is not None and (to := names.get(target, target)) not in closed:
            mapped[place.id] = to
    only = _named(hubs, rules.inventory_location)
    if rules.inventory_location and not only:
        lacking = f"the location {rules.inventory_location!r} of the setting “{ONE_LOCATION}”"
    # While the channel's locations are not pulled, those that the settings name are taken at their word.
    named = active if own or not default else [default, *mapped.values()]
    destinations = Destinations(
        tuple(dict.fromkeys(named)), default, mapped, unmapped_to_default=rules.unmapped_to_default
    )
    return Channel(integration, rules, destinations, frozenset(row.channel_id for row in own), only, lacking)


def _default(rules: Rules, own: Sequence[Any], names: dict[str, str]) -> tuple[str, str]:
    """Which of the channel's locations gets what is not mapped, and what is lacking for it."""
    active = [row.channel_id for row in own if row.is_active]
    if wanted := rules.target_location:
        # While its locations are not pulled, one can still be named by the platform's own number.
        found = names.get(wanted, wanted if wanted.isdigit() and not own else "")
        if found and (found in active or not own):
            return found, ""
        state = "is not enabled there" if found else "is not known; pull the locations, or give its number"
        return "", f"the location {wanted!r} of the setting “{TARGET}”, which {state}"
    defaults = [row.channel_id for row in own if row.is_active and row.is_default]
    return (defaults or active or ([] if own else [rules.default_location]) or [""])[0], ""


def _named(places: Sequence[Any], name: str) -> frozenset[str]:
    """The locations with this id, else code, else name; several only when they are of different owners."""
    for attribute in ("id", "code", "name"):
        if found := [row for row in places if name and getattr(row, attribute) == name]:
            return frozenset(row.id for row in found)
    return frozenset()


def offers(tx: Transaction, on: Channel, owner: str, variant_ids: Sequence[str]) -> dict[str, Offer]:
    """What the channel may offer of each variant. This is where the number pushed to a channel is computed."""
    if on.integration == owner:
        on = _to_itself(tx, on)
    rows = {row.id: row for row in select_in(tx, sa.select(*DECIDING), VARIANT.c.id, variant_ids)}
    levels = bundles.levels(tx, variant_ids, owner=owner, channel=on.integration)
    made_of = bundles.made_of(tx, variant_ids) if owner == HUB else {}
    stocked = _warehouses_of(tx, on.integration, variant_ids)
    switches = on.rules.switches_items
    off = channel_options.switched_off(tx, on.integration, variant_ids) if switches else set()
    share = _share(on.rules)
    counted: dict[tuple[tuple[str, ...], tuple[Level, ...]], Offer] = {}
    destinations: dict[tuple[str, ...], Destinations] = {}
    result: dict[str, Offer] = {}
    for key in variant_ids:
        if (row := rows.get(key)) is None:
            continue
        places = stocked.get(key, ())
        if (to := destinations.get(places)) is None:
            to = destinations[places] = _destinations(on, places)
        if (settled := _without_counting(on, row, to, is_off=key in off)) is not None:
            result[key] = settled
        elif row.is_stock_shared and owner != HUB:
            result[key] = Offer(blocked_by=SHARED_STOCK)
        elif not made_of.get(key, row.is_stock_tracked):
            result[key] = _untracked(on, to)
        elif (found := levels.get(key)) is None:
            result[key] = Offer(waiting_for=NEVER_COUNTED if owner == HUB else NEVER_READ)
        else:
            # Many have the same few units at the same locations.
            alike = (places, tuple(found))
            if (offer := counted.get(alike)) is None:
                offer = counted[alike] = _counted(on, to, found, share)
            result[key] = offer
    return result


def _to_itself(tx: Transaction, on: Channel) -> Channel:
    """What is pushed to the owner itself, by a knowing override, stays where it is: summed up it would count twice."""
    own = sa.select(LOCATION.c.id, LOCATION.c.channel_id).where(LOCATION.c.integration == on.integration)
    mapped = {row.id: row.channel_id for row in tx.execute(own)}
    return replace(on, destinations=replace(on.destinations, mapped=mapped))


def _without_counting(
    on: Channel, variant: sa.Row[tuple[object, ...]], to: Destinations, *, is_off: bool
) -> Offer | None:
    """What is offered whatever the stock is; None when stock decides."""
    scope = on.rules.inventory_skus
    if is_off:
        return Offer(excluded_by=CHANNEL_SYNC)
    if scope and variant.sku not in scope and not variant.is_removed:
        return Offer(excluded_by=SKU_LIST)
    if on.lacking or not to.all:
        return Offer(waiting_for=on.lacking or f"the warehouses of {on.integration}")
    if variant.is_removed or not variant.is_purchasable:
        return Offer(tuple((place, 0) for place in sorted(to.all)))
    return None


def _share(rules: Rules) -> Share:
    last_units = LastUnits(rules.last_units_below, rules.last_units_share, rules.last_units_buffer)
    share = Share(rules.inventory_percentage, rules.inventory_buffer, rules.out_of_stock_below, last_units)
    return share if rules.untracked_quantity is None else replace(share, unlimited=rules.untracked_quantity)


def _counted(on: Channel, to: Destinations, levels: Sequence[Level], share: Share) -> Offer:
    counting = [level for level in levels if level.location_id in on.only] if on.only else levels
    found = offering(counting, to, share)
    return Offer(found.quantities, sum=found)


def _destinations(on: Channel, stocked: tuple[str, ...]) -> Destinations:
    """The channel locations to name for one variant: all that it has stock in, else those that get some."""
    to = on.destinations
    if mine := tuple(place for place in stocked if place in on.writable):
        default = next((place for place in (to.default, *mine) if place in mine and place in to.all), mine[0])
        return Destinations(mine, default, to.mapped, unmapped_to_default=to.unmapped_to_default)
    used = {target for target in to.mapped.values() if target in to.all}
    if to.default and (to.unmapped_to_default or not used):
        used.add(to.default)
    return Destinations(
        tuple(sorted(used)), to.default, to.mapped, unmapped_to_default=to.unmapped_to_default
    )


def _untracked(on: Channel, to: Destinations) -> Offer:
    if on.rules.untracked_quantity is None:
        return Offer(excluded_by=UNTRACKED)
    units = dict.fromkeys(to.all, 0)
    units[to.default or to.all[0]] = on.rules.untracked_quantity
    return Offer(tuple(sorted(units.items())))


class _Warehouses(msgspec.Struct):
    warehouse_ids: tuple[str, ...] = ()


def _warehouses_of(
    tx: Transaction, integration: str, variant_ids: Iterable[str]
) -> dict[str, tuple[str, ...]]:
    rows = select_in(
        tx,
        sa.select(LISTING.c.variant_id, LISTING.c.body).where(LISTING.c.integration == integration),
        LISTING.c.variant_id,
        variant_ids,
    )
    return {row.variant_id: msgspec.json.decode(row.body, type=_Warehouses).warehouse_ids for row in rows}


def has_been_read(tx: Transaction, owner: str) -> bool:
    """Whether the owner's stock has been read whole at least once."""
    flow = tables.flow
    row = tx.execute(
        sa.select(flow.c.is_on, flow.c.swept_at).where(
            flow.c.integration == owner, flow.c.direction == "pull", flow.c.entity == Entity.INVENTORY
        )
    ).first()
    return row is None or not row.is_on or row.swept_at is not None
