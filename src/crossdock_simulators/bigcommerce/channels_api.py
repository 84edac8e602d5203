"""The endpoints for channels and the listings on them."""

from __future__ import annotations

from typing import Any, Final

from crossdock_simulators.bigcommerce import errors, wire
from crossdock_simulators.bigcommerce.records import Channel, Json
from crossdock_simulators.bigcommerce.store import Store
from crossdock_simulators.kit import Reply, Request

STATES: Final = frozenset(
    [
        "active",
        "disabled",
        "error",
        "pending",
        "pending_disable",
        "pending_delete",
        "partially_rejected",
        "queued",
        "rejected",
        "submitted",
        "deleted",
    ]
)
TYPES: Final = frozenset({"pos", "marketplace", "storefront", "marketing"})
_DEFAULTS: Final[Json] = {
    "name": "",
    "type": "storefront",
    "platform": "bigcommerce",
    "status": "active",
    "external_id": "",
    "is_listable_from_ui": True,
    "is_visible": True,
    "icon_url": "",
}
_TEXTS: Final = ("external_id", "name", "description")


def add_channel(store: Store, given: Json) -> Channel:
    now = store.now()
    fields = _DEFAULTS | {name: value for name, value in given.items() if name in _DEFAULTS}
    channel = Channel(store.next_id("channel"), fields, now, now)
    store.channels[channel.id] = channel
    return channel


def list_channels(store: Store, request: Request) -> Reply:
    found = list(store.channels.values())
    for name in ("type", "platform", "status"):
        if wanted := wire.texts(request.query.get(f"{name}:in", "")):
            found = [channel for channel in found if channel.fields[name] in wanted]
    chosen, meta = wire.page_of(request, found)
    return wire.data([_channel(channel) for channel in chosen], meta)


def create_channel(store: Store, request: Request) -> Reply:
    given = wire.body_object(request)
    for name in ("name", "type", "platform"):
        if not given.get(name):
            raise errors.invalid(name, "error.path.missing")
    if given["type"] not in TYPES:
        raise errors.invalid("type", "invalid")
    return wire.data(_channel(add_channel(store, given)))


def get_channel(store: Store, _: Request, channel_id: int) -> Reply:
    return wire.data(_channel(_channel_with(store, channel_id)))


def update_channel(store: Store, request: Request, channel_id: int) -> Reply:
    channel, given = _channel_with(store, channel_id), wire.body_object(request)
    fixed = ("type", "platform")
    channel.fields |= {name: given[name] for name in _DEFAULTS if name in given and name not in fixed}
    channel.modified = store.now()
    return wire.data(_channel(channel))


def list_listings(store: Store, request: Request, channel_id: int) -> Reply:
    """An unknown channel has no listings; that is no error."""
    channel = store.channels.get(channel_id)
    rows = channel.listings if channel else []
    if wanted := wire.integers(request.query.get("product_id:in", ""), "product_id:in"):
        rows = [row for row in rows if row["product_id"] in wanted]
    if after := request.query.get("after"):
        rows = [row for row in rows if row["listing_id"] > int(after)]
    chosen, meta = wire.page_of(request, rows, most=1000)
    return wire.data(chosen, meta)


def create_listings(store: Store, request: Request, channel_id: int) -> Reply:
    rows = wire.body_list(request)
    for number, row in enumerate(rows):
        _check(row, number)
    channel = store.channels.get(channel_id)
    if channel is None:
        return wire.data([])
    made = [_listing(store, channel, row) for row in rows]
    channel.listings.extend(made)
    return wire.data(made)


def update_listings(store: Store, request: Request, channel_id: int) -> Reply:
    rows = wire.body_list(request)
    for number, row in enumerate(rows):
        _check(row, number)
    channel = store.channels.get(channel_id)
    held = {listing["listing_id"]: listing for listing in channel.listings} if channel else {}
    changed = []
    for row in rows:
        listing = held.get(row.get("listing_id"))
        if listing is not None and channel is not None:
            listing |= {name: row[name] for name in ("state", *_TEXTS) if name in row}
            listing["variants"] = [_listed_variant(store, channel, one) for one in row["variants"]]
            listing["date_modified"] = wire.zulu(store.now())
            changed.append(listing)
    return wire.data(changed)


def get_listing(store: Store, _: Request, channel_id: int, listing_id: int) -> Reply:
    channel = _channel_with(store, channel_id)
    for listing in channel.listings:
        if listing["listing_id"] == listing_id:
            return wire.data(listing)
    raise errors.v3_not_found("listing")


def _check(row: Json, number: int) -> None:
    missing = {}
    if not isinstance(row.get("product_id"), int):
        missing[f"{number}.product_id"] = "error.path.missing"
    if row.get("state") not in STATES:
        missing[f"{number}.state"] = "error.path.missing"
    variants: Any = row.get("variants")
    if not isinstance(variants, list):
        missing[f"{number}.variants"] = "error.path.missing"
        variants = []
    for position, one in enumerate(variants):
        if one.get("state") not in STATES:
            missing[f"{number}.variants.{position}.state"] = "error.path.missing"
        if not isinstance(one.get("variant_id"), int):
            missing[f"{number}.variants.{position}.variant_id"] = "error.path.missing"
    if missing:
        raise errors.v3(422, "JSON data is missing or invalid", missing)


def _listing(store: Store, channel: Channel, row: Json) -> Json:
    body = _listed_variant(store, channel, row)
    body["listing_id"] = store.next_id("listing")
    body["variants"] = [_listed_variant(store, channel, one) for one in row["variants"]]
    return body


def _listed_variant(store: Store, channel: Channel, row: Json) -> Json:
    now = wire.zulu(store.now())
    body: Json = {"channel_id": channel.id, "date_created": now, "date_modified": now}
    body |= {name: str(row.get(name, "")) for name in _TEXTS}
    return body | {name: row[name] for name in ("product_id", "variant_id", "state") if name in row}


def _channel(channel: Channel) -> Json:
    dates = {"date_created": wire.zulu(channel.created), "date_modified": wire.zulu(channel.modified)}
    enabled = channel.fields["status"] in ("active", "connected")
    return {"id": channel.id, "is_enabled": enabled} | channel.fields | dates


def _channel_with(store: Store, channel_id: int) -> Channel:
    if (channel := store.channels.get(channel_id)) is None:
        raise errors.v3_not_found("channel")
    return channel


ROUTES = (
    ("GET", "/v3/channels", list_channels),
    ("POST", "/v3/channels", create_channel),
    ("GET", "/v3/channels/{id}", get_channel),
    ("PUT", "/v3/channels/{id}", update_channel),
    ("GET", "/v3/channels/{id}/listings", list_listings),
    ("POST", "/v3/channels/{id}/listings", create_listings),
    ("PUT", "/v3/channels/{id}/listings", update_listings),
    ("GET", "/v3/channels/{id}/listings/{id}", get_listing),
)
