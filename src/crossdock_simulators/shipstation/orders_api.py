"""The endpoints of orders: listed, created or changed by their key, marked as shipped."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from crossdock_simulators.kit import Reply, Request, json_reply
from crossdock_simulators.shipstation import errors
from crossdock_simulators.shipstation.lists import between, listed
from crossdock_simulators.shipstation.records import Account, Fulfillment, Json, Order, moment, written

OPEN: Final = frozenset({"awaiting_payment", "awaiting_shipment", "on_hold"})
STATUSES: Final = OPEN | {"shipped", "cancelled"}
REQUIRED: Final = ("orderNumber", "orderDate", "orderStatus", "billTo", "shipTo")
KNOWN: Final = {
    *REQUIRED,
    "orderKey",
    "paymentDate",
    "shipByDate",
    "customerUsername",
    "customerEmail",
    "items",
    "amountPaid",
    "taxAmount",
    "shippingAmount",
    "customerNotes",
    "internalNotes",
    "requestedShippingService",
    "carrierCode",
    "serviceCode",
    "packageCode",
    "advancedOptions",
}
ITEM: Final = {"lineItemKey": None, "sku": None, "name": "", "quantity": 0, "unitPrice": None, "upc": None}


def list_orders(account: Account, request: Request) -> Reply:
    query = request.query
    chosen = [
        order
        for order in account.orders.values()
        if order.number.startswith(query.get("orderNumber", ""))
        and query.get("orderStatus", order.status) == order.status
        and query.get("storeId", str(order.store_id)) == str(order.store_id)
        and between(query, "createDate", order.created)
        and between(query, "modifyDate", order.modified)
    ]
    keys = {
        "OrderDate": lambda order: moment(order.own["orderDate"]),
        "ModifyDate": lambda order: order.modified,
        "CreateDate": lambda order: order.created,
    }
    return listed(request, "orders", chosen, keys, shown)


def get_order(account: Account, _: Request, order_id: int) -> Reply:
    return json_reply(shown(order_with(account, order_id)))


def create_order(account: Account, request: Request) -> Reply:
    """With the key of an open order it is changed; its items become those that are given."""
    given = request.json()
    _check(account, given)
    there = account.order_by_key(str(given["orderKey"])) if given.get("orderKey") else None
    order = _new(account, given) if there is None else _changed(account, there, given)
    return json_reply(shown(order))


def mark_as_shipped(account: Account, request: Request) -> Reply:
    given = request.json()
    order = order_with(account, given.get("orderId"))
    mark(account, order, given)
    return json_reply({"orderId": order.id, "orderNumber": order.number})


def mark(account: Account, order: Order, given: Json) -> Fulfillment:
    """No label is bought, and the whole order counts as shipped."""
    if order.status not in OPEN:
        raise errors.refused(f"The order is {order.status}.")
    if not given.get("carrierCode"):
        raise errors.refused("The carrierCode field is required.")
    fields = {name: given.get(name) for name in ("carrierCode", "trackingNumber", "shipDate")}
    made = Fulfillment(next(account.ids), order.id, fields, account.now())
    account.fulfillments[made.id] = made
    account.touch(order, "shipped")
    return made


def order_with(account: Account, order_id: Any) -> Order:
    order = account.orders.get(order_id) if isinstance(order_id, int) else None
    if order is None:
        raise errors.not_found("order")
    return order


def shown(order: Order) -> Json:
    return {
        **dict.fromkeys(sorted(KNOWN)),
        **order.own,
        "orderId": order.id,
        "createDate": written(order.created),
        "modifyDate": written(order.modified),
        "items": [dict(item) for item in order.items],
        "externallyFulfilled": False,
    }


def _check(account: Account, given: Json) -> None:
    for name in REQUIRED:
        if not given.get(name):
            raise errors.invalid(**{name: f"The {name} field is required."})
    if given["orderStatus"] not in STATUSES:
        raise errors.invalid(orderStatus=f"The value '{given['orderStatus']}' is not valid for orderStatus.")
    if len(str(given["shipTo"].get("country") or "")) != 2:
        raise errors.refused("Please use a 2 character country code")
    store_id = (given.get("advancedOptions") or {}).get("storeId")
    if store_id is not None and store_id not in account.stores:
        raise errors.refused(f"The store {store_id} was not found.")
    for item in given.get("items") or ():
        if not isinstance(item.get("quantity"), int) or item["quantity"] < 0:
            raise errors.invalid(items="The quantity of an item must be a whole number.")


def _new(account: Account, given: Json) -> Order:
    order_id, now = next(account.ids), account.now()
    store = {"storeId": next(iter(account.stores))} | (given.get("advancedOptions") or {})
    own = {"orderKey": UUID(int=order_id).hex} | _own(given) | {"advancedOptions": store}
    order = Order(order_id, own, created=now, modified=now)
    order.items = [_item(account, item) for item in given.get("items") or ()]
    account.orders[order_id] = order
    return order


def _changed(account: Account, order: Order, given: Json) -> Order:
    if order.status not in OPEN:
        if account.refuses_locked:
            raise errors.refused(f"The order is {order.status} and cannot be changed through the API.")
        return order
    options = order.own["advancedOptions"] | (given.get("advancedOptions") or {})
    order.own |= _own(given) | {"advancedOptions": options}
    if "items" in given:
        order.items = [_item(account, item, order) for item in given["items"] or ()]
    account.touch(order)
    return order


def _own(given: Json) -> Json:
    return {name: given[name] for name in KNOWN - {"items"} if name in given}


def _item(account: Account, given: Json, order: Order | None = None) -> Json:
    """An item of the same key keeps its id."""
    key = given.get("lineItemKey")
    old = next((item for item in order.items if key and item["lineItemKey"] == key), None) if order else None
    own = {name: given.get(name, default) for name, default in ITEM.items()}
    item_id = old["orderItemId"] if old else next(account.ids)
    return {"orderItemId": item_id, **own, "options": given.get("options") or [], "adjustment": False}


ROUTES = (
    ("GET", "/orders", list_orders),
    ("GET", "/orders/{id}", get_order),
    ("POST", "/orders/createorder", create_order),
    ("POST", "/orders/markasshipped", mark_as_shipped),
)
