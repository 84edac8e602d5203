"""The units of one order as its platform has them: standing and shipped, by SKU."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from storm import truth
from support.world import SHOP, STORE

if TYPE_CHECKING:
    from storm.storm import Storm


def there(storm: Storm, row: Any) -> tuple[Counter[str], Counter[str], bool] | None:
    """What the platform has of an order; None where it has no such order."""
    bought, placed = storm.made.shop.shop.tables.orders, storm.made.store.store.orders
    if row.integration == SHOP and row.channel_id in bought:
        return on_shop(bought[row.channel_id])
    if row.integration == STORE and int(row.channel_id) in placed:
        return in_store(placed[int(row.channel_id)])
    return None


def on_shop(order: Any) -> tuple[Counter[str], Counter[str], bool]:
    """Standing and shipped units by SKU, and whether the merchant ships them: else they come in as fulfilled."""
    living = [line for line in order.lines if line.status != "CANCELLED"]
    shipped = Counter(line.seller_sku for line in living if line.status in truth.SHIPPED)
    is_ours = order.terms.fulfillment_type != truth.FBT and order.terms.shipping_type == "SELLER"
    return Counter(line.seller_sku for line in living), shipped, is_ours


def in_store(order: Any) -> tuple[Counter[str], Counter[str], bool]:
    living, shipped = Counter[str](), Counter[str]()
    if order.status_id not in truth.NEVER_SOLD:
        for line in order.lines:
            living[line.sku] += line.quantity
            # Shipped or Completed says that all has left, whatever shipments were deleted since.
            shipped[line.sku] += line.quantity if order.status_id in (2, 10) else line.quantity_shipped
    return living, shipped, order.status_id not in (4, 14) and not order.fields["external_order_id"]
