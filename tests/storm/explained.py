"""Which cases may stay open once the weather has cleared: those of people who acted against each other."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from crossdock.domain.order import OrderStatus
from crossdock.store import tables
from storm import order_units, truth
from support.world import SHOP, STORE

if TYPE_CHECKING:
    from storm.storm import Storm

OF_PEOPLE = frozenset(
    {
        "return_requested",  # of a buyer, who waits for the merchant
        "off_sale",  # somebody took it off sale by hand
        "left_on_sale",
        "fulfillment_gone",  # somebody deleted on a platform what the hub had recorded there
    }
)


def is_explained(storm: Storm, case: Any) -> bool:
    """Whether the case tells of what people did against each other, which no hub can settle for them."""
    if case.kind in OF_PEOPLE:
        return True
    if case.kind == "created_not_canceled":
        order = _order(storm, case.subject_id)
        return order is not None and order.channel_id in truth.left_in_vain(storm)
    if case.kind in ("order_refused", "order_never_created", "report_refused"):
        lines = storm.made.rows(tables.order_line, tables.order_line.c.order_id == case.subject_id)
        return any(line.channel_sku in storm.deleted_skus for line in lines)
    if case.kind == "line_unmatched":
        lines = storm.made.rows(tables.order_line, tables.order_line.c.order_id == case.subject_id)
        unmatched = [line.channel_sku for line in lines if line.variant_id is None]
        return bool(unmatched) and storm.deleted_skus.issuperset(unmatched)
    if case.kind == "request_overdue":
        order = _order(storm, case.subject_id)
        return order is not None and order.status in (OrderStatus.REVIEW_REQUIRED, OrderStatus.ON_HOLD)
    if case.kind in ("fulfillment_exceeds", "fulfillment_refused"):
        return _is_shipped_twice_or_in_vain(storm, case.subject_id)
    if case.kind in ("cancellation_refused", "order_reduced"):
        return _has_left(storm, case)
    return False


def _order(storm: Storm, key: str) -> Any:
    return next((row for row in storm.made.rows(tables.order, tables.order.c.id == key)), None)


def _is_shipped_twice_or_in_vain(storm: Storm, order_id: str) -> bool:
    """People recorded the same units at two places, or shipped what the buyer or the merchant took back."""
    rows = storm.made.rows(tables.fulfillment, tables.fulfillment.c.order_id == order_id)
    by_hub = [row for row in rows if row.integration == "hub"]
    by_others = [row for row in rows if row.integration != "hub"]
    if by_others and _is_canceled_in_vain(storm, order_id):
        return True
    return bool(by_hub) and (
        bool(by_others)
        or _is_taken_back(storm, order_id, by_hub)
        or _is_voided_in_vain(storm, by_hub)
        or _is_corrected_in_vain(storm, order_id, by_hub)
    )


def _is_taken_back(storm: Storm, order_id: str, by_hub: list[Any]) -> bool:
    """Whether units were canceled, or taken off the order, of which the hub's people say that they have left."""
    standing = {row.id for row in by_hub if row.state != "voided"}
    shipped = Counter[str]()
    for row in storm.made.rows(tables.fulfillment_line):
        if row.fulfillment_id in standing:
            shipped[row.line_id] += row.quantity
    lines = storm.made.rows(tables.order_line, tables.order_line.c.order_id == order_id)
    return any(line.quantity_canceled or shipped[line.id] > line.quantity for line in lines)


def _is_voided_in_vain(storm: Storm, by_hub: list[Any]) -> bool:
    """Somebody took back in the hub what TikTok Shop, which takes nothing back, was told before."""
    voided = {row.tracking_number for row in by_hub if row.state == "voided"}
    packages = storm.made.shop.shop.tables.packages.values()
    return any(one.tracking_number in voided for one in packages if one.status != "CANCELLED")


def _is_canceled_in_vain(storm: Storm, order_id: str) -> bool:
    """Somebody canceled in the hub what had left by its channel, when the copy was canceled already."""
    rows = storm.made.rows(tables.cancellation, tables.cancellation.c.order_id == order_id)
    return any(row.state == "refused" for row in rows)


def _is_corrected_in_vain(storm: Storm, order_id: str, by_hub: list[Any]) -> bool:
    """Somebody corrected in the hub what TikTok Shop, which corrects nothing that has arrived, was told before."""
    order = _order(storm, order_id)
    packages = [
        one for one in storm.made.shop.shop.tables.packages.values() if order.channel_id in one.order_ids
    ]
    numbers = {row.tracking_number for row in by_hub if row.state != "voided"}
    return any(one.status == "COMPLETED" and one.tracking_number not in numbers for one in packages)


def _has_left(storm: Storm, case: Any) -> bool:
    """Whether the order of the case has left, at least in part, on its platform or as its copy."""
    for order in storm.made.rows(tables.order):
        if case.subject_id in (order.id, order.copy_of):
            shipped = _shipped_there(storm, order)
            if shipped:
                return True
    return False


def _shipped_there(storm: Storm, order: Any) -> Counter[str]:
    made = storm.made
    if order.integration == SHOP and order.channel_id in made.shop.shop.tables.orders:
        lines = made.shop.shop.tables.orders[order.channel_id].lines
        return Counter(line.seller_sku for line in lines if line.status in truth.SHIPPED)
    if order.integration == STORE and int(order.channel_id) in made.store.store.orders:
        return order_units.in_store(made.store.store.orders[int(order.channel_id)])[1]
    return Counter()
