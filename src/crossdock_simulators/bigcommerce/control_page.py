"""The store's parts of the control page: orders to place and cancel, stock to see and set."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from crossdock_simulators.bigcommerce import control, order_statuses, orders, wire
from crossdock_simulators.kit import page

if TYPE_CHECKING:
    from crossdock_simulators.bigcommerce.app import Simulator

SHOWN = 100


def orders_section(simulator: Simulator) -> str:
    fields = [page.text_field("SKU", "sku"), page.text_field("Quantity", "quantity", 1)]
    form = page.form("/_sim/orders", fields, "Place an order")
    with simulator.lock:
        newest = list(simulator.store.orders.values())[-SHOWN:]
        rows = [
            [
                str(order.id),
                escape(order_statuses.NAMES[order.status_id]),
                escape(", ".join(f"{line.quantity} × {line.sku}" for line in order.lines)),
                wire.money(orders.total(order, "inc_tax")),
                page.form(f"/_sim/orders/{order.id}/cancel", [], "Cancel") if order.status_id != 5 else "",
            ]
            for order in reversed(newest)
        ]
    headings = ["Order", "Status", "Lines", "Total", ""]
    return form + (page.table(headings, rows) if rows else "<p>No order so far.</p>")


def stock_section(simulator: Simulator) -> str:
    fields = [
        page.text_field("SKU", "sku"),
        page.text_field("Location", "location_id", 1),
        page.text_field("Quantity", "quantity"),
    ]
    form = page.form("/_sim/stock", fields, "Set stock")
    with simulator.lock:
        store = simulator.store
        places = list(store.locations.values())
        rows = [
            [escape(control.item_sku(store, item))]
            + [str(store.peek(item, place.id).onhand) for place in places]
            for item in store.items()[:SHOWN]
        ]
    headings = ["SKU", *(str(place.fields["label"]) for place in places)]
    note = f"<p>The first {SHOWN} items.</p>" if len(rows) == SHOWN else ""
    return form + note + page.table(headings, rows)
