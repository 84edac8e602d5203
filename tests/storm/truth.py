"""What each platform should show, reckoned from what happened on the platforms and on the shelves, never from the hub."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from crossdock.store import tables
from crossdock_simulators.bigcommerce import control, stock
from crossdock_simulators.tiktok_shop.app import FBT_ID
from storm.place import Place
from storm.scenario import FIRST_COUNT
from support.catalogs import COMPLETE
from support.world import SHOP, STORE

if TYPE_CHECKING:
    from storm.storm import Storm

NEVER_SOLD = (0, 5, 6)
"""The store's orders that are Incomplete, Cancelled or Declined."""
FBT = "FULFILLMENT_BY_TIKTOK"
SHIPPED = ("AWAITING_COLLECTION", "IN_TRANSIT", "DELIVERED", "COMPLETED")


class Adjustments:
    """Units that the store's stock was moved by on request of the hub, by SKU."""

    def __init__(self, made: Place) -> None:
        self.by_sku: Counter[str] = Counter()
        self._made = made

    @contextmanager
    def noted(self) -> Iterator[Adjustments]:
        change = stock.change

        def note(store: Any, item: Any, step: int, location_id: int = 1) -> None:
            change(store, item, step, location_id)
            if store is self._made.store.store and store.product_of(item) is not None:
                self.by_sku[control.item_sku(store, item)] += step

        with patch.object(stock, "change", note):
            yield self


def now_called(storm: Storm, sku: str) -> str:
    """The SKU that this variant has now: its orders and its listing elsewhere may know it by an earlier one."""
    while sku in storm.renamed:
        sku = storm.renamed[sku]
    return sku


def as_called_now(storm: Storm, units: Mapping[str, int]) -> Counter[str]:
    found = Counter[str]()
    for sku, count in units.items():
        found[now_called(storm, sku)] += count
    return found


def sold_on_shop(storm: Storm) -> Counter[str]:
    """Units by SKU of TikTok Shop's orders that stand, but for those that leave TikTok's own warehouse."""
    orders = storm.made.shop.shop.tables.orders.values()
    return Counter(
        now_called(storm, line.seller_sku)
        for order in orders
        if order.terms.fulfillment_type != FBT
        for line in order.lines
        if line.status != "CANCELLED"
    )


def sold_in_store(storm: Storm, *, copies: bool = False) -> Counter[str]:
    """Units by SKU of the store's own orders that stand, or of those that the hub created there."""
    found: Counter[str] = Counter()
    for order in storm.made.store.store.orders.values():
        if bool(order.fields["external_order_id"]) == copies and order.status_id not in NEVER_SOLD:
            for line in order.lines:
                found[now_called(storm, line.sku)] += line.quantity
    return found


def lowered(storm: Storm) -> Counter[str]:
    """Units by SKU that the hub has taken from the store's stock, but for what the operator put back for it."""
    found = sold_in_store(storm, copies=True)
    found.subtract(as_called_now(storm, storm.adjustments.by_sku))
    found.subtract(as_called_now(storm, storm.corrected))
    return found


def left_in_vain(storm: Storm) -> dict[str, Counter[str]]:
    """Units that left, by order, and that the buyer no longer wants.

    They left by an order which the hub created in the store, or by the word of those who ship in the hub.
    """
    found: dict[str, Counter[str]] = {}
    for key, gone in (*_left_by_copies(storm), *_left_by_hand(storm)):
        lines = storm.made.shop.shop.tables.orders[key].lines
        wanted = Counter(now_called(storm, line.seller_sku) for line in lines if line.status != "CANCELLED")
        if more := gone - wanted:
            found[key] = found.get(key, Counter()) | more
    return found


def _left_by_copies(storm: Storm) -> Iterator[tuple[str, Counter[str]]]:
    for order in storm.made.store.store.orders.values():
        if (key := str(order.fields["external_order_id"])) in storm.made.shop.shop.tables.orders:
            gone = Counter[str]()
            for line in order.lines:
                gone[now_called(storm, line.sku)] += line.quantity_shipped
            yield key, gone


def _left_by_hand(storm: Storm) -> Iterator[tuple[str, Counter[str]]]:
    made = storm.made
    ours = made.rows(tables.fulfillment, tables.fulfillment.c.integration == "hub")
    standing = {row.id for row in ours if row.state != "voided"}
    orders = {row.id: row.channel_id for row in made.rows(tables.order, tables.order.c.integration == SHOP)}
    lines = {row.id: row for row in made.rows(tables.order_line)}
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for part in made.rows(tables.fulfillment_line):
        line = lines.get(part.line_id)
        if part.fulfillment_id in standing and line is not None and line.order_id in orders:
            found[orders[line.order_id]][now_called(storm, line.channel_sku)] += part.quantity
    yield from found.items()


def in_store(storm: Storm) -> dict[str, int]:
    """Units on hand by SKU that the store counts by itself."""
    store = storm.made.store.store
    stocked = {item for product in store.products.values() for item in store.items_of(product)}
    return {
        control.item_sku(store, item): sum(level.onhand for level in levels.values())
        for item, levels in store.stock.items()
        if item in stocked and not _is_shared(storm, item)
    }


def _is_shared(storm: Storm, item: Any) -> bool:
    """Variants that share one number have none that could be offered."""
    kind, number = item
    return kind == "product" and len(storm.made.store.store.products[number].variants) > 1


def on_shop(storm: Storm) -> dict[str, int]:
    """Units by SKU that TikTok Shop offers from the seller's own warehouses."""
    shop = storm.made.shop.shop
    return {
        now_called(storm, sku.seller_sku): sum(
            level.available for place, level in shop.stock_of(sku.id).items() if place != FBT_ID
        )
        for product in shop.tables.products.values()
        if product.status not in ("DELETED",)
        for sku in product.content.skus
    }


def there_is(storm: Storm) -> dict[str, int]:
    """Units by SKU that are there and free, of all that somebody has counted."""
    if storm.of.owner == STORE:
        found = in_store(storm)
    else:
        gone = sold_on_shop(storm) + sold_in_store(storm) + _left_though_canceled(storm)
        received = as_called_now(storm, storm.received)
        counted = {row.sku for row in storm.made.rows(tables.variant) if row.is_stock_tracked}
        counted -= {now_called(storm, sku) for sku in storm.new_skus}
        found = {sku: FIRST_COUNT + received[sku] - gone[sku] for sku in counted}
    off = _off_sale_at_the_source(storm)
    return {sku: 0 if sku in off else units for sku, units in found.items()}


def _left_though_canceled(storm: Storm) -> Counter[str]:
    """Units by SKU that somebody shipped and that were canceled nevertheless: they are not on their shelf either way."""
    void = {row.id for row in storm.made.rows(tables.fulfillment) if row.state == "voided"}
    shipped = Counter[str]()
    for row in storm.made.rows(tables.fulfillment_line):
        if row.fulfillment_id not in void:
            shipped[row.line_id] += row.quantity
    found = Counter[str]()
    for line in storm.made.rows(tables.order_line):
        if more := shipped[line.id] - (line.quantity - line.quantity_canceled):
            found[now_called(storm, line.channel_sku)] += max(0, more)
    return found


def _off_sale_at_the_source(storm: Storm) -> set[str]:
    """What the source of the catalog does not sell is sold nowhere."""
    if storm.of.catalog != SHOP:
        return set()
    products = storm.made.shop.shop.tables.products.values()
    return {sku.seller_sku for each in products if each.status != "ACTIVATE" for sku in each.content.skus}


def offered(units: int, settings: dict[str, Any]) -> int:
    """What a channel may offer of so many units."""
    shared = units * int(settings.get("inventory_percentage", 100)) // 100 if units > 0 else units
    less = shared - int(settings.get("inventory_buffer", 0))
    return 0 if less < int(settings.get("out_of_stock_below", 0)) else max(0, less)


def shop_settings(storm: Storm) -> dict[str, Any]:
    return COMPLETE | storm.of.shop | storm.settings["shop"]


def store_settings(storm: Storm) -> dict[str, Any]:
    return storm.of.store | storm.settings["store"]
