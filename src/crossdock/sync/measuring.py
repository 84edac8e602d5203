"""What a report's effect is measured against, and what becomes of one that failed."""

from __future__ import annotations

from collections.abc import Sequence

from crossdock.connectors.errors import UnavailableError
from crossdock.domain.channel import ChannelId, ChannelSku
from crossdock.domain.sync import Entity
from crossdock.operations import observing, sales
from crossdock.operations.intents import Item
from crossdock.operations.sales import Due
from crossdock.sync.pulls import pull_orders, read_stock
from crossdock.sync.work import Work, run_inline

MOST_LOOKS = 3
LATER_SECONDS = 15.0


def measured(work: Work, batch: Sequence[Due]) -> list[Due]:
    """Read the owner's numbers, then its orders: what each effect is measured against.

    What the owner sold while it was read is looked at again, and left for later where it goes on selling.
    """
    good: list[Due] = []
    for _ in range(MOST_LOOKS):
        read_stock(
            work, [(ChannelId(item.channel_variant_id), ChannelSku(item.channel_sku)) for item in batch]
        )
        read_until = run_inline(work, Entity.ORDERS, pull_orders)
        with work.database.reading() as tx:
            good = observing.measured(tx, work.integration, batch, orders_read_until=read_until)
        if len(good) == len(batch):
            break
    return good


def failed(work: Work, intent: str, items: Sequence[Item], failure: UnavailableError) -> None:
    """The answer was lost, or it is certain that nothing was sent."""
    with work.transaction() as tx:
        if failure.is_unclear:
            work.tally.unclear += len(items)
            sales.unclear(tx, work.task(), intent, items, str(failure))
        else:
            sales.withdrawn(tx, work.task(), intent, items, str(failure))
