"""The inventory endpoints: stock items, absolute and relative adjustments, and item settings."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any, Final
from uuid import uuid4

from crossdock_simulators.bigcommerce import errors, stock, wire
from crossdock_simulators.bigcommerce.catalog_fields import MAX_LEVEL
from crossdock_simulators.bigcommerce.records import Item, Json, Level, Location
from crossdock_simulators.bigcommerce.store import Store
from crossdock_simulators.kit import Reply, Request, json_reply

MAX_ITEMS = 2000
MAX_PAGE = 1000
_IDENTITIES: Final = ("sku", "variant_id", "product_id")
_SETTINGS: Final = {"safety_stock": "safety", "is_in_stock": "in_stock", "warning_level": "warning"}
Step = tuple[Item, int, int]  # what, where, how much


def list_items(store: Store, request: Request) -> Reply:
    """Tracked items only, each with its level at every location that was asked for."""
    places = _places(store, request.query)
    chosen, meta = wire.page_of(request, _items(store, request.query), most=MAX_PAGE)
    rows = []
    for item in chosen:
        levels = [_at(store, item, place) for place in places]
        rows.append({"identity": _identity(store, item), "locations": levels})
    return wire.data(rows, meta)


def list_location_items(store: Store, request: Request, location_id: int) -> Reply:
    if location_id not in store.locations:
        raise errors.problem(404, f"Location with id {location_id} was not found")
    chosen, meta = wire.page_of(request, _items(store, request.query), most=MAX_PAGE)
    rows = []
    for item in chosen:
        level = store.peek(item, location_id)
        row = {"identity": _identity(store, item), "available_to_sell": level.available}
        rows.append(row | {"total_inventory_onhand": level.onhand, "settings": _settings(level)})
    return wire.data(rows, meta)


def adjust_absolute(store: Store, request: Request) -> Reply:
    steps = _steps(store, request, lowest=0)
    return _accepted(store, "absolute", steps)


def adjust_relative(store: Store, request: Request) -> Reply:
    """The shortage check is made against what the numbers are when the call arrives."""
    steps = _steps(store, request, lowest=-MAX_LEVEL)
    for item, location_id, _ in steps:
        if not store.peek(item, location_id).initialised:
            name = _said(store, item)
            raise errors.problem(
                422, f"Items with identity: [{name}] requires absolute adjustment before relative"
            )
    if short := _shortage(store, steps):
        text = f"Items with identity: [{_said(store, short)}] would fall below their safety stock"
        raise errors.problem(422, text)
    return _accepted(store, "relative", steps)


def change_settings(store: Store, request: Request, location_id: int) -> Reply:
    _usable(store, location_id)
    rows = wire.body_object(request).get("settings")
    if not isinstance(rows, list) or not rows or len(rows) > MAX_ITEMS:
        raise errors.problem(422, f"settings must hold 1 to {MAX_ITEMS} rows")
    found = [(_resolved(store, row.get("identity") or {}), row) for row in rows]
    if not all(row.keys() & {*_SETTINGS, "bin_picking_number"} for row in rows):
        raise errors.problem(422, "At least one setting must be given for every item")
    for item, row in found:
        level = store.level(item, location_id)
        for name, attribute in _SETTINGS.items():
            if name in row:
                setattr(level, attribute, row[name])
        level.bin = str(row.get("bin_picking_number", level.bin))
        place = _place_event(store, item, location_id)
        store.publish("store/channel/1/inventory/product/settings_changed", place)
    return _transaction()


def _accepted(store: Store, kind: str, steps: list[Step]) -> Reply:
    """Accepted is not applied: the numbers move after the store's delay."""
    store.writes[f"adjustment_{kind}"] += 1
    delay = timedelta(seconds=store.switches.inventory_delay_seconds)

    def apply() -> None:
        _apply(store, kind, steps)

    if delay:
        store.outside.later(delay, apply)
    else:
        apply()
    return _transaction()


def _apply(store: Store, kind: str, steps: list[Step]) -> None:
    """When sales meanwhile left too little, a relative call is lost as a whole."""
    steps = [step for step in steps if store.product_of(step[0]) and step[1] in store.locations]
    if kind == "relative" and _shortage(store, steps):
        store.writes["adjustment_lost"] += 1
        return
    for item, location_id, quantity in steps:
        if kind == "absolute":
            stock.set_absolute(store, item, quantity, location_id)
        else:
            stock.change(store, item, quantity, location_id)


def _shortage(store: Store, steps: list[Step]) -> Item | None:
    sums: Counter[tuple[Item, int]] = Counter()
    for item, location_id, quantity in steps:
        sums[item, location_id] += quantity
    for (item, location_id), quantity in sums.items():
        if quantity < 0 and store.peek(item, location_id).available + quantity < 0:
            return item
    return None


def _steps(store: Store, request: Request, *, lowest: int) -> list[Step]:
    rows = wire.body_object(request).get("items")
    if not isinstance(rows, list) or not rows:
        raise errors.problem(422, "items must not be empty")
    if len(rows) > MAX_ITEMS:
        raise errors.problem(422, f"At most {MAX_ITEMS} items are allowed in one call")
    return [_step(store, row, lowest) for row in rows]


def _step(store: Store, row: Json, lowest: int) -> Step:
    quantity, location_id = row.get("quantity"), row.get("location_id")
    if isinstance(quantity, bool) or not isinstance(quantity, int) or not lowest <= quantity <= MAX_LEVEL:
        raise errors.problem(422, "quantity is missing or out of range")
    if not isinstance(location_id, int):
        raise errors.problem(422, "location_id is missing")
    _usable(store, location_id)
    return _resolved(store, row), location_id, quantity


def _usable(store: Store, location_id: int) -> None:
    location = store.locations.get(location_id)
    if location is None:
        raise errors.problem(422, f"Location with id {location_id} was not found")
    if not location.enabled:
        raise errors.problem(422, f"Location with id {location_id} is disabled")


def _resolved(store: Store, row: Json) -> Item:
    """The item that a row names, by the one identity that fits how its product is tracked."""
    given = [(name, row[name]) for name in _IDENTITIES if row.get(name) is not None]
    if len(given) != 1:
        raise errors.problem(422, "Exactly one of sku, variant_id and product_id must be given")
    name, value = given[0]
    if name == "product_id":
        return _by_product(store, value)
    variant_id = _variant_id(store, name, value)
    variant = store.variants.get(variant_id) if variant_id else None
    if variant is None:
        raise errors.problem(422, f"Items with identity: [{name} {value}] were not found")
    tracking = store.products[variant.product_id].tracking
    if tracking == "variant":
        return ("variant", variant.id)
    said = f"Item with {name} {value}"
    if tracking == "product":
        raise errors.problem(422, f"[{said} is tracked by product, please update stock by product id]")
    raise errors.problem(422, f"[{said} is not tracked]")


def _variant_id(store: Store, name: str, value: Any) -> int | None:
    if name == "variant_id":
        return value if isinstance(value, int) else None
    found = store.variant_by_sku.get(str(value).lower())
    owner = store.product_by_sku.get(str(value).lower())
    if found is None and owner is not None and not store.products[owner].options:
        return store.products[owner].variants[0]
    return found


def _by_product(store: Store, value: Any) -> Item:
    product = store.products.get(value) if isinstance(value, int) else None
    if product is None:
        raise errors.problem(422, f"Items with identity: [product_id {value}] were not found")
    if product.tracking == "variant":
        text = f"[Item with product_id {value} is tracked by variant, please update stock by variant id]"
        raise errors.problem(422, text)
    if product.tracking == "none":
        raise errors.problem(422, f"[Item with product_id {value} is not tracked]")
    return ("product", product.id)


def _items(store: Store, query: dict[str, str]) -> list[Item]:
    chosen = store.items()
    if text := query.get("product_id:in"):
        products = [store.products.get(number) for number in sorted(wire.integers(text, "product_id:in"))]
        chosen = [item for product in products if product for item in store.items_of(product)]
    if text := query.get("variant_id:in"):
        variants = wire.integers(text, "variant_id:in")
        chosen = [item for item in chosen if _identity(store, item)["variant_id"] in variants]
    if text := query.get("sku:in"):
        skus = {sku.lower() for sku in wire.texts(text)}
        chosen = [item for item in chosen if _identity(store, item)["sku"].lower() in skus]
    return chosen


def _places(store: Store, query: dict[str, str]) -> list[Location]:
    places = list(store.locations.values())
    if text := query.get("location_id:in"):
        numbers = wire.integers(text, "location_id:in")
        places = [place for place in places if place.id in numbers]
    if text := query.get("location_code:in"):
        codes = wire.texts(text)
        places = [place for place in places if place.fields["code"] in codes]
    return places


def _identity(store: Store, item: Item) -> Json:
    kind, number = item
    product = store.product_of(item)
    assert product is not None  # noqa: S101  # items are made from products
    if kind == "variant":
        variant = store.variants[number]
        sku = variant.sku if variant.choices else product.sku
        return {"sku": sku, "variant_id": number, "product_id": product.id, "sku_id": variant.sku_id or 0}
    base = product.variants[0] if product.variants and not product.options else 0
    return {"sku": product.sku, "variant_id": base, "product_id": number, "sku_id": 0}


def _said(store: Store, item: Item) -> str:
    identity = _identity(store, item)
    return f"sku {identity['sku']}" if item[0] == "variant" else f"product_id {item[1]}"


def _at(store: Store, item: Item, place: Location) -> Json:
    level = store.peek(item, place.id)
    return {
        "location_id": place.id,
        "location_code": place.fields["code"],
        "location_name": place.fields["label"],
        "available_to_sell": level.available,
        "total_inventory_onhand": level.onhand,
        "location_enabled": place.enabled,
        "settings": _settings(level),
    }


def _settings(level: Level) -> Json:
    return {
        "safety_stock": level.safety,
        "is_in_stock": level.in_stock,
        "warning_level": level.warning,
        "bin_picking_number": level.bin,
    }


def _place_event(store: Store, item: Item, location_id: int) -> Json:
    identity = _identity(store, item)
    return {
        "variant_id": identity["variant_id"],
        "product_id": identity["product_id"],
        "location_id": location_id,
    }


def _transaction() -> Reply:
    return json_reply({"transaction_id": str(uuid4())})


ROUTES = (
    ("GET", "/v3/inventory/items", list_items),
    ("GET", "/v3/inventory/locations/{id}/items", list_location_items),
    ("PUT", "/v3/inventory/locations/{id}/items", change_settings),
    ("PUT", "/v3/inventory/adjustments/absolute", adjust_absolute),
    ("POST", "/v3/inventory/adjustments/relative", adjust_relative),
)
