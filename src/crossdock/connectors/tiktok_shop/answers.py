"""Reads the envelope of an answer: its data, or the error that says who must act."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import msgspec

from crossdock.connectors.errors import (
    AccessMissingError,
    ChannelError,
    CredentialsError,
    ProtocolError,
    RateLimitedError,
    RefusedError,
    UnavailableError,
)
from crossdock.connectors.http import Answer
from crossdock.connectors.tiktok_shop.payloads import Envelope, text

EXPIRED_TOKEN = "105002"  # noqa: S105
OVERLOADED = "36009004"
LISTING_QUOTA = "12052093"
TOO_MANY_CALLS = frozenset({"36009002", "12052109"})
READ, WRITE, PRODUCT_WRITE = "read", "write", "product_write"
ADVISED_RATES = {READ: 10.0, WRITE: 3.0, PRODUCT_WRITE: 1.0}
"""Calls a second for one shop by kind. No limits are published; these are the upper ends of what is advised."""
HOURLY_LIMIT = "36009037"
HOURLY_PAUSE = timedelta(minutes=15)
BUSY_PAUSE = timedelta(minutes=1)
# Failures of the platform's own, by error-codes.csv; everything here is worth another try.
PLATFORM_FAILURES = frozenset(
    {
        *("36009003", "36009007", "33001002", "10002014", "10002015", "10006402", "10037002", "10037003"),
        *("10037004", "12001000", "12052881", "11001001", "11006013", "11006014", "21001201", "21022030"),
        "99999999",
    }
)
BAD_CREDENTIALS = {
    "101000": "the authorization does not fit this call; the shop's main account must authorize the app",
    "106001": "the signature does not match; the App secret is likely wrong",
    "36004004": "the authorization code was used before or is older than 30 minutes; authorize again",
    "36009043": "the shop is deactivated",
    "36009044": "the seller is deactivated",
}
OUR_MISTAKES = frozenset({"36009009", "36009010", "36009014", "36009021", "36009022", "36009023"})
AREAS = {
    "order": "Order Information",
    "product": "Product",
    "logistics": "Logistics",
    "fulfillment": "Fulfillment",
    "authorization": "Shop Authorized Information",
    "event": "Webhook",
    "return_refund": "Return and Refund",
    "finance": "Finance Information",
}
FIXES = {
    "12052722": "Check that the image can be loaded from its address.",
    "12052038": "A promotion locks the price: end it in Seller Center, or wait; the price is sent again every day.",
    "12019045": "TikTok Shop locks the price: wait; it is sent again every day.",
    "12019113": "Prices can be changed of live products only; retry once the review is over.",
    "12052393": "A promotion forbids lowering stock; end it in Seller Center or retry after it.",
    "12052901": "Open the product in Seller Center: it is blocked or deleted there.",
    "12052144": "TikTok's own warehouse keeps this stock; take the warehouse out of the location map.",
    "12052097": "Pull the warehouses again and correct the location to warehouse map.",
    "12052055": "Deactivate the SKU or the product in Seller Center until it is in stock again.",
    "12019024": "Deactivate the SKU or the product in Seller Center until it is in stock again.",
    "12052593": "The product code is frozen once submitted; restore it in the hub.",
    "12052996": "Another product on TikTok Shop already carries this hub id; check Seller Center for a duplicate.",
    "12052048": "The product is gone from the shop; let the listings be read again.",
    "12052034": "The product is of another shop; check which shop is connected.",
}


class ExpiredTokenError(CredentialsError):
    """The access token is not good any more; a refresh may mend that."""


class StaleCipherError(CredentialsError):
    """The shop cipher is missing or outdated; reading the shops again may mend that."""


@dataclass(frozen=True, slots=True)
class Place:
    """Which call an answer belongs to, for messages: never with its query, which may hold secrets.

    Should the platform repeat one of the `secrets` that it was sent, it is taken out of the message.
    """

    method: str
    path: str
    is_write: bool = False
    secrets: tuple[str, ...] = field(default=(), repr=False)

    @property
    def kind(self) -> str:
        """The kind of calls whose limit this one spends."""
        if not self.is_write:
            return READ
        return PRODUCT_WRITE if self.path.startswith("/product/") else WRITE

    def without_secrets(self, said: str) -> str:
        for secret in filter(None, self.secrets):
            said = said.replace(secret, "…")
        return said

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def envelope_of(answer: Answer, place: Place, *, now: datetime) -> Envelope:
    """The envelope of a success. Everything else raises the ChannelError that fits."""
    try:
        envelope = msgspec.json.decode(answer.body, type=Envelope)
    except msgspec.DecodeError:
        if answer.status == 429:
            raise _slow_down(answer, place, "Too many requests", now) from None
        raise UnavailableError(
            f"{place}: HTTP {answer.status} with an answer that cannot be read", is_unclear=place.is_write
        ) from None
    if text(envelope.code) == "0" and answer.is_success:
        return envelope
    raise _error(answer, envelope, place, now)


def _error(answer: Answer, envelope: Envelope, place: Place, now: datetime) -> ChannelError:
    code, request_id = text(envelope.code), text(envelope.request_id)
    said = place.without_secrets(envelope.message or "")
    if answer.status == 429 or code in TOO_MANY_CALLS or code == HOURLY_LIMIT:
        return _slow_down(answer, place, said, now, code=code)
    if answer.status >= 500 or code in PLATFORM_FAILURES:
        return UnavailableError(
            f"{place}: {said or 'failure of the platform'}",
            is_unclear=place.is_write,
            code=code,
            request_id=request_id,
        )
    if code == OVERLOADED:
        return _overloaded(said, place, request_id)
    return _by_code(answer.status, code, said, place, request_id)


def _by_code(status: int, code: str, said: str, place: Place, request_id: str) -> ChannelError:
    known = {"code": code, "request_id": request_id}
    if code == EXPIRED_TOKEN:
        return ExpiredTokenError(f"{place}: {said or 'the access token has expired'}", **known)
    if code == "106013":
        return StaleCipherError(f"{place}: {said}", **known)
    if code == "105005" or status == 403:
        return AccessMissingError(_lacking(said, place), **known)
    if code == "36009033":
        return AccessMissingError(f"{place}: this server's address is not on the app's allow list", **known)
    if code in BAD_CREDENTIALS or status == 401:
        return CredentialsError(f"{place}: {said} ({BAD_CREDENTIALS.get(code, 'not accepted')})", **known)
    if code in OUR_MISTAKES:
        return ProtocolError(f"{place}: {said}", **known)
    return RefusedError(said or f"Refused with code {code}", fix=FIXES.get(code, ""), **known)


def _overloaded(said: str, place: Place, request_id: str) -> ChannelError:
    """One code stands for many mistakes; only the message tells which."""
    words = said.casefold()
    known = {"code": OVERLOADED, "request_id": request_id}
    if "shop_cipher" in words:
        return StaleCipherError(f"{place}: {said}", **known)
    if "app_key" in words:
        return CredentialsError(f"{place}: {said} (the App key is likely wrong)", **known)
    if "access-token" in words or "access_token" in words:
        return ExpiredTokenError(f"{place}: {said}", **known)
    if "timestamp" in words:
        return UnavailableError(
            f"{place}: {said} (set this machine's clock)",
            is_unclear=False,
            code=OVERLOADED,
            request_id=request_id,
        )
    if "sign" in words:
        return CredentialsError(f"{place}: {said} (the App secret is likely wrong)", **known)
    if "version" in words:
        return ProtocolError(f"{place}: {said}", **known)
    return RefusedError(said, **known)


def _lacking(said: str, place: Place) -> str:
    segment = place.path.strip("/").partition("/")[0]
    area = AREAS.get(segment, segment)
    return (
        f"{place}: {said.rstrip('.') or 'no access'}. Add the scope “{area}” to the app in Partner Center, "
        "then let the seller authorize again"
    )


def _slow_down(answer: Answer, place: Place, said: str, now: datetime, *, code: str = "") -> RateLimitedError:
    pause = retry_after(answer.headers.get("retry-after", ""), now)
    if pause is None and code == HOURLY_LIMIT:
        pause = HOURLY_PAUSE
    if pause is None and code == "12052109":
        pause = BUSY_PAUSE
    return RateLimitedError(
        f"{place}: {said}", retry_after=pause, kind="" if code == HOURLY_LIMIT else place.kind
    )


def retry_after(value: str, now: datetime) -> timedelta | None:
    """The header in either of its forms, seconds or a date; None where there is none to understand."""
    if value.strip().isdigit():
        return timedelta(seconds=int(value))
    try:
        until = parsedate_to_datetime(value)
    except ValueError:
        return None
    until = until.replace(tzinfo=UTC) if until.tzinfo is None else until
    return max(timedelta(0), until - now)
