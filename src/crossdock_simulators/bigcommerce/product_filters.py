"""The query language of the product list: filters with operators, and sorting."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from operator import attrgetter, ge, gt, le, lt
from typing import Any, Final

from crossdock_simulators.bigcommerce import catalog_render as render
from crossdock_simulators.bigcommerce import errors, wire
from crossdock_simulators.bigcommerce.catalog_fields import PRODUCT_DEFAULTS
from crossdock_simulators.bigcommerce.records import Product
from crossdock_simulators.bigcommerce.store import Store

Check = Callable[[Product], bool]
_COMPARE: Final[dict[str, Callable[[Any, Any], bool]]] = {"min": ge, "max": le, "greater": gt, "less": lt}
_NOT_FILTERS: Final = frozenset(
    ["page", "limit", "include", "include_fields", "exclude_fields", "sort", "direction"]
)
_TEXTS: Final = frozenset({"name", "upc", "mpn", "type", "availability", "condition"})
_FLAGS: Final = frozenset({"is_visible", "is_featured", "is_free_shipping"})
_NUMBERS: Final = frozenset({"price", "weight", "brand_id", "total_sold", "id", "inventory_level"})
SORTS: Final = frozenset(
    [
        "id",
        "name",
        "sku",
        "price",
        "date_modified",
        "date_last_imported",
        "inventory_level",
        "is_visible",
        "total_sold",
        "calculated_price",
    ]
)


def matching(store: Store, query: dict[str, str]) -> list[Product]:
    """The products that pass every filter, by id."""
    checks = [_check(store, name, text) for name, text in query.items() if name not in _NOT_FILTERS]
    candidates: Iterable[Product] = store.products.values()
    if "id:in" in query:
        chosen = sorted(wire.integers(query["id:in"], "id:in"))
        candidates = [store.products[number] for number in chosen if number in store.products]
    return [product for product in candidates if all(check(product) for check in checks)]


def in_order(store: Store, products: list[Product], query: dict[str, str]) -> list[Product]:
    name = query.get("sort", "id")
    if name not in SORTS:
        raise errors.v3(422, f"Cannot sort by {name}", {"sort": "invalid"})
    backwards = query.get("direction") == "desc"
    keys: dict[str, Callable[[Product], Any]] = {
        "id": attrgetter("id"),
        "date_modified": attrgetter("modified", "id"),
        "calculated_price": attrgetter("price"),
        "inventory_level": lambda product: render.product_level(store, product),
    }

    def plain(product: Product) -> Any:
        return product.own.get(name, PRODUCT_DEFAULTS.get(name, ""))

    return sorted(products, key=keys.get(name, plain), reverse=backwards)


def _check(store: Store, name: str, text: str) -> Check:
    field, _, operator = name.partition(":")
    if field == "id" and operator in ("", "in", "not_in"):
        return _id_check(operator, text)
    if field in ("date_modified", "date_last_imported"):
        return _date_check(store, name, operator, text)
    if field == "sku" and operator in ("", "in"):
        skus = {part.lower() for part in wire.texts(text)} if operator else {text.lower()}
        return lambda product: product.sku.lower() in skus
    if name in _SPECIAL:
        return _SPECIAL[name](store, text)
    if field in _TEXTS and operator in ("", "like"):
        wanted = text.lower()
        if operator == "like":
            return lambda product: wanted in str(_value(product, field)).lower()
        return lambda product: str(_value(product, field)).lower() == wanted
    if field in _FLAGS and not operator:
        flag = text.lower() in ("1", "true")
        return lambda product: bool(_value(product, field)) is flag
    if field in _NUMBERS:
        return _number_check(store, field, operator, text)
    raise errors.v3(422, f"The filter {name} is not supported", {name: "unknown filter"})


def _value(product: Product, field: str) -> Any:
    return product.own.get(field, PRODUCT_DEFAULTS[field])


def _id_check(operator: str, text: str) -> Check:
    numbers = wire.integers(text, "id")
    if operator == "not_in":
        return lambda product: product.id not in numbers
    return lambda product: product.id in numbers


def _date_check(store: Store, name: str, operator: str, text: str) -> Check:
    limit = wire.moment(text, store.now())
    if limit is None:
        raise errors.v3(422, f"The filter {name} is not a date", {name: "invalid date"})
    compare = _COMPARE.get(operator)

    def check(product: Product) -> bool:
        at: datetime = product.modified
        return compare(at, limit) if compare else at == limit

    return check


def _number_check(store: Store, field: str, operator: str, text: str) -> Check:
    if operator not in ("", "in", "not_in", *_COMPARE):
        raise errors.v3(422, f"The filter {field}:{operator} is not supported", {field: "unknown operator"})
    numbers = {number for part in text.split(",") if (number := wire.decimal(part)) is not None}
    if not numbers:
        raise errors.v3(422, f"The filter {field} is not a number", {field: "invalid number"})
    limit = next(iter(numbers))

    def check(product: Product) -> bool:
        value = _number_of(store, product, field)
        if operator in _COMPARE:
            return _COMPARE[operator](value, limit)
        return (value in numbers) is (operator != "not_in")

    return check


def _number_of(store: Store, product: Product, field: str) -> Any:
    if field == "id":
        return product.id
    if field == "inventory_level":
        return render.product_level(store, product)
    return wire.decimal(_value(product, field))


def _by_category(_: Store, text: str) -> Check:
    numbers = wire.integers(text, "categories")
    return lambda product: not numbers.isdisjoint(product.own.get("categories", ()))


def _by_channel(_: Store, text: str) -> Check:
    numbers = wire.integers(text, "channel_id:in")
    return lambda product: not numbers.isdisjoint(product.channels)


def _by_keyword(_: Store, text: str) -> Check:
    wanted = text.lower()
    return lambda product: wanted in product.name.lower() or wanted in product.sku.lower()


def _out_of_stock(store: Store, text: str) -> Check:
    flag = text.lower() in ("1", "true")

    def check(product: Product) -> bool:
        return (product.tracking != "none" and render.product_level(store, product) <= 0) is flag

    return check


def _low_stock(store: Store, text: str) -> Check:
    flag = text.lower() in ("1", "true")

    def check(product: Product) -> bool:
        warning = product.own.get("inventory_warning_level", 0)
        return (product.tracking != "none" and render.product_level(store, product) <= warning) is flag

    return check


_SPECIAL: Final[dict[str, Callable[[Store, str], Check]]] = {
    "categories": _by_category,
    "categories:in": _by_category,
    "channel_id:in": _by_channel,
    "keyword": _by_keyword,
    "out_of_stock": _out_of_stock,
    "inventory_low": _low_stock,
}
