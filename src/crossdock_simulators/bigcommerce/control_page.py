"""The store's parts of the control page: orders to place, ship and cancel, stock to see and set."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from crossdock_simulators.bigcommerce import control, order_statuses, orders
from crossdock_simulators.bigcommerce.records import Order
from crossdock_simulators.bigcommerce.shipments_api import PROVIDERS
from crossdock_simulators.kit import page

if TYPE_CHECKING:
    from crossdock_simulators.bigcommerce.app import Simulator

SHOWN = 100


def orders_section(simulator: Simulator) -> str:
    fields = [page.text_field("SKU", "sku"), page.text_field("Quantity", "quantity", 1)]
    form = page.acts(page.form("/_sim/orders", fields, "Place an order"))
    with simulator.lock:
        held = list(simulator.store.orders.values())
        currency = simulator.store.switches.currency
        rows = [_order_row(order, currency) for order in reversed(held[-SHOWN:])]
    note = page.newest(len(rows), len(held), "orders")
    headings = ["Order", "Status", "Lines", "Total", ""]
    return form + note + (page.table(headings, rows) if rows else "<p>No order so far.</p>")


def stock_section(simulator: Simulator) -> str:
    with simulator.lock:
        store = simulator.store
        places = list(store.locations.values())
        rows = [
            [escape(control.item_sku(store, item))]
            + [str(store.peek(item, place.id).onhand) for place in places]
            for item in store.items()[:SHOWN]
        ]
        total = len(store.items())
    fields = [
        page.text_field("SKU", "sku"),
        page.choice_field("Location", "location_id", [(one.id, str(one.fields["label"])) for one in places]),
        page.text_field("Quantity", "quantity"),
    ]
    form = page.acts(page.form("/_sim/stock", fields, "Set stock"))
    headings = ["SKU", *(str(place.fields["label"]) for place in places)]
    note = f"<p>The first {SHOWN} of {total} items.</p>" if len(rows) < total else ""
    return form + note + page.table(headings, rows)


def _order_row(order: Order, currency: str) -> list[str]:
    path = f"/_sim/orders/{order.id}"
    statuses = list(enumerate(order_statuses.NAMES))
    status_field = page.choice_field("Status", "status_id", statuses, chosen=order.status_id)
    buttons = page.acts(
        _ship_form(order),
        page.folded("Set status", page.form(f"{path}/status", [status_field], "Set")),
        page.form(f"{path}/cancel", [], "Cancel") if order.status_id != order_statuses.CANCELLED else "",
    )
    total = f"{orders.total(order, 'inc_tax'):.2f} {escape(currency)}"
    return [str(order.id), escape(order_statuses.NAMES[order.status_id]), _lines(order), total, buttons]


def _ship_form(order: Order) -> str:
    left = control.left_to_ship(order)
    choices = [(sku, f"{sku} ({count})") for sku, count in left.items() if sku]
    if not left or order.status_id in order_statuses.RETURNS_STOCK:
        return ""
    if len(left) > 1 or not choices:
        choices.insert(0, ("", "all"))
    fields = [
        page.choice_field("SKU", "sku", choices),
        page.text_field("Units", "quantity", hint="all"),
        page.choice_field(
            "Carrier", "shipping_provider", [(one, one or "none") for one in sorted(PROVIDERS)]
        ),
        page.text_field("Tracking number", "tracking_number"),
    ]
    return page.folded("Ship", page.form(f"/_sim/orders/{order.id}/ship", fields, "Ship as the merchant"))


def _lines(order: Order) -> str:
    """What was ordered, and under which numbers it left."""
    lines = [
        f"{line.quantity} × {escape(line.sku or line.name)}"
        + (f", {line.quantity_shipped} shipped" if line.quantity_shipped else "")
        for line in order.lines
    ]
    numbers = [escape(number) for one in order.shipments if (number := str(one.fields["tracking_number"]))]
    return "<br>".join(lines + numbers)
