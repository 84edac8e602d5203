"""The payment endpoints of version 3 that belong to an order: transactions, refund quotes, refunds."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from crossdock_simulators.bigcommerce import errors, order_statuses, orders, wire
from crossdock_simulators.bigcommerce.records import Json, Order
from crossdock_simulators.bigcommerce.store import Store
from crossdock_simulators.kit import Reply, Request

BY_QUANTITY = frozenset({"PRODUCT", "GIFT_WRAPPING"})
BY_AMOUNT = frozenset({"SHIPPING", "HANDLING", "ORDER", "TAX", "FEE"})


def list_transactions(store: Store, _: Request, order_id: int) -> Reply:
    """Orders here are paid outside the store, so there is no transaction."""
    _order(store, order_id)
    return Reply(204)


def quote_refund(store: Store, request: Request, order_id: int) -> Reply:
    order = _order(store, order_id)
    total = _amount(order, wire.body_object(request).get("items"))
    method = {
        "provider_id": "custom",
        "provider_description": "Custom",
        "amount": wire.number(total),
        "offline": True,
        "offline_provider": True,
        "offline_reason": "The provider does not refund through the store.",
    }
    body = {
        "order_id": order.id,
        "total_refund_amount": wire.number(total),
        "total_refund_tax_amount": 0,
        "order_level_refund_amount": 0,
        "rounding": 0,
        "adjustment": 0,
        "tax_inclusive": True,
        "refund_methods": [[method]],
    }
    return wire.data(body, status=201)


def create_refund(store: Store, request: Request, order_id: int) -> Reply:
    """Money only: the status moves, stock does not come back."""
    order, given = _order(store, order_id), wire.body_object(request)
    total = _amount(order, given.get("items"))
    payments = given.get("payments") or []
    paid = sum((wire.decimal(one.get("amount")) or Decimal(0) for one in payments), Decimal(0))
    if paid != total:
        raise errors.v3(422, "The payments do not add up to the refund", {"payments": "amount mismatch"})
    refund = _refund(store, order, given, total)
    order.refunds.append(refund)
    for row in given["items"]:
        for line in order.lines:
            if row["item_type"] == "PRODUCT" and line.id == row["item_id"]:
                line.quantity_refunded += row["quantity"]
    whole = all(line.quantity_refunded >= line.quantity for line in order.lines)
    previous = order.status_id
    order.status_id = order_statuses.REFUNDED if whole else order_statuses.PARTIALLY_REFUNDED
    store.writes["refund_created"] += 1
    orders.touch_order(store, order)
    data: Json = {"type": "order", "id": order.id}
    store.publish("store/order/refund/created", data | {"refund": {"refund_id": refund["id"]}})
    change = {"previous_status_id": previous, "new_status_id": order.status_id}
    store.publish("store/order/statusUpdated", data | {"status": change})
    return wire.data(refund, status=201)


def list_refunds(store: Store, _: Request, order_id: int) -> Reply:
    return wire.data(_order(store, order_id).refunds)


def list_all_refunds(store: Store, request: Request) -> Reply:
    wanted = wire.integers(request.query.get("order_id:in", ""), "order_id:in")
    since = wire.moment(request.query.get("created:min", ""), store.now())
    found = [
        refund
        for order in store.orders.values()
        if not wanted or order.id in wanted
        for refund in order.refunds
        if since is None or datetime.fromisoformat(refund["created"]) >= since
    ]
    chosen, meta = wire.page_of(request, found)
    return wire.data(chosen, meta)


def _order(store: Store, order_id: int) -> Order:
    if order_id not in store.orders:
        raise errors.v3_not_found("order")
    return store.orders[order_id]


def _amount(order: Order, items: Any) -> Decimal:
    if not isinstance(items, list) or not items:
        raise errors.invalid("items", "error.path.missing")
    return sum((_item_amount(order, row) for row in items), Decimal(0))


def _item_amount(order: Order, row: Json) -> Decimal:
    kind = row.get("item_type")
    if kind in BY_AMOUNT:
        amount = wire.decimal(row.get("amount"))
        if amount is None or amount <= 0:
            raise errors.invalid("items.amount", "invalid")
        return amount
    line = next((one for one in order.lines if one.id == row.get("item_id")), None)
    quantity = row.get("quantity")
    if kind not in BY_QUANTITY or line is None or not isinstance(quantity, int):
        raise errors.invalid("items", "invalid")
    if not 1 <= quantity <= line.quantity - line.quantity_refunded:
        raise errors.invalid("items.quantity", "more than is left to refund")
    return line.price_inc_tax * quantity if kind == "PRODUCT" else Decimal(0)


def _refund(store: Store, order: Order, given: Json, total: Decimal) -> Json:
    items = [
        {
            "item_type": row["item_type"],
            "item_id": row.get("item_id", order.id),
            "reason": row.get("reason", ""),
            "quantity": row.get("quantity", 1),
            "requested_amount": wire.number(_item_amount(order, row)),
        }
        for row in given["items"]
    ]
    payments = [
        {
            "id": store.next_id("refund_payment"),
            "provider_id": one.get("provider_id", "custom"),
            "amount": one["amount"],
            "offline": bool(one.get("offline", True)),
            "is_declined": False,
            "declined_message": "",
        }
        for one in given["payments"]
    ]
    return {
        "id": store.next_id("refund"),
        "order_id": order.id,
        "user_id": 1,
        "created": wire.iso(store.now()),
        "reason": str(given.get("reason", "")),
        "total_amount": wire.number(total),
        "total_tax": 0,
        "uses_merchant_override_values": False,
        "items": items,
        "payments": payments,
    }


_PAY = "/v3/orders/{id}/payment_actions"
ROUTES = (
    ("GET", "/v3/orders/{id}/transactions", list_transactions),
    ("POST", f"{_PAY}/refund_quotes", quote_refund),
    ("POST", f"{_PAY}/refunds", create_refund),
    ("GET", f"{_PAY}/refunds", list_refunds),
    ("GET", "/v3/orders/payment_actions/refunds", list_all_refunds),
)
