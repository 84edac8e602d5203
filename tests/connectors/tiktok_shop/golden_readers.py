"""How each kind of golden payload is read: the first word of a file's name says which kind it is."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, is_dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from connectors.plain import EMPTY, telling_fields
from connectors.tiktok_shop.tiktok_bench import CREDENTIALS
from crossdock.connectors.errors import ChannelError, RateLimitedError
from crossdock.connectors.http import Answer
from crossdock.connectors.tiktok_shop import (
    payloads,
    payloads_aftersales,
    payloads_order,
    payloads_product,
    payloads_sold,
    webhooks,
)
from crossdock.connectors.tiktok_shop.answers import Place, envelope_of
from crossdock.connectors.tiktok_shop.calls import choose_shop
from crossdock.connectors.tiktok_shop.credentials import TikTokShopCredentials
from crossdock.connectors.tiktok_shop.mapping.cancellation import to_cancellation
from crossdock.connectors.tiktok_shop.mapping.listing import to_listing, to_reasons
from crossdock.connectors.tiktok_shop.mapping.location import to_location
from crossdock.connectors.tiktok_shop.mapping.order import to_order
from crossdock.connectors.tiktok_shop.mapping.returns import to_return
from crossdock.connectors.tiktok_shop.mapping.sold import to_product
from crossdock.connectors.tiktok_shop.signing import sign_webhook
from crossdock.domain.money import Money

GOLDEN = Path(__file__).parent / "golden"
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def as_is(value: Any) -> Any:
    """For answers of which nothing but a few fields is read."""
    return msgspec.to_builtins(value)


def attributes(found: payloads_product.Attributes) -> Any:
    return {"required": [one.name for one in found.attributes or () if one.is_required]}


def shops(found: payloads.Shops) -> Any:
    return choose_shop(found.shops or [], "")


RECORDS: dict[str, tuple[type[Any], Callable[[Any], Any]]] = {
    "order": (payloads_order.Order, to_order),
    "listing": (payloads_product.FoundProduct, to_listing),
    "location": (payloads.Warehouse, to_location),
    "attributes": (payloads_product.Attributes, attributes),
    "reasons": (payloads_product.ProductDetail, to_reasons),
    "shops": (payloads.Shops, shops),
    "cancellation": (payloads_aftersales.Cancellation, to_cancellation),
    "canceled": (payloads_aftersales.Canceled, as_is),
    "eligibility": (payloads_aftersales.Eligibility, as_is),
    "return": (payloads_aftersales.Return, to_return),
    "detail": (payloads_product.ProductDetail, as_is),
    "rules": (payloads_product.CategoryRules, as_is),
    "recommendation": (payloads_product.Recommendation, as_is),
    "image": (payloads_product.UploadedImage, as_is),
    "written": (payloads_product.WrittenProduct, as_is),
    "refusals": (payloads.ItemErrors, as_is),
    "stock": (payloads.Stock, as_is),
    "prerequisites": (payloads_product.Prerequisites, as_is),
    "subscriptions": (payloads.Subscriptions, as_is),
}


def failure(said: dict[str, Any]) -> Any:
    """An answer with its status, headers and body; null where it is a success."""
    body = said["body"]
    content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    place = Place(said.get("method", "GET"), said["path"], is_write=said.get("is_write", False))
    try:
        envelope_of(Answer(said["status"], said.get("headers", {}), content), place, now=NOW)
    except ChannelError as error:
        pause = error.retry_after if isinstance(error, RateLimitedError) else None
        return {
            "error": type(error).__name__,
            "remedy": error.remedy,
            "code": error.code,
            "message": str(error),
            "fix": error.fix,
            "retry_after": pause and pause.total_seconds(),
        }
    return None


def event(said: dict[str, Any]) -> Any:
    """What a genuine delivery hints at; the id of one that carries none depends on its bytes and is not told."""
    body = json.dumps(said).encode()
    signed = sign_webhook(CREDENTIALS["app_key"], CREDENTIALS["app_secret"], body)
    hint = webhooks.read_webhook(TikTokShopCredentials.parse(CREDENTIALS), {"authorization": signed}, body)
    return asdict(hint) | {"event_id": hint.event_id if "tts_notification_id" in said else ""}


def sold(said: dict[str, Any]) -> Any:
    """A product as the search and the detail tell of it together."""
    found = msgspec.json.decode(json.dumps(said["search"]), type=payloads_product.FoundProduct)
    return to_product(found, msgspec.json.decode(json.dumps(said["detail"]), type=payloads_sold.SoldProduct))


WHOLE: dict[str, Callable[[Any], Any]] = {"failure": failure, "event": event, "sold": sold}


def read(kind: str, payload: Any) -> Any:
    """What the hub makes of a payload, as plain JSON."""
    if kind in WHOLE:
        return shown(WHOLE[kind](payload))
    struct, mapping = RECORDS[kind]
    return shown(mapping(msgspec.json.decode(json.dumps(payload), type=struct)))


def shown(value: Any) -> Any:
    return json.loads(json.dumps(plain(value)))


def plain(value: Any) -> Any:
    """A hub record as JSON, without the fields that say nothing."""
    if isinstance(value, Money):
        return str(value)
    if is_dataclass(value):
        return {name: plain(one) for name, one in telling_fields(value).items()}
    if isinstance(value, dict):
        told = {name: plain(one) for name, one in value.items()}
        return {name: one for name, one in told.items() if one is not False and one not in EMPTY}
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    return str(value) if isinstance(value, Decimal | datetime) else value
