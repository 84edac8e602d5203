"""Webhooks: which hooks an event reaches, what is sent, and how it is signed."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta

import orjson

from crossdock_simulators.bigcommerce.records import Hook, Json
from crossdock_simulators.bigcommerce.store import Store
from crossdock_simulators.kit import Deliveries, Message

RETRIES = tuple(
    timedelta(seconds=seconds)
    for seconds in (60, 180, 300, 600, 900, 1800, 3600, 7200, 21_600, 50_400, 86_400)
)
STORE_ID = "1025646"


def concerns(hook_scope: str, event_scope: str) -> bool:
    """A star matches one part in the middle and everything that follows at the end."""
    wanted, given = hook_scope.split("/"), event_scope.split("/")
    if wanted[-1] == "*":
        wanted, given = wanted[:-1], given[: len(wanted) - 1] if len(given) >= len(wanted) else []
    return len(wanted) == len(given) and all(w in ("*", g) for w, g in zip(wanted, given, strict=True))


def deliver(
    store: Store, deliveries: Deliveries, secrets: Mapping[str, str], *, scope: str, data: Json
) -> None:
    """Send one event to every active hook that asked for it."""
    for hook in list(store.hooks.values()):
        if hook.is_active and concerns(hook.scope, scope):
            secret = secrets.get(hook.client_id, "")
            deliveries.send(_message(store, hook, secret, scope=scope, data=data))


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """Standard Webhooks: HMAC-SHA256 over id, time and the raw body under the client secret."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


def _message(store: Store, hook: Hook, secret: str, *, scope: str, data: Json) -> Message:
    content = {
        "scope": scope,
        "store_id": STORE_ID,
        "data": data,
        "hash": hashlib.sha1(orjson.dumps(data), usedforsecurity=False).hexdigest(),
        "created_at": int(store.outside.clock.now().timestamp()),
        "producer": f"stores/{store.store_hash}",
    }
    body = orjson.dumps(content)
    message_id = f"msg_{store.next_id('message')}"

    def headers(sent: bytes, at: datetime) -> Mapping[str, str]:
        timestamp = int(at.timestamp())
        return (hook.headers or {}) | {
            "content-type": "application/json",
            "webhook-id": message_id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": signature(secret, message_id, timestamp, sent),
        }

    def give_up() -> None:
        hook.is_active, hook.gave_up = False, True

    return Message(hook.destination, body, headers, on_give_up=give_up)
