"""Returns that a buyer opens, and the search that shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial

from crossdock_simulators.tiktok_shop import after_sales
from crossdock_simulators.tiktok_shop.calls import Bounds, Call, Data
from crossdock_simulators.tiktok_shop.endpoint import Endpoint
from crossdock_simulators.tiktok_shop.records import Order, Return
from crossdock_simulators.tiktok_shop.shop import Shop, seconds

SCOPE = "seller.return_refund.basic"
PAGES = Bounds(50, lowest=10, default=10)
ANSWER_WITHIN = timedelta(days=2)
TYPES = ("REFUND", "RETURN_AND_REFUND")


def open_return(shop: Shop, order: Order, line_ids: Sequence[str], *, kind: str, reason: str) -> Return:
    """A buyer's request after the goods left."""
    if order.status not in ("IN_TRANSIT", "DELIVERED"):
        raise ValueError(f"Order {order.id} is {order.status}: nothing to return")
    if kind not in TYPES:
        raise ValueError(f"Choose one of {', '.join(TYPES)}")
    now = shop.now()
    chosen = tuple(line.id for line in order.lines if not line_ids or line.id in line_ids)
    made = Return(
        id=shop.ids.new("return"),
        order_id=order.id,
        line_ids=chosen,
        line_item_ids=tuple(shop.ids.new("return") for _ in chosen),
        type=kind,
        status="RETURN_OR_REFUND_REQUEST_PENDING",
        reason=reason,
        created=now,
        updated=now,
        deadline=now + ANSWER_WITHIN,
    )
    shop.tables.returns[made.id] = made
    _tell(shop, made)
    return made


def finish_return(shop: Shop, made: Return) -> Return:
    """What the seller settles in Seller Center: refunded, and that is the end of it."""
    finished = replace(made, status="RETURN_OR_REFUND_REQUEST_COMPLETE", updated=shop.now())
    shop.tables.returns[made.id] = finished
    _tell(shop, finished)
    return finished


def search(shop: Shop, call: Call, *, version: str) -> Data:
    kinds = set(call.body.texts("return_types"))
    cases = [r for r in shop.tables.returns.values() if not kinds or r.type in kinds]
    page = after_sales.found(shop, call, cases, kind="return", bounds=PAGES)
    return {"return_orders": [_shown(shop, r, version) for r in page.records]} | page.rest()


def _shown(shop: Shop, made: Return, version: str) -> Data:
    lines = after_sales.lines_of(shop.tables.orders[made.order_id], made.line_ids)
    content: Data = {
        "return_id": made.id,
        "order_id": made.order_id,
        "return_type": made.type,
        "return_status": made.status,
        "role": "BUYER",
        "return_reason": made.reason,
        "return_reason_text": made.reason,
        "shipment_type": "PLATFORM",
        "handover_method": "DROP_OFF",
        "return_method": "PLATFORM_SHIPPED",
        "create_time": seconds(made.created),
        "update_time": seconds(made.updated),
        "refund_amount": after_sales.refund(shop, lines),
        "return_line_items": [
            {
                "return_line_item_id": item_id,
                "order_line_item_id": line.id,
                "sku_id": line.sku_id,
                "sku_name": line.sku_name,
                "product_name": line.product_name,
                "seller_sku": line.seller_sku,
                "refund_amount": after_sales.refund(shop, [line]),
            }
            for line, item_id in zip(lines, made.line_item_ids, strict=True)
        ],
        "is_combined_return": False,
    }
    if made.status.endswith("PENDING"):
        due = seconds(made.deadline)
        content["seller_next_action_response"] = [{"action": "SELLER_RESPOND_RETURN", "deadline": due}]
    return content | ({"is_quick_refund": False} if version != "202309" else {})


def _tell(shop: Shop, made: Return) -> None:
    shop.publish(
        "RETURN_STATUS_CHANGE",
        {
            "order_id": made.order_id,
            "return_role": "BUYER",
            "return_type": made.type,
            "return_status": made.status,
            "return_id": made.id,
            "create_time": seconds(made.created),
            "update_time": seconds(made.updated),
        },
    )


ENDPOINTS = tuple(
    Endpoint("POST", f"/return_refund/{v}/returns/search", partial(search, version=v), SCOPE)
    for v in ("202309", "202602")
)
