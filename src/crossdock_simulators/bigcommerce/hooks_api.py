"""The endpoints for webhooks. A hook is seen only by the API account that made it."""

from __future__ import annotations

import re
from typing import Any, Final
from urllib.parse import urlsplit

from crossdock_simulators.bigcommerce import errors, wire
from crossdock_simulators.bigcommerce.records import Hook, Json
from crossdock_simulators.bigcommerce.store import Store
from crossdock_simulators.kit import Reply, Request

MAX_PER_SCOPE = 10
_SCOPE: Final = re.compile(
    r"store/(product|sku|order|shipment|inventory/location|channel/(\*|\d+)|information|app|hook|customer"
    r"|category|cart)(/[A-Za-z_*]+)+"
)
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_WRITABLE: Final[tuple[str, ...]] = ("scope", "destination", "is_active", "headers")


def list_hooks(store: Store, request: Request) -> Reply:
    found = _own(store, request)
    for name in ("scope", "destination"):
        if name in request.query:
            found = [hook for hook in found if getattr(hook, name) == request.query[name]]
    if "is_active" in request.query:
        wanted = request.query["is_active"].lower() in ("1", "true")
        found = [hook for hook in found if hook.is_active is wanted]
    chosen, meta = wire.page_of(request, found)
    return wire.data([_hook(store, hook) for hook in chosen], meta)


def create_hook(store: Store, request: Request) -> Reply:
    given = wire.body_object(request)
    for name in ("scope", "destination"):
        if not given.get(name):
            raise errors.invalid(name, "error.path.missing")
    client_id = client_of(request)
    _check(given)
    _check_room(_own(store, request), given["scope"], given["destination"])
    now = int(store.now().timestamp())
    hook = Hook(
        id=store.next_id("hook"),
        client_id=client_id,
        scope=given["scope"],
        destination=given["destination"],
        headers=given.get("headers"),
        is_active=bool(given.get("is_active", True)),
        created_at=now,
        updated_at=now,
    )
    store.hooks[hook.id] = hook
    return wire.data(_hook(store, hook))


def get_hook(store: Store, request: Request, hook_id: int) -> Reply:
    return wire.data(_hook(store, _hook_with(store, request, hook_id)))


def update_hook(store: Store, request: Request, hook_id: int) -> Reply:
    hook, given = _hook_with(store, request, hook_id), wire.body_object(request)
    changes: Json = {name: given[name] for name in _WRITABLE if name in given}
    if not changes:
        raise errors.v3(422, "Update webhook request should not be empty")
    _check(changes)
    for name, value in changes.items():
        setattr(hook, name, value)
    hook.gave_up = hook.gave_up and not hook.is_active
    hook.updated_at = int(store.now().timestamp())
    return wire.data(_hook(store, hook))


def delete_hook(store: Store, request: Request, hook_id: int) -> Reply:
    """Unlike other deletes this one answers the record."""
    hook = _hook_with(store, request, hook_id)
    del store.hooks[hook_id]
    return wire.data(_hook(store, hook))


def hooks_admin(store: Store, request: Request) -> Reply:
    chosen, meta = wire.page_of(request, _own(store, request))
    rows = [_hook(store, hook) | {"status": _status(hook)} for hook in chosen]
    body = {"emails": store.hook_emails, "hooks_list": rows, "blocked_domains": []}
    return wire.data(body, meta)


def update_admin(store: Store, request: Request) -> Reply:
    emails = wire.body_object(request).get("emails")
    if not isinstance(emails, list):
        raise errors.invalid("emails", "error.path.missing")
    store.hook_emails = [str(email) for email in emails]
    return Reply(204)


def client_of(request: Request) -> str:
    """The client id that the token of this request belongs to; the app wrote it into the headers."""
    return request.headers[CLIENT_HEADER]


def _own(store: Store, request: Request) -> list[Hook]:
    client_id = client_of(request)
    return [hook for hook in store.hooks.values() if hook.client_id == client_id]


def _hook_with(store: Store, request: Request, hook_id: int) -> Hook:
    for hook in _own(store, request):
        if hook.id == hook_id:
            return hook
    raise errors.v3_not_found("webhook")


def _check(given: Json) -> None:
    if "scope" in given and not _SCOPE.fullmatch(str(given["scope"])):
        raise errors.v3(400, "The webhook scope is not valid", {"scope": "invalid"})
    if "destination" in given:
        _check_destination(given["destination"])
    headers = given.get("headers")
    if headers is not None and not isinstance(headers, dict):
        raise errors.invalid("headers", "error.expected.jsobject")


def _check_destination(destination: Any) -> None:
    """HTTPS on port 443; plain loopback is let through, because a test's hub listens there."""
    parts = urlsplit(str(destination))
    secure = parts.scheme == "https" and parts.port in (None, 443)
    if not secure and parts.hostname not in _LOOPBACK:
        raise errors.invalid("destination", "must be an https address on port 443")


def _check_room(own: list[Hook], scope: str, destination: str) -> None:
    same = [hook for hook in own if hook.scope == scope]
    if any(hook.destination == destination for hook in same):
        raise errors.v3(409, "The webhook is a duplicate", {"destination": "duplicate"})
    if len(same) >= MAX_PER_SCOPE:
        raise errors.v3(422, f"At most {MAX_PER_SCOPE} webhooks share a scope", {"scope": "too many"})


def _status(hook: Hook) -> str:
    if hook.is_active:
        return "active"
    return "deactivated" if hook.gave_up else "inactive"


def _hook(store: Store, hook: Hook) -> Json:
    return {
        "id": hook.id,
        "client_id": hook.client_id,
        "store_hash": store.store_hash,
        "scope": hook.scope,
        "destination": hook.destination,
        "headers": hook.headers or {},
        "is_active": hook.is_active,
        "created_at": hook.created_at,
        "updated_at": hook.updated_at,
    }


CLIENT_HEADER: Final = "x-simulator-client"
ROUTES = (
    ("GET", "/v3/hooks", list_hooks),
    ("POST", "/v3/hooks", create_hook),
    ("GET", "/v3/hooks/admin", hooks_admin),
    ("PUT", "/v3/hooks/admin", update_admin),
    ("GET", "/v3/hooks/{id}", get_hook),
    ("PUT", "/v3/hooks/{id}", update_hook),
    ("DELETE", "/v3/hooks/{id}", delete_hook),
)
