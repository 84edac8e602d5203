"""The endpoints of labels, of fulfillments and of stores."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from crossdock_simulators.kit import Reply, Request, json_reply
from crossdock_simulators.shipstation import errors
from crossdock_simulators.shipstation.lists import between, listed
from crossdock_simulators.shipstation.orders_api import OPEN
from crossdock_simulators.shipstation.records import Account, Fulfillment, Json, Order, Shipment, written


def list_shipments(account: Account, request: Request) -> Reply:
    """Labels only. Their items are told where that is asked for."""
    query = request.query
    with_items = query.get("includeShipmentItems", "").lower() == "true"
    chosen = [
        one
        for one in account.shipments.values()
        if _is_wanted(account, query, one)
        and between(query, "createDate", one.created)
        and between(query, "voidDate", one.voided)
    ]
    keys = {"ShipDate": _created, "CreateDate": _created}
    return listed(request, "shipments", chosen, keys, lambda one: _label(account, one, with_items=with_items))


def list_fulfillments(account: Account, request: Request) -> Reply:
    query = request.query
    chosen = [
        one
        for one in account.fulfillments.values()
        if _is_wanted(account, query, one) and between(query, "createDate", one.created)
    ]
    keys = {"ShipDate": _created, "CreateDate": _created}
    return listed(request, "fulfillments", chosen, keys, lambda one: _fulfillment(account, one))


def list_stores(account: Account, _: Request) -> Reply:
    return json_reply(
        [
            {"storeId": number, "storeName": name, "marketplaceName": "ShipStation", "active": True}
            for number, name in account.stores.items()
        ]
    )


def void_label(account: Account, request: Request) -> Reply:
    void(account, request.json().get("shipmentId"))
    return json_reply({"approved": True, "message": "Label voided successfully"})


def void(account: Account, shipment_id: Any) -> Shipment:
    """The order waits again."""
    one = account.shipments.get(shipment_id)
    if one is None or one.voided is not None:
        raise errors.not_found("shipment")
    one.voided = account.now()
    account.touch(account.orders[one.order_id], "awaiting_shipment")
    return one


def buy_label(account: Account, order: Order, items: Mapping[int, int], given: Json) -> Shipment:
    """A label for these units by item; the order counts as shipped once all of it has one."""
    if order.status not in OPEN:
        raise errors.refused(f"The order is {order.status}.")
    fields = {name: given.get(name) for name in ("carrierCode", "serviceCode", "trackingNumber")}
    made = Shipment(next(account.ids), order.id, fields, list(items.items()), account.now())
    account.shipments[made.id] = made
    shipped = account.shipped(order)
    is_whole = all(shipped.get(item["orderItemId"], 0) >= item["quantity"] for item in order.items)
    account.touch(order, "shipped" if is_whole else "")
    return made


def _created(one: Shipment | Fulfillment) -> datetime:
    return one.created


def _is_wanted(account: Account, query: Mapping[str, str], one: Shipment | Fulfillment) -> bool:
    order = account.orders[one.order_id]
    return query.get("orderNumber", order.number) == order.number and query.get(
        "orderId", str(order.id)
    ) == str(order.id)


def _label(account: Account, one: Shipment, *, with_items: bool) -> Json:
    order = account.orders[one.order_id]
    items = {item["orderItemId"]: item for item in order.items}
    rows = [{**items.get(item, {"orderItemId": item}), "quantity": count} for item, count in one.items]
    return {
        "shipmentId": one.id,
        "orderId": order.id,
        "orderKey": order.key,
        "orderNumber": order.number,
        "createDate": written(one.created),
        "shipDate": str(written(one.created))[:10],
        **one.fields,
        "isReturnLabel": False,
        "voided": one.voided is not None,
        "voidDate": written(one.voided),
        "shipmentItems": rows if with_items else None,
    }


def _fulfillment(account: Account, one: Fulfillment) -> Json:
    order = account.orders[one.order_id]
    return {
        "fulfillmentId": one.id,
        "orderId": order.id,
        "orderNumber": order.number,
        "createDate": written(one.created),
        "voidDate": None,
        "deliveryDate": None,
        **one.fields,
        "voidRequested": False,
        "voided": False,
    }


ROUTES = (
    ("GET", "/shipments", list_shipments),
    ("POST", "/shipments/voidlabel", void_label),
    ("GET", "/fulfillments", list_fulfillments),
    ("GET", "/stores", list_stores),
)
