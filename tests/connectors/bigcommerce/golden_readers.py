"""How each kind of golden payload is read: the first word of a file's name says which kind it is."""

from __future__ import annotations

import json
from dataclasses import is_dataclass
from pathlib import Path
from typing import Any

import msgspec

from connectors.bigcommerce.scripted import connector
from connectors.plain import EMPTY, telling_fields
from crossdock.connectors.bigcommerce import failures, payloads, payloads_shipment, webhooks
from crossdock.connectors.bigcommerce.mapping.account import to_account
from crossdock.connectors.bigcommerce.mapping.location import to_location
from crossdock.connectors.bigcommerce.mapping.product import Names, StoreUnits, to_product
from crossdock.connectors.bigcommerce.mapping.refund import to_refund
from crossdock.connectors.bigcommerce.mapping.shipment import to_parcel
from crossdock.connectors.bigcommerce.mapping.stock import to_levels
from crossdock.connectors.bigcommerce.reading import decoded
from crossdock.connectors.errors import ChannelError, RateLimitedError
from crossdock.connectors.http import Answer
from crossdock.domain.channel import ChannelId, LengthUnit, WeightUnit

GOLDEN = Path(__file__).parent / "golden"
UNITS = StoreUnits("USD", WeightUnit.OUNCE, LengthUnit.INCH)
NAMES = Names({36: "Acme"}, {23: "Clothing / Shirts", 24: "New"})


def product(raw: bytes) -> Any:
    return to_product(decoded(raw, payloads.Product), names=NAMES, units=UNITS)


def order(raw: bytes) -> Any:
    """With all lines in the payload an order is read without a further call."""
    hub, _ = connector(
        lambda request: (200, [json.loads(raw)]) if request.place == "/v2/orders" else (204, None)
    )
    (page,) = hub.pull_orders(None)
    assert page.unreadable == ()
    return page.records[0]


def location(raw: bytes) -> Any:
    return to_location(decoded(raw, payloads.Location))


def stock(raw: bytes) -> Any:
    item = decoded(raw, payloads.Item)
    return list(to_levels(item, ChannelId(str(item.identity.variant_id))))


def account(raw: bytes) -> Any:
    settings = payloads.InventorySettings("order_placed", refund_order_stock_adjustment=False)
    return to_account(
        decoded(raw, payloads.Store),
        settings,
        store_hash="abc123",
        missing_access=(),
    )


def refund(raw: bytes) -> Any:
    return to_refund(decoded(raw, payloads.Refund))


def shipment(raw: bytes) -> Any:
    """A shipment with the lines of its order."""
    said = json.loads(raw)
    lines = [decoded(json.dumps(line).encode(), payloads.OrderLine) for line in said["lines"]]
    one = decoded(json.dumps(said["shipment"]).encode(), payloads_shipment.Shipment)
    return to_parcel(one, {line.id: line for line in lines})


def failure(raw: bytes) -> Any:
    """An answer with its status, headers and body to a call of `place`; null where it is no failure."""
    said = json.loads(raw)
    body = said["body"]
    content = body.encode() if isinstance(body, str) else b"" if body is None else json.dumps(body).encode()
    answer = Answer(said["status"], said.get("headers", {}), content)
    try:
        failures.raise_for(answer, place=said["place"], is_write=said.get("is_write", False))
    except ChannelError as error:
        pause = error.retry_after if isinstance(error, RateLimitedError) else None
        return {
            "error": type(error).__name__,
            "remedy": error.remedy,
            "message": str(error),
            "fix": error.fix,
            "retry_after": pause and pause.total_seconds(),
        }
    return None


def event(raw: bytes) -> Any:
    """The entities that a delivery of this store hints at."""
    headers = {webhooks.KEY_HEADER.lower(): webhooks.key_of("the-secret")}
    return webhooks.read("the-secret", "abc123", headers, raw).entities


READERS = {
    "product": product,
    "order": order,
    "location": location,
    "stock": stock,
    "account": account,
    "refund": refund,
    "shipment": shipment,
    "failure": failure,
    "event": event,
}


def read(kind: str, payload: Any) -> Any:
    """What the hub makes of a payload, as plain JSON."""
    return plain(READERS[kind](json.dumps(payload).encode()))


def plain(value: Any) -> Any:
    """As JSON, without the fields that say nothing."""
    if is_dataclass(value):
        return {name: plain(one) for name, one in telling_fields(value).items()}
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items() if one not in EMPTY}
    if isinstance(value, tuple | list | frozenset):
        return [plain(one) for one in (sorted(value) if isinstance(value, frozenset) else value)]
    return msgspec.to_builtins(value)
