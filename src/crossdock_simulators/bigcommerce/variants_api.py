"""The endpoints for variants, options and option values."""

from __future__ import annotations

from typing import Any

from crossdock_simulators.bigcommerce import catalog, errors, wire
from crossdock_simulators.bigcommerce import catalog_render as render
from crossdock_simulators.bigcommerce.lookup import option_with, product_with, variant_with
from crossdock_simulators.bigcommerce.partial import answered
from crossdock_simulators.bigcommerce.records import Json, Product, Variant
from crossdock_simulators.bigcommerce.store import Store
from crossdock_simulators.kit import Reply, Request, json_reply

MAX_BATCH = 50
OPTION_TYPES = frozenset(
    ["radio_buttons", "rectangles", "dropdown", "product_list", "product_list_with_images", "swatch"]
)


def list_variants(store: Store, request: Request, product_id: int) -> Reply:
    product = product_with(store, product_id)
    chosen, meta = wire.page_of(request, product.variants)
    return wire.data([render.variant(store, product, store.variants[number]) for number in chosen], meta)


def create_variant(store: Store, request: Request, product_id: int) -> Reply:
    product, given = product_with(store, product_id), wire.body_object(request)
    choices = _choices(product, given.get("option_values"))
    catalog.check_plan(store, 1)
    variant = catalog.add_variant(store, product, given, choices)
    store.touch(product)
    return answered(store, render.variant(store, product, variant))


def get_variant(store: Store, _: Request, product_id: int, variant_id: int) -> Reply:
    return wire.data(render.variant(store, *variant_with(store, product_id, variant_id)))


def update_variant(store: Store, request: Request, product_id: int, variant_id: int) -> Reply:
    product, variant = variant_with(store, product_id, variant_id)
    catalog.update_variant(store, product, variant, wire.body_object(request))
    return wire.data(render.variant(store, product, variant))


def delete_variant(store: Store, _: Request, product_id: int, variant_id: int) -> Reply:
    catalog.delete_variant(store, *variant_with(store, product_id, variant_id))
    return Reply(204)


def list_all_variants(store: Store, request: Request) -> Reply:
    """A base variant is listed, but its SKU is found among the products only."""
    query = request.query
    found = [variant for variant in store.variants.values() if _passes(variant, query)]
    chosen, meta = wire.page_of(request, found)
    return wire.data([render.variant(store, store.products[one.product_id], one) for one in chosen], meta)


def update_variants(store: Store, request: Request) -> Reply:
    rows = wire.body_list(request)
    if len(rows) > MAX_BATCH:
        text = f"The request payload is too large. The maximum items allowed in the array is {MAX_BATCH}."
        raise errors.v3(413, text)
    if refusals := _refusals(store, rows):
        return json_reply({"batch_errors": refusals}, 422)
    found = [(*_named(store, row), row) for row in rows]
    for product, variant, row in found:
        catalog.update_variant(store, product, variant, row)
    return wire.data([render.variant(store, product, variant) for product, variant, _ in found])


def list_options(store: Store, request: Request, product_id: int) -> Reply:
    product = product_with(store, product_id)
    chosen, meta = wire.page_of(request, product.options)
    return wire.data([render.option(product, option) for option in chosen], meta)


def create_option(store: Store, request: Request, product_id: int) -> Reply:
    product, given = product_with(store, product_id), wire.body_object(request)
    name, kind = given.get("display_name"), given.get("type")
    if not isinstance(name, str) or not 1 <= len(name) <= 255:
        raise errors.invalid("display_name", "error.path.missing")
    if kind not in OPTION_TYPES:
        raise errors.invalid("type", "invalid")
    option = catalog.add_option(
        store, product, name=name, kind=str(kind), values=given.get("option_values") or []
    )
    store.touch(product)
    return wire.data(render.option(product, option))


def get_option(store: Store, _: Request, product_id: int, option_id: int) -> Reply:
    return wire.data(render.option(*option_with(store, product_id, option_id)))


def update_option(store: Store, request: Request, product_id: int, option_id: int) -> Reply:
    product, option = option_with(store, product_id, option_id)
    given = wire.body_object(request)
    option.display_name = str(given.get("display_name", option.display_name))
    option.sort_order = int(given.get("sort_order", option.sort_order))
    for value in given.get("option_values") or []:
        if "id" not in value:
            catalog.add_option_value(store, option, value)
    store.touch(product)
    return wire.data(render.option(product, option))


def delete_option(store: Store, _: Request, product_id: int, option_id: int) -> Reply:
    """The variants that were chosen by it go too."""
    product, option = option_with(store, product_id, option_id)
    for number in list(product.variants):
        variant = store.variants[number]
        if any(chosen == option_id for chosen, _value in variant.choices):
            catalog.delete_variant(store, product, variant)
    product.options.remove(option)
    store.touch(product)
    return Reply(204)


def list_values(store: Store, request: Request, product_id: int, option_id: int) -> Reply:
    _, option = option_with(store, product_id, option_id)
    chosen, meta = wire.page_of(request, option.values)
    return wire.data([render.option_value(value) for value in chosen], meta)


def create_value(store: Store, request: Request, product_id: int, option_id: int) -> Reply:
    product, option = option_with(store, product_id, option_id)
    given = wire.body_object(request)
    if not isinstance(given.get("sort_order"), int):
        raise errors.invalid("sort_order", "error.path.missing")
    value = catalog.add_option_value(store, option, given)
    store.touch(product)
    return wire.data(render.option_value(value))


def _choices(product: Product, given: Any) -> tuple[tuple[int, int], ...]:
    """Each option of the product exactly once, with a value that it has."""
    rows = given if isinstance(given, list) else []
    chosen = {row.get("option_id"): row.get("id") for row in rows if isinstance(row, dict)}
    known = {option.id: {value.id for value in option.values} for option in product.options}
    if not chosen or chosen.keys() != known.keys() or any(chosen[key] not in known[key] for key in known):
        raise errors.invalid("option_values", "must name one value of every option of the product")
    return tuple((option.id, int(str(chosen[option.id]))) for option in product.options)


def _passes(variant: Variant, query: dict[str, str]) -> bool:
    if "id" in query and variant.id not in wire.integers(query["id"], "id"):
        return False
    if "sku" in query and (not variant.choices or variant.sku.lower() != query["sku"].lower()):
        return False
    if "upc" in query and variant.own.get("upc", "") != query["upc"]:
        return False
    wanted = query.get("product_id:in") or query.get("product_id")
    return wanted is None or variant.product_id in wire.integers(wanted, "product_id:in")


def _refusals(store: Store, rows: list[Json]) -> list[Any]:
    """What is wrong with each row: one bad row keeps all others from being saved."""
    found: list[Any] = []
    skus: set[str] = set()
    for row in rows:
        try:
            product, variant = _named(store, row)
            fields, _ = catalog.check_variant_update(store, product, variant, row)
            if (sku := str(fields.get("sku", "")).lower()) and sku in skus:
                raise errors.v3(409, "The variant sku is a duplicate", {"sku": "duplicate"})
            skus.add(sku)
        except errors.RefusedError as error:
            found.append(error.body)
    return found


def _named(store: Store, row: Json) -> tuple[Product, Variant]:
    variant = store.variants.get(int(row.get("id") or 0))
    if variant is None:
        raise errors.v3(422, f"Variant {row.get('id')} was not found", {"id": "unknown"})
    return store.products[variant.product_id], variant


ROUTES = (
    ("GET", "/v3/catalog/variants", list_all_variants),
    ("PUT", "/v3/catalog/variants", update_variants),
    ("GET", "/v3/catalog/products/{id}/variants", list_variants),
    ("POST", "/v3/catalog/products/{id}/variants", create_variant),
    ("GET", "/v3/catalog/products/{id}/variants/{id}", get_variant),
    ("PUT", "/v3/catalog/products/{id}/variants/{id}", update_variant),
    ("DELETE", "/v3/catalog/products/{id}/variants/{id}", delete_variant),
    ("GET", "/v3/catalog/products/{id}/options", list_options),
    ("POST", "/v3/catalog/products/{id}/options", create_option),
    ("GET", "/v3/catalog/products/{id}/options/{id}", get_option),
    ("PUT", "/v3/catalog/products/{id}/options/{id}", update_option),
    ("DELETE", "/v3/catalog/products/{id}/options/{id}", delete_option),
    ("GET", "/v3/catalog/products/{id}/options/{id}/values", list_values),
    ("POST", "/v3/catalog/products/{id}/options/{id}/values", create_value),
)
