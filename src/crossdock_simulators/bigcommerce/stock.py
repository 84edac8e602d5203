"""What happens to stock: absolute numbers, signed changes, sales and returns, each with its events."""

from __future__ import annotations

from dataclasses import dataclass

from crossdock_simulators.bigcommerce.records import Item, Json, Order, OrderLine
from crossdock_simulators.bigcommerce.store import DEFAULT_LOCATION, Store


@dataclass(frozen=True, slots=True)
class Moved:
    """What an event says about a change of stock."""

    method: str
    value: int
    by_order: bool = False


def set_absolute(store: Store, item: Item, onhand: int, location_id: int = DEFAULT_LOCATION) -> None:
    level = store.level(item, location_id)
    level.onhand, level.initialised = onhand, True
    _announce(store, item, location_id, Moved("absolute", onhand))


def change(store: Store, item: Item, step: int, location_id: int = DEFAULT_LOCATION) -> None:
    """A signed step that somebody checked before."""
    level = store.level(item, location_id)
    level.onhand += step
    _announce(store, item, location_id, Moved("relative", step))


def take_for(store: Store, order: Order) -> None:
    """A sale lowers the default location once."""
    if order.stock_taken:
        return
    order.stock_taken = True
    for line in order.lines:
        move_line(store, line, -line.quantity)


def return_for(store: Store, order: Order) -> None:
    """A cancelled or refunded order gives back what it took, once."""
    if not order.stock_taken:
        return
    order.stock_taken = False
    for line in order.lines:
        move_line(store, line, line.quantity)


def move_line(store: Store, line: OrderLine, step: int) -> None:
    """Lines outside the catalog, untracked products and products gone meanwhile move nothing."""
    product = store.products.get(line.product_id)
    item = store.item_of(product, line.variant_id) if product else None
    if item is None or step == 0 or store.product_of(item) is None:
        return
    store.level(item, DEFAULT_LOCATION).onhand += step
    _announce(store, item, DEFAULT_LOCATION, Moved("relative", step, by_order=True))


def _announce(store: Store, item: Item, location_id: int, moved: Moved) -> None:
    product = store.product_of(item)
    if product is None:
        return
    if store.switches.stock_changes_touch_products:
        product.modified = store.now()
    kind, number = item
    variant_id = number if kind == "variant" else product.variants[0]
    stock_data: Json = {"product_id": product.id, "method": moved.method, "value": moved.value}
    word = "inventory/order/updated" if moved.by_order else "inventory/updated"
    variant = store.variants[variant_id]
    if kind == "variant" and variant.sku_id is not None:
        data = {"type": "sku", "id": variant.sku_id, "inventory": stock_data | {"variant_id": variant_id}}
        store.publish(f"store/sku/{word}", data)
    else:
        store.publish(f"store/product/{word}", {"type": "product", "id": product.id, "inventory": stock_data})
    place = {"variant_id": variant_id, "product_id": product.id, "location_id": location_id}
    store.publish("store/channel/1/inventory/product/stock_changed", place)
    store.publish("store/product/updated", {"type": "product", "id": product.id})
