"""Reads what a channel lists at once, outside of any flow, for somebody who has to decide something by it."""

from __future__ import annotations

from dataclasses import replace

from crossdock.connectors.contract import Connector, PullsListings, PullsProducts
from crossdock.operations.catalog import listings
from crossdock.operations.setup import integrations
from crossdock.operations.task import Task
from crossdock.store.database import Database


def read_listings_now(database: Database, connector: Connector, task: Task) -> int:
    """Store everything that the task's channel lists, matched by SKU; answers how many products it read.

    For a channel that no flow reads. Nothing becomes a product, and nothing is written to the channel. Raises ChannelError.
    """
    if isinstance(connector, PullsListings):
        pages = connector.pull_listings(None)
    elif isinstance(connector, PullsProducts):
        pages = connector.pull_products(None)
    else:
        return 0
    count = 0
    for page in pages:
        with database.serial() as tx:
            told = replace(task, truth=integrations.truth(tx))
            listings.ingest(tx, told, page.records, read_began_at=page.read_began_at, pairs=False)
        count += len(page.records)
    return count
