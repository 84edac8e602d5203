"""The endpoints that group products: brands, categories, and the channels a product is assigned to."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from crossdock_simulators.bigcommerce import catalog, errors, wire
from crossdock_simulators.bigcommerce.lookup import product_with
from crossdock_simulators.bigcommerce.records import Json
from crossdock_simulators.bigcommerce.store import Store
from crossdock_simulators.kit import Reply, Request, json_reply

TREE_ID = 1


def list_brands(store: Store, request: Request) -> Reply:
    name = request.query.get("name", "").lower()
    found = [number for number, brand in store.brands.items() if not name or brand["name"].lower() == name]
    chosen, meta = wire.page_of(request, found)
    return wire.data([_brand(number, store.brands[number]) for number in chosen], meta)


def create_brand(store: Store, request: Request) -> Reply:
    name = wire.body_object(request).get("name")
    if not isinstance(name, str) or not name:
        raise errors.invalid("name", "error.path.missing")
    if any(brand["name"].lower() == name.lower() for brand in store.brands.values()):
        raise errors.v3(409, "The brand name is a duplicate", {"name": "The brand name is a duplicate"})
    number = catalog.brand_named(store, name)
    return wire.data(_brand(number, store.brands[number]))


def get_brand(store: Store, _: Request, brand_id: int) -> Reply:
    if brand_id not in store.brands:
        raise errors.v3_not_found("brand")
    return wire.data(_brand(brand_id, store.brands[brand_id]))


def list_trees(_: Store, request: Request) -> Reply:
    chosen, meta = wire.page_of(request, [{"id": TREE_ID, "name": "Default catalog tree", "channels": [1]}])
    return wire.data(chosen, meta)


def list_categories(store: Store, request: Request) -> Reply:
    query = request.query
    found = list(store.categories.items())
    if wanted := query.get("category_id:in"):
        numbers = wire.integers(wanted, "category_id:in")
        found = [(number, one) for number, one in found if number in numbers]
    if name := query.get("name"):
        found = [(number, one) for number, one in found if one["name"].lower() == name.lower()]
    chosen, meta = wire.page_of(request, found)
    return wire.data([_category(number, one) for number, one in chosen], meta)


def create_categories(store: Store, request: Request) -> Reply:
    rows = wire.body_list(request)
    for row in rows:
        _check_category(store, row)
    made = [add_category(store, row["name"], int(row.get("parent_id") or 0)) for row in rows]
    meta = {"total": len(made), "success": len(made), "failed": 0}
    body = {"data": [_category(number, store.categories[number]) for number in made], "meta": meta}
    return json_reply(body, 201)


def category_tree(store: Store, _: Request, tree_id: int) -> Reply:
    if tree_id != TREE_ID:
        raise errors.v3_not_found("category tree")
    return wire.data(_branch(store, 0, []))


def add_category(store: Store, name: str, parent_id: int = 0) -> int:
    number = store.next_id("category")
    store.categories[number] = {"name": name, "parent_id": parent_id}
    return number


def list_channel_assignments(store: Store, request: Request) -> Reply:
    products = wire.integers(request.query.get("product_id:in", ""), "product_id:in")
    channels = wire.integers(request.query.get("channel_id:in", ""), "channel_id:in")
    rows = [
        {"product_id": product.id, "channel_id": channel}
        for product in store.products.values()
        if not products or product.id in products
        for channel in sorted(product.channels)
        if not channels or channel in channels
    ]
    chosen, meta = wire.page_of(request, rows)
    return wire.data(chosen, meta)


def assign_channels(store: Store, request: Request) -> Reply:
    rows = wire.body_list(request)
    pairs = [(product_with(store, int(row["product_id"])), int(row["channel_id"])) for row in rows]
    if any(channel not in store.channels for _, channel in pairs):
        raise errors.v3(422, "The channel does not exist", {"channel_id": "unknown"})
    for product, channel in pairs:
        if channel not in product.channels:
            product.channels.add(channel)
            store.publish(f"store/channel/{channel}/product/assigned", {"product_id": product.id})
    return Reply(204)


def remove_channel_assignments(store: Store, request: Request) -> Reply:
    products = wire.integers(request.query.get("product_id:in", ""), "product_id:in")
    channels = wire.integers(request.query.get("channel_id:in", ""), "channel_id:in")
    if not products and not channels:
        raise errors.v3(422, "A filter is required", {"filter": "missing"})
    for product in store.products.values():
        if products and product.id not in products:
            continue
        for channel in product.channels & (channels or product.channels):
            product.channels.discard(channel)
            store.publish(f"store/channel/{channel}/product/unassigned", {"product_id": product.id})
    return Reply(204)


def list_category_assignments(store: Store, request: Request) -> Reply:
    products = wire.integers(request.query.get("product_id:in", ""), "product_id:in")
    rows = [
        {"product_id": product.id, "category_id": number}
        for product in store.products.values()
        if not products or product.id in products
        for number in product.own.get("categories", [])
    ]
    chosen, meta = wire.page_of(request, rows)
    return wire.data(chosen, meta)


def assign_categories(store: Store, request: Request) -> Reply:
    for row in wire.body_list(request):
        product, number = product_with(store, int(row["product_id"])), int(row["category_id"])
        held = product.own.get("categories", [])
        if number not in held:
            catalog.update_product(store, product, {"categories": [*held, number]})
    return Reply(204)


def _check_category(store: Store, row: Json) -> None:
    name, parent = row.get("name"), row.get("parent_id") or 0
    if not isinstance(name, str) or not name:
        raise errors.invalid("name", "error.path.missing")
    if parent and parent not in store.categories:
        raise errors.invalid("parent_id", "unknown")


def _brand(number: int, brand: Json) -> Json:
    slug = brand["name"].lower().replace(" ", "-")
    return {
        "id": number,
        "name": brand["name"],
        "page_title": "",
        "meta_keywords": [],
        "meta_description": "",
        "search_keywords": "",
        "image_url": "",
        "custom_url": {"url": f"/brands/{slug}/", "is_customized": False},
    }


def _category(number: int, category: Json) -> Json:
    return {
        "category_id": number,
        "category_uuid": str(UUID(int=number)),
        "tree_id": TREE_ID,
        "parent_id": category["parent_id"],
        "name": category["name"],
        "description": "",
        "views": 0,
        "sort_order": 0,
        "page_title": "",
        "meta_keywords": [],
        "meta_description": "",
        "layout_file": "category.html",
        "image_url": "",
        "is_visible": True,
        "search_keywords": "",
        "default_product_sort": "use_store_settings",
        "url": {"path": _path(category["name"]), "is_customized": False},
    }


def _branch(store: Store, parent: int, above: list[int]) -> list[Any]:
    return [
        {
            "id": number,
            "parent_id": parent,
            "depth": len(above),
            "path": [*above, number],
            "name": one["name"],
            "is_visible": True,
            "url": _path(one["name"]),
            "children": _branch(store, number, [*above, number]),
        }
        for number, one in store.categories.items()
        if one["parent_id"] == parent
    ]


def _path(name: str) -> str:
    return "/" + name.lower().replace(" ", "-") + "/"


ROUTES = (
    ("GET", "/v3/catalog/brands", list_brands),
    ("POST", "/v3/catalog/brands", create_brand),
    ("GET", "/v3/catalog/brands/{id}", get_brand),
    ("GET", "/v3/catalog/trees", list_trees),
    ("GET", "/v3/catalog/trees/categories", list_categories),
    ("POST", "/v3/catalog/trees/categories", create_categories),
    ("GET", "/v3/catalog/trees/{id}/categories", category_tree),
    ("GET", "/v3/catalog/products/channel-assignments", list_channel_assignments),
    ("PUT", "/v3/catalog/products/channel-assignments", assign_channels),
    ("DELETE", "/v3/catalog/products/channel-assignments", remove_channel_assignments),
    ("GET", "/v3/catalog/products/category-assignments", list_category_assignments),
    ("PUT", "/v3/catalog/products/category-assignments", assign_categories),
)
