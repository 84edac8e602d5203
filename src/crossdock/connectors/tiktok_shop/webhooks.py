"""Webhooks: verified on their raw bytes, read for what they hint at, and subscribed to."""

from __future__ import annotations

import hmac
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from hashlib import sha256

import msgspec

from crossdock.connectors.contract import Hint, SignatureError, unix_moment
from crossdock.connectors.tiktok_shop import payloads
from crossdock.connectors.tiktok_shop.client import Client
from crossdock.connectors.tiktok_shop.credentials import TikTokShopCredentials
from crossdock.connectors.tiktok_shop.signing import sign_webhook
from crossdock.domain.sync import Entity

DEAUTHORIZED, AUTHORIZATION_ENDS = 6, 7
ENTITIES: Mapping[int, Entity] = {
    **dict.fromkeys((1, 2, 3, 4, 11, 12), Entity.ORDERS),
    **dict.fromkeys((5, 15, 16, 18, 37, 50), Entity.LISTINGS),
    **dict.fromkeys((27, 68, 71), Entity.INVENTORY),
}
# What an order's event says beside that.
ALSO: Mapping[int, Entity] = {11: Entity.CANCELLATIONS, 12: Entity.RETURNS}
_OF_PRODUCTS = (
    "PRODUCT_STATUS_CHANGE",
    "PRODUCT_INFORMATION_CHANGE",
    "PRODUCT_CREATION",
    "PRODUCT_CATEGORY_CHANGE",
    "PRODUCT_AUDIT_STATUS_CHANGE",
)
# Of those, the ones that can be subscribed to per shop; the others are set in Partner Center only.
EVENTS: Mapping[Entity, tuple[str, ...]] = {
    Entity.ORDERS: (
        "ORDER_STATUS_CHANGE",
        "RECIPIENT_ADDRESS_UPDATE",
        "PACKAGE_UPDATE",
        "CANCELLATION_STATUS_CHANGE",
        "RETURN_STATUS_CHANGE",
        "REVERSE_STATUS_UPDATE",
    ),
    Entity.LISTINGS: _OF_PRODUCTS,
    Entity.PRODUCTS: _OF_PRODUCTS,
}
ALWAYS = ("SELLER_DEAUTHORIZATION", "UPCOMING_AUTHORIZATION_EXPIRATION")


def read_webhook(credentials: TikTokShopCredentials, headers: Mapping[str, str], body: bytes) -> Hint:
    """Nothing is parsed before the signature is known to be good."""
    secret = credentials.app_secret.get_secret_value()
    expected = sign_webhook(credentials.app_key, secret, body)
    given = headers.get("authorization", "")
    if not hmac.compare_digest(expected.encode(), given.encode()):
        raise SignatureError("The Authorization header does not fit the body and this app's secret")
    try:
        event = msgspec.json.decode(body, type=payloads.Event)
    except msgspec.DecodeError:
        return Hint(sha256(body).hexdigest(), ())
    entities = [of_type[event.type] for of_type in (ENTITIES, ALSO) if event.type in of_type]
    return Hint(
        # Some types carry no id; a repetition of those is the same text.
        event_id=payloads.text(event.tts_notification_id) or sha256(body).hexdigest(),
        entities=tuple(entities),
        is_deauthorized=event.type == DEAUTHORIZED,
        authorization_ends=_ends(event) if event.type == AUTHORIZATION_ENDS else None,
        happened_at=unix_moment(event.timestamp),
    )


def _ends(event: payloads.Event) -> datetime | None:
    """Seconds, written as a text. A warning that does not say when is no use."""
    try:
        seconds = payloads.text(msgspec.json.decode(event.data, type=payloads.Expiration).expiration_time)
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError):
        return None


def ensure_webhooks(client: Client, address: str, pulled: Collection[Entity]) -> list[str]:
    """Point the events about what is pulled at this address; returns those that had to be set."""
    about = [event for entity, events in EVENTS.items() if entity in pulled for event in events]
    wanted = [*ALWAYS, *dict.fromkeys(about)]
    present = {
        payloads.text(hook.event_type): payloads.text(hook.address)
        for hook in client.webhooks().webhooks or ()
    }
    missing = [event for event in wanted if present.get(event) != address]
    for event in missing:
        client.set_webhook(event, address)
    return missing
