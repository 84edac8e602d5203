"""How one call is made: signed, sent, read; with a fresh token or cipher where the old one is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import msgspec

from crossdock.connectors.contract import Toolbox
from crossdock.connectors.errors import CredentialsError, ProtocolError, UnavailableError
from crossdock.connectors.tiktok_shop import payloads
from crossdock.connectors.tiktok_shop.answers import (
    OVERLOADED,
    ExpiredTokenError,
    Place,
    StaleCipherError,
    envelope_of,
)
from crossdock.connectors.tiktok_shop.credentials import TikTokShopCredentials
from crossdock.connectors.tiktok_shop.signing import sign
from crossdock.connectors.tiktok_shop.tokens import TokenKeeper

# How the platform says that an app does not have a version of a call; the last stands for more, told by its message,
# and is a ProtocolError where it speaks of the version.
NOT_FOR_THIS_APP = frozenset({"36009009", "36009014", OVERLOADED})

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Upload:
    name: str
    content: bytes
    kind: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Call:
    """`has_cipher` says whether it is about one shop; some calls refuse the cipher."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    upload: Upload | None = None
    lane: str = "normal"
    has_cipher: bool = True
    is_write: bool = False


@dataclass(frozen=True, slots=True)
class Reply(Generic[T]):
    data: T
    request_id: str


@dataclass(frozen=True, slots=True)
class ShopAccount:
    """The one shop that this integration is about."""

    id: str
    name: str
    region: str
    cipher: str
    code: str = ""
    seller_type: str = ""


SHOPS = Call("GET", "/authorization/202309/shops", has_cipher=False)


class Caller:
    """Makes calls for one integration. It repeats a call only where its token or cipher was outdated."""

    def __init__(self, toolbox: Toolbox, credentials: TikTokShopCredentials) -> None:
        self._toolbox = toolbox
        self._credentials = credentials
        self._tokens = TokenKeeper(toolbox, credentials)
        self._shop: ShopAccount | None = _remembered(toolbox.facts)

    def send(self, call: Call, kind: type[T]) -> Reply[T]:
        token = self._tokens.current()
        try:
            return self._send_once(call, kind, token)
        except ExpiredTokenError:
            return self._send_once(call, kind, self._tokens.renewed(token))
        except StaleCipherError:
            if not call.has_cipher:
                raise
            self.find_shop()
            return self._send_once(call, kind, token)

    def shop(self) -> ShopAccount:
        return self._shop or self.find_shop()

    def find_shop(self) -> ShopAccount:
        """Ask which shops the seller authorized, and keep the one that is meant."""
        shops = self.send(SHOPS, payloads.Shops).data.shops or []
        self._shop = choose_shop(shops, self._credentials.shop_id)
        return self._shop

    def _send_once(self, call: Call, kind: type[T], token: str) -> Reply[T]:
        body = b"" if call.body is None else msgspec.json.encode(call.body)
        headers = {"x-tts-access-token": token}
        if call.body is not None:
            headers["content-type"] = "application/json"
        upload = call.upload
        secrets = (token, self._credentials.app_secret.get_secret_value())
        place = Place(call.method, call.path, is_write=call.is_write, secrets=secrets)
        try:
            answer = self._toolbox.http.send(
                call.method,
                self._credentials.api_base + call.path,
                lane=call.lane,
                kind=place.kind,
                params=self._signed(call, body),
                headers=headers,
                content=body or None,
                files={"data": (upload.name, upload.content, upload.kind)} if upload else None,
                data=upload.fields if upload else None,
            )
        except UnavailableError as error:
            error.is_unclear = error.is_unclear and call.is_write
            raise
        envelope = envelope_of(answer, place, now=self._toolbox.clock())
        return Reply(_data(envelope, kind, place), payloads.text(envelope.request_id))

    def _signed(self, call: Call, body: bytes) -> Mapping[str, str]:
        query = {
            **call.query,
            "app_key": self._credentials.app_key,
            "timestamp": str(int(self._toolbox.clock().timestamp())),
        }
        if call.has_cipher:
            query["shop_cipher"] = self.shop().cipher
        secret = self._credentials.app_secret.get_secret_value()
        return {**query, "sign": sign(secret, call.path, query, body)}


def choose_shop(shops: list[payloads.Shop], wanted: str) -> ShopAccount:
    """The shop named by id or code, or the only one. Raises CredentialsError that lists the choice."""
    named = [shop for shop in shops if wanted in (payloads.text(shop.id), payloads.text(shop.code))]
    candidates = named if wanted else shops
    if len(candidates) == 1:
        return _account(candidates[0])
    listed = "; ".join(f"{s.id} {payloads.text(s.name)} ({payloads.text(s.region)})" for s in shops)
    if not shops:
        raise CredentialsError("The seller authorized no shop; authorize again with the shop's main account")
    if wanted:
        raise CredentialsError(f"Shop: {wanted!r} is none of the authorized shops: {listed}")
    raise CredentialsError(f"Shop: the seller has several shops; set one of {listed}")


def _account(shop: payloads.Shop) -> ShopAccount:
    return ShopAccount(
        id=payloads.text(shop.id),
        name=payloads.text(shop.name),
        region=payloads.text(shop.region),
        cipher=shop.cipher,
        code=payloads.text(shop.code),
        seller_type=payloads.text(shop.seller_type),
    )


def _remembered(facts: Mapping[str, str]) -> ShopAccount | None:
    """The shop as the last connection check found it."""
    if not facts.get("shop_cipher") or not facts.get("region"):
        return None
    return ShopAccount(
        id=facts.get("shop_id", ""),
        name=facts.get("shop_name", ""),
        region=facts["region"],
        cipher=facts["shop_cipher"],
        code=facts.get("shop_code", ""),
        seller_type=facts.get("seller_type", ""),
    )


def _data(envelope: payloads.Envelope, kind: type[T], place: Place) -> T:
    """`data` may be null or absent on a success without content."""
    raw = bytes(envelope.data)
    try:
        return msgspec.json.decode(b"{}" if raw == b"null" else raw, type=kind)
    except msgspec.DecodeError as error:
        raise ProtocolError(
            f"{place}: the answer is not what the documents say ({error})",
            request_id=payloads.text(envelope.request_id),
        ) from None
