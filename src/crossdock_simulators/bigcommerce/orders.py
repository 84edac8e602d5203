"""What happens to orders: they come, change, take stock, give it back and are archived."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from crossdock_simulators.bigcommerce import errors, order_checks, order_statuses, stock, wire
from crossdock_simulators.bigcommerce.records import Json, Order, OrderLine
from crossdock_simulators.bigcommerce.store import Store


def create_order(store: Store, given: Json, *, check_stock: bool = True) -> Order:
    """Everything is checked before anything is taken."""
    if not given.get("products"):
        raise errors.v2_required("products")
    order_checks.check_fields(store, given)
    if "billing_address" not in given:
        raise errors.v2_required("billing_address")
    billing = order_checks.address(given["billing_address"], billing=True)
    lines = [order_checks.line(store, row) for row in given["products"]]
    if check_stock:
        order_checks.check_quantities(store, lines)
    destinations = given.get("shipping_addresses") or [given["billing_address"]]
    addresses = [_shipping_address(store, one) for one in destinations]
    if all(line.type != "physical" for line in lines):
        addresses = []
    kept = {name: given.get(name, default) for name, default in order_checks.KEPT.items()}
    now = store.now()
    created = wire.moment(str(given["date_created"]), now) if "date_created" in given else now
    order = Order(
        id=store.next_id("order"),
        status_id=given.get("status_id", order_statuses.PENDING),
        fields=kept,
        billing=billing,
        addresses=addresses,
        lines=lines,
        created=created or now,
        modified=now,
    )
    _take_amounts(order, given)
    store.orders[order.id] = order
    settle_stock(store, order)
    store.writes["order_created"] += 1
    _publish(store, order, "created")
    return order


def update_order(store: Store, order: Order, given: Json) -> None:
    """Partial. Lines with an id change, without one they are added, at quantity 0 they go."""
    order_checks.check_fields(store, given)
    if given.get("is_deleted") is True:
        archive_order(store, order)
        return
    if "products" in given:
        _change_lines(store, order, given["products"])
    if "billing_address" in given:
        order.billing = order_checks.address(order.billing | given["billing_address"], billing=True)
    for held, changed in zip(order.addresses, given.get("shipping_addresses") or [], strict=False):
        held |= order_checks.address(held | changed, billing=False)
    order.fields |= {name: given[name] for name in given.keys() & order_checks.KEPT.keys()}
    if "fees" in given:
        order.fees = [{"id": store.next_id("fee")} | fee for fee in given["fees"]]
    _take_amounts(order, given)
    store.writes["order_updated"] += 1
    if given.get("status_id", order.status_id) != order.status_id:
        set_status(store, order, given["status_id"])
    else:
        touch_order(store, order)


def set_status(store: Store, order: Order, status_id: int) -> None:
    """No rule forbids a step; no money moves. Stock follows the store's settings."""
    previous, order.status_id = order.status_id, status_id
    if status_id == order_statuses.SHIPPED and order.shipped is None:
        order.shipped = store.now()
    settle_stock(store, order)
    touch_order(store, order)
    change = {"previous_status_id": previous, "new_status_id": status_id}
    _publish(store, order, "statusUpdated", {"status": change})


def settle_stock(store: Store, order: Order) -> None:
    if order_statuses.takes_stock(order.status_id, store.switches.update_stock_behavior):
        stock.take_for(store, order)
    elif order.status_id in order_statuses.RETURNS_STOCK and store.switches.refund_order_stock_adjustment:
        stock.return_for(store, order)


def touch_order(store: Store, order: Order) -> None:
    order.modified = store.now()
    _publish(store, order, "updated")


def archive_order(store: Store, order: Order) -> None:
    order.archived = True
    order.modified = store.now()
    store.writes["order_archived"] += 1
    _publish(store, order, "archived")


def subtotal(order: Order, tax: str) -> Decimal:
    if (fixed := order.overrides.get(f"subtotal_{tax}")) is not None:
        return fixed
    return sum((unit_price(line, tax) * line.quantity for line in order.lines), Decimal(0))


def total(order: Order, tax: str) -> Decimal:
    if (fixed := order.overrides.get(f"total_{tax}")) is not None:
        return fixed
    place = 0 if tax == "ex_tax" else 1
    costs = (
        (order.shipping_ex_tax, order.shipping_inc_tax)[place] + order.handling[place] + order.wrapping[place]
    )
    charged = sum(
        (Decimal(str(fee.get(f"cost_{tax}") or fee.get("base_cost") or 0)) for fee in order.fees), costs
    )
    return max(subtotal(order, tax) + charged - order.discount - coupon_discount(order), Decimal(0))


def coupon_discount(order: Order) -> Decimal:
    return sum((Decimal(coupon["discount"]) for coupon in order.coupons), Decimal(0))


def unit_price(line: OrderLine, tax: str) -> Decimal:
    return line.price_ex_tax if tax == "ex_tax" else line.price_inc_tax


def _shipping_address(store: Store, given: Any) -> Json:
    filled = order_checks.address(given, billing=False)
    method = str(given.get("shipping_method") or "None")
    return {"id": store.next_id("address")} | filled | {"shipping_method": method}


def _take_amounts(order: Order, given: Json) -> None:
    if "shipping_cost_ex_tax" in given or "shipping_cost_inc_tax" in given:
        order.shipping_ex_tax = order_checks.amount(given, "shipping_cost_ex_tax")
        order.shipping_inc_tax = order_checks.amount(given, "shipping_cost_inc_tax")
    for name in ("handling", "wrapping"):
        if f"{name}_cost_ex_tax" in given or f"{name}_cost_inc_tax" in given:
            both = (f"{name}_cost_ex_tax", f"{name}_cost_inc_tax")
            setattr(order, name, tuple(order_checks.amount(given, each) for each in both))
    if "discount_amount" in given:
        order.discount = order_checks.amount(given, "discount_amount")
    for pair in ("subtotal", "total"):
        for name in (f"{pair}_ex_tax", f"{pair}_inc_tax"):
            if name in given:
                order.overrides[name] = order_checks.amount(given, name)


def _change_lines(store: Store, order: Order, rows: Any) -> None:
    """Changing lines clears their discounts; stock follows when the store adjusts it on edits."""
    if not isinstance(rows, list):
        raise errors.v2_invalid("products")
    held = {line.id: line for line in order.lines}
    added = [order_checks.line(store, row) for row in rows if "id" not in row]
    changed = [(held.get(row["id"]), row) for row in rows if "id" in row]
    if any(line is None for line, _ in changed):
        raise errors.v2_invalid("products.id")
    order_checks.check_quantities(store, added)
    adjusts = order.stock_taken and store.switches.edit_order_stock_adjustment
    for line, row in changed:
        if line is not None:
            _change_line(store, line, row, adjusts)
    for line in added:
        order.lines.append(line)
        if adjusts:
            stock.move_line(store, line, -line.quantity)
    order.lines = [line for line in order.lines if line.quantity > 0]
    order.overrides.clear()


def _change_line(store: Store, line: OrderLine, row: Json, adjusts: bool) -> None:
    quantity = row.get("quantity", line.quantity)
    if isinstance(quantity, bool) or not isinstance(quantity, int) or quantity < 0:
        raise errors.v2_invalid("quantity")
    if adjusts:
        stock.move_line(store, line, line.quantity - quantity)
    line.quantity, line.discount = quantity, Decimal(0)
    if "price_ex_tax" in row:
        line.price_ex_tax = order_checks.amount(row, "price_ex_tax")
    if "price_inc_tax" in row:
        line.price_inc_tax = order_checks.amount(row, "price_inc_tax")


def _publish(store: Store, order: Order, event: str, more: Json | None = None) -> None:
    store.publish(f"store/order/{event}", {"type": "order", "id": order.id} | (more or {}))
    channel = order.fields["channel_id"]
    store.publish(f"store/channel/{channel}/order/{event}", {"order_id": order.id})
