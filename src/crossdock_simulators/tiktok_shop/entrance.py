"""The API's front door: checks every call in the platform's order, then hands it to its endpoint."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from functools import partial
from uuid import uuid4

from crossdock_simulators.kit import Reply, Request, json_reply
from crossdock_simulators.kit.http import Router
from crossdock_simulators.tiktok_shop.calls import Body, Call, Data
from crossdock_simulators.tiktok_shop.endpoint import Endpoint
from crossdock_simulators.tiktok_shop.errors import MESSAGES, ApiError
from crossdock_simulators.tiktok_shop.oauth import Authorizations, Grant, TokenHost
from crossdock_simulators.tiktok_shop.shop import Shop
from crossdock_simulators.tiktok_shop.signing import request_signature

PAST_SECONDS = 300
FUTURE_SECONDS = 30
VERSION = re.compile(r"/\d{6}/")


class Entrance:
    def __init__(
        self, shop: Shop, *, authorizations: Authorizations, host: TokenHost, endpoints: Iterable[Endpoint]
    ) -> None:
        self._shop = shop
        self._authorizations = authorizations
        self._host = host
        self._router = Router()
        self._unversioned = Router()
        self._spent: dict[str, float] = {}
        for endpoint in endpoints:
            template = re.sub(r"\{\w+\}", "{id:str}", endpoint.path)
            served = partial(self._served, endpoint)
            self._router.add(endpoint.method, template, served)
            self._unversioned.add(endpoint.method, VERSION.sub("/0/", template, count=1), served)

    def answer(self, request: Request) -> Reply:
        if request.path == "/open/authorize":
            return (
                self._host.decide(request) if request.method == "POST" else self._host.consent_page(request)
            )
        try:
            if request.path in ("/api/v2/token/get", "/api/v2/token/refresh"):
                return success(self._host.token(request))
            served, ids = self._found(request)
            return served(request, *ids)
        except ApiError as error:
            return failure(error)

    def _served(self, endpoint: Endpoint, request: Request, *ids: int | str) -> Reply:
        self._check_app(request)
        self._check_signature(request)
        grant = self._check_token(request)
        self._check_cipher(request, endpoint)
        if endpoint.scope not in grant.scopes:
            raise ApiError(105005, endpoint.scope)
        self._check_rate(endpoint)
        call = Call(request, request.query, _body(request, endpoint), _has_fault(request, "shift_page"))
        self._shop.settle()
        with self._shop.transaction(dropped=_has_fault(request, "drop_write")):
            data = endpoint.handler(self._shop, call, *(str(part) for part in ids))
            if endpoint.is_write:
                self._shop.count_write(f"{endpoint.method} {endpoint.path}")
        return success(data)

    def _found(self, request: Request) -> tuple[Callable[..., Reply], tuple[int | str, ...]]:
        served, ids, known = self._router.find(request.method, request.path)
        if served is not None:
            return served, ids
        if known:
            raise ApiError(36009010, request.method)
        if self._unversioned.find(request.method, VERSION.sub("/0/", request.path, count=1))[2]:
            raise ApiError(36009014, request.path)
        raise ApiError(36009009, request.path)

    def _check_app(self, request: Request) -> None:
        if request.query.get("app_key") != self._shop.identity.app_key:
            raise ApiError(36009004, "app_key")
        stamp = request.query.get("timestamp", "")
        if not stamp.isdecimal():
            raise ApiError(36009004, "timestamp")
        # Real time as well: a test that moves the simulator's clock must not break a client that stays behind.
        ages = [now - int(stamp) for now in (time.time(), self._shop.now().timestamp())]
        if not any(-FUTURE_SECONDS <= age <= PAST_SECONDS for age in ages):
            raise ApiError(36009004, "timestamp")

    def _check_signature(self, request: Request) -> None:
        given = request.query.get("sign", "")
        if not given:
            raise ApiError(36009004, "signature")
        body = b"" if _is_multipart(request) else request.body
        # Whether an empty object counts is not known, so both readings are accepted.
        readings = (body, b"") if body == b"{}" else (body,)
        secret = self._shop.identity.app_secret
        if given not in [request_signature(secret, request.path, request.query, b) for b in readings]:
            raise ApiError(106001)

    def _check_token(self, request: Request) -> Grant:
        if _has_fault(request, "expire_token"):
            self._authorizations.expire_access_tokens()
        return self._authorizations.check(request.headers.get("x-tts-access-token", ""))

    def _check_cipher(self, request: Request, endpoint: Endpoint) -> None:
        cipher = request.query.get("shop_cipher")
        if not endpoint.takes_cipher:
            if cipher is not None:
                raise ApiError(36009004, "Unexpected identifier shop_cipher")
        elif not cipher:
            raise ApiError(106013)
        elif cipher != self._shop.identity.cipher:
            raise ApiError(36009004, "shop_cipher")

    def _check_rate(self, endpoint: Endpoint) -> None:
        """A bucket that holds one second's calls, in real time, for each class that has a limit."""
        rate = self._shop.switches.calls_per_second.get(endpoint.rate_class)
        if not rate:
            return
        now = time.monotonic()
        free_at = max(self._spent.get(endpoint.rate_class, 0.0), now - 1.0)
        wait = free_at + 1 / rate - now
        if wait > 1e-9:
            raise ApiError(36009002, headers={"Retry-After": str(max(1, round(wait)))})
        self._spent[endpoint.rate_class] = free_at + 1 / rate


def success(data: Data) -> Reply:
    return json_reply({"code": 0, "message": MESSAGES[0], "request_id": request_id(), "data": data})


def failure(error: ApiError) -> Reply:
    content = {"code": error.code, "message": error.message, "request_id": request_id(), "data": None}
    return json_reply(content, error.status, error.headers)


def request_id() -> str:
    return uuid4().hex.upper()


def _has_fault(request: Request, kind: str) -> bool:
    return request.fault is not None and request.fault.kind == kind


def _is_multipart(request: Request) -> bool:
    return request.headers.get("content-type", "").startswith("multipart/form-data")


def _body(request: Request, endpoint: Endpoint) -> Body:
    if endpoint.is_multipart:
        if not _is_multipart(request):
            raise ApiError(36009023)
        return Body({})
    if not request.body or request.method == "GET":
        return Body({})
    content_type = request.headers.get("content-type", "")
    if content_type and not content_type.startswith("application/json"):
        raise ApiError(36009022)
    try:
        decoded = request.json()
    except ValueError:
        raise ApiError(36009022) from None
    if not isinstance(decoded, dict):
        raise ApiError(36009022)
    return Body(decoded)
