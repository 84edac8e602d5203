"""The hub's own two warehouses, and what people do with them."""

from __future__ import annotations

from typing import Any

from crossdock.operations.catalog import bundles
from crossdock.operations.stock import locations, own_locations, own_stock
from crossdock.operations.stock.own_locations import OwnLocation
from crossdock.operations.stock.own_stock import RecordChange
from crossdock.operations.task import HUB
from crossdock.store import tables
from support.make import Bench

MAIN, ANNEX = "Main", "Annex"


def add(hub: Bench, wanted: OwnLocation) -> str:
    with hub.step(HUB) as (tx, task):
        return own_locations.add(tx, task, wanted)


def change(hub: Bench, sku: str, place: str = MAIN, **wanted: Any) -> None:
    with hub.step(HUB, actor="Ann") as (tx, task):
        own_stock.change(tx, task, sku, place, RecordChange(**wanted))


def decide(hub: Bench, place: str, **values: Any) -> None:
    (row,) = hub.rows(tables.location, tables.location.c.name == place)
    with hub.step() as (tx, task):
        locations.change(tx, task, row.id, **values)


def compose(hub: Bench, bundle: str, **parts: int) -> None:
    with hub.step(HUB) as (tx, task):
        bundles.set_components(tx, task, bundle, parts)


def moves(hub: Bench) -> list[tuple[str, int, int]]:
    found = hub.rows(tables.movement, by=tables.movement.c.id)
    return [(row.kind, row.on_hand, row.committed) for row in found]
