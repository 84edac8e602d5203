"""A shipping request as an order of the platform, and what the platform's order says of the request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crossdock.connectors.shipstation.mapping.dates import from_moment
from crossdock.connectors.shipstation.payloads import Order
from crossdock.domain.channel import Address
from crossdock.domain.shipping import NewsKind, RequestedLine, RequestNews, ShippingOrder

AWAITING_SHIPMENT, ON_HOLD, SHIPPED, CANCELLED = "awaiting_shipment", "on_hold", "shipped", "cancelled"
PENDING_FULFILLMENT, REJECTED_FULFILLMENT = "pending_fulfillment", "rejected_fulfillment"
OPEN = frozenset({AWAITING_SHIPMENT, ON_HOLD, "awaiting_payment"})
"""Only such orders can be changed:
https://docs.shipstation.com/apis/shipstation-v1/docs/orders/create-update-order."""

_NEWS = {CANCELLED: NewsKind.STOPPED, REJECTED_FULFILLMENT: NewsKind.REFUSED}
_REASONS = {
    CANCELLED: "cancelled in ShipStation",
    REJECTED_FULFILLMENT: "the fulfillment provider that ShipStation passed it on to rejected it",
}
_ECHOED = (
    "orderNumber",
    "orderKey",
    "orderDate",
    "paymentDate",
    "billTo",
    "shipTo",
    "items",
    "requestedShippingService",
    "internalNotes",
    "advancedOptions",
)


def from_request(
    wanted: ShippingOrder, address: Address, *, status: str, store_id: str = ""
) -> dict[str, Any]:
    """The whole order. Its number and its key are the request's, and each item's key is the number of its line."""
    options = {"customField1": f"{wanted.channel} {wanted.order_number}", "customField2": wanted.location}
    body: dict[str, Any] = {
        "orderNumber": wanted.number,
        "orderKey": wanted.number,
        "orderDate": from_moment(wanted.placed_at),
        "paymentDate": from_moment(wanted.placed_at),
        "orderStatus": status,
        "billTo": {"name": address.name},
        "shipTo": _to(address),
        "items": [_item(line) for line in wanted.lines if line.quantity],
        "advancedOptions": options | ({"storeId": int(store_id)} if store_id else {}),
    }
    said = {"requestedShippingService": wanted.method, "internalNotes": _note(wanted)}
    return body | {name: text for name, text in said.items() if text}


def cancelled(raw: Mapping[str, Any]) -> dict[str, Any]:
    """The order as it stands there, canceled: what people changed in it stays."""
    kept = {name: raw[name] for name in _ECHOED if raw.get(name) is not None}
    return kept | {"orderStatus": CANCELLED}


def shows(order: Order, wanted: ShippingOrder) -> bool:
    """Whether the order holds the units of the request, line by line."""
    there: dict[str, int] = {}
    for item in order.items or ():
        if not item.adjustment:
            key = item.line_item_key or ""
            there[key] = there.get(key, 0) + item.quantity
    return there == {line.number: line.quantity for line in wanted.lines if line.quantity}


def to_news(order: Order) -> RequestNews:
    return RequestNews(
        number=order.order_number,
        kind=_NEWS.get(order.order_status, NewsKind.ACCEPTED),
        reason=_REASONS.get(order.order_status, ""),
        their_id=str(order.order_id),
    )


def _to(address: Address) -> dict[str, str]:
    streets = [*address.lines[:2], " ".join(address.lines[2:])]
    named = {f"street{place}": line for place, line in enumerate(streets, start=1) if line}
    rest = {
        "name": address.name,
        "company": address.company,
        "city": address.city,
        "state": address.state,
        "postalCode": address.postal_code,
        "country": address.country_code,
        "phone": address.phone,
    }
    return {name: value for name, value in (rest | named).items() if value}


def _item(line: RequestedLine) -> dict[str, Any]:
    item: dict[str, Any] = {
        "lineItemKey": line.number,
        "sku": line.sku,
        "name": line.name,
        "quantity": line.quantity,
    }
    if line.unit_price is not None:
        item["unitPrice"] = line.unit_price.amount
    if line.gtin:
        item["upc"] = line.gtin
    if line.options:
        item["options"] = [_option(text) for text in line.options]
    return item


def _option(text: str) -> dict[str, str]:
    name, _, value = text.partition(": ")
    return {"name": name, "value": value}


def _note(wanted: ShippingOrder) -> str:
    """Tags there have numbers of the account's own, so that ours stand in the note."""
    tags = f"Tags: {', '.join(wanted.tags)}" if wanted.tags else ""
    return "\n".join(part for part in (wanted.note, tags) if part)
