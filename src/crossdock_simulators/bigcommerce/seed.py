"""Puts a made-up merchant into the store, past the API and without events."""

from __future__ import annotations

from collections.abc import Sequence

from crossdock_simulators.bigcommerce import catalog, groups_api, images_api, locations_api
from crossdock_simulators.bigcommerce.records import Item, Json, Product
from crossdock_simulators.bigcommerce.store import Outside, Store
from crossdock_simulators.merchant import Merchant, SoldProduct, SoldVariant

ADDRESS = {
    "address1": "5 Dock Road",
    "city": "Newark",
    "state": "New Jersey",
    "zip": "07101",
    "email": "dock@example.com",
    "geo_coordinates": {"latitude": 40.73, "longitude": -74.17},
    "country_code": "US",
}


def load_merchant(store: Store, merchant: Merchant) -> None:
    """Call it before anybody speaks to the store; location 1 exists already."""
    outside = store.outside
    store.outside = Outside(outside.clock, lambda _scope, _data: None, outside.later)
    for name in merchant.locations[len(store.locations) :]:
        code = name.upper().replace(" ", "-")
        locations_api.add_location(store, {"code": code, "label": name, "address": ADDRESS})
    brands = {name: catalog.brand_named(store, name) for name in merchant.brands}
    categories = {name: groups_api.add_category(store, name) for name in merchant.categories}
    for sold in merchant.products:
        fields = {"brand_id": brands[sold.brand], "categories": [categories[sold.category]]}
        _load_product(store, sold, _body(sold) | fields)
    store.writes.clear()
    store.outside = outside


def _load_product(store: Store, sold: SoldProduct, body: Json) -> None:
    product = catalog.create_product(store, body)
    for file in sold.images:
        images_api.attach(store, product, file)
    if sold.tracking == "product":
        totals = [sum(numbers) for numbers in zip(*(one.stock for one in sold.variants), strict=True)]
        _stock(store, ("product", product.id), totals)
    elif sold.tracking == "variant":
        for variant_id, variant in zip(product.variants, sold.variants, strict=True):
            _stock(store, ("variant", variant_id), variant.stock)
    _complete_base(product, sold, store)


def _complete_base(product: Product, sold: SoldProduct, store: Store) -> None:
    if not sold.variants[0].choices:
        product.own["upc"] = store.variants[product.variants[0]].own["upc"] = sold.variants[0].upc


def _stock(store: Store, item: Item, numbers: Sequence[int]) -> None:
    for location_id, number in zip(store.locations, numbers, strict=False):
        level = store.level(item, location_id)
        level.onhand, level.initialised = number, True


def _body(sold: SoldProduct) -> Json:
    width, height, depth = (float(side) for side in sold.size)
    body: Json = {
        "name": sold.name,
        "type": "physical",
        "sku": sold.sku,
        "description": sold.description,
        "price": float(sold.price),
        "sale_price": float(sold.sale_price or 0),
        "weight": float(sold.weight),
        "width": width,
        "height": height,
        "depth": depth,
        "inventory_tracking": sold.tracking,
    }
    if sold.variants[0].choices:
        body["variants"] = [_variant(one) for one in sold.variants]
    return body


def _variant(one: SoldVariant) -> Json:
    chosen = [{"option_display_name": name, "label": label} for name, label in one.choices]
    body: Json = {"sku": one.sku, "upc": one.upc, "option_values": chosen}
    return body | ({"price": float(one.price)} if one.price is not None else {})
