"""Webhooks: which events are wanted, who proves to be the sender, and what an event hints at."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import msgspec

from crossdock.connectors.bigcommerce import payloads
from crossdock.connectors.bigcommerce.api_path import ApiPath, is_loopback
from crossdock.connectors.bigcommerce.client import Client
from crossdock.connectors.bigcommerce.mapping.stock import stock_name
from crossdock.connectors.contract import Hint, SignatureError, unix_moment
from crossdock.connectors.errors import SettingsError
from crossdock.domain.sync import Entity

KEY_HEADER = "X-Hub-Key"
WRITTEN_AGAIN_AFTER = timedelta(days=60)
"""The platform switches off what had no event for 90 days."""
_KEY_PURPOSE = b"crossdock webhook key 1"

_CATALOG = (
    "store/product/created",
    "store/product/updated",
    "store/product/deleted",
    "store/sku/created",
    "store/sku/updated",
    "store/sku/deleted",
)
SCOPES: Mapping[Entity, tuple[str, ...]] = {
    Entity.ORDERS: ("store/order/*",),
    Entity.FULFILLMENTS: ("store/shipment/*",),
    Entity.PRODUCTS: _CATALOG,
    Entity.LISTINGS: _CATALOG,
    Entity.INVENTORY: (
        "store/product/inventory/updated",
        "store/product/inventory/order/updated",
        "store/sku/inventory/updated",
        "store/sku/inventory/order/updated",
        "store/channel/*/inventory/product/stock_changed",
    ),
    Entity.LOCATIONS: ("store/inventory/location/created", "store/inventory/location/updated"),
}


@lru_cache(maxsize=256)
def key_of(client_secret: str) -> str:
    """The key that the platform sends back with every event: known to us, and no use to guess the secret."""
    return hmac.new(client_secret.encode(), _KEY_PURPOSE, hashlib.sha256).hexdigest()


def read(client_secret: str, store_hash: str, headers: Mapping[str, str], body: bytes) -> Hint:
    """Raises SignatureError unless the event comes from this store."""
    given = headers.get(KEY_HEADER.lower(), "")
    if not hmac.compare_digest(given.encode(), key_of(client_secret).encode()):
        raise SignatureError(f"The header {KEY_HEADER} is missing or wrong")
    if "webhook-signature" in headers:
        _check_signature(client_secret, headers, body)
    try:
        delivery = msgspec.json.decode(body, type=payloads.Delivery)
    except msgspec.DecodeError as error:
        raise SignatureError(f"The body is not an event of BigCommerce: {error}") from error
    if delivery.producer not in (None, f"stores/{store_hash}"):
        raise SignatureError("The event is of another store")
    return Hint(
        hashlib.sha256(body).hexdigest(),
        tuple(_entities(delivery.scope)),
        happened_at=unix_moment(delivery.created_at),
        stock_of=_stock_of(delivery),
    )


def _check_signature(client_secret: str, headers: Mapping[str, str], body: bytes) -> None:
    """The Standard Webhooks scheme. An old event may be replayed: a hint says only to look, so it does no harm."""
    identity, sent_at = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    signed = f"{identity}.{sent_at}.".encode() + body
    wanted = base64.b64encode(hmac.new(client_secret.encode(), signed, hashlib.sha256).digest())
    given = [part.partition(",")[2] for part in headers["webhook-signature"].split()]
    if not any(hmac.compare_digest(candidate.encode(), wanted) for candidate in given):
        raise SignatureError("The header webhook-signature is wrong")


def _entities(scope: str) -> Iterator[Entity]:
    """The event of an order is no hint at stock: where the store takes it, an event of the stock follows."""
    parts = scope.split("/")
    if "location" in parts:
        yield Entity.LOCATIONS
    elif "inventory" in parts:
        yield Entity.INVENTORY
    elif "shipment" in parts:
        yield Entity.ORDERS
        yield Entity.FULFILLMENTS
    elif "order" in parts:
        yield Entity.ORDERS
        if "refund" in parts:
            yield Entity.RETURNS
    elif "product" in parts or "sku" in parts:
        yield Entity.PRODUCTS


def _stock_of(delivery: payloads.Delivery) -> tuple[str, ...]:
    """Whose stock changed. What an event says of the number itself is not to be trusted, so that is never looked at."""
    parts = delivery.scope.split("/")
    if "inventory" not in parts or "location" in parts:
        return ()
    try:
        said = msgspec.json.decode(delivery.data, type=payloads.StockChange, strict=False)
    except (msgspec.DecodeError, ValueError):
        return ()
    change = said.inventory or said
    is_whole = change.variant_id or ("sku" not in parts and change.product_id)
    return (stock_name(change.product_id, change.variant_id),) if is_whole else ()


@dataclass(frozen=True, slots=True)
class Target:
    """Where events are to go, and where this hub had them sent before."""

    address: str
    former: str
    client_secret: str = field(repr=False)
    now: datetime

    def hook(self, scope: str) -> dict[str, Any]:
        key = {KEY_HEADER: key_of(self.client_secret)}
        return {"scope": scope, "destination": self.address, "is_active": True, "headers": key}


def ensure(client: Client, target: Target, entities: Collection[Entity]) -> list[str]:
    """Create the missing hooks, wake up the sleeping ones, and redirect those to our former address.

    Returns a sentence for each change. A hook that has long been silent is written again in time, which changes nothing.
    """
    there = client.hooks()
    ours = {
        hook.scope: hook
        for address in (target.former, target.address)
        for hook in there
        if hook.destination == address
    }
    changes: list[str] = []
    wanted = (scope for entity, scopes in SCOPES.items() if entity in entities for scope in scopes)
    for scope in dict.fromkeys(wanted):
        hook, body = ours.get(scope), target.hook(scope)
        if hook is None:
            client.create_hook(body)
            changes.append(f"Created the webhook {scope}")
        elif hook.destination != target.address:
            client.update_hook(hook.id, body)
            changes.append(f"Pointed the webhook {scope} here")
        elif hook.is_active is False or (hook.headers or {}).get(KEY_HEADER) != body["headers"][KEY_HEADER]:
            client.update_hook(hook.id, body)
            changes.append(f"Activated the webhook {scope}")
        elif (written := unix_moment(hook.updated_at)) and target.now - written > WRITTEN_AGAIN_AFTER:
            client.update_hook(hook.id, body)
    return changes


def check_destination(destination: str, path: ApiPath) -> None:
    """BigCommerce delivers to https on port 443 only; a loopback platform may deliver to loopback by http."""
    parts = urlsplit(destination)
    host = parts.hostname or ""
    if path.is_loopback and is_loopback(host):
        return
    if parts.scheme != "https" or parts.port not in (None, 443) or is_loopback(host):
        raise SettingsError(
            "CROSSDOCK_PUBLIC_URL",
            "BigCommerce delivers webhooks only to a public https address on port 443; without one the hub polls",
        )
