"""Flow rows for tests of whatever runs flows."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from crossdock.domain.sync import Direction, Entity, FlowKey
from crossdock.store.database import Database
from crossdock.store.tables import bucket, flow, role, run, worker

ORDERS = FlowKey("store", Direction.PULL, Entity.ORDERS)
STOCK = FlowKey("store", Direction.PUSH, Entity.INVENTORY)
HOUR = 3600.0
NEVER = 1e12


def add_flow(database: Database, key: FlowKey, **values: Any) -> FlowKey:
    """A flow that is on and not due, unless `values` say otherwise."""
    row = {
        "key": str(key),
        "integration": key.integration,
        "direction": key.direction,
        "entity": key.entity,
        "is_on": True,
        "lane": "urgent",
        "every_seconds": HOUR,
        "due_at": NEVER,
    }
    with database.transaction() as tx:
        tx.execute(sa.insert(flow).values(row | values))
    return key


def flow_row(database: Database, key: FlowKey) -> Any:
    with database.reading() as tx:
        return tx.execute(sa.select(flow).where(flow.c.key == str(key))).one()


def set_flow(database: Database, key: FlowKey, **values: Any) -> None:
    with database.transaction() as tx:
        tx.execute(sa.update(flow).where(flow.c.key == str(key)).values(values))


def empty_engine_tables(database: Database, *, with_workers: bool = True) -> None:
    """`with_workers` is for tests without an engine: it makes a living worker look dead until its next beat."""
    with database.transaction() as tx:
        for table in (flow, run, bucket, *((worker, role) if with_workers else ())):
            tx.execute(sa.delete(table))
