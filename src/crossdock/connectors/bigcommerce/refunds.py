"""Pulls refund records by the time they were made; a record is never changed afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from msgspec import Raw

from crossdock.connectors.bigcommerce import payloads
from crossdock.connectors.bigcommerce.calls import Listing
from crossdock.connectors.bigcommerce.client import Client
from crossdock.connectors.bigcommerce.mapping.refund import to_refund
from crossdock.connectors.bigcommerce.reading import OVERLAP, Position, by_page, decoded, read_records
from crossdock.connectors.contract import Clock
from crossdock.domain.aftersales import ChannelReturn
from crossdock.domain.sync import Cursor, Page


class Refunds:
    """Reads the refunds of one store."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def pull(self, since: Cursor | None, clock: Clock) -> Iterator[Page[ChannelReturn]]:
        """The list has no documented order, so a window is read whole and the next one begins before it."""
        start = Position.of(since, now=clock())
        began = clock()

        def fetch(page: int) -> Listing:
            return self._client.refunds(start.after, page)

        for step in by_page(fetch, Position(), clock):
            # By the clock that is behind: refunds of a store that is slower than we are must not be passed over.
            began = min(began, step.as_of)
            records, unreadable = read_records(step.records, _read)
            following = Position(after=_next(began, start.after)) if step.is_last else start
            completes_sweep = step.is_last and start.sweep_began is not None
            yield Page(records, following.as_cursor(), step.read_began_at, unreadable, completes_sweep)


def _next(began: datetime, before: datetime | None) -> datetime:
    after = began - OVERLAP
    return max(after, before) if before is not None else after


def _read(raw: Raw) -> ChannelReturn:
    return to_refund(decoded(raw, payloads.Refund))
