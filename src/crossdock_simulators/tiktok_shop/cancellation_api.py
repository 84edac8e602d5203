"""Calls about cancellations."""

from __future__ import annotations

from functools import partial

from crossdock_simulators.tiktok_shop import after_sales, cancellations, returns
from crossdock_simulators.tiktok_shop.calls import Body, Bounds, Call, Data
from crossdock_simulators.tiktok_shop.cancellations import PENDING, SPELT_OTHERWISE
from crossdock_simulators.tiktok_shop.endpoint import Endpoint
from crossdock_simulators.tiktok_shop.errors import ApiError
from crossdock_simulators.tiktok_shop.records import Cancellation, Line, Order
from crossdock_simulators.tiktok_shop.shop import Shop, seconds

SCOPE = "seller.return_refund.basic"
PAGES = Bounds(50, default=10)
REQUEST_TYPES = ("CANCEL", "REFUND", "RETURN_AND_REFUND")
REJECT_REASONS = {
    "US": {
        "ecom_reverse_reject_cancel_reason_product_packed": "The product is packed",
        "seller_reject_apply_unable_to_change_address": "The address cannot be changed",
    },
    "GB": {
        "seller_reject_apply_product_has_been_packed": "The product is packed",
        "order_manage_list_action_respond_popup_reject_reason_buyer_agree_uk": "The buyer agreed",
    },
}


def cancel(shop: Shop, call: Call) -> Data:
    body = call.body
    order = shop.order(body.required_text("order_id"))
    reason = body.required_text("cancel_reason")
    made = cancellations.cancel_as_seller(shop, order, _line_ids(order, body), reason)
    return {"cancel_id": made.id, "cancel_status": made.status}


def search(shop: Shop, call: Call, *, version: str) -> Data:
    kinds = set(call.body.texts("cancel_types"))
    cases = [c for c in shop.tables.cancellations.values() if not kinds or _type(c) in kinds]
    page = after_sales.found(shop, call, cases, kind="cancel", bounds=PAGES)
    return {"cancellations": [_shown(shop, c, version) for c in page.records]} | page.rest()


def approve(shop: Shop, call: Call, cancel_id: str) -> Data:
    _decide(shop, call, cancel_id, approved=True)
    return {}


def reject(shop: Shop, call: Call, cancel_id: str) -> Data:
    if call.body.required_text("reject_reason") not in reject_reasons_of(shop):
        raise ApiError(25001021, call.body.required_text("reject_reason"))
    _decide(shop, call, cancel_id, approved=False)
    return {}


def reject_reasons(shop: Shop, call: Call) -> Data:
    case_id = call.required("return_or_cancel_id")
    made = shop.tables.returns.get(case_id)
    if case_id not in shop.tables.cancellations and made is None:
        raise ApiError(25007006, case_id)
    reasons = reject_reasons_of(shop) if made is None else returns.reject_reasons(made)
    return {"reasons": [{"name": name, "text": text} for name, text in reasons.items()]}


def reject_reasons_of(shop: Shop) -> dict[str, str]:
    return REJECT_REASONS.get(shop.region.code, REJECT_REASONS["GB"])


def eligibility(shop: Shop, call: Call, order_id: str) -> Data:
    order = shop.order(order_id)
    asked = [t for t in call.query.get("request_types", "").split(",") if t] or list(REQUEST_TYPES)
    if unknown := set(asked) - set(REQUEST_TYPES):
        raise ApiError(36009004, f"request_types {', '.join(sorted(unknown))}")
    sku_ids = dict.fromkeys(line.sku_id for line in order.lines)
    return {"sku_eligibility": [_sku_eligibility(shop, order, sku_id, asked) for sku_id in sku_ids]}


def _line_ids(order: Order, body: Body) -> list[str]:
    """The three ways to name lines; none means the whole order."""
    if "order_line_item_ids" in body and "order_line_list" in body:
        raise ApiError(25001001, "order_line_item_ids and order_line_list exclude each other")
    named = body.texts("order_line_item_ids")
    named += [given.required_text("order_line_item_id") for given in body.objects("order_line_list")]
    for given in body.objects("skus"):
        sku_id, quantity = given.required_text("sku_id"), given.required_integer("quantity")
        units = [line.id for line in order.open_lines if line.sku_id == sku_id]
        if not 0 < quantity <= len(units):
            raise ApiError(25001001, f"{quantity} of SKU {sku_id}")
        named += units[:quantity]
    return named


def _decide(shop: Shop, call: Call, cancel_id: str, *, approved: bool) -> None:
    """An idempotency key makes a repeated decision succeed again."""
    if (cancellation := shop.tables.cancellations.get(cancel_id)) is None:
        raise ApiError(25007006, cancel_id)
    key = call.query.get("idempotency_key", "")
    done = f"{cancel_id}/{approved}/{key}"
    if key and done in shop.tables.created_under:
        return
    (cancellations.approve if approved else cancellations.reject)(shop, cancellation)
    shop.tables.created_under[done] = {}


def _in_words(reason: str) -> str:
    return reason.rpartition("reason_")[2].removesuffix("_uk").replace("_", " ").capitalize()


def _type(cancellation: Cancellation) -> str:
    return "BUYER_CANCEL" if cancellation.role == "BUYER" else "CANCEL"


def _shown(shop: Shop, cancellation: Cancellation, version: str) -> Data:
    order = shop.tables.orders[cancellation.order_id]
    lines = after_sales.lines_of(order, cancellation.line_ids)
    status, is_old = cancellation.status, version == "202309"
    content: Data = {
        "cancel_id": cancellation.id,
        "order_id": order.id,
        "cancel_type": _type(cancellation),
        "cancel_status": SPELT_OTHERWISE.get(status, status) if is_old else status,
        "role": cancellation.role,
        "cancel_reason": cancellation.reason,
        "cancel_reason_text": _in_words(cancellation.reason),
        "create_time": seconds(cancellation.created),
        "update_time": seconds(cancellation.updated),
        "refund_amount": after_sales.refund(shop, lines),
        "cancel_line_items": [
            _line(shop, line, item_id)
            for line, item_id in zip(lines, cancellation.line_item_ids, strict=False)
        ],
    }
    if cancellation.deadline is not None:
        due = seconds(cancellation.deadline)
        content["seller_next_action_response"] = [{"action": "SELLER_RESPOND_BUYER_CANCEL", "deadline": due}]
    if not is_old:
        content["should_replenish_stock"] = shop.switches.restocks_on_cancellation
    return content


def _line(shop: Shop, line: Line, item_id: str) -> Data:
    return {
        "cancel_line_item_id": item_id,
        "order_line_item_id": line.id,
        "sku_id": line.sku_id,
        "sku_name": line.sku_name,
        "product_name": line.product_name,
        "seller_sku": line.seller_sku,
        "refund_amount": after_sales.refund(shop, [line]),
    }


def _sku_eligibility(shop: Shop, order: Order, sku_id: str, asked: list[str]) -> Data:
    lines = [line.id for line in order.lines if line.sku_id == sku_id and line.status != "CANCELLED"]
    return {
        "sku_id": sku_id,
        "line_item_eligibility": [_eligibility(shop, order, lines, kind) for kind in asked],
    }


def _eligibility(shop: Shop, order: Order, line_ids: list[str], kind: str) -> Data:
    before_shipping = order.status in cancellations.BEFORE_RELEASE | cancellations.UNSHIPPED
    can_cancel = before_shipping and not any(
        c.order_id == order.id and c.status == PENDING for c in shop.tables.cancellations.values()
    )
    fits = can_cancel if kind == "CANCEL" else order.status == "DELIVERED"
    content: Data = {
        "request_type": kind,
        "eligible": fits and bool(line_ids),
        "order_line_items_ids": line_ids,
    }
    if not content["eligible"]:
        return content | {"ineligible_code": 25001003, "ineligible_reason": order.status}
    names = cancellations.reasons(shop.region, order.status) if kind == "CANCEL" else ()
    return content | {
        "order_line_list": [{"order_line_item_id": line_id} for line_id in line_ids],
        "available_reason_names": list(names),
    }


_VERSIONS = ("202309", "202602")
ENDPOINTS = (
    *(Endpoint("POST", f"/return_refund/{v}/cancellations", cancel, SCOPE, is_write=True) for v in _VERSIONS),
    *(
        Endpoint("POST", f"/return_refund/{v}/cancellations/search", partial(search, version=v), SCOPE)
        for v in _VERSIONS
    ),
    Endpoint(
        "POST", "/return_refund/202309/cancellations/{cancel_id}/approve", approve, SCOPE, is_write=True
    ),
    Endpoint("POST", "/return_refund/202309/cancellations/{cancel_id}/reject", reject, SCOPE, is_write=True),
    Endpoint("GET", "/return_refund/202309/reject_reasons", reject_reasons, SCOPE),
    *(
        Endpoint("GET", f"/return_refund/{v}/orders/{{order_id}}/aftersale_eligibility", eligibility, SCOPE)
        for v in _VERSIONS
    ),
)
