"""The order endpoints of version 2: lists with filters, one order, its lines and addresses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from crossdock_simulators.bigcommerce import errors, order_checks, order_statuses, orders, wire
from crossdock_simulators.bigcommerce import order_render as render
from crossdock_simulators.bigcommerce.lookup import order_with
from crossdock_simulators.bigcommerce.records import Json, Order
from crossdock_simulators.bigcommerce.store import Store
from crossdock_simulators.kit import Reply, Request, json_reply

Read = Callable[[Order], Any]
_SORTS: Final[dict[str, Read]] = {
    "id": lambda order: order.id,
    "customer_id": lambda order: order.fields["customer_id"],
    "date_created": lambda order: order.created,
    "date_modified": lambda order: order.modified,
    "status_id": lambda order: order.status_id,
    "channel_id": lambda order: order.fields["channel_id"],
    "external_id": lambda order: order.id,
}
_RANGES: Final[dict[str, Read]] = {
    "id": _SORTS["id"],
    "total": lambda order: orders.total(order, "inc_tax"),
    "date_created": _SORTS["date_created"],
    "date_modified": _SORTS["date_modified"],
}
_EQUALS: Final[dict[str, Read]] = {
    "customer_id": _SORTS["customer_id"],
    "status_id": _SORTS["status_id"],
    "channel_id": _SORTS["channel_id"],
    "email": lambda order: order.billing["email"],
    "cart_id": lambda order: order.fields["cart_id"],
    "payment_method": lambda order: order.fields["payment_method"],
    "external_order_id": lambda order: order.fields["external_order_id"],
}
_OTHERS: Final = frozenset(["page", "limit", "sort", "include", "consignment_structure"])


def list_orders(store: Store, request: Request) -> Reply:
    found = _in_order(_matching(store, request.query), request.query.get("sort", "id"))
    chosen, _ = wire.page_of(request, found)
    rows = [_rendered(store, request, order) for order in chosen]
    if chosen and request.fault is not None and request.fault.kind == "shift_page":
        orders.touch_order(store, chosen[0])  # an edit while the client turns pages
    return wire.listed(rows)


def count_orders(store: Store, request: Request) -> Reply:
    found = _matching(store, request.query)
    counts = Counter(order.status_id for order in found)
    rows = [
        order_statuses.row(number) | {"count": counts[number], "sort_order": number}
        for number in range(len(order_statuses.NAMES))
    ]
    return json_reply({"count": len(found), "statuses": rows})


def create_order(store: Store, request: Request) -> Reply:
    order = orders.create_order(store, wire.v2_body(request))
    return json_reply(_rendered(store, request, order), 201)


def get_order(store: Store, request: Request, order_id: int) -> Reply:
    return json_reply(_rendered(store, request, order_with(store, order_id)))


def update_order(store: Store, request: Request, order_id: int) -> Reply:
    order = order_with(store, order_id)
    orders.update_order(store, order, wire.v2_body(request))
    return json_reply(_rendered(store, request, order))


def archive_order(store: Store, _: Request, order_id: int) -> Reply:
    orders.archive_order(store, order_with(store, order_id))
    return Reply(204)


def archive_all(store: Store, _: Request) -> Reply:
    for order in store.orders.values():
        if not order.archived:
            orders.archive_order(store, order)
    return Reply(204)


def list_lines(store: Store, request: Request, order_id: int) -> Reply:
    order = order_with(store, order_id)
    chosen, _ = wire.page_of(request, order.lines)
    return wire.listed([render.line(order, line) for line in chosen])


def get_line(store: Store, _: Request, order_id: int, line_id: int) -> Reply:
    order = order_with(store, order_id)
    for line in order.lines:
        if line.id == line_id:
            return json_reply(render.line(order, line))
    raise errors.v2_not_found()


def count_lines(store: Store, _: Request, order_id: int) -> Reply:
    return json_reply({"count": len(order_with(store, order_id).lines)})


def list_addresses(store: Store, request: Request, order_id: int) -> Reply:
    order = order_with(store, order_id)
    chosen, _ = wire.page_of(request, order.addresses)
    return wire.listed([render.address(store, order, row) for row in chosen])


def get_address(store: Store, _: Request, order_id: int, address_id: int) -> Reply:
    order, row = _address_with(store, order_id, address_id)
    return json_reply(render.address(store, order, row))


def update_address(store: Store, request: Request, order_id: int, address_id: int) -> Reply:
    order, row = _address_with(store, order_id, address_id)
    row |= order_checks.address(row | wire.v2_body(request), billing=False)
    orders.touch_order(store, order)
    return json_reply(render.address(store, order, row))


def list_coupons(store: Store, _: Request, order_id: int) -> Reply:
    order = order_with(store, order_id)
    rows = []
    for number, coupon in enumerate(order.coupons, 1):
        row = {"id": number, "coupon_id": number, "order_id": order.id, "code": coupon["code"], "type": 0}
        rows.append(row | {"amount": wire.money(Decimal(coupon["discount"])), "discount": coupon["discount"]})
    return wire.listed(rows)


def list_fees(store: Store, _: Request, order_id: int) -> Reply:
    return wire.listed(order_with(store, order_id).fees)


def list_nothing(store: Store, _: Request, order_id: int) -> Reply:
    """Taxes and messages: an existing order has none."""
    order_with(store, order_id)
    return Reply(204)


def get_consignments(store: Store, request: Request, order_id: int) -> Reply:
    with_lines = "line_items" in request.query.get("include", "")
    return json_reply(render.consignments(store, order_with(store, order_id), with_lines=with_lines))


def list_statuses(_: Store, __: Request) -> Reply:
    return json_reply([order_statuses.row(number) for number in range(len(order_statuses.NAMES))])


def _rendered(store: Store, request: Request, order: Order) -> Json:
    include = frozenset(wire.texts(request.query.get("include", "")))
    return render.order(store, order, include, request.query.get("consignment_structure") == "object")


def _matching(store: Store, query: dict[str, str]) -> list[Order]:
    checks = [_check(store, name, text) for name, text in query.items() if name not in _OTHERS]
    return [
        order
        for order in store.orders.values()
        if not order.archived and all(check(order) for check in checks)
    ]


def _check(store: Store, name: str, text: str) -> Callable[[Order], bool]:
    if (read := _EQUALS.get(name)) is not None:
        equal = read
        return lambda order: str(equal(order)) == text
    side, _, field = name.partition("_")
    if side not in ("min", "max") or field not in _RANGES:
        raise errors.v2_invalid(name)
    limit = wire.moment(text, store.now()) if field.startswith("date") else wire.decimal(text)
    if limit is None:
        raise errors.v2_invalid(name)
    value = _RANGES[field]
    if side == "min":
        return lambda order: bool(value(order) >= limit)
    return lambda order: bool(value(order) <= limit)


def _in_order(found: list[Order], sort: str) -> list[Order]:
    name, _, direction = sort.partition(":")
    if name not in _SORTS or direction not in ("", "asc", "desc"):
        raise errors.v2_invalid("sort")
    key = _SORTS[name]
    return sorted(found, key=lambda order: (key(order), order.id), reverse=direction == "desc")


def _address_with(store: Store, order_id: int, address_id: int) -> tuple[Order, Json]:
    order = order_with(store, order_id)
    for row in order.addresses:
        if row["id"] == address_id:
            return order, row
    raise errors.v2_not_found()


_ONE = "/v2/orders/{id}"
ROUTES = (
    ("GET", "/v2/orders", list_orders),
    ("POST", "/v2/orders", create_order),
    ("DELETE", "/v2/orders", archive_all),
    ("GET", "/v2/orders/count", count_orders),
    ("GET", "/v2/order_statuses", list_statuses),
    ("GET", _ONE, get_order),
    ("PUT", _ONE, update_order),
    ("DELETE", _ONE, archive_order),
    ("GET", f"{_ONE}/products", list_lines),
    ("GET", f"{_ONE}/products/count", count_lines),
    ("GET", f"{_ONE}/products/{{id}}", get_line),
    ("GET", f"{_ONE}/coupons", list_coupons),
    ("GET", f"{_ONE}/taxes", list_nothing),
    ("GET", f"{_ONE}/messages", list_nothing),
    ("GET", f"{_ONE}/fees", list_fees),
    ("GET", f"{_ONE}/consignments", get_consignments),
    *(
        (method, f"{_ONE}/{spelling}{more}", function)
        for spelling in ("shipping_addresses", "shippingaddresses")
        for method, more, function in (
            ("GET", "", list_addresses),
            ("GET", "/{id}", get_address),
            ("PUT", "/{id}", update_address),
        )
    ),
)
