"""Puts listings that are already live into the shop, from plain dicts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from crossdock_simulators.tiktok_shop import categories, products
from crossdock_simulators.tiktok_shop.listing_reader import sales_attribute_named
from crossdock_simulators.tiktok_shop.records import Content, Product, Sku
from crossdock_simulators.tiktok_shop.shop import Shop
from crossdock_simulators.tiktok_shop.uploads import register_image

IMAGE_SIDE = 1200
SIZE = {"length": "12", "width": "10", "height": "4"}


def load_listings(shop: Shop, listings: Iterable[Mapping[str, Any]]) -> list[Product]:
    """Each listing has `title`, `description` and `skus`; a SKU has `seller_sku`, `price`, `quantity` and,
    if there are several, `sales_attributes` ({"Color": "Red"}, or a list of {name, value_name}).

    `quantity` is a number at the default warehouse or a mapping of warehouse id to number. With `image_url` the
    picture can really be had from there.
    """
    with shop.lock:
        return [_load(shop, listing) for listing in listings]


def _load(shop: Shop, listing: Mapping[str, Any]) -> Product:
    now = shop.now()
    title = str(listing["title"])
    image = register_image(shop, hashlib.sha256(title.encode()).hexdigest(), IMAGE_SIDE, IMAGE_SIDE)
    if "image_url" in listing:
        image = shop.tables.images[image.uri] = replace(image, url=str(listing["image_url"]))
    given = list(listing["skus"])
    category_id = _category_id(shop, title)
    content = Content(
        title=title,
        description=str(listing.get("description", "")) or f"<p>{title}</p>",
        category_id=category_id,
        attributes=tuple(_required_attributes(category_id)),
        image_uris=(image.uri,),
        skus=tuple(_sku(shop, sku) for sku in given),
        external_product_id=str(listing.get("external_product_id", "")),
        package_weight={"value": "1", "unit": shop.region.weight_units[0]},
        package_dimensions={**SIZE, "unit": shop.region.dimension_units[0]},
    )
    product = Product(shop.ids.new("product"), content, "ACTIVATE", "APPROVED", now, now, was_live=True)
    products.store(shop, product)
    default = shop.default_warehouse().id
    for sku, raw in zip(content.skus, given, strict=True):
        quantity = raw.get("quantity", 0)
        places = quantity if isinstance(quantity, Mapping) else {default: quantity}
        shop.set_available(sku.id, [(str(place), int(number)) for place, number in places.items()])
    return product


def _required_attributes(category_id: str) -> Iterator[dict[str, Any]]:
    """What the category asks for, so that an edit of something else is not refused for it."""
    category = categories.find(category_id)
    for attribute in category.attributes if category else ():
        if attribute.is_required:
            value_id, name = attribute.values[0] if attribute.values else ("", "Not stated")
            yield {"id": attribute.id, "values": [{"id": value_id, "name": name}]}


def _sku(shop: Shop, given: Mapping[str, Any]) -> Sku:
    return Sku(
        id=shop.ids.new("sku"),
        seller_sku=str(given["seller_sku"]),
        price=Decimal(str(given["price"])),
        external_sku_id=str(given.get("external_sku_id", "")),
        sales_attributes=tuple(sales_attribute_named(n, v) for n, v in _pairs(given.get("sales_attributes"))),
    )


def _pairs(given: Any) -> list[tuple[str, str]]:
    if not given:
        return []
    if isinstance(given, Mapping):
        return [(str(name), str(value)) for name, value in given.items()]
    return [(str(one["name"]), str(one.get("value_name", one.get("value")))) for one in given]


def _category_id(shop: Shop, title: str) -> str:
    version = shop.region.category_version or "v1"
    found = categories.recommend(title, version) or categories.fallback(version)
    return found.id
