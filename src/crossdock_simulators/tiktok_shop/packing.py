"""Packages: what is packed in one, apart, or together with other orders, before it leaves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from crossdock_simulators.tiktok_shop.records import Order, Package
from crossdock_simulators.tiktok_shop.shop import Shop, seconds


def new_package(shop: Shop, order_ids: Iterable[str], line_ids: Iterable[str]) -> Package:
    now: datetime = shop.now()
    key = shop.ids.new("package")
    package = Package(key, tuple(order_ids), tuple(line_ids), "TO_FULFILL", "CREATED", now, now)
    shop.tables.packages[package.id] = package
    return package


def waiting_packages(shop: Shop, order_id: str) -> list[Package]:
    """Packages of an order that have not left."""
    packages = shop.tables.packages.values()
    return [p for p in packages if order_id in p.order_ids and p.status == "TO_FULFILL"]


def split(shop: Shop, order: Order, groups: Iterable[Iterable[str]]) -> list[Package]:
    """Pack what waits in other packages, or in one again: they get new ids, the old ones are gone."""
    packed = [packing for group in groups if (packing := list(group))]
    waiting = waiting_packages(shop, order.id)
    if not waiting:
        raise ValueError(f"Order {order.id} has no package that waits")
    if any(len(package.order_ids) > 1 for package in waiting):
        raise ValueError(f"Order {order.id} is in one package with others: take it out first")
    if sorted(line for group in packed for line in group) != sorted(
        line for package in waiting for line in package.line_ids
    ):
        raise ValueError(
            f"The groups have to hold every line of order {order.id} that waits in a package, once"
        )
    for package in waiting:
        del shop.tables.packages[package.id]
    made = [new_package(shop, [order.id], group) for group in packed]
    _tell_repacked(shop, "SPLIT" if len(made) >= len(waiting) else "CANCEL_SPLIT", made)
    return made


def combine(shop: Shop, chosen: Sequence[Order]) -> Package:
    """The packages in which something of these orders waits become one, with a new id.

    For one recipient out of one warehouse only.
    """
    waiting = {package.id: package for order in chosen for package in waiting_packages(shop, order.id)}
    held = list(dict.fromkeys(order_id for package in waiting.values() for order_id in package.order_ids))
    if len(waiting) < 2 or not {order.id for order in chosen}.issubset(held):
        raise ValueError("Name orders of which something waits, in two packages or more")
    terms = [shop.tables.orders[order_id].terms for order_id in held]
    if len({(each.recipient, each.warehouse_id) for each in terms}) > 1:
        raise ValueError("The orders go to different people, or out of different warehouses")
    for key in waiting:
        del shop.tables.packages[key]
    lines = [line_id for package in waiting.values() for line_id in package.line_ids]
    made = new_package(shop, held, lines)
    _tell_repacked(shop, "COMBINE", [made])
    return made


def uncombine(shop: Shop, package: Package) -> list[Package]:
    """A package for each of its orders again, with new ids."""
    if len(package.order_ids) < 2 or package.status != "TO_FULFILL":
        raise ValueError(f"Package {package.id} does not wait with several orders in it")
    del shop.tables.packages[package.id]
    made = []
    for order_id in package.order_ids:
        own = [line.id for line in shop.tables.orders[order_id].lines if line.id in package.line_ids]
        made.append(new_package(shop, [order_id], own))
    _tell_repacked(shop, "CANCEL_COMBINE", made)
    return made


def _tell_repacked(shop: Shop, sc_type: str, made: Iterable[Package]) -> None:
    told = [{"package_id": package.id, "order_id_list": list(package.order_ids)} for package in made]
    moment = seconds(shop.now())
    content = {"sc_type": sc_type, "role_type": "ROLE_SELLER", "package_list": told, "update_time": moment}
    shop.publish("PACKAGE_UPDATE", content)
