"""Shipping requests as they lie in the database once their warehouse has them, and a warehouse to have them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crossdock.domain.shipping import RequestState
from crossdock.domain.sync import Entity
from crossdock.operations.setup import integrations
from crossdock.store import tables
from crossdock.store.codec import hub_id
from crossdock.store.database import Database, Transaction

WAREHOUSE = "warehouse"


def add_warehouse(tx: Transaction, name: str = WAREHOUSE, *, now: datetime) -> None:
    """An integration that takes shipping requests."""
    integrations.add(tx, name, "manual_warehouse", b"", now=now)
    integrations.configure_flows(tx, name, {("push", Entity.SHIPPING_REQUESTS): True}, {})


def request(
    database: Database, order_number: str, units: Mapping[str, int], *, now: datetime, **more: Any
) -> str:
    """A request of so many units by the channel's SKU; sent to the first location unless told otherwise. Its number."""
    order, line, location = tables.order, tables.order_line, tables.location
    with database.transaction() as tx:
        row = tx.execute(sa.select(order).where(order.c.number == order_number)).one()
        of_order = tables.shipping_request.c.order_id == row.id
        place = 1 + (tx.scalar(sa.select(sa.func.count()).where(of_order)) or 0)
        number, key = f"{order_number}-{place}", hub_id("req", row.id, str(place))
        first = tx.scalar(sa.select(location.c.id).order_by(location.c.name).limit(1))
        values: dict[str, Any] = {
            "integration": WAREHOUSE,
            "location_id": first,
            "state": RequestState.SENT,
            "is_dirty": False,
            "sent_at": now,
            "created_at": now,
            "updated_at": now,
        }
        wanted = values | more
        tx.execute(
            sa.insert(tables.shipping_request).values(id=key, order_id=row.id, number=number, **wanted)
        )
        for position, (sku, quantity) in enumerate(units.items(), start=1):
            meant = sa.select(line.c.id).where(line.c.order_id == row.id, line.c.channel_sku == sku)
            tx.execute(
                sa.insert(tables.shipping_request_line).values(
                    request_id=key, line_id=tx.scalar(meant), position=position, quantity=quantity
                )
            )
    return number
