"""What a report's effect is measured against, and what becomes of one that failed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from crossdock.connectors.errors import (
    AccessMissingError,
    CredentialsError,
    RateLimitedError,
    UnavailableError,
)
from crossdock.domain.channel import ChannelId, ChannelSku
from crossdock.operations.stock import observing, sales
from crossdock.operations.stock.intents import Item
from crossdock.operations.stock.sales import Due
from crossdock.store.database import Transaction
from crossdock.sync.lease import StoppedError
from crossdock.sync.pulls import look
from crossdock.sync.work import Work

LATER_SECONDS = 15.0
WHILE_SELLING_SECONDS = 2.0
MOST_LOOKS = 8
"""Each is a chance to meet a moment in which the owner sells none of it; until then its number stays too high."""
TURNED_AWAY = (AccessMissingError, CredentialsError, RateLimitedError, StoppedError)
"""What is turned away at the door, theirs or our own, has not been applied."""


@dataclass(frozen=True, slots=True)
class Measure:
    """Readings of the owner's numbers behind which its orders were read: what effects are measured against.

    It is good for every report that is sent before one of these numbers is read again.
    """

    orders_read_until: datetime | None
    """None where the owner's orders are not read at all."""
    taken_at: datetime

    def holds(self, tx: Transaction, owner: str, batch: Sequence[Due]) -> list[Due]:
        """Those whose stored numbers are still these."""
        until = self.orders_read_until or self.taken_at
        return observing.measured(tx, owner, batch, orders_read_until=until)


def measure(work: Work, batch: Sequence[Due]) -> Measure:
    """Read the owner's numbers of these, then its orders.

    What the owner sold while it was read is looked at again, and left for later where it goes on selling.
    """
    variants = [(ChannelId(item.channel_variant_id), ChannelSku(item.channel_sku)) for item in batch]
    for _ in range(MOST_LOOKS):
        read_until, _ = look(work, list(dict.fromkeys(variants)))
        taken = Measure(read_until, work.desk.clock())
        with work.database.reading() as tx:
            if len(taken.holds(tx, work.integration, batch)) == len(batch):
                break
    return taken


def measured(work: Work, batch: Sequence[Due]) -> list[Due]:
    """Those of the batch that can be sent now, with fresh readings behind them."""
    taken = measure(work, batch)
    with work.database.reading() as tx:
        return taken.holds(tx, work.integration, batch)


def failed(work: Work, intent: str, items: Sequence[Item], failure: Exception) -> None:
    """The answer was lost, or it is certain that nothing was applied: then it is sent once the door is open."""
    with work.transaction() as tx:
        if isinstance(failure, TURNED_AWAY):
            why = f"turned away before anything was applied: {failure}"
            sales.withdrawn(tx, work.task(), intent, items, why)
        elif not isinstance(failure, UnavailableError) or failure.is_unclear:
            work.tally.unclear += len(items)
            sales.unclear(tx, work.task(), intent, items, str(failure))
        else:
            sales.withdrawn(tx, work.task(), intent, items, str(failure))
