"""Webhooks: verified on their raw bytes, read for what they hint at, and subscribed to."""

from __future__ import annotations

import hmac
from collections.abc import Collection, Mapping
from hashlib import sha256

import msgspec

from crossdock.connectors.contract import Hint, SignatureError
from crossdock.connectors.tiktok_shop import payloads
from crossdock.connectors.tiktok_shop.client import Client
from crossdock.connectors.tiktok_shop.credentials import TikTokShopCredentials
from crossdock.connectors.tiktok_shop.signing import sign_webhook
from crossdock.domain.sync import Entity

DEAUTHORIZED = 6
ENTITIES: Mapping[int, Entity] = {
    **dict.fromkeys((1, 2, 3, 4, 11, 12), Entity.ORDERS),
    **dict.fromkeys((5, 15, 16, 18, 37, 50), Entity.LISTINGS),
    **dict.fromkeys((27, 68, 71), Entity.INVENTORY),
}
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
    Entity.LISTINGS: (
        "PRODUCT_STATUS_CHANGE",
        "PRODUCT_INFORMATION_CHANGE",
        "PRODUCT_CREATION",
        "PRODUCT_CATEGORY_CHANGE",
        "PRODUCT_AUDIT_STATUS_CHANGE",
    ),
}
ALWAYS = ("SELLER_DEAUTHORIZATION",)


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
    entity = ENTITIES.get(event.type)
    return Hint(
        # Some types carry no id; a repetition of those is the same text.
        event_id=payloads.text(event.tts_notification_id) or sha256(body).hexdigest(),
        entities=(entity,) if entity else (),
        is_deauthorized=event.type == DEAUTHORIZED,
    )


def ensure_webhooks(client: Client, address: str, pulled: Collection[Entity]) -> list[str]:
    """Point the events about what is pulled at this address; returns those that had to be set."""
    wanted = [*ALWAYS, *(event for entity, events in EVENTS.items() if entity in pulled for event in events)]
    present = {
        payloads.text(hook.event_type): payloads.text(hook.address)
        for hook in client.webhooks().webhooks or ()
    }
    missing = [event for event in wanted if present.get(event) != address]
    for event in missing:
        client.set_webhook(event, address)
    return missing
