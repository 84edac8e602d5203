"""The whole state as the control API tells it, for tests to compare."""

from __future__ import annotations

from typing import Any

from crossdock_simulators.tiktok_shop.records import Order, Product, Sku
from crossdock_simulators.tiktok_shop.shop import Shop


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
            {
                "package_id": p.id,
                "order_ids": list(p.order_ids),
                "line_ids": list(p.line_ids),
                "status": p.status,
            }
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
