"""The endpoints for locations. Writes take arrays and answer a transaction id, never the new ids."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from uuid import uuid4

from crossdock_simulators.bigcommerce import errors, wire
from crossdock_simulators.bigcommerce.records import Json, Location
from crossdock_simulators.bigcommerce.store import DEFAULT_LOCATION, Store
from crossdock_simulators.kit import Reply, Request, json_reply

DEFAULTS: Final[Json] = {
    "code": "",
    "label": "",
    "description": "",
    "managed_by_external_source": False,
    "type_id": "PHYSICAL",
    "enabled": True,
    "time_zone": "America/Chicago",
    "storefront_visibility": True,
    "special_hours": [],
    "address": None,
    "operating_hours": None,
}
REQUIRED_ADDRESS: Final = ("address1", "city", "state", "zip", "email", "geo_coordinates", "country_code")


def add_location(store: Store, given: Json) -> Location:
    now = store.now()
    fields = DEFAULTS | {name: value for name, value in given.items() if name in DEFAULTS}
    location = Location(store.next_id("location"), fields, now, now)
    store.locations[location.id] = location
    return location


def list_locations(store: Store, request: Request) -> Reply:
    checks = [_FILTERS[name](text) for name, text in request.query.items() if name in _FILTERS]
    found = [place for place in store.locations.values() if all(check(place) for check in checks)]
    chosen, meta = wire.page_of(request, found, most=1000)
    return wire.data([_location(place) for place in chosen], meta)


def create_locations(store: Store, request: Request) -> Reply:
    rows = wire.body_list(request)
    codes = [place.fields["code"] for place in store.locations.values()]
    for row in rows:
        _check(row, codes, new=True)
        codes.append(row["code"])
    for row in rows:
        location = add_location(store, row)
        store.publish("store/inventory/location/created", {"location_id": location.id})
    return json_reply({"transaction_id": str(uuid4())})


def update_locations(store: Store, request: Request) -> Reply:
    rows = wire.body_list(request)
    for row in rows:
        if row.get("id") not in store.locations:
            raise errors.problem(422, f"Location with id {row.get('id')} was not found")
        others = [place.fields["code"] for place in store.locations.values() if place.id != row["id"]]
        _check(row, others, new=False)
    for row in rows:
        location = store.locations[row["id"]]
        location.fields |= {name: value for name, value in row.items() if name in DEFAULTS}
        location.modified = store.now()
        store.publish("store/inventory/location/updated", {"location_id": location.id})
    return json_reply({"transaction_id": str(uuid4())})


def delete_locations(store: Store, request: Request) -> Reply:
    numbers = wire.integers(request.query.get("location_id:in", ""), "location_id:in")
    if not numbers:
        raise errors.problem(422, "location_id:in is required")
    if DEFAULT_LOCATION in numbers:
        raise errors.problem(422, "The default location cannot be deleted")
    if unknown := numbers - store.locations.keys():
        raise errors.problem(404, f"Location with id {min(unknown)} was not found")
    for number in numbers:
        del store.locations[number]
        for levels in store.stock.values():
            levels.pop(number, None)
    return json_reply({"transaction_id": str(uuid4())})


def _check(row: Json, other_codes: list[Any], *, new: bool) -> None:
    for name in ("code", "label"):
        if (new or name in row) and not (isinstance(row.get(name), str) and row[name]):
            raise errors.problem(422, f"{name} is missing or invalid")
    if row.get("code") in other_codes:
        raise errors.problem(422, f"Location code {row['code']} is not unique")
    if row.get("type_id", "PHYSICAL") not in ("PHYSICAL", "VIRTUAL"):
        raise errors.problem(422, "type_id must be PHYSICAL or VIRTUAL")
    if new and row.get("type_id", "PHYSICAL") == "PHYSICAL":
        address = row.get("address") or {}
        if missing := [name for name in REQUIRED_ADDRESS if not address.get(name)]:
            raise errors.problem(422, f"address.{missing[0]} is missing")


def _location(place: Location) -> Json:
    body = {name: value for name, value in place.fields.items() if value is not None}
    body |= {"id": place.id, "created_at": wire.zulu(place.created), "updated_at": wire.zulu(place.modified)}
    return body


def _truth(text: str) -> bool:
    return text.lower() in ("1", "true")


_FILTERS: Final[dict[str, Callable[[str], Callable[[Location], bool]]]] = {
    "location_id:in": lambda text: lambda place: place.id in wire.integers(text, "location_id:in"),
    "location_code:in": lambda text: lambda place: place.fields["code"] in wire.texts(text),
    "is_default": lambda text: lambda place: (place.id == DEFAULT_LOCATION) is _truth(text),
    "type_id:in": lambda text: lambda place: place.fields["type_id"] in wire.texts(text),
    "is_active": lambda text: lambda place: place.enabled is _truth(text),
    "storefront_visibility": lambda text: lambda place: place.fields["storefront_visibility"] is _truth(text),
    "managed_by_external_source": lambda text: (
        lambda place: place.fields["managed_by_external_source"] is _truth(text)
    ),
}
ROUTES = (
    ("GET", "/v3/inventory/locations", list_locations),
    ("POST", "/v3/inventory/locations", create_locations),
    ("PUT", "/v3/inventory/locations", update_locations),
    ("DELETE", "/v3/inventory/locations", delete_locations),
)
