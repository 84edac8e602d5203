"""The shipment endpoints of version 2."""

from __future__ import annotations

from typing import Any, Final

from crossdock_simulators.bigcommerce import errors, order_statuses, orders, wire
from crossdock_simulators.bigcommerce import order_render as render
from crossdock_simulators.bigcommerce.lookup import order_with
from crossdock_simulators.bigcommerce.records import Json, Order, OrderLine, Shipment
from crossdock_simulators.bigcommerce.store import Store
from crossdock_simulators.kit import Reply, Request, json_reply

_TEXTS: Final[Json] = {
    "tracking_number": "",
    "shipping_provider": "",
    "tracking_carrier": "",
    "tracking_link": "",
    "shipping_method": "",
    "comments": "",
    "merchant_shipping_cost": "0.0000",
}
_LENGTHS: Final = {"tracking_number": 50, "tracking_link": 500, "comments": 65_535}
PROVIDERS: Final = frozenset(
    [
        "auspost",
        "canadapost",
        "endicia",
        "usps",
        "fedex",
        "royalmail",
        "ups",
        "upsready",
        "upsonline",
        "shipperhq",
    ]
) | {""}


def list_shipments(store: Store, request: Request, order_id: int) -> Reply:
    order = order_with(store, order_id)
    chosen, _ = wire.page_of(request, order.shipments)
    return wire.listed([render.shipment(store, order, one) for one in chosen])


def count_shipments(store: Store, _: Request, order_id: int) -> Reply:
    return json_reply({"count": len(order_with(store, order_id).shipments)})


def create_shipment(store: Store, request: Request, order_id: int) -> Reply:
    order, given = order_with(store, order_id), wire.v2_body(request)
    return json_reply(render.shipment(store, order, ship(store, order, given)), 201)


def ship(store: Store, order: Order, given: Json) -> Shipment:
    """Everything is checked before a unit leaves."""
    fields = _TEXTS | _texts(given)
    address_id = _address_id(order, given.get("order_address_id"))
    taken = _items(order, address_id, given.get("items"))
    rows = []
    for line, quantity in taken:
        line.quantity_shipped += quantity
        rows.append({"order_product_id": line.id, "product_id": line.product_id, "quantity": quantity})
    shipment = Shipment(store.next_id("shipment"), address_id, fields, rows, store.now())
    order.shipments.append(shipment)
    store.writes["shipment_created"] += 1
    _publish(store, order, shipment, "created")
    _move_on(store, order)
    return shipment


def get_shipment(store: Store, _: Request, order_id: int, shipment_id: int) -> Reply:
    order, shipment = _shipment_with(store, order_id, shipment_id)
    return json_reply(render.shipment(store, order, shipment))


def update_shipment(store: Store, request: Request, order_id: int, shipment_id: int) -> Reply:
    """Tracking only; items cannot change."""
    order, shipment = _shipment_with(store, order_id, shipment_id)
    given = wire.v2_body(request)
    if "items" in given:
        raise errors.v2_read_only("items")
    shipment.fields = shipment.fields | _texts(given)
    store.writes["shipment_updated"] += 1
    _publish(store, order, shipment, "updated")
    orders.touch_order(store, order)
    return json_reply(render.shipment(store, order, shipment))


def delete_shipment(store: Store, _: Request, order_id: int, shipment_id: int) -> Reply:
    order, shipment = _shipment_with(store, order_id, shipment_id)
    _delete(store, order, shipment)
    return Reply(204)


def delete_shipments(store: Store, _: Request, order_id: int) -> Reply:
    order = order_with(store, order_id)
    for shipment in list(order.shipments):
        _delete(store, order, shipment)
    return Reply(204)


def _move_on(store: Store, order: Order) -> None:
    physical = [line for line in order.lines if line.type == "physical"]
    whole = all(line.quantity_shipped >= line.quantity for line in physical)
    reached = order_statuses.SHIPPED if whole else order_statuses.PARTIALLY_SHIPPED
    if whole:
        order.shipped = store.now()
    if store.switches.shipments_change_status and order.status_id != reached:
        orders.set_status(store, order, reached)
    else:
        orders.touch_order(store, order)


def _delete(store: Store, order: Order, shipment: Shipment) -> None:
    """The units count as unshipped again; the status stays."""
    for row in shipment.items:
        for line in order.lines:
            if line.id == row["order_product_id"]:
                line.quantity_shipped -= row["quantity"]
    order.shipments.remove(shipment)
    _publish(store, order, shipment, "deleted")
    orders.touch_order(store, order)


def _address_id(order: Order, given: Any) -> int:
    number = int(given) if isinstance(given, (int, str)) and str(given).isdecimal() else None
    if given is None:
        raise errors.v2_required("order_address_id")
    if number not in [row["id"] for row in order.addresses]:
        raise errors.v2_invalid("order_address_id")
    return int(str(number))


def _items(order: Order, address_id: int, given: Any) -> list[tuple[OrderLine, int]]:
    """All of one shipment go to its address."""
    if not isinstance(given, list) or not given:
        raise errors.v2_required("items")
    lines = {line.id: line for line in order.lines}
    taken: dict[int, int] = {}
    for row in given:
        if "product_id" in row:
            raise errors.v2_read_only("product_id")
        line, quantity = lines.get(row.get("order_product_id")), row.get("quantity")
        if line is None or render.address_of(order, line) != address_id:
            raise errors.v2_invalid("order_product_id")
        if isinstance(quantity, bool) or not isinstance(quantity, int) or quantity < 1:
            raise errors.v2_invalid("quantity")
        taken[line.id] = taken.get(line.id, 0) + quantity
        if line.quantity_shipped + taken[line.id] > line.quantity:
            text = "The quantity to ship exceeds the quantity that is left to ship."
            raise errors.v2(400, text)
    return [(lines[number], quantity) for number, quantity in taken.items()]


def _texts(given: Json) -> Json:
    for name in given.keys() - _TEXTS.keys() - {"order_address_id", "items"}:
        raise errors.v2_read_only(name)
    found = {name: str(given[name]) for name in _TEXTS if given.get(name) is not None}
    for name, most in _LENGTHS.items():
        if len(found.get(name, "")) > most:
            raise errors.v2_invalid(name)
    provider = found.get("shipping_provider", "")
    if provider not in PROVIDERS and not provider.startswith("carrier_"):
        raise errors.v2_invalid("shipping_provider")
    return found


def _shipment_with(store: Store, order_id: int, shipment_id: int) -> tuple[Order, Shipment]:
    order = order_with(store, order_id)
    for shipment in order.shipments:
        if shipment.id == shipment_id:
            return order, shipment
    raise errors.v2_not_found()


def _publish(store: Store, order: Order, shipment: Shipment, event: str) -> None:
    data = {"type": "shipment", "id": shipment.id, "orderId": order.id}
    store.publish(f"store/shipment/{event}", data)


_ALL = "/v2/orders/{id}/shipments"
ROUTES = (
    ("GET", _ALL, list_shipments),
    ("POST", _ALL, create_shipment),
    ("DELETE", _ALL, delete_shipments),
    ("GET", f"{_ALL}/count", count_shipments),
    ("GET", f"{_ALL}/{{id}}", get_shipment),
    ("PUT", f"{_ALL}/{{id}}", update_shipment),
    ("DELETE", f"{_ALL}/{{id}}", delete_shipment),
)
