"""Reads what warehouses count on their shelves, after what they have shipped."""

from __future__ import annotations

from typing import cast

from crossdock.connectors.contract import PullsInventory
from crossdock.domain.channel import ChannelStock
from crossdock.domain.sync import Entity, Page
from crossdock.operations.task import HUB, Task
from crossdock.operations.warehouse import counted
from crossdock.store.database import Transaction
from crossdock.sync.fulfillments import pull_fulfillments
from crossdock.sync.pull import pull
from crossdock.sync.work import Position, Work, run_inline


def pull_counts(work: Work) -> None:
    """Only where the hub owns stock: nobody else's number is replaced by a warehouse's."""
    if work.truth.inventory != HUB:
        return
    run_inline(work, Entity.FULFILLMENTS, pull_fulfillments)
    connector = cast(PullsInventory, work.connector)

    def ingest(tx: Transaction, task: Task, page: Page[ChannelStock], _: Position) -> int:
        return counted.ingest(tx, task, page.records, counted_at=page.read_began_at)

    pull(work, lambda at: connector.pull_inventory(at.cursor), ingest)
