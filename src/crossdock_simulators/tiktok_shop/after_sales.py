"""What cancellations and returns have in common: how their searches match and their refunds add up."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import Protocol, TypeVar

from crossdock_simulators.tiktok_shop.calls import Body, Bounds, Call, Data, Page, in_window, page_of, sorting
from crossdock_simulators.tiktok_shop.product_view import money
from crossdock_simulators.tiktok_shop.records import ZERO, Line, Order
from crossdock_simulators.tiktok_shop.shop import Shop


class Case(Protocol):
    """A cancellation or a return."""

    @property
    def id(self) -> str: ...
    @property
    def order_id(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def created(self) -> datetime: ...
    @property
    def updated(self) -> datetime: ...


CaseT = TypeVar("CaseT", bound=Case)


def found(shop: Shop, call: Call, cases: Iterable[CaseT], *, kind: str, bounds: Bounds) -> Page[CaseT]:
    """The page of cases that match; `kind` is the word in the names of the filters."""
    wanted = _matcher(shop, call.body, kind)
    key, is_descending = sorting(call, {"create_time": _created, "update_time": _updated})
    matching = sorted((case for case in cases if wanted(case)), key=key, reverse=is_descending)
    return page_of(call, matching, bounds)


def refund(shop: Shop, lines: Collection[Line]) -> Data:
    subtotal = sum((line.sale_price for line in lines), ZERO)
    tax = sum((line.tax for line in lines), ZERO)
    return {
        "currency": shop.region.currency,
        "refund_total": money(subtotal + tax),
        "refund_subtotal": money(subtotal),
        "refund_shipping_fee": "0",
        "refund_tax": money(tax),
        "retail_delivery_fee": "0",
    }


def lines_of(order: Order, line_ids: Collection[str]) -> list[Line]:
    return [line for line in order.lines if line.id in line_ids]


def _created(case: Case) -> datetime:
    return case.created


def _updated(case: Case) -> datetime:
    return case.updated


def _matcher(shop: Shop, body: Body, kind: str) -> Callable[[Case], bool]:
    ids, order_ids = set(body.texts(f"{kind}_ids")), set(body.texts("order_ids"))
    buyers, statuses = set(body.texts("buyer_user_ids")), set(body.texts(f"{kind}_status"))
    created, updated = in_window(body, "create_time"), in_window(body, "update_time")

    def wanted(case: Case) -> bool:
        buyer = shop.tables.orders[case.order_id].terms.buyer_id
        pairs = ((ids, case.id), (order_ids, case.order_id), (buyers, buyer), (statuses, case.status))
        if any(chosen and value not in chosen for chosen, value in pairs):
            return False
        return created(case.created) and updated(case.updated)

    return wanted
