"""Statements: what the platform settles, by the shape in which these calls are publicly known; no document is at hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from crossdock_simulators.kit.given import amount as amount_of
from crossdock_simulators.tiktok_shop.calls import Bounds, Call, Data, page_of, sorting
from crossdock_simulators.tiktok_shop.endpoint import Endpoint
from crossdock_simulators.tiktok_shop.errors import ApiError
from crossdock_simulators.tiktok_shop.product_view import money
from crossdock_simulators.tiktok_shop.records import ZERO, Statement
from crossdock_simulators.tiktok_shop.shop import Shop, seconds

SCOPE = "seller.finance.info"
STATEMENTS = Bounds(100, default=20)
TRANSACTIONS = Bounds(100, default=20)
FEE_SHARE, CENT = Decimal("0.06"), Decimal("0.01")


def settle(shop: Shop, order_ids: Sequence[str], adjustments: Sequence[dict[str, Any]]) -> Statement:
    """Settle these orders, and adjustments of `amount` that may name an `order_id`, in one statement."""
    if not order_ids and not adjustments:
        raise ValueError("A statement is about an order or an adjustment")
    rows = [_of_order(shop, order_id) for order_id in order_ids]
    rows += [_adjustment(shop, given) for given in adjustments]
    made = Statement(shop.ids.new("statement"), shop.now(), tuple(rows))
    shop.tables.statements[made.id] = made
    return made


def pay(shop: Shop, statement_id: str) -> Statement:
    """The settled amount arrives at the seller's bank."""
    made = shop.tables.statements.get(statement_id)
    if made is None or made.is_paid:
        raise ValueError(f"Statement {statement_id} is {'paid already' if made else 'not known'}")
    paid = Statement(made.id, made.stated, made.rows, is_paid=True)
    shop.tables.statements[statement_id] = paid
    return paid


def statements(shop: Shop, call: Call) -> Data:
    if not call.query.get("sort_field"):
        raise ApiError(36009004, "sort_field is required")
    key, is_descending = sorting(call, {"statement_time": _stated})
    since, until = _moment(call, "statement_time_ge"), _moment(call, "statement_time_lt")
    found = [
        made
        for made in shop.tables.statements.values()
        if (since is None or made.stated >= since) and (until is None or made.stated < until)
    ]
    page = page_of(call, sorted(found, key=key, reverse=is_descending), STATEMENTS)
    return {
        "statements": [_shown(shop, made) for made in page.records],
        "next_page_token": page.next_page_token,
    }


def transactions(shop: Shop, call: Call, statement_id: str) -> Data:
    if statement_id not in shop.tables.statements:
        raise ApiError(36009004, f"statement {statement_id}")
    if call.query.get("sort_field") != "order_create_time":
        raise ApiError(36009004, "sort_field must be order_create_time")
    page = page_of(call, shop.tables.statements[statement_id].rows, TRANSACTIONS)
    return {"statement_transactions": list(page.records)} | page.rest()


def _of_order(shop: Shop, order_id: str) -> Data:
    order = shop.order(order_id)
    revenue = sum((line.sale_price for line in order.lines if line.status != "CANCELLED"), ZERO)
    fee = -(revenue * FEE_SHARE).quantize(CENT, ROUND_HALF_UP)
    return {
        "id": shop.ids.new("statement"),
        "type": "ORDER",
        "order_id": order.id,
        "order_create_time": seconds(order.created),
        "currency": shop.region.currency,
        "revenue_amount": money(revenue),
        "fee_amount": money(fee),
        "shipping_cost_amount": "0",
        "adjustment_amount": "0",
        "settlement_amount": money(revenue + fee),
    }


def _adjustment(shop: Shop, given: dict[str, Any]) -> Data:
    amount = money(amount_of(given["amount"]))
    return {
        "id": shop.ids.new("statement"),
        "type": str(given.get("type", "LOGISTICS_REIMBURSEMENT")),
        "adjustment_id": shop.ids.new("statement"),
        "adjustment_order_id": str(given.get("order_id", "")),
        "currency": shop.region.currency,
        "revenue_amount": "0",
        "fee_amount": "0",
        "shipping_cost_amount": "0",
        "adjustment_amount": amount,
        "settlement_amount": amount,
    }


def _shown(shop: Shop, made: Statement) -> Data:
    names = (
        "settlement_amount",
        "revenue_amount",
        "fee_amount",
        "shipping_cost_amount",
        "adjustment_amount",
    )
    sums = {name: money(sum((Decimal(row[name]) for row in made.rows), ZERO)) for name in names}
    return {
        "id": made.id,
        "statement_time": seconds(made.stated),
        "currency": shop.region.currency,
        "payment_status": "PAID" if made.is_paid else "PROCESSING",
        **sums,
    }


def _stated(made: Statement) -> datetime:
    return made.stated


def _moment(call: Call, name: str) -> datetime | None:
    text = call.query.get(name, "")
    if text and not text.isdecimal():
        raise ApiError(36009004, f"{name} {text!r}")
    return datetime.fromtimestamp(int(text), UTC) if text else None


ENDPOINTS = (
    Endpoint("GET", "/finance/202309/statements", statements, SCOPE),
    Endpoint("GET", "/finance/202309/statements/{statement_id}/statement_transactions", transactions, SCOPE),
)
