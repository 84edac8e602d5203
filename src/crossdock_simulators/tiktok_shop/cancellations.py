"""Cancellations: the buyer's, the seller's and the platform's own, and what they do to order and stock."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import timedelta

from crossdock_simulators.tiktok_shop import orders, packing
from crossdock_simulators.tiktok_shop.errors import ApiError
from crossdock_simulators.tiktok_shop.records import Cancellation, Line, Order
from crossdock_simulators.tiktok_shop.regions import Region
from crossdock_simulators.tiktok_shop.shop import Shop, seconds

PENDING = "CANCELLATION_REQUEST_PENDING"
SUCCESS = "CANCELLATION_REQUEST_SUCCESS"
COMPLETE = "CANCELLATION_REQUEST_COMPLETE"
WITHDRAWN = "CANCELLATION_REQUEST_CANCEL"
# The webhook, and the older search, spell the withdrawn request differently.
SPELT_OTHERWISE = {WITHDRAWN: "CANCELLATION_REQUEST_CANCELLED"}
BEFORE_RELEASE = frozenset({"UNPAID", "ON_HOLD"})
UNSHIPPED = frozenset({"AWAITING_SHIPMENT", "PARTIALLY_SHIPPING"})
BUYER_REASON = "ecom_order_to_ship_canceled_reason_no_longer_needed"
_UNPAID_REASONS = (
    "seller_cancel_unpaid_reason_out_of_stock",
    "seller_cancel_unpaid_reason_wrong_price",
    "seller_cancel_unpaid_reason_buyer_hasnt_paid_within_time_allowed",
    "seller_cancel_unpaid_reason_buyer_requested_cancellation",
)
_PAID_REASONS = (
    "seller_cancel_reason_out_of_stock",
    "seller_cancel_reason_wrong_price",
    "seller_cancel_paid_reason_address_not_deliver",
    "seller_cancel_paid_reason_buyer_requested_cancellation",
)


def reasons(region: Region, status: str) -> tuple[str, ...]:
    """What a seller may give; other markets than the US suffix them and know no wish of the buyer."""
    names = _UNPAID_REASONS if status == "UNPAID" else _PAID_REASONS
    if region.code == "US":
        return names
    suffix = "uk" if region.code == "GB" else region.code.lower()
    return tuple(f"{name}_{suffix}" for name in names if not name.endswith("buyer_requested_cancellation"))


def cancel_as_buyer(shop: Shop, order: Order, line_ids: Sequence[str], reason: str = "") -> Cancellation:
    """At once before the order is released, afterwards a request with a deadline."""
    lines = _chosen(order, line_ids)
    if order.status in BEFORE_RELEASE:
        made = _save(
            shop,
            replace(_new(shop, order, lines, role="BUYER", reason=reason or BUYER_REASON), status=COMPLETE),
        )
        _apply(shop, order, made, user="BUYER")
        _tell(shop, made)
        return made
    if order.status not in UNSHIPPED:
        raise ValueError(f"Order {order.id} is {order.status}: a buyer cannot cancel it")
    if (waiting := pending_of(shop, order.id)) is not None:
        raise ValueError(
            f"The buyer asked to cancel order {order.id} already: request {waiting.id} waits for the seller"
        )
    deadline = shop.switches.delay("cancellation_deadline_hours")
    made = _save(
        shop,
        replace(
            _new(shop, order, lines, role="BUYER", reason=reason or BUYER_REASON),
            deadline=shop.now() + deadline,
        ),
    )
    asked = {**order.times, "request_cancel_time": shop.now()}
    # The request alone is no change of status, so update_time stays.
    shop.tables.orders[order.id] = replace(order, is_buyer_request_cancel=True, times=asked)
    _tell(shop, made)
    shop.after(deadline, lambda: _accept_overdue(shop, made.id))
    return made


def reduce_as_buyer(shop: Shop, order: Order, seller_sku: str, quantity: int) -> Cancellation:
    """During the hold a buyer keeps `quantity` units of a SKU: each unit is a line, and those given up are cancelled.

    Nothing adds a unit to an order that is placed. Raises ValueError naming what is possible instead.
    """
    if order.status not in BEFORE_RELEASE:
        raise ValueError(
            f"Order {order.id} is {order.status}: its hold is over, a buyer can ask to cancel it"
        )
    if not shop.region.partial_cancellation:
        raise ValueError(f"In {shop.region.country} an order is cancelled whole")
    units = [line for line in order.lines if line.seller_sku == seller_sku and line.status != "CANCELLED"]
    if not 0 <= quantity < len(units):
        raise ValueError(
            f"Order {order.id} has {len(units)} of {seller_sku}: give a lower quantity, or place another order for more"
        )
    return cancel_as_buyer(shop, order, [line.id for line in units[quantity:]])


def cancel_as_seller(shop: Shop, order: Order, line_ids: Sequence[str], reason: str) -> Cancellation:
    allowed = BEFORE_RELEASE | UNSHIPPED
    if shop.region.cancels_while_awaiting_collection:
        allowed |= {"AWAITING_COLLECTION"}
    if order.status not in allowed:
        raise ApiError(25001003 if order.status == "CANCELLED" else 25001045, order.status)
    if line_ids and not shop.region.partial_cancellation:
        raise ApiError(25001001, "items cannot be cancelled one by one in this market")
    if reason not in reasons(shop.region, order.status):
        raise ApiError(25001021, reason)
    made = _save(
        shop,
        replace(_new(shop, order, _chosen(order, line_ids), role="SELLER", reason=reason), status=SUCCESS),
    )
    _apply(shop, order, made, user="SELLER")
    _tell(shop, made)
    _refund_later(shop, made)
    return made


def cancel_as_system(shop: Shop, order: Order, reason: str) -> None:
    made = _save(
        shop, replace(_new(shop, order, _chosen(order, ()), role="SYSTEM", reason=reason), status=COMPLETE)
    )
    _apply(shop, order, made, user="SYSTEM")
    _tell(shop, made)


def approve(shop: Shop, cancellation: Cancellation) -> None:
    if cancellation.status != PENDING:
        raise ApiError(25011012, cancellation.status)
    accepted = _moved(shop, cancellation, SUCCESS)
    _apply(shop, shop.tables.orders[accepted.order_id], accepted, user="BUYER")
    _refund_later(shop, accepted)


def reject(shop: Shop, cancellation: Cancellation) -> None:
    if cancellation.status != PENDING:
        raise ApiError(25011011, cancellation.status)
    _moved(shop, cancellation, WITHDRAWN)
    order = shop.tables.orders[cancellation.order_id]
    shop.tables.orders[order.id] = replace(order, is_buyer_request_cancel=False)


def pending_of(shop: Shop, order_id: str) -> Cancellation | None:
    found = (c for c in shop.tables.cancellations.values() if c.order_id == order_id and c.status == PENDING)
    return next(found, None)


def _chosen(order: Order, line_ids: Collection[str]) -> list[Line]:
    """The named lines, or all that are not cancelled."""
    living = [line for line in order.lines if line.status != "CANCELLED"]
    if not line_ids:
        return [line for line in living if line.is_open] or living
    chosen = [line for line in living if line.id in line_ids]
    if len(chosen) < len(set(line_ids)):
        raise ApiError(25001001, "a line is not of this order or already cancelled")
    if any(not line.is_open for line in chosen) and order.status == "PARTIALLY_SHIPPING":
        raise ApiError(25001045)
    return chosen


def _save(shop: Shop, cancellation: Cancellation) -> Cancellation:
    shop.tables.cancellations[cancellation.id] = cancellation
    return cancellation


def _new(shop: Shop, order: Order, lines: Sequence[Line], *, role: str, reason: str) -> Cancellation:
    now = shop.now()
    return Cancellation(
        id=shop.ids.new("cancellation"),
        order_id=order.id,
        line_ids=tuple(line.id for line in lines),
        line_item_ids=tuple(shop.ids.new("cancellation") for _ in lines),
        role=role,
        reason=reason,
        status=PENDING,
        created=now,
        updated=now,
    )


def _apply(shop: Shop, order: Order, cancellation: Cancellation, *, user: str) -> None:
    """Cancel the lines and give their stock back; the order goes with its last line."""
    chosen = [line for line in order.lines if line.id in cancellation.line_ids and line.status != "CANCELLED"]
    for line in chosen:
        back = 1 if shop.switches.restocks_on_cancellation else 0
        held = 0 if line.package_id else -1
        shop.move_stock(line.sku_id, order.terms.warehouse_id, available=back, committed=held)
    changed = orders.change_lines(
        order, cancellation.line_ids, status="CANCELLED", cancel_reason=cancellation.reason, cancel_user=user
    )
    changed = replace(changed, is_buyer_request_cancel=False, updated=shop.now())
    for package_id in {line.package_id for line in chosen} - {""}:
        package = shop.tables.packages[package_id]
        shop.tables.packages[package_id] = replace(package, status="CANCELLED", sub_status="CANCELLED")
    _unpack(shop, order.id, {line.id for line in chosen})
    living = [line for line in changed.lines if line.status != "CANCELLED"]
    if not living:
        ended = replace(changed, cancel_reason=cancellation.reason, cancellation_initiator=user)
        ended = replace(ended, times={**ended.times, "cancel_time": shop.now()})
        orders.set_status(shop, ended, "CANCELLED")
    elif order.status == "PARTIALLY_SHIPPING" and not changed.open_lines:
        orders.set_status(shop, changed, "AWAITING_COLLECTION", line_status=None)
    else:
        shop.tables.orders[order.id] = changed


def _unpack(shop: Shop, order_id: str, line_ids: Collection[str]) -> None:
    """What is cancelled does not leave with a package that waits; one with nothing left in it is cancelled."""
    for package in packing.waiting_packages(shop, order_id):
        left = tuple(line for line in package.line_ids if line not in line_ids)
        is_out = not any(line.id in left for line in shop.tables.orders[order_id].lines)
        held = tuple(key for key in package.order_ids if key != order_id or not is_out)
        status = "TO_FULFILL" if left else "CANCELLED"
        sub_status = package.sub_status if left else "CANCELLED"
        shop.tables.packages[package.id] = replace(
            package,
            order_ids=held or package.order_ids,
            line_ids=left,
            status=status,
            sub_status=sub_status,
        )


def _accept_overdue(shop: Shop, cancellation_id: str) -> None:
    cancellation = shop.tables.cancellations[cancellation_id]
    if cancellation.status == PENDING:
        approve(shop, cancellation)


def _refund_later(shop: Shop, cancellation: Cancellation) -> None:
    delay: timedelta = shop.switches.delay("refund_delay_seconds")

    def refund() -> None:
        _moved(shop, shop.tables.cancellations[cancellation.id], COMPLETE)

    shop.after(delay, refund)


def _moved(shop: Shop, cancellation: Cancellation, status: str) -> Cancellation:
    moved = replace(cancellation, status=status, updated=shop.now(), deadline=None)
    _save(shop, moved)
    _tell(shop, moved)
    return moved


def _tell(shop: Shop, cancellation: Cancellation) -> None:
    shop.publish(
        "CANCELLATION_STATUS_CHANGE",
        {
            "order_id": cancellation.order_id,
            "cancellations_role": cancellation.role,
            "cancel_status": SPELT_OTHERWISE.get(cancellation.status, cancellation.status),
            "cancel_id": cancellation.id,
            "create_time": seconds(cancellation.created),
        },
    )
