"""Calls about the authorized shop and its webhooks."""

from __future__ import annotations

from crossdock_simulators.tiktok_shop.calls import Body, Call, Data
from crossdock_simulators.tiktok_shop.endpoint import Endpoint
from crossdock_simulators.tiktok_shop.errors import ApiError
from crossdock_simulators.tiktok_shop.events import SHOP_EVENTS
from crossdock_simulators.tiktok_shop.records import Subscription
from crossdock_simulators.tiktok_shop.shop import Shop

SCOPE = "seller.authorization.info"
ADDRESS_LIMIT = 255


def authorized_shops(shop: Shop, _: Call) -> Data:
    identity = shop.identity
    return {
        "shops": [
            {
                "id": identity.shop_id,
                "name": identity.name,
                "region": shop.region.code,
                "seller_type": "LOCAL",
                "cipher": identity.cipher,
                "code": identity.code,
            }
        ]
    }


def active_shops(shop: Shop, _: Call) -> Data:
    return {"shops": [{"id": shop.identity.shop_id, "region": shop.region.code}]}


def webhooks(shop: Shop, _: Call) -> Data:
    """Times are milliseconds here and nowhere else."""
    listed = [
        {"event_type": name, "address": s.address}
        | {"create_time": int(s.created.timestamp() * 1000), "update_time": int(s.updated.timestamp() * 1000)}
        for name, s in shop.tables.subscriptions.items()
    ]
    return {"webhooks": listed, "total_count": len(listed)}


def set_webhook(shop: Shop, call: Call) -> Data:
    event, address = _event(call.body), call.body.required_text("address")
    if len(address) > ADDRESS_LIMIT or not address.startswith(("https://", "http://")):
        raise ApiError(36009004, f"address {address!r}")
    now = shop.clock.now()
    before = shop.tables.subscriptions.get(event)
    shop.tables.subscriptions[event] = Subscription(address, before.created if before else now, now)
    return {}


def delete_webhook(shop: Shop, call: Call) -> Data:
    shop.tables.subscriptions.pop(_event(call.body), None)
    return {}


def _event(body: Body) -> str:
    event = body.required_text("event_type")
    if event not in SHOP_EVENTS:
        raise ApiError(36009004, f"event_type {event!r}")
    return event


_WEBHOOKS = "/event/202309/webhooks"
ENDPOINTS = (
    Endpoint("GET", "/authorization/202309/shops", authorized_shops, SCOPE, takes_cipher=False),
    Endpoint("GET", "/seller/202309/shops", active_shops, SCOPE, takes_cipher=False),
    Endpoint("GET", _WEBHOOKS, webhooks, SCOPE),
    Endpoint("PUT", _WEBHOOKS, set_webhook, SCOPE, is_write=True),
    Endpoint("DELETE", _WEBHOOKS, delete_webhook, SCOPE, is_write=True),
)
