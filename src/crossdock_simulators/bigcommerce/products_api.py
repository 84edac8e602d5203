"""The endpoints under `/v3/catalog/products` for whole products, and the catalog's summary."""

from __future__ import annotations

from crossdock_simulators.bigcommerce import (
    catalog,
    catalog_render,
    errors,
    images_api,
    product_filters,
    wire,
)
from crossdock_simulators.bigcommerce.lookup import product_with
from crossdock_simulators.bigcommerce.partial import answered
from crossdock_simulators.bigcommerce.records import Json, Product
from crossdock_simulators.bigcommerce.store import Store
from crossdock_simulators.kit import Reply, Request

MAX_BATCH = 10
CAPPED = frozenset({"options", "modifiers"})


def includes(request: Request) -> frozenset[str]:
    asked = frozenset(wire.texts(request.query.get("include", "")))
    if unknown := asked - catalog_render.INCLUDES:
        raise errors.v3(422, f"Cannot include {', '.join(sorted(unknown))}", {"include": "invalid"})
    return asked


def list_products(store: Store, request: Request) -> Reply:
    include = includes(request)
    found = product_filters.in_order(store, product_filters.matching(store, request.query), request.query)
    chosen, meta = wire.page_of(request, found, most=10 if include & CAPPED else 250)
    rows = [narrowed(request, catalog_render.product(store, product, include)) for product in chosen]
    if chosen and request.fault is not None and request.fault.kind == "shift_page":
        store.touch(chosen[0])  # an edit moves it to the end of a list by date while the client turns pages
    return wire.data(rows, meta)


def narrowed(request: Request, body: Json) -> Json:
    """`include_fields` and `exclude_fields`; the id always stays, and so do sub-resources."""
    if kept := wire.texts(request.query.get("include_fields", "")):
        kept |= {"id"} | wire.texts(request.query.get("include", ""))
        return {name: value for name, value in body.items() if name in kept}
    if dropped := wire.texts(request.query.get("exclude_fields", "")) - {"id"}:
        return {name: value for name, value in body.items() if name not in dropped}
    return body


def create_product(store: Store, request: Request) -> Reply:
    given = wire.body_object(request)
    product = catalog.create_product(store, given)
    for body in given.get("images") or []:
        images_api.add_by_url(store, product, body)
    return _saved(store, request, product)


def get_product(store: Store, request: Request, product_id: int) -> Reply:
    body = catalog_render.product(store, product_with(store, product_id), includes(request))
    return wire.data(narrowed(request, body))


def update_product(store: Store, request: Request, product_id: int) -> Reply:
    product = product_with(store, product_id)
    catalog.update_product(store, product, wire.body_object(request))
    return _saved(store, request, product)


def delete_product(store: Store, _: Request, product_id: int) -> Reply:
    catalog.delete_product(store, product_with(store, product_id))
    return Reply(204)


def delete_products(store: Store, request: Request) -> Reply:
    filters = {name: text for name, text in request.query.items() if name not in ("page", "limit")}
    if not filters:
        raise errors.v3(422, "A filter is required to delete products", {"filter": "missing"})
    for product in product_filters.matching(store, filters)[:250]:
        catalog.delete_product(store, product)
    return Reply(204)


def update_products(store: Store, request: Request) -> Reply:
    """All or none: no row is changed before the last one is checked."""
    rows = wire.body_list(request)
    if len(rows) > MAX_BATCH:
        text = f"The request payload is too large. The maximum items allowed in the array is {MAX_BATCH}."
        raise errors.v3(413, text)
    products = [product_with(store, int(row.get("id", 0))) for row in rows]
    for product, row in zip(products, rows, strict=True):
        catalog.check_product_update(store, product, row)
    for field in ("name", "sku"):
        given = [str(row[field]).lower() for row in rows if row.get(field)]
        if len(given) != len(set(given)):
            raise errors.duplicate(field)
    for product, row in zip(products, rows, strict=True):
        catalog.update_product(store, product, row)
    include = includes(request)
    return answered(store, [catalog_render.product(store, product, include) for product in products])


def summary(store: Store, _: Request) -> Reply:
    prices = [float(product.price) for product in store.products.values()]
    dates = [product.created for product in store.products.values()] or [store.now()]
    first = next(iter(store.categories.items()), (0, {"name": ""}))
    body = {
        "inventory_count": sum(catalog_render.product_level(store, one) for one in store.products.values()),
        "inventory_value": round(sum(prices), 2),
        "primary_category_id": first[0],
        "primary_category_name": first[1]["name"],
        "variant_count": len(store.variants),
        "highest_variant_price": max(prices, default=0),
        "average_variant_price": round(sum(prices) / len(prices), 4) if prices else 0,
        "lowest_variant_price": f"{min(prices, default=0):.4f}",
        "oldest_variant_date": wire.iso(min(dates)),
        "newest_variant_date": wire.iso(max(dates)),
    }
    return wire.data(body)


def _saved(store: Store, request: Request, product: Product) -> Reply:
    return answered(store, catalog_render.product(store, product, includes(request) | {"variants"}))


ROUTES = (
    ("GET", "/v3/catalog/products", list_products),
    ("POST", "/v3/catalog/products", create_product),
    ("PUT", "/v3/catalog/products", update_products),
    ("DELETE", "/v3/catalog/products", delete_products),
    ("GET", "/v3/catalog/products/{id}", get_product),
    ("PUT", "/v3/catalog/products/{id}", update_product),
    ("DELETE", "/v3/catalog/products/{id}", delete_product),
    ("GET", "/v3/catalog/summary", summary),
)
