"""The account's own control endpoints under `/_sim`, where people in the warehouse act by hand, and their page."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from html import escape
from typing import TYPE_CHECKING, Final

from crossdock_simulators.kit import Reply, Request, json_reply, page
from crossdock_simulators.kit.given import text, truth, units, whole
from crossdock_simulators.shipstation import errors, orders_api, shipments_api
from crossdock_simulators.shipstation.orders_api import OPEN
from crossdock_simulators.shipstation.records import Account, Json, Order, written

if TYPE_CHECKING:
    from crossdock_simulators.shipstation.app import Simulator

SHOWN: Final = 100
CARRIERS: Final = ("stamps_com", "ups", "fedex", "dhl_express_worldwide")
Act = Callable[..., Reply]


def attach(simulator: Simulator) -> None:
    """Register the endpoints and the part of the page; each runs under the account's lock."""
    control = simulator.asgi.control
    control.title = "ShipStation simulator"
    acts: tuple[tuple[str, str, Act], ...] = (
        ("GET", "/_sim/state", state),
        ("POST", "/_sim/orders/{id}/label", buy_label),
        ("POST", "/_sim/orders/{id}/mark", mark),
        ("POST", "/_sim/orders/{id}/status", set_status),
        ("POST", "/_sim/shipments/{id}/void", void),
        ("POST", "/_sim/switches", set_switches),
    )
    for method, path, act in acts:
        control.add(method, path, partial(_locked, simulator, act))
    control.add("POST", "/_sim/limits", partial(_set_limits, simulator))
    control.add_section("Orders", partial(_orders_section, simulator))


def state(account: Account, _: Request) -> Reply:
    """Everything that a test compares, without a credential."""
    orders = [
        {"id": one.id, "number": one.number, "key": one.key, "status": one.status, "items": one.items}
        for one in account.orders.values()
    ]
    shipments = [
        {
            "id": one.id,
            "order_id": one.order_id,
            "items": one.items,
            "voided": written(one.voided),
            **one.fields,
        }
        for one in account.shipments.values()
    ]
    marked = [{"id": one.id, "order_id": one.order_id, **one.fields} for one in account.fulfillments.values()]
    return json_reply({"orders": orders, "shipments": shipments, "fulfillments": marked})


def buy_label(account: Account, request: Request, order_id: int) -> Reply:
    """A label for all that is open, or for `quantity` units of one `sku`."""
    given, order = request.fields(), _order(account, order_id)
    left, sku = left_to_ship(account, order), str(given.get("sku") or "")
    wanted, taken = units(given, sku, left), dict[int, int]()
    shipped = account.shipped(order)
    for item in order.items:
        number = item["orderItemId"]
        part = min(item["quantity"] - shipped.get(number, 0), wanted) if sku in ("", str(item["sku"])) else 0
        if part:
            taken[number] = part
            wanted -= part
    made = shipments_api.buy_label(account, order, taken, _tracking(given))
    return json_reply({"shipmentId": made.id, "orderStatus": order.status}, 201)


def mark(account: Account, request: Request, order_id: int) -> Reply:
    order = _order(account, order_id)
    made = orders_api.mark(account, order, _tracking(request.fields()))
    return json_reply({"fulfillmentId": made.id}, 201)


def set_status(account: Account, request: Request, order_id: int) -> Reply:
    """What people do to an order there: hold, release, cancel, pass on to a provider."""
    order = _order(account, order_id)
    account.touch(order, text(request.fields(), "status"))
    return json_reply({"orderStatus": order.status})


def void(account: Account, _: Request, shipment_id: int) -> Reply:
    one = shipments_api.void(account, shipment_id)
    return json_reply({"shipmentId": one.id})


def set_switches(account: Account, request: Request) -> Reply:
    """Whether a change of an order that is not open is refused, or answered with the order as it is."""
    account.refuses_locked = truth(request.fields()["refuses_locked"])
    return json_reply({"refuses_locked": account.refuses_locked})


def left_to_ship(account: Account, order: Order) -> dict[str, int]:
    """Open units by SKU."""
    shipped, left = account.shipped(order), dict[str, int]()
    for item in order.items:
        if open_units := item["quantity"] - shipped.get(item["orderItemId"], 0):
            left[str(item["sku"])] = left.get(str(item["sku"]), 0) + open_units
    return left


def _locked(simulator: Simulator, act: Act, request: Request, *parts: int) -> Reply:
    with simulator.lock:
        try:
            return act(simulator.account, request, *parts)
        except errors.RefusedError as error:
            raise ValueError(error.body["Message"]) from None


def _set_limits(simulator: Simulator, request: Request) -> Reply:
    simulator.limits.change(whole(request.fields(), "per_minute", least=1))
    return json_reply({"per_minute": simulator.limits.quota})


def _order(account: Account, order_id: int) -> Order:
    if order_id not in account.orders:
        raise ValueError(f"There is no order {order_id}")
    return account.orders[order_id]


def _tracking(given: Json) -> Json:
    return {
        "carrierCode": str(given.get("carrier_code") or CARRIERS[0]),
        "serviceCode": str(given.get("service_code") or ""),
        "trackingNumber": str(given.get("tracking_number") or ""),
    }


def _orders_section(simulator: Simulator) -> str:
    with simulator.lock:
        account = simulator.account
        held = list(account.orders.values())
        rows = [_row(account, order) for order in reversed(held[-SHOWN:])]
    note = page.newest(len(rows), len(held), "orders")
    return note + (
        page.table(["Order", "Status", "Items", "Labels", ""], rows) if rows else "<p>No order so far.</p>"
    )


def _row(account: Account, order: Order) -> list[str]:
    path, is_open = f"/_sim/orders/{order.id}", order.status in OPEN
    left = left_to_ship(account, order)
    carriers = page.choice_field("Carrier", "carrier_code", [(one, one) for one in CARRIERS])
    number = page.text_field("Tracking number", "tracking_number")
    skus = [("", "all"), *((sku, f"{sku} ({count})") for sku, count in left.items())]
    chosen = [page.choice_field("SKU", "sku", skus), page.text_field("Units", "quantity", hint="all")]
    statuses = [(one, one) for one in ("on_hold", "awaiting_shipment", "cancelled", "pending_fulfillment")]
    buttons = page.acts(
        page.folded("Buy a label", page.form(f"{path}/label", [*chosen, carriers, number], "Ship"))
        if is_open and left
        else "",
        page.folded("Mark as shipped", page.form(f"{path}/mark", [carriers, number], "Mark"))
        if is_open
        else "",
        page.folded(
            "Set status",
            page.form(f"{path}/status", [page.choice_field("Status", "status", statuses)], "Set"),
        ),
    )
    items = "<br>".join(f"{item['quantity']} × {escape(str(item['sku']))}" for item in order.items)
    return [escape(order.number), escape(order.status), items, _labels(account, order), buttons]


def _labels(account: Account, order: Order) -> str:
    shown = []
    for one in account.shipments.values():
        if one.order_id == order.id:
            name = escape(f"{one.fields['carrierCode']} {one.fields['trackingNumber']}")
            button = page.form(f"/_sim/shipments/{one.id}/void", [], "Void")
            shown.append(f"{name} (void)" if one.voided else f"{name} {button}")
    return "<br>".join(shown)
