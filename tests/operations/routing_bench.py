"""A hub with a warehouse integration, and what people and the hub do about routing in it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from crossdock.domain.channel import Address
from crossdock.domain.filters import Filters
from crossdock.domain.routing import Card, Destination, Routed, Verdict
from crossdock.domain.sync import Entity
from crossdock.operations.routing import cards, deciding
from crossdock.operations.setup import integrations
from crossdock.operations.task import HUB
from crossdock.store import tables
from operations.own_bench import decide as decide_about
from support.make import NOW, Bench, line, order

WAREHOUSE = "wms"
TEXAS = Address(name="Ann", lines=("1 Main Street",), city="Austin", state="Texas", country_code="us")


def add_warehouse(hub: Bench, name: str = WAREHOUSE) -> None:
    with hub.database.transaction() as tx:
        integrations.add(tx, name, name, b"", now=NOW)
        integrations.configure_flows(tx, name, {("push", Entity.SHIPPING_REQUESTS): True}, {})


def link(hub: Bench, *places: str, to: str | None = WAREHOUSE) -> None:
    for place in places:
        decide_about(hub, place, linked_integration=to)


def card(name: str, *places: str, **more: Any) -> Card:
    return Card(name, tuple(Destination(each) for each in places), more.pop("filters", Filters()), **more)


def add_card(hub: Bench, wanted: Card, **more: Any) -> None:
    with hub.step(HUB, actor="Ann") as (tx, task):
        cards.add(tx, task, wanted, **more)


def buy(hub: Bench, channel_id: str, /, *, placed_after: int = 0, **units: int) -> str:
    """An order of so many units by SKU, placed so many minutes after the first; answers its id."""
    lines = [line(sku, count, f"{channel_id}-{sku}") for sku, count in units.items()]
    placed_at = NOW + timedelta(minutes=placed_after)
    hub.read_orders(order(channel_id, *lines, shipping_address=TEXAS, placed_at=placed_at))
    (row,) = hub.rows(tables.order, tables.order.c.channel_id == channel_id)
    return str(row.id)


def decided(hub: Bench, *order_ids: str) -> list[Verdict]:
    with hub.step(HUB) as (tx, task):
        found = deciding.decide(tx, task, order_ids)
    return [found[key] for key in order_ids]


def shipped(hub: Bench, verdict: Verdict) -> dict[str, dict[str, int]]:
    """Units by SKU and the name of the location."""
    assert isinstance(verdict, Routed), verdict
    skus = {row.id: row.channel_sku for row in hub.rows(tables.order_line)}
    return {part.name: {skus[key]: units for key, units in part.units.items()} for part in verdict.parts}


def set_order(hub: Bench, order_id: str, **values: Any) -> None:
    with hub.database.transaction() as tx:
        tx.execute(sa.update(tables.order).where(tables.order.c.id == order_id).values(**values))


def routing_of(hub: Bench, order_id: str) -> str:
    (row,) = hub.rows(tables.order, tables.order.c.id == order_id)
    return str(row.routing)
