"""Keeps numbers from undoing what a channel sells while they are on their way to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from crossdock.connectors.contract import PullsOrders
from crossdock.domain.channel import ChannelId
from crossdock.domain.sync import Entity
from crossdock.operations import publishing
from crossdock.sync.pulls import pull_orders
from crossdock.sync.work import Work, begin_inline, end_inline

ORDERS_MOST_AGE = timedelta(seconds=10)
"""Numbers are not written on the ground of orders that were read longer ago."""

Quantities = Iterable[tuple[ChannelId, int]]


@dataclass
class Barrier:
    """The channel's own orders, read before its numbers are written; what it sold since then would be put back.

    Until `release` nobody else reads them, so that no sale is known which the numbers lack. `unseen` are the records
    whose number was sent and not seen yet: what is shown of them may still change by that.
    """

    work: Work
    unseen: set[str] = field(default_factory=set)
    _read_at: datetime | None = None
    _held: Work | None = None

    def read(self) -> None:
        if not isinstance(self.work.connector, PullsOrders):
            return
        self._held = self._held or begin_inline(self.work, Entity.ORDERS)
        self._read_at = self.work.desk.clock()
        if self._held is not None:
            try:
                pull_orders(self._held)
            except Exception as failure:
                self.release(str(failure) or type(failure).__name__)
                raise

    def release(self, error: str = "") -> None:
        held, self._held = self._held, None
        if held is not None:
            end_inline(held, error)

    def renew(self) -> None:
        """Read them again when that is long ago."""
        if self._read_at is not None and self.work.desk.clock() - self._read_at > ORDERS_MOST_AGE:
            self.read()

    def moved(self, marks: Mapping[str, int]) -> set[str]:
        """Of these records, computed under these marks, those that something happened to since."""
        with self.work.database.reading() as tx:
            now = publishing.marks(tx, self.work.integration, Entity.INVENTORY, marks)
        return {key for key, mark in marks.items() if now.get(key) != mark}


def is_raise(shown: Quantities | None, wanted: Quantities) -> bool:
    """Whether somewhere more is wanted than is shown: the channel may have sold the difference a moment ago."""
    before = dict(shown or ())
    return any(units > before.get(place, units) for place, units in wanted)


def is_lowered(shown: Quantities | None, wanted: Quantities) -> bool:
    """Whether less is wanted than is shown, and nowhere more."""
    before = dict(shown or ())
    pairs = [(before.get(place, 0), units) for place, units in wanted]
    return all(old >= new for old, new in pairs) and any(old > new for old, new in pairs)
