"""Returns: what a buyer opens and sends back, what the seller decides, and what becomes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from crossdock_simulators.tiktok_shop.errors import ApiError
from crossdock_simulators.tiktok_shop.records import Line, Order, Return
from crossdock_simulators.tiktok_shop.shop import Shop, seconds

RETURNABLE: Final = ("IN_TRANSIT", "DELIVERED")
ANSWER_WITHIN: Final = timedelta(days=2)
INSPECT_WITHIN: Final = timedelta(days=30)
PENDING: Final = "RETURN_OR_REFUND_REQUEST_PENDING"
REPLACEMENT_PENDING: Final = "REPLACEMENT_REQUEST_PENDING"
EXCHANGE_PENDING: Final = "EXCHANGE_REQUEST_PENDING"
AWAITING, SHIPPED = "AWAITING_BUYER_SHIP", "BUYER_SHIPPED_ITEM"
SUCCESS, COMPLETE = "RETURN_OR_REFUND_REQUEST_SUCCESS", "RETURN_OR_REFUND_REQUEST_COMPLETE"
OPENS_AS: Final = {
    "REFUND": PENDING,
    "RETURN_AND_REFUND": PENDING,
    "REPLACEMENT": REPLACEMENT_PENDING,
    "EXCHANGE": EXCHANGE_PENDING,
}
# An exchange has no action of its own among those that are documented.
ACTIONS: Final = {
    ("REFUND", PENDING): "SELLER_RESPOND_REFUND",
    ("RETURN_AND_REFUND", PENDING): "SELLER_RESPOND_RETURN",
    ("RETURN_AND_REFUND", SHIPPED): "SELLER_RESPOND_RECEIVE_PACKAGE",
    ("REPLACEMENT", REPLACEMENT_PENDING): "SELLER_RESPOND_REPLACEMENT",
}
LEADS_TO: Final[Mapping[tuple[str, str], Mapping[str, str]]] = {
    ("REFUND", PENDING): {
        "APPROVE_REFUND": SUCCESS,
        "REJECT_REFUND": "REFUND_OR_RETURN_REQUEST_REJECT",
    },
    ("RETURN_AND_REFUND", PENDING): {
        "APPROVE_RETURN": AWAITING,
        "REJECT_RETURN": "REFUND_OR_RETURN_REQUEST_REJECT",
    },
    ("RETURN_AND_REFUND", SHIPPED): {
        "APPROVE_RECEIVED_PACKAGE": SUCCESS,
        "REJECT_RECEIVED_PACKAGE": "REJECT_RECEIVE_PACKAGE",
    },
    ("REPLACEMENT", REPLACEMENT_PENDING): {
        "APPROVE_REPLACEMENT": "REPLACEMENT_REQUEST_COMPLETE",
        "ISSUE_REPLACEMENT_REFUND": "REPLACEMENT_REQUEST_REFUND_SUCCESS",
        "REJECT_REPLACEMENT": "REPLACEMENT_REQUEST_REJECT",
    },
}
"""Seller decisions by type and status. An offer of a part, or a direct refund, is not simulated."""
REJECT_REASONS: Final[Mapping[str, Mapping[str, str]]] = {
    "request": {
        "ecom_reverse_reject_refund_request_package_delivery_multiple_boxes": "Sent in several boxes",
        "seller_reject_apply_package_has_not_exceeded_estimated_delivery_time": "Still within delivery time",
    },
    "parcel": {
        "reverse_reject_return_parcel_reason_1": "The item is not the product that was sold",
        "reverse_reject_return_parcel_reason_4": "The return was not received",
    },
}


def open_return(shop: Shop, order: Order, line_ids: Sequence[str], *, kind: str, reason: str) -> Return:
    """A buyer's request after the goods left, which waits for the seller."""
    if order.status not in RETURNABLE:
        raise ValueError(f"Order {order.id} is {order.status}: nothing to return")
    if kind not in OPENS_AS:
        raise ValueError(f"Choose one of {', '.join(OPENS_AS)}")
    free = [line.id for line in returnable(shop, order)]
    chosen = tuple(line_ids or free)
    if not chosen or not set(chosen) <= set(free):
        raise ValueError(f"Order {order.id} has none of these units left to return")
    now = shop.now()
    made = Return(
        id=shop.ids.new("return"),
        order_id=order.id,
        line_ids=chosen,
        line_item_ids=tuple(shop.ids.new("return") for _ in chosen),
        type=kind,
        status=OPENS_AS[kind],
        reason=reason,
        created=now,
        updated=now,
        deadline=now + ANSWER_WITHIN,
    )
    return _saved(shop, made)


def returnable(shop: Shop, order: Order) -> list[Line]:
    """What a buyer can ask to return: living units of no other return that stands."""
    held = {
        line_id
        for other in shop.tables.returns.values()
        if other.order_id == order.id and not _came_to_nothing(other)
        for line_id in other.line_ids
    }
    return [line for line in order.lines if line.status != "CANCELLED" and line.id not in held]


def send_back(shop: Shop, made: Return, tracking_number: str) -> Return:
    """The buyer hands the goods to a carrier."""
    if made.status != AWAITING:
        raise ValueError(f"Return {made.id} is {made.status}: nothing is sent back")
    due = shop.now() + INSPECT_WITHIN
    return _moved(shop, made, status=SHIPPED, tracking_number=tracking_number, deadline=due)


def withdraw(shop: Shop, made: Return) -> Return:
    """The buyer thinks better of it."""
    if not can_withdraw(made):
        raise ValueError(f"Return {made.id} is {made.status}: it is too late to withdraw it")
    status = OPENS_AS[made.type].replace("PENDING", "CANCEL")
    return _moved(shop, made, status=status)


def finish_return(shop: Shop, made: Return) -> Return:
    """What the seller settles in Seller Center: refunded, replaced or exchanged, and that is the end of it."""
    if not is_open(made):
        raise ValueError(f"Return {made.id} is {made.status}: there is nothing to finish")
    return _moved(shop, made, status=OPENS_AS[made.type].replace("PENDING", "COMPLETE"))


def decide(shop: Shop, made: Return, decision: str, *, keeps_item: bool = False) -> Return:
    """The seller's decision, from the API or Seller Center. Raises ApiError where it does not fit type and status."""
    status = LEADS_TO.get((made.type, made.status), {}).get(decision)
    if status is None:
        code = 25011011 if decision.startswith("REJECT") else 25011012
        raise ApiError(code, f"{decision} of a {made.type} that is {made.status}")
    if keeps_item and decision != "APPROVE_RETURN":
        raise ApiError(25001001, "buyer_keep_item goes with APPROVE_RETURN only")
    decided = _moved(shop, made, status=SUCCESS if keeps_item else status, is_kept=keeps_item)
    if decided.status == SUCCESS:
        shop.after(shop.switches.delay("refund_delay_seconds"), lambda: _pay_back(shop, made.id))
    return decided


def reject_reasons(made: Return) -> Mapping[str, str]:
    return REJECT_REASONS["parcel" if made.status == SHIPPED else "request"]


def holds_open(shop: Shop, order_id: str) -> bool:
    return any(made.order_id == order_id and is_open(made) for made in shop.tables.returns.values())


def is_open(made: Return) -> bool:
    """Whether the order has to wait for its end."""
    return made.status.endswith("PENDING") or made.status in (AWAITING, SHIPPED, SUCCESS)


def can_withdraw(made: Return) -> bool:
    """Until the money is on its way."""
    return is_open(made) and made.status != SUCCESS


def _came_to_nothing(made: Return) -> bool:
    return made.status.endswith("CANCEL") or "REJECT" in made.status


def _pay_back(shop: Shop, return_id: str) -> None:
    if (made := shop.tables.returns[return_id]).status == SUCCESS:
        _moved(shop, made, status=COMPLETE)


def _moved(shop: Shop, made: Return, **changes: Any) -> Return:
    return _saved(shop, replace(made, updated=shop.now(), **changes))


def _saved(shop: Shop, made: Return) -> Return:
    shop.tables.returns[made.id] = made
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
    return made
