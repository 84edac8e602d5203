"""Finds a record by the id in a path, or refuses in the words of its API generation."""

from __future__ import annotations

from crossdock_simulators.bigcommerce import errors
from crossdock_simulators.bigcommerce.records import Option, Order, Product, Variant
from crossdock_simulators.bigcommerce.store import Store


def product_with(store: Store, product_id: int) -> Product:
    if (product := store.products.get(product_id)) is None:
        raise errors.v3_not_found("product")
    return product


def variant_with(store: Store, product_id: int, variant_id: int) -> tuple[Product, Variant]:
    product = product_with(store, product_id)
    if variant_id not in product.variants:
        raise errors.v3_not_found("variant")
    return product, store.variants[variant_id]


def option_with(store: Store, product_id: int, option_id: int) -> tuple[Product, Option]:
    product = product_with(store, product_id)
    for option in product.options:
        if option.id == option_id:
            return product, option
    raise errors.v3_not_found("option")


def order_with(store: Store, order_id: int) -> Order:
    order = store.orders.get(order_id)
    if order is None or order.archived:
        raise errors.v2_not_found()
    return order
