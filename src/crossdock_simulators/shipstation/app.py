"""Puts the simulated account together: its key, quota, routes, faults and the control page."""

from __future__ import annotations

from base64 import b64encode
from copy import deepcopy
from dataclasses import replace
from random import Random
from threading import RLock

from crossdock_simulators.kit import Clock, Fault, Faults, Gateway, Journal, Reply, Request, json_reply
from crossdock_simulators.kit.gateway import Manners
from crossdock_simulators.kit.http import HandlerApp, Router
from crossdock_simulators.shipstation import control, errors, orders_api, shipments_api
from crossdock_simulators.shipstation.limits import PER_MINUTE, Quota
from crossdock_simulators.shipstation.records import Account


class Simulator:
    """One account. `asgi` is what a server runs; `account` is its memory, to be read by tests."""

    def __init__(self, *, per_minute: int = PER_MINUTE, clock: Clock | None = None, seed: int = 0) -> None:
        random = Random(seed)
        self.clock = clock or Clock()
        self.journal = Journal()
        self.faults = Faults(seed)
        self.limits = Quota(per_minute)
        self.lock = RLock()
        self.account = Account(self.clock.now)
        self.credentials = {"api_key": _letters(random), "api_secret": _letters(random)}
        self.is_revoked = False
        self._router = Router()
        for method, template, handler in (*orders_api.ROUTES, *shipments_api.ROUTES):
            self._router.add(method, template, handler)
        manners = Manners(too_many=self._too_many)
        app = HandlerApp(self.answer)
        self.asgi = Gateway(app, journal=self.journal, faults=self.faults, clock=self.clock, manners=manners)
        control.attach(self)

    def answer(self, request: Request) -> Reply:
        try:
            reply = self._authorized(request)
        except errors.RefusedError as error:
            reply = error.reply()
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            # A body of an unforeseen shape: the platform refuses it, it does not break.
            reply = errors.refused(f"The request is invalid: {error}").reply()
        return Reply(reply.status, reply.body, reply.content_type, self.limits.headers() | reply.headers)

    def close(self) -> None:
        """Nothing runs in the background; it is there because every simulator has it."""

    def _authorized(self, request: Request) -> Reply:
        if request.fault is not None and request.fault.kind == "expire_token":
            self.is_revoked = True
        pair = f"{self.credentials['api_key']}:{self.credentials['api_secret']}"
        wanted = f"Basic {b64encode(pair.encode()).decode()}"
        if self.is_revoked or request.headers.get("authorization") != wanted:
            raise errors.refused("Authorization has been denied for this request.", 401)
        if not self.limits.take():
            return json_reply({"message": "Too Many Requests"}, 429)
        handler, parts, known = self._router.find(request.method, request.path)
        if handler is None:
            raise (
                errors.refused("The requested resource does not support the method.", 405)
                if known
                else (errors.not_found("resource"))
            )
        with self.lock:
            return handler(self._account_for(request), request, *parts)

    def _account_for(self, request: Request) -> Account:
        """A dropped write runs on a copy: it is answered like any other and changes nothing."""
        dropped = request.fault is not None and request.fault.kind == "drop_write"
        if not dropped:
            return self.account
        held = {
            name: deepcopy(getattr(self.account, name)) for name in ("orders", "shipments", "fulfillments")
        }
        return replace(self.account, **held)

    def _too_many(self, fault: Fault) -> Reply:
        told = {"X-Rate-Limit-Remaining": "0", "X-Rate-Limit-Reset": f"{fault.retry_after:g}"}
        headers = {} if fault.kind == "too_many_requests_bare" else self.limits.headers() | told
        return json_reply({"message": "Too Many Requests"}, 429, headers)


def _letters(random: Random) -> str:
    return "".join(random.choice("abcdef0123456789") for _ in range(32))
