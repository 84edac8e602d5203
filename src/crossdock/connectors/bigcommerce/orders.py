"""Pulls orders by modification date, each with all its lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from msgspec import Raw

from crossdock.connectors.bigcommerce import payloads
from crossdock.connectors.bigcommerce.calls import Listing
from crossdock.connectors.bigcommerce.client import Client
from crossdock.connectors.bigcommerce.mapping.order import OrderParts, StoreRules, to_order
from crossdock.connectors.bigcommerce.mapping.order_status import INCOMPLETE
from crossdock.connectors.bigcommerce.order_parts import (
    all_lines,
    are_cut,
    consignments_of,
    included_lines,
)
from crossdock.connectors.bigcommerce.reading import Position, Step, by_date, decoded, read_records
from crossdock.connectors.contract import Clock
from crossdock.connectors.errors import RefusedError
from crossdock.domain.channel import ChannelOrder
from crossdock.domain.sync import Cursor, Page


class Orders:
    """Reads the orders of one store."""

    def __init__(self, client: Client, rules: StoreRules, *, takes_drafts: bool) -> None:
        self._client = client
        self._rules = rules
        self._takes_drafts = takes_drafts

    def pull(
        self, since: Cursor | None, clock: Clock, *, created_since: datetime | None
    ) -> Iterator[Page[ChannelOrder]]:
        """`created_since` shortens the full sweep only: later changes of any order are wanted."""
        start = Position.of(since, now=clock())

        def fetch(position: Position) -> Listing:
            earliest = created_since if position.sweep_began else None
            return self._client.orders(position.after, earliest, position.page)

        for step in by_date(fetch, start, clock):
            yield self._page(step, completes_sweep=step.is_last and start.sweep_began is not None)

    def _page(self, step: Step, *, completes_sweep: bool) -> Page[ChannelOrder]:
        records, unreadable = read_records(step.records, self._read)
        return Page(records, step.next.as_cursor(), step.read_began_at, unreadable, completes_sweep)

    def _read(self, record: Raw) -> ChannelOrder | None:
        """None for an order that was never placed: BigCommerce keeps abandoned checkouts as Incomplete."""
        raw = decoded(record, payloads.Order)
        if raw.status_id == INCOMPLETE and not self._takes_drafts:
            return None
        try:
            parts = self._parts(raw)
        except RefusedError as error:
            # One order whose lines are refused must not stop all the others.
            raise ValueError(f"its lines could not be read: {error}") from error
        return to_order(raw, parts, self._rules)

    def _parts(self, raw: payloads.Order) -> OrderParts:
        consignments = consignments_of(raw.consignments)
        lines = included_lines(consignments)
        counted = sum(line.quantity for line in lines)
        if not lines or are_cut(raw.consignments) or counted < (raw.items_total or 0):
            lines = all_lines(self._client, raw.id, units=raw.items_total or 0)
        places = [*(consignments.shipping or ()), *(consignments.pickups or ())]
        return OrderParts(lines, _fees(raw), places[0] if places else None)


def _fees(raw: payloads.Order) -> Sequence[payloads.Fee]:
    body = bytes(raw.fees)
    return decoded(body, list[payloads.Fee]) if body.startswith(b"[") else ()
