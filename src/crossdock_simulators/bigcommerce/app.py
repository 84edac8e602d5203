"""Puts the simulated store together: tokens, quota, routes, faults, events and the control page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from random import Random
from threading import RLock
from typing import Any

from crossdock_simulators.bigcommerce import (
    channels_api,
    control,
    errors,
    groups_api,
    hooks,
    hooks_api,
    images_api,
    info_api,
    inventory_api,
    locations_api,
    orders_api,
    products_api,
    refunds_api,
    shipments_api,
    variants_api,
)
from crossdock_simulators.bigcommerce.accounts import Account, Accounts
from crossdock_simulators.bigcommerce.limits import QUOTAS, WINDOW_SECONDS, RateWindow
from crossdock_simulators.bigcommerce.records import Json
from crossdock_simulators.bigcommerce.store import Outside, Store, Switches
from crossdock_simulators.kit import (
    Clock,
    Deliveries,
    Fault,
    Faults,
    Gateway,
    Journal,
    Reply,
    Request,
    Scheduler,
    Served,
    json_reply,
)
from crossdock_simulators.kit.gateway import Manners
from crossdock_simulators.kit.http import HandlerApp, Router

API_MODULES = (
    info_api,
    products_api,
    variants_api,
    images_api,
    groups_api,
    inventory_api,
    locations_api,
    orders_api,
    shipments_api,
    refunds_api,
    channels_api,
    hooks_api,
)
DEFAULT_ADDRESS = {
    "address1": "1 Main Street",
    "address2": "",
    "city": "Austin",
    "state": "Texas",
    "zip": "78701",
    "email": "warehouse@example.com",
    "phone": "",
    "geo_coordinates": {"latitude": 30.26, "longitude": -97.74},
    "country_code": "US",
}


class Simulator:
    """One store. `asgi` is what a server runs; `store` is its memory, to be read by tests."""

    def __init__(
        self,
        *,
        plan: str = "Enterprise",
        switches: Switches | None = None,
        clock: Clock | None = None,
        seed: int = 0,
    ) -> None:
        random = Random(seed)
        self.clock = clock or Clock()
        self.journal = Journal()
        self.faults = Faults(seed)
        self.deliveries = Deliveries(self.clock, hooks.RETRIES, seed=seed)
        self.scheduler = Scheduler(self.clock)
        self.limits = RateWindow(QUOTAS[plan], WINDOW_SECONDS)
        self.lock = RLock()
        self.account = Account(_letters(random, 31), _letters(random, 64), _letters(random, 31))
        self.accounts = Accounts()
        self.accounts.add(self.account)
        outside = Outside(self.clock, self._publish, self._later)
        self.store = Store(outside, switches=switches or Switches(plan=plan))
        locations_api.add_location(
            self.store, {"code": "BC-LOCATION-1", "label": "Default location", "address": DEFAULT_ADDRESS}
        )
        channels_api.add_channel(self.store, {"name": "Simulated Shop"})
        self._router = _routes()
        manners = Manners(too_many=self._too_many)
        app = HandlerApp(self.answer, blocking=_may_download)
        self.asgi = Gateway(app, journal=self.journal, faults=self.faults, clock=self.clock, manners=manners)
        control.attach(self)

    @property
    def credentials(self) -> dict[str, str]:
        account = self.account
        return {
            "client_id": account.client_id,
            "client_secret": account.client_secret,
            "access_token": account.access_token,
        }

    def answer(self, request: Request) -> Reply:
        """Files need no token; everything else passes token, scope and quota first."""
        if request.path.startswith("/images/"):
            return images_api.serve_file(self.store, request)
        path = request.path.removeprefix(f"/stores/{self.store.store_hash}")
        try:
            reply = self._authorized(request, path)
        except errors.RefusedError as error:
            reply = json_reply(error.body, error.status)
            reply = Reply(reply.status, reply.body, error.content_type)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            # A body of an unforeseen shape: the platform refuses it, it does not break.
            text = f"The request could not be read: {error}"
            refused = errors.v2(400, text) if path.startswith("/v2") else errors.v3(422, text)
            reply = json_reply(refused.body, refused.status)
        return Reply(reply.status, reply.body, reply.content_type, self.limits.headers() | reply.headers)

    def close(self) -> None:
        self.deliveries.close()
        self.scheduler.close()

    def _authorized(self, request: Request, path: str) -> Reply:
        if path == request.path or path.endswith("/"):
            return Reply(403, b"Authentication Required", "text/plain")
        token = request.headers.get("x-auth-token")
        if request.fault is not None and request.fault.kind == "expire_token" and token:
            self.revoke(token)
        account = self.accounts.require(token, request.method, path)
        if not self.limits.take():
            return self._over_quota()
        handler, parts, known = self._router.find(request.method, path)
        if handler is None:
            text = "The method is not allowed" if known else "The requested resource was not found."
            status = 405 if known else 404
            raise errors.v2(status, text) if path.startswith("/v2") else errors.v3(status, text)
        request.headers[hooks_api.CLIENT_HEADER] = account.client_id
        downloads = images_api.downloads_for(request, path)
        with self.lock:
            store = self._store_for(request)
            store.address = "http://" + request.headers.get("host", "127.0.0.1")
            store.downloads = downloads
            return handler(store, request, *parts)

    def revoke(self, token: str) -> None:
        if (account := self.accounts.by_token.get(token)) is not None:
            account.revoked = True

    def _store_for(self, request: Request) -> Store:
        """A dropped write runs on a copy: it is answered like any other and changes nothing."""
        dropped = request.fault is not None and request.fault.kind == "drop_write"
        return self.store.trial() if dropped else self.store

    def _publish(self, scope: str, data: Json) -> None:
        accounts = self.accounts.by_token.values()
        secrets = {one.client_id: one.client_secret for one in accounts if not one.revoked}
        hooks.deliver(self.store, self.deliveries, secrets, scope=scope, data=data)

    def _later(self, delay: timedelta, action: Callable[[], None]) -> None:
        def locked() -> None:
            with self.lock:
                action()

        self.scheduler.at(self.clock.now() + delay, locked)

    def _over_quota(self) -> Reply:
        headers = self.limits.headers()
        seconds = -(-int(headers["X-Rate-Limit-Time-Reset-Ms"]) // 1000)
        body = {"status": 429, "title": "Too many requests", "type": errors.STATUS_PAGE, "errors": {}}
        return json_reply(body, 429, {"X-Retry-After": str(seconds)})

    def _too_many(self, fault: Fault) -> Reply:
        """The bare kind is the platform overloaded: no header says how long to wait."""
        if fault.kind == "too_many_requests_bare":
            return Reply(429, b"Too many requests", "text/plain")
        wait = {
            "X-Rate-Limit-Requests-Left": "0",
            "X-Rate-Limit-Time-Reset-Ms": str(round(fault.retry_after * 1000)),
            "X-Retry-After": f"{fault.retry_after:g}",
        }
        body = {"status": 429, "title": "Too many requests", "type": errors.STATUS_PAGE, "errors": {}}
        return json_reply(body, 429, self.limits.headers() | wait)


def serve(simulator: Any, *, port: int = 0) -> Served:
    """The simulator over real HTTP: `with serve(simulator) as served`."""
    return Served(simulator.asgi, port=port)


def _routes() -> Router:
    """Fixed paths first, so that `/products/channel-assignments` is never read as an id."""
    router = Router()
    for module in API_MODULES:
        for method, template, handler in module.ROUTES:
            router.add(method, template, handler)
    return router


def _may_download(request: Request) -> bool:
    return request.method == "POST" and b"image_url" in request.body


def _letters(random: Random, length: int) -> str:
    return "".join(random.choice("abcdefghijklmnopqrstuvwxyz0123456789") for _ in range(length))
