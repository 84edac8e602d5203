"""Has the listings of a channel read from their beginning, where a look found that some are gone."""

from __future__ import annotations

from crossdock.domain.sync import Direction, Entity, FlowKey
from crossdock.operations.setup import integrations
from crossdock.store.database import Transaction
from crossdock.sync.work import Work, is_on


def read_listings_anew(tx: Transaction, work: Work) -> None:
    """That reading tells what is gone, and what follows from it; a reading under way may have passed the place already."""
    for entity in (Entity.LISTINGS, Entity.PRODUCTS):
        flow = FlowKey(work.integration, Direction.PULL, entity)
        if is_on(tx, flow):
            integrations.restart_flow(tx, flow)
