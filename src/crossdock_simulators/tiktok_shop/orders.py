"""The life of an order: placed, paid, held, released, shipped, delivered, completed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from datetime import timedelta
from functools import partial

from crossdock_simulators.tiktok_shop import packing, returns
from crossdock_simulators.tiktok_shop.inventory_api import tell_low_stock
from crossdock_simulators.tiktok_shop.records import Line, Order, Package, Terms
from crossdock_simulators.tiktok_shop.shop import Shop, seconds

FBT = "FULFILLMENT_BY_TIKTOK"
SHIP_BY, COLLECT_BY, CANCEL_AFTER, COLLECTION_DUE, DELIVER_BY = (timedelta(days=n) for n in (2, 3, 4, 5, 7))
# What webhook 1 calls a status; it has no word for a part that shipped.
WEBHOOK_STATUSES = {"CANCELLED": "CANCEL"}
UNTOLD = frozenset({"PARTIALLY_SHIPPING"})
TIMEOUT_REASON = "system_cancel_unpaid_time_out"
LATE_REASON = "system_cancel_order_reason_shipping_timeout"

Cancel = Callable[[Shop, Order, str], None]


def place(shop: Shop, terms: Terms, lines: Iterable[Line], *, cancel: Cancel) -> Order:
    """A new unpaid order; its stock moves from available to committed. `cancel` ends one nobody pays."""
    now = shop.now()
    order = Order(shop.ids.new("order"), terms, tuple(lines), "UNPAID", now, now)
    shop.tables.orders[order.id] = order
    for line in order.lines:
        shop.move_stock(line.sku_id, terms.warehouse_id, available=-1, committed=1)
    for sku_id in {line.sku_id for line in order.lines}:
        tell_low_stock(shop, sku_id)
    tell_status(shop, order)

    def give_up() -> None:
        current = shop.tables.orders[order.id]
        if current.status == "UNPAID":
            cancel(shop, current, TIMEOUT_REASON)

    shop.after(shop.switches.delay("unpaid_minutes"), give_up)
    return order


def pay(shop: Shop, order: Order, *, cancel: Cancel) -> Order:
    if order.status != "UNPAID":
        raise ValueError(f"Order {order.id} is {order.status}")
    paid = replace(order, times={**order.times, "paid_time": shop.now()})
    if not order.terms.goes_on_hold:
        shop.tables.orders[order.id] = paid
        return release(shop, paid, cancel=cancel)
    # A line knows no ON_HOLD.
    held = set_status(shop, paid, "ON_HOLD", line_status="AWAITING_SHIPMENT")

    def end_hold() -> None:
        current = shop.tables.orders[order.id]
        if current.status == "ON_HOLD":
            release(shop, current, cancel=cancel)

    shop.after(timedelta(minutes=order.terms.hold_minutes), end_hold)
    return held


def release(shop: Shop, order: Order, *, cancel: Cancel) -> Order:
    """Ready to ship: the address shows and the clock towards the deadline runs."""
    now = shop.now()
    deadlines = {
        "rts_sla_time": now + SHIP_BY,
        "tts_sla_time": now + COLLECT_BY,
        "shipping_due_time": now + CANCEL_AFTER,
        "cancel_order_sla_time": now + CANCEL_AFTER,
        "collection_due_time": now + COLLECTION_DUE,
        "delivery_sla_time": now + DELIVER_BY,
    }
    ready = replace(order, times={**order.times, **deadlines}, is_released=True)
    released = set_status(shop, ready, "AWAITING_SHIPMENT")
    if order.terms.fulfillment_type == FBT:
        shop.after(shop.switches.delay("platform_shipping_hours"), lambda: _ship_by_platform(shop, order.id))
    elif not shop.region.marks_packages:
        _add_waiting_package(shop, released)

    def cancel_late() -> None:
        current = shop.tables.orders[order.id]
        if shop.switches.cancels_late_orders and current.status == "AWAITING_SHIPMENT":
            cancel(shop, current, LATE_REASON)

    if order.terms.fulfillment_type != FBT:
        shop.after(CANCEL_AFTER, cancel_late)
    return shop.tables.orders[order.id]


def ship(shop: Shop, package: Package, *, tracking_number: str, provider_id: str) -> Package:
    """Lines leave with this package: committed stock leaves too, and the carrier takes over."""
    now = shop.now()
    shipped = replace(
        package,
        status="PROCESSING",
        sub_status="RTS",
        tracking_number=tracking_number,
        provider_id=provider_id,
        shipped=now,
        updated=now,
    )
    shop.tables.packages[package.id] = shipped
    for order_id in package.order_ids:
        _ship_lines(shop, shop.tables.orders[order_id], package)
    delay = shop.switches.delay("first_scan_hours")
    shop.after(delay, lambda: scan(shop, package.id))
    return shipped


def _ship_lines(shop: Shop, order: Order, package: Package) -> None:
    for line in order.lines:
        if line.id in package.line_ids:
            shop.move_stock(line.sku_id, order.terms.warehouse_id, committed=-1)
    moved = change_lines(order, package.line_ids, status="AWAITING_COLLECTION", package_id=package.id)
    moved = replace(moved, times={**order.times, "rts_time": shop.now()})
    status = "PARTIALLY_SHIPPING" if moved.open_lines else "AWAITING_COLLECTION"
    set_status(shop, moved, status, line_status=None)


def scan(shop: Shop, package_id: str) -> None:
    """The carrier's first scan."""
    package = shop.tables.packages[package_id]
    if package.status != "PROCESSING":
        return
    _progress(shop, package, ("FULFILLING", "TTS"), "IN_TRANSIT", "collection_time")
    shop.after(shop.switches.delay("delivery_hours"), lambda: deliver(shop, package_id))


def deliver(shop: Shop, package_id: str) -> None:
    package = shop.tables.packages[package_id]
    if package.status != "FULFILLING":
        return
    _progress(shop, package, ("COMPLETED", "DELIVERED"), "DELIVERED", "delivery_time")
    delay = shop.switches.delay("completion_days")
    for order_id in package.order_ids:
        shop.after(delay, partial(complete, shop, order_id))


def complete(shop: Shop, order_id: str) -> None:
    """Closed for returns, unless one is still open."""
    order = shop.tables.orders[order_id]
    if order.status == "DELIVERED" and not returns.holds_open(shop, order_id):
        set_status(shop, order, "COMPLETED")


def change_lines(order: Order, line_ids: Collection[str], **changes: str) -> Order:
    lines = (
        replace(line, **changes) if line.id in line_ids else line  # type: ignore[arg-type]
        for line in order.lines
    )
    return replace(order, lines=tuple(lines))


def set_status(shop: Shop, order: Order, status: str, *, line_status: str | None = "") -> Order:
    """Save the order under a new status; its living lines follow unless `line_status` is None."""
    changed = replace(order, status=status, updated=shop.now())
    if line_status is not None:
        living = {line.id for line in order.lines if line.status != "CANCELLED"}
        changed = change_lines(changed, living, status=line_status or status)
    shop.tables.orders[order.id] = changed
    tell_status(shop, changed)
    return changed


def tell_status(shop: Shop, order: Order) -> None:
    if order.status in UNTOLD:
        return
    shop.publish(
        "ORDER_STATUS_CHANGE",
        {
            "order_id": order.id,
            "order_status": WEBHOOK_STATUSES.get(order.status, order.status),
            "is_on_hold_order": order.terms.goes_on_hold,
            "update_time": seconds(order.updated),
        },
    )


def _progress(shop: Shop, package: Package, statuses: tuple[str, str], reached: str, time_name: str) -> None:
    """Move a package on; the order follows once all its living lines are as far."""
    status, sub_status = statuses
    now = shop.now()
    moved = replace(package, status=status, sub_status=sub_status, updated=now)
    shop.tables.packages[package.id] = moved
    for order_id in package.order_ids:
        order = change_lines(shop.tables.orders[order_id], package.line_ids, status=reached)
        shop.tables.orders[order.id] = order
        living = [line for line in order.lines if line.status != "CANCELLED"]
        if all(line.status == reached for line in living):
            set_status(shop, replace(order, times={**order.times, time_name: now}), reached, line_status=None)


def _add_waiting_package(shop: Shop, order: Order) -> None:
    packing.new_package(shop, [order.id], [line.id for line in order.open_lines])


def _ship_by_platform(shop: Shop, order_id: str) -> None:
    order = shop.tables.orders[order_id]
    if order.status != "AWAITING_SHIPMENT":
        return
    package = packing.new_package(shop, [order.id], [line.id for line in order.open_lines])
    ship(shop, package, tracking_number=f"TT{package.id}", provider_id="7117858858072016687")
