"""Webhooks: who hears of what, in the platform's envelope, signed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import orjson

from crossdock_simulators.kit import Deliveries, Message
from crossdock_simulators.tiktok_shop.signing import webhook_signature

# Events a shop can subscribe to through the API.
SHOP_EVENTS: Final[dict[str, int]] = {
    "ORDER_STATUS_CHANGE": 1,
    "REVERSE_STATUS_UPDATE": 2,
    "RECIPIENT_ADDRESS_UPDATE": 3,
    "PACKAGE_UPDATE": 4,
    "PRODUCT_STATUS_CHANGE": 5,
    "SELLER_DEAUTHORIZATION": 6,
    "UPCOMING_AUTHORIZATION_EXPIRATION": 7,
    "CANCELLATION_STATUS_CHANGE": 11,
    "RETURN_STATUS_CHANGE": 12,
    "NEW_CONVERSATION": 13,
    "NEW_MESSAGE": 14,
    "PRODUCT_INFORMATION_CHANGE": 15,
    "PRODUCT_CREATION": 16,
    "PRODUCT_CATEGORY_CHANGE": 18,
    "NEW_MESSAGE_LISTENER": 33,
    "INVOICE_STATUS_CHANGE": 36,
    "PRODUCT_AUDIT_STATUS_CHANGE": 37,
}
# Events that only the app itself, in Partner Center, can subscribe to.
APP_EVENTS: Final[dict[str, int]] = SHOP_EVENTS | {"INVENTORY_STATUS_CHANGE": 27, "SKU_STATUS_CHANGE": 50}
# These events name the product by a JSON number beyond 2^53, as the platform does.
NUMERIC_PRODUCT_ID: Final = frozenset({5, 16, 37})
WITHOUT_NOTIFICATION_ID: Final = frozenset({3})


def deliver(deliveries: Deliveries, url: str, body: bytes, *, app_key: str, secret: str) -> None:
    def headers(body: bytes, _: datetime) -> dict[str, str]:
        return {
            "Content-Type": "application/json",
            "Authorization": webhook_signature(secret, app_key, body),
        }

    deliveries.send(Message(url, body, headers))


def envelope(name: str, data: Mapping[str, Any], *, shop_id: str, notification_id: str, now: int) -> bytes:
    number = APP_EVENTS[name]
    content = dict(data)
    if number in NUMERIC_PRODUCT_ID:
        content["product_id"] = int(content["product_id"])
    message: dict[str, Any] = {"type": number}
    if number not in WITHOUT_NOTIFICATION_ID:
        message["tts_notification_id"] = notification_id
    return orjson.dumps(message | {"shop_id": shop_id, "timestamp": now, "data": content})
