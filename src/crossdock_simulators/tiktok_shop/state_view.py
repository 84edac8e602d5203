"""The whole state as the control API tells it, for tests to compare and the page to show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from html import escape
from typing import Any

from crossdock_simulators.kit import page
from crossdock_simulators.tiktok_shop.cancellations import BEFORE_RELEASE
from crossdock_simulators.tiktok_shop.records import Order, Product, Sku
from crossdock_simulators.tiktok_shop.shop import Shop

SHOWN = 50


def state(shop: Shop, *, seller_sku: str = "") -> dict[str, Any]:
    """Everything, or only the products and orders that have `seller_sku`."""
    tables = shop.tables
    return {
        "now": shop.clock.now().isoformat(),
        "region": shop.region.code,
        "warehouses": [
            {"id": w.id, "name": w.name, "type": w.type, "fbt_warehouse_id": w.fbt_id}
            for w in shop.warehouses.values()
        ],
        "products": [_product(shop, p) for p in tables.products.values() if _has(p, seller_sku)],
        "orders": [
            order_state(o)
            for o in tables.orders.values()
            if not seller_sku or any(line.seller_sku == seller_sku for line in o.lines)
        ],
        "shipments": [
            {"package_id": p.id, "order_id": p.order_id, "line_ids": list(p.line_ids), "status": p.status}
            | {"tracking_number": p.tracking_number, "shipping_provider_id": p.provider_id}
            for p in tables.packages.values()
        ],
        "cancellations": [
            {"cancel_id": c.id, "order_id": c.order_id, "line_ids": list(c.line_ids)}
            | {"status": c.status, "role": c.role, "reason": c.reason}
            for c in tables.cancellations.values()
        ],
        "returns": [
            {"return_id": r.id, "order_id": r.order_id, "status": r.status, "type": r.type}
            for r in tables.returns.values()
        ],
        "external_orders": [
            {"order_id": order_id, "platform": platform, "id": external.id}
            for (order_id, platform), external in tables.external_orders.items()
        ],
        "webhooks": {name: s.address for name, s in tables.subscriptions.items()},
        "writes": dict(tables.writes),
    }


def order_state(order: Order) -> dict[str, Any]:
    return {
        "id": order.id,
        "status": order.status,
        "warehouse_id": order.terms.warehouse_id,
        "is_buyer_request_cancel": order.is_buyer_request_cancel,
        "lines": [
            {"id": line.id, "seller_sku": line.seller_sku, "sku_id": line.sku_id, "status": line.status}
            | {"package_id": line.package_id}
            for line in order.lines
        ],
    }


def orders_section(shop: Shop) -> str:
    """Place an order; pay, ship or cancel the newest ones."""
    fields = [
        page.text_field("Seller SKU", "seller_sku"),
        page.text_field("Quantity", "quantity", 1),
        page.choice_field("Hold", "on_hold", [("false", "skip it"), ("true", "keep it")]),
        page.choice_field("Paid", "paid", [("true", "yes"), ("false", "no")]),
    ]
    newest = list(shop.tables.orders.values())[-SHOWN:]
    rows = [_order_row(order) for order in reversed(newest)]
    listed = page.table(["Order", "Status", "Lines", ""], rows) if rows else "<p>No order so far.</p>"
    return page.form("/_sim/orders", fields, "Place order") + listed


def products_section(shop: Shop) -> str:
    newest = list(shop.tables.products.values())[-SHOWN:]
    rows = []
    for product in reversed(newest):
        action = f"/_sim/products/{product.id}/review"
        buttons = [
            page.form(action, [page.hidden_field("decision", "approve")], "Approve"),
            page.form(
                action,
                [page.hidden_field("decision", "fail"), page.text_field("Reason", "reason", "Blurred image")],
                "Refuse",
            ),
        ]
        status = f"{escape(product.status)}<br>{escape(product.audit)}"
        is_waiting = product.audit == "AUDITING"
        rows.append([_titled(product), status, "".join(buttons) if is_waiting else ""])
    if not rows:
        return "<p>No product so far.</p>"
    return page.table(["Product", "Status, audit", ""], rows)


def stock_section(shop: Shop) -> str:
    fields = [page.text_field("Seller SKU", "seller_sku"), page.text_field("Quantity", "quantity", 10)]
    newest = list(shop.tables.products.values())[-SHOWN:]
    rows = [row for product in reversed(newest) for row in _stock_rows(shop, product)]
    head = ["SKU", "Price", "Warehouse", "Available", "Committed"]
    listed = page.table(head, rows) if rows else "<p>No stock so far.</p>"
    return page.form("/_sim/stock", fields, "Set stock as the seller") + listed


def _order_row(order: Order) -> list[str]:
    lines = "<br>".join(f"{escape(line.seller_sku)} {escape(line.status)}" for line in order.lines)
    buttons = []
    if order.status == "UNPAID":
        buttons.append(page.form(f"/_sim/orders/{order.id}/pay", [], "Pay"))
    if order.status in ("UNPAID", "ON_HOLD", "AWAITING_SHIPMENT", "PARTIALLY_SHIPPING"):
        buttons.append(page.form(f"/_sim/orders/{order.id}/cancel", [], "Cancel as the buyer"))
    if order.status in BEFORE_RELEASE:
        buttons.append(_quantity_form(order))
    return [f"<code>{order.id}</code>", escape(order.status), lines, "".join(buttons)]


def _quantity_form(order: Order) -> str:
    """Keep fewer units of one SKU; nothing is shown where there is a single unit left."""
    units = Counter(line.seller_sku for line in order.lines if line.status != "CANCELLED")
    if units.total() < 2:
        return ""
    fields = [
        page.choice_field("SKU", "seller_sku", [(sku, f"{sku} ({count})") for sku, count in units.items()]),
        page.text_field("Units kept", "quantity", 1),
    ]
    return page.form(f"/_sim/orders/{order.id}/quantity", fields, "Change quantity as the buyer")


def _titled(product: Product) -> str:
    return f"{escape(product.content.title)}<br><code>{product.id}</code>"


def _stock_rows(shop: Shop, product: Product) -> Iterator[list[str]]:
    for sku in product.content.skus:
        for warehouse_id, level in shop.stock_of(sku.id).items():
            name = shop.warehouses[warehouse_id].name
            yield [
                escape(sku.seller_sku),
                f"{sku.price:f}",
                escape(name),
                str(level.available),
                str(level.committed),
            ]


def _has(product: Product, seller_sku: str) -> bool:
    return not seller_sku or any(sku.seller_sku == seller_sku for sku in product.content.skus)


def _product(shop: Shop, product: Product) -> dict[str, Any]:
    return {
        "id": product.id,
        "title": product.content.title,
        "status": product.status,
        "audit": product.audit,
        "under_review": product.under_review is not None,
        "skus": [_sku(shop, sku) for sku in product.content.skus],
    }


def _sku(shop: Shop, sku: Sku) -> dict[str, Any]:
    return {
        "id": sku.id,
        "seller_sku": sku.seller_sku,
        "price": f"{sku.price:f}",
        "stock": {
            warehouse_id: {"available": level.available, "committed": level.committed}
            for warehouse_id, level in shop.stock_of(sku.id).items()
        },
    }
