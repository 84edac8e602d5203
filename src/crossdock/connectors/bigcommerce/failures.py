"""What an answer of the platform means when it is not the one we asked for, and what its headers say of our quota."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any

import msgspec

from crossdock.connectors.bigcommerce.order_refusals import goods_refused
from crossdock.connectors.errors import (
    AccessMissingError,
    ChannelError,
    CredentialsError,
    ProtocolError,
    RateLimitedError,
    RefusedError,
    UnavailableError,
)
from crossdock.connectors.http import Answer, Budget

# 499 and 423 pass by themselves; 509 is what old clients call the rate limit.
_TRANSIENT = frozenset({423, 499})
_RATE_LIMIT = frozenset({429, 509})
_LONGEST_REASON = 600
# A write may be answered 403 because the plan allows no more of its kind, too: then no access is missing.
_PLAN_LIMIT = re.compile(r"\b(limit|maximum|plan)\b", re.IGNORECASE)
_PLAN_FIX = "The store's plan has reached a limit: remove records or change the plan."

ACCESS = {
    "/v2/store": "information (grant Information & Settings: store_v2_information)",
    "/v3/settings": "information (grant Information & Settings: store_v2_information)",
    "/v3/catalog": "products (grant Products, modify: store_v2_products)",
    "/v2/orders": "orders (grant Orders, modify: store_v2_orders)",
    "/v3/inventory/locations": "locations (grant Store Locations, modify: store_locations)",
    "/v3/inventory": "inventory (grant Store Inventory, modify: store_inventory)",
    "/v3/hooks": "webhooks (part of every API account; the API path may name another store)",
}


def raise_for(answer: Answer, *, place: str, is_write: bool) -> None:
    """Raise what the status means. `place` is the path from the API version on, such as /v2/orders."""
    if not answer.is_success:
        raise _error(answer, place=place, is_write=is_write)


def _error(answer: Answer, *, place: str, is_write: bool) -> ChannelError:
    status = answer.status
    code, request_id = str(status), answer.headers.get("x-request-id", "")
    reason = said(answer)
    message = f"BigCommerce answered {status} to {place}: {reason}"
    if status in _RATE_LIMIT:
        return RateLimitedError("BigCommerce asked us to slow down", retry_after=retry_after(answer.headers))
    if status == 401:
        return CredentialsError(
            f"BigCommerce does not accept the credentials: {reason}",
            code=code,
            fix="Check the Access token, and that the API path belongs to the same API account.",
        )
    if status == 403 and is_write and _PLAN_LIMIT.search(reason):
        return RefusedError(reason, code=code, request_id=request_id, fix=_PLAN_FIX)
    if status == 403:
        return _access_missing(place, reason)
    if status in _TRANSIENT or (status >= 500 and status != 507):
        return UnavailableError(
            message, is_unclear=is_write and status != 423, code=code, request_id=request_id
        )
    if is_write and place == "/v2/orders" and (refusal := goods_refused(answer)) is not None:
        return refusal
    if 400 <= status < 500 or status == 507:
        return RefusedError(reason, code=code, request_id=request_id, fix=_fix(status, place, reason))
    return ProtocolError(message, code=code, request_id=request_id)


def _access_missing(place: str, reason: str) -> AccessMissingError:
    area = next((text for path, text in ACCESS.items() if place.startswith(path)), place)
    return AccessMissingError(
        f"The API account lacks access to {area}, or the API path names another store: {reason}",
        code="403",
        fix=f"Compare the store hash in the API path; else create an API account with access to {area}, "
        "since the scopes of an existing one cannot be changed.",
    )


def _fix(status: int, place: str, reason: str) -> str:
    if "requires absolute adjustment" in reason:
        return "Set a number for this item at each of its locations in BigCommerce once: it was never counted there."
    if status == 409 and place == "/v2/orders":
        return (
            "Correct the stock or the quantity limits of the named products in BigCommerce, then try again."
        )
    return {
        404: "The record is gone or belongs to another store: pull it again.",
        507: _PLAN_FIX,
    }.get(status, "")


def said(answer: Answer) -> str:
    """The platform's own words. Its error bodies are lists, objects or plain pages, depending on who answers."""
    try:
        body = msgspec.json.decode(answer.body)
    except msgspec.DecodeError:
        return "no readable reason was given"
    reasons = list(dict.fromkeys(_reasons(body)))
    return "; ".join(reasons)[:_LONGEST_REASON] or "no reason was given"


def _reasons(body: Any) -> Iterator[str]:
    if isinstance(body, list):
        for part in body:
            yield from _reasons(part)
    elif isinstance(body, dict):
        yield from (str(body[name]) for name in ("message", "title", "detail", "error") if body.get(name))
        yield from _details(body.get("details"))
        yield from _reasons(body.get("batch_errors"))
        if isinstance(body.get("errors"), dict):
            yield from (
                f"{name}: {text}" for name, text in body["errors"].items() if text != body.get("title")
            )
    elif isinstance(body, str) and body:
        yield body


def _details(details: Any) -> Iterator[str]:
    """What v2 adds: an invalid reason, or one entry for each product that stood in the way."""
    if not isinstance(details, dict):
        return
    if details.get("invalid_reason"):
        yield str(details["invalid_reason"])
    for error in details.get("errors") or ():
        if isinstance(error, dict):
            yield f"{error.get('type', 'error')}: {_product(error.get('product'))}"


def _product(product: Any) -> str:
    if not isinstance(product, dict):
        return "a product"
    sku = product.get("sku")
    level = sku if isinstance(sku, dict) else product
    name = level.get("sku") or product.get("name") or product.get("id") or "a product"
    return f"{name} ({level['inventory_level']} in stock)" if "inventory_level" in level else str(name)


def budget(headers: Mapping[str, str]) -> Budget | None:
    """The quota as the headers tell it; None where they are absent or unreadable."""
    try:
        return Budget(
            remaining=int(headers["x-rate-limit-requests-left"]),
            resets_in=timedelta(milliseconds=int(headers["x-rate-limit-time-reset-ms"])),
            quota=int(headers["x-rate-limit-requests-quota"]),
            window=timedelta(milliseconds=int(headers["x-rate-limit-time-window-ms"])),
        )
    except (KeyError, ValueError):
        return None


def retry_after(headers: Mapping[str, str]) -> timedelta | None:
    """How long to wait, where the platform says so: without headers it is overloaded and we back off."""
    for name, unit in (("x-rate-limit-time-reset-ms", "milliseconds"), ("x-retry-after", "seconds")):
        with suppress(KeyError, ValueError):
            return timedelta(**{unit: float(headers[name])})
    return None
