"""Calls about returns: the search that shows them, and the seller's decisions."""

from __future__ import annotations

from functools import partial

from crossdock_simulators.tiktok_shop import after_sales, returns
from crossdock_simulators.tiktok_shop.calls import Bounds, Call, Data, one_of
from crossdock_simulators.tiktok_shop.endpoint import Endpoint
from crossdock_simulators.tiktok_shop.errors import ApiError
from crossdock_simulators.tiktok_shop.records import Return
from crossdock_simulators.tiktok_shop.shop import Shop, seconds

SCOPE = "seller.return_refund.basic"
PAGES = Bounds(50, lowest=10, default=10)
APPROVALS = (
    "APPROVE_RECEIVED_PACKAGE",
    "APPROVE_REFUND",
    "APPROVE_REPLACEMENT",
    "APPROVE_RETURN",
    "DIRECT_REFUND",
    "ISSUE_REPLACEMENT_REFUND",
    "OFFER_PARTIAL_REFUND",
)
REJECTIONS = ("REJECT_RECEIVED_PACKAGE", "REJECT_REFUND", "REJECT_REPLACEMENT", "REJECT_RETURN")


def search(shop: Shop, call: Call, *, version: str) -> Data:
    kinds = set(call.body.texts("return_types"))
    cases = [r for r in shop.tables.returns.values() if not kinds or r.type in kinds]
    page = after_sales.found(shop, call, cases, kind="return", bounds=PAGES)
    return {"return_orders": [_shown(shop, r, version) for r in page.records]} | page.rest()


def approve(shop: Shop, call: Call, return_id: str) -> Data:
    made, decision = _return(shop, return_id), _decision(call, APPROVALS)
    if not _is_repeated(shop, call, f"{return_id}/{decision}"):
        returns.decide(shop, made, decision, keeps_item=call.body.boolean("buyer_keep_item") or False)
        _remember(shop, call, f"{return_id}/{decision}")
    return {}


def reject(shop: Shop, call: Call, return_id: str) -> Data:
    made, decision = _return(shop, return_id), _decision(call, REJECTIONS)
    reason = call.body.required_text("reject_reason")
    if not _is_repeated(shop, call, f"{return_id}/{decision}"):
        if reason not in returns.reject_reasons(made):
            raise ApiError(25001021, reason)
        returns.decide(shop, made, decision)
        _remember(shop, call, f"{return_id}/{decision}")
    return {}


def _return(shop: Shop, return_id: str) -> Return:
    if (made := shop.tables.returns.get(return_id)) is None:
        raise ApiError(25007006, return_id)
    return made


def _decision(call: Call, allowed: tuple[str, ...]) -> str:
    call.body.required_text("decision")
    return one_of(call.body, "decision", allowed) or ""


def _is_repeated(shop: Shop, call: Call, what: str) -> bool:
    """An idempotency key makes a repeated decision succeed again."""
    return f"{what}/{_key(call)}" in shop.tables.created_under if _key(call) else False


def _remember(shop: Shop, call: Call, what: str) -> None:
    shop.tables.created_under[f"{what}/{_key(call)}"] = {}


def _key(call: Call) -> str:
    return call.query.get("idempotency_key", "")


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
        "can_buyer_keep_item": made.is_kept,
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
    if made.tracking_number:
        content["return_tracking_number"] = made.tracking_number
    if action := returns.ACTIONS.get((made.type, made.status)):
        content["seller_next_action_response"] = [{"action": action, "deadline": seconds(made.deadline)}]
    return content | ({"is_quick_refund": False} if version != "202309" else {})


ENDPOINTS = (
    *(
        Endpoint("POST", f"/return_refund/{v}/returns/search", partial(search, version=v), SCOPE)
        for v in ("202309", "202602")
    ),
    Endpoint("POST", "/return_refund/202309/returns/{return_id}/approve", approve, SCOPE, is_write=True),
    *(
        Endpoint("POST", f"/return_refund/{v}/returns/{{return_id}}/reject", reject, SCOPE, is_write=True)
        for v in ("202309", "202606")
    ),
)
