"""What the platform refuses in a listing, problem by problem, in the order it reports them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation

from crossdock_simulators.tiktok_shop import categories
from crossdock_simulators.tiktok_shop.errors import ApiError
from crossdock_simulators.tiktok_shop.listing_reader import Listing
from crossdock_simulators.tiktok_shop.records import Content
from crossdock_simulators.tiktok_shop.shop import Shop
from crossdock_simulators.tiktok_shop.sku_rules import sku_problems

DESCRIPTION_LIMIT = 10_000
DESCRIPTION_IMAGES = 30
MAIN_IMAGES = 9
WEIGHT_DECIMALS = {"KILOGRAM": 3, "POUND": 2, "GRAM": 0}
IMPERIAL = frozenset({"POUND", "INCH"})
HTML_ENTITY = re.compile(r"&(#\d+|#x[0-9a-fA-F]+|[a-zA-Z]+);")
REPEATED = re.compile(r"(.)\1{9}")
IMAGE_TAG = re.compile(r"<img\b[^>]*>", re.IGNORECASE)
TEXT_TAG = re.compile(r"<[^>]*>")


def problems(shop: Shop, listing: Listing, *, product_id: str = "") -> Iterator[ApiError]:
    """Every reason to refuse the listing; `product_id` is the product being edited."""
    content = listing.content
    yield from _title_problems(shop, content.title)
    yield from _description_problems(shop, content.description)
    yield from _category_problems(shop, listing)
    yield from _image_problems(shop, content)
    yield from _attribute_problems(content)
    if content.brand_id in categories.T1_BRANDS and not shop.switches.brands_are_authorized:
        yield ApiError(12052208, content.brand_id)
    yield from _package_problems(shop, content)
    yield from _external_id_problems(shop, content, product_id)
    yield from sku_problems(shop, listing, product_id=product_id)


def breaks_text_rules(text: str) -> bool:
    if HTML_ENTITY.search(text) or REPEATED.search(text):
        return True
    kinds = [unicodedata.category(character) for character in text]
    # "So" holds the emoji, "Cs" halves of surrogate pairs.
    if any(kind in ("Cc", "Cs", "So") for kind in kinds):
        return True
    return not any(kind[0] in "LN" for kind in kinds)


def _title_problems(shop: Shop, title: str) -> Iterator[ApiError]:
    if not title.strip():
        yield ApiError(12052261)
        return
    if len(title) > shop.region.title_limit:
        yield ApiError(12052051, f"at most {shop.region.title_limit} characters")
    if breaks_text_rules(title):
        yield ApiError(12052931)


def _description_problems(shop: Shop, description: str) -> Iterator[ApiError]:
    if not description.strip():
        yield ApiError(12052015)
        return
    if len(description) > DESCRIPTION_LIMIT:
        yield ApiError(12052013, f"at most {DESCRIPTION_LIMIT} characters")
    tags = IMAGE_TAG.findall(description)
    if len(tags) > DESCRIPTION_IMAGES:
        yield ApiError(12052056)
    hosted = {image.url for image in shop.tables.images.values()} if tags else set()
    for tag in tags:
        values = dict(re.findall(r"""(src|width|height)=["']([^"']*)["']""", tag))
        if len(values) < 3:
            yield ApiError(12052348)
        elif values["src"] not in hosted:
            yield ApiError(12052722, values["src"])
    text = TEXT_TAG.sub("", description).replace("\n", " ").replace("\t", " ").replace("\r", " ").strip()
    if text and (REPEATED.search(text) or any(unicodedata.category(c) in ("Cc", "Cs", "So") for c in text)):
        yield ApiError(12052932)


def _category_problems(shop: Shop, listing: Listing) -> Iterator[ApiError]:
    version = listing.category_version or "v1"
    if shop.region.category_version == "v2" and version != "v2":
        yield ApiError(12052217)
        return
    category = categories.find(listing.content.category_id)
    if category is None:
        yield ApiError(12052023, listing.content.category_id)
    elif category.id not in categories.TREES.get(version, {}):
        yield ApiError(12052230)
    elif not category.is_leaf:
        yield ApiError(12052024, category.id)


def _image_problems(shop: Shop, content: Content) -> Iterator[ApiError]:
    if not content.image_uris:
        yield ApiError(12052028)
    if len(content.image_uris) > MAIN_IMAGES:
        yield ApiError(12052306)
    yield from (ApiError(12052722, uri) for uri in content.image_uris if uri not in shop.tables.images)


def _attribute_problems(content: Content) -> Iterator[ApiError]:
    category = categories.find(content.category_id)
    if category is None:
        return
    given = {str(attribute["id"]): attribute["values"] for attribute in content.attributes}
    if len(given) < len(content.attributes):
        yield ApiError(12052254)
    for attribute in category.attributes:
        values = given.get(attribute.id, [])
        if attribute.is_required and not values:
            yield ApiError(12052104, f"{attribute.name} ({attribute.id})")
        if len(values) > 1 and not attribute.is_multiple:
            yield ApiError(12052246, attribute.name)
        yield from _value_problems(attribute, values)


def _value_problems(attribute: categories.Attribute, values: Iterable[dict[str, str]]) -> Iterator[ApiError]:
    known = dict(attribute.values)
    for value in values:
        if value["id"] and value["id"] not in known:
            yield ApiError(12052529, f"{attribute.name} {value['id']}")
        elif not value["id"] and not attribute.is_customizable and value["name"] not in known.values():
            yield ApiError(12052240, attribute.name)


def _package_problems(shop: Shop, content: Content) -> Iterator[ApiError]:
    weight, size = content.package_weight, content.package_dimensions
    if weight is None:
        yield ApiError(12019011, "package_weight is required")
        return
    yield from _weight_problems(shop, weight.get("value", ""), weight.get("unit", ""))
    category = categories.find(content.category_id)
    if size is None:
        if category is not None and category.needs_dimensions:
            yield ApiError(12019012, "package_dimensions is required")
        return
    if size.get("unit") not in shop.region.dimension_units:
        yield ApiError(12052916, f"unit {size.get('unit')}")
    elif (size["unit"] in IMPERIAL) != (weight.get("unit") in IMPERIAL):
        yield ApiError(12052915)
    sides = [size.get(side, "") for side in ("length", "width", "height")]
    if not all(re.fullmatch(r"[1-9]\d*", side) for side in sides):
        yield ApiError(12052116, "length, width and height are positive whole numbers")


def _weight_problems(shop: Shop, value: str, unit: str) -> Iterator[ApiError]:
    if unit not in shop.region.weight_units:
        yield ApiError(12052916, f"unit {unit!r}")
        return
    try:
        weight = Decimal(value)
    except InvalidOperation:
        yield ApiError(12019011, value)
        return
    if weight <= 0:
        yield ApiError(12052181)
    exponent = weight.normalize().as_tuple().exponent
    if not isinstance(exponent, int) or -exponent > WEIGHT_DECIMALS[unit]:
        yield ApiError(12019011, f"{value} has too many decimals for {unit}")


def _external_id_problems(shop: Shop, content: Content, product_id: str) -> Iterator[ApiError]:
    external_id = content.external_product_id
    if len(external_id) > 999:
        yield ApiError(12052369)
    if not external_id:
        return
    if any(
        product.content.external_product_id == external_id
        for product in shop.tables.products.values()
        if product.id != product_id and product.status != "DELETED"
    ):
        yield ApiError(12052996, external_id)
