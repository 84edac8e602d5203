"""Writes the hub's numbers into the store, so that the store would sell exactly what the hub offers.

The platform is told units *on hand* and sells `available_to_sell` = on hand − safety stock. What the hub
offers (`units`) is net of every open order that it knows, the store's own ones included, and those were
read just before. So the number to write is `units` + safety stock, whatever the store's setting says about
when an order lowers stock:

- *When the order is placed*: the store took its own orders off by itself, and the hub's number lacks them
  as well. Both speak of the units that are still free.
- *When it is completed or shipped*: the store has not taken its open orders off yet, but it does not hold
  them back from sale either: it would sell all of `available_to_sell` once more. The hub has them committed,
  so writing `units` + safety stock keeps the store from selling them twice; adding them back would not.
  When such an order is shipped the store takes it off then, and for a moment offers too little: the order's
  change unsettles the number, which is looked at and written again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from crossdock.connectors.bigcommerce import payloads
from crossdock.connectors.bigcommerce.client import Client
from crossdock.connectors.bigcommerce.items import Found, Items
from crossdock.connectors.bigcommerce.reading import Position, by_page, decoded, read_records
from crossdock.connectors.bigcommerce.tracking import Tracking
from crossdock.connectors.contract import Clock
from crossdock.connectors.errors import RefusedError, UnavailableError
from crossdock.domain.channel import ChannelId, StockTarget
from crossdock.domain.drift import ShownStock
from crossdock.domain.sync import (
    Change,
    Confirmed,
    Cursor,
    HalvingError,
    Outcome,
    Page,
    Rejected,
    Unclear,
    send_halving,
)

REASON = "crossdock: stock as the hub has it"
ITEMS_A_CALL = 2000
MOST_UNITS = 2_147_483_647
WRONG_RECORD = "tracked by"

SHARED = "BigCommerce counts this product's stock as a whole, so its variants have no numbers of their own"
SHARED_FIX = "Track the stock of this product by variant in BigCommerce."
UNTRACKED = "BigCommerce does not count the stock of this product"
UNTRACKED_FIX = "Turn on stock tracking for this product in BigCommerce, or switch its channel sync off."
GONE = "BigCommerce has no stock record of this variant"
GONE_FIX = "Let the store's products be read again; the variant may have been deleted."


@dataclass(frozen=True, slots=True)
class Shelf:
    """One item at one location, as the store shows it."""

    available: int
    safety: int
    is_enabled: bool


Shelves = dict[ChannelId, Shelf]
"""By location."""


@dataclass(frozen=True, slots=True)
class _Unwritable:
    reason: str
    fix: str


class StockPush:
    """Reads what a store offers and writes what it should; what was read is used for one write.

    It is kept until the next look, so that no more is kept of a whole catalog than was looked at together.
    """

    def __init__(self, client: Client, tracking: Tracking) -> None:
        self._client = client
        self._tracking = tracking
        self._items = Items(client, tracking)
        self._shelves: dict[ChannelId, Shelves] = {}
        self._unwritable: dict[ChannelId, _Unwritable] = {}

    def offered(
        self, targets: Sequence[StockTarget]
    ) -> Iterator[tuple[ChannelId, tuple[tuple[ChannelId, int], ...]]]:
        self._shelves.clear()
        self._unwritable.clear()
        self._read(targets)
        for target in targets:
            if shelves := self._shelves.get(target.variant_id):
                yield target.variant_id, _available(shelves)

    def shown(self, since: Cursor | None, clock: Clock) -> Iterator[Page[ShownStock]]:
        """All items, a thousand a call; nothing that is read here is used for a write."""
        for step in by_page(self._client.items, Position.of(since, now=clock()), clock):
            items, unreadable = read_records(step.records, lambda raw: decoded(raw, payloads.Item))
            variants = self._tracking.variant_ids(items)
            rows = tuple(
                ShownStock(variant, _available(_shelves(item)))
                for item, variant in zip(items, variants, strict=True)
            )
            yield Page(rows, step.next.as_cursor(), step.read_began_at, unreadable, step.is_last)

    def push(self, changes: Sequence[Change[StockTarget]]) -> Iterator[Outcome]:
        """In batches, one after the other: of two at once the platform would keep either number."""
        unread = [change.desired for change in changes if change.desired.variant_id not in self._shelves]
        self._read(unread)
        writable: list[Change[StockTarget]] = []
        for change in changes:
            if (problem := self._problem(change.desired)) is None:
                writable.append(change)
            else:
                yield Rejected(change.key, problem.reason, fix=problem.fix)
        for batch in _batches(writable):
            yield from send_halving(batch, self._send)

    def _problem(self, target: StockTarget) -> _Unwritable | None:
        if problem := self._unwritable.get(target.variant_id):
            return problem
        if not target.quantities:
            return _Unwritable("No location of BigCommerce to offer this stock in", "Pull the locations.")
        shelves = self._shelves.get(target.variant_id, {})
        for place, _ in target.quantities:
            if place not in shelves:
                why = f"BigCommerce has no location {place}"
                return _Unwritable(why, "Correct “BigCommerce location that receives the totals” or the map.")
            if not shelves[place].is_enabled:
                why = f"Location {place} is disabled in BigCommerce, and its stock cannot be changed"
                return _Unwritable(why, "Enable it there, or choose another location in the settings.")
        return None

    # Writing

    def _send(self, batch: Sequence[Change[StockTarget]]) -> Iterable[Outcome]:
        try:
            transaction = self._adjust([change.desired for change in batch])
        except RefusedError as refusal:
            raise HalvingError(str(refusal), code=refusal.code) from refusal
        except UnavailableError as error:
            if error.is_unclear:
                yield from (Unclear(change.key, str(error)) for change in batch)
            raise
        for change in batch:
            self._shelves.pop(change.desired.variant_id, None)
            yield Confirmed(change.key, change.desired.variant_id, request_id=transaction)

    def _adjust(self, targets: Sequence[StockTarget]) -> str:
        """How a product's stock is counted may have changed since we looked: then it is addressed anew, once."""
        try:
            return self._client.adjust_absolute(REASON, self._rows(targets)).transaction_id
        except RefusedError as refusal:
            if WRONG_RECORD not in str(refusal):
                raise
        self._tracking.forget(int(target.variant_id) for target in targets)
        return self._client.adjust_absolute(REASON, self._rows(targets)).transaction_id

    def _rows(self, targets: Sequence[StockTarget]) -> list[dict[str, int]]:
        """Ordered by location for speed, as the platform asks."""
        counted_at = self._tracking.products_counted_for({int(target.variant_id) for target in targets})
        rows = []
        for target in targets:
            number = int(target.variant_id)
            name, number = (
                ("product_id", counted_at[number]) if number in counted_at else ("variant_id", number)
            )
            for place, units in target.quantities:
                on_hand = max(0, units) + self._shelves[target.variant_id][place].safety
                rows.append({"location_id": int(place), name: number, "quantity": min(on_hand, MOST_UNITS)})
        return sorted(rows, key=lambda row: row["location_id"])

    # Reading

    def _read(self, targets: Sequence[StockTarget]) -> None:
        """What the store shows of these, or why nothing can be written of one."""
        wanted = {target.variant_id: target for target in targets}
        for variant in wanted:
            self._shelves.pop(variant, None)
            self._unwritable.pop(variant, None)
        self._keep(self._items.of_variants(map(int, wanted)))
        missing = [target for target in targets if target.variant_id not in self._shelves]
        if not missing:
            return
        modes = self._tracking.modes({int(target.product_id) for target in missing})
        whole = [number for number, mode in modes.items() if mode.inventory_tracking == "product"]
        self._keep(self._items.of_products(whole))
        for target in missing:
            if target.variant_id not in self._shelves:
                self._unwritable[target.variant_id] = _why(modes.get(int(target.product_id)))

    def _keep(self, found: Iterable[Found]) -> None:
        self._shelves.update((variant, _shelves(item)) for variant, item in found)


def _shelves(item: payloads.Item) -> Shelves:
    return {ChannelId(str(place.location_id)): _shelf(place) for place in item.locations or ()}


def _available(shelves: Shelves) -> tuple[tuple[ChannelId, int], ...]:
    return tuple(sorted((place, shelf.available) for place, shelf in shelves.items()))


def _shelf(place: payloads.ItemLocation) -> Shelf:
    available = place.available_to_sell or 0
    on_hand = available if place.total_inventory_onhand is None else place.total_inventory_onhand
    stated = place.settings.safety_stock if place.settings else None
    safety = on_hand - available if stated is None else stated
    return Shelf(available, max(0, safety), is_enabled=place.location_enabled is not False)


def _why(mode: payloads.TrackedProduct | None) -> _Unwritable:
    """What keeps a variant without a number of its own from getting one."""
    if mode is not None and mode.inventory_tracking == "product":
        return _Unwritable(SHARED, SHARED_FIX)
    if mode is not None and mode.inventory_tracking == "none":
        return _Unwritable(UNTRACKED, UNTRACKED_FIX)
    return _Unwritable(GONE, GONE_FIX)


def _batches(changes: Sequence[Change[StockTarget]]) -> Iterator[list[Change[StockTarget]]]:
    """As many changes as fit into one call; each needs a row for every location that it names."""
    batch: list[Change[StockTarget]] = []
    rows = 0
    for change in changes:
        more = len(change.desired.quantities)
        if batch and rows + more > ITEMS_A_CALL:
            yield batch
            batch, rows = [], 0
        batch.append(change)
        rows += more
    if batch:
        yield batch
