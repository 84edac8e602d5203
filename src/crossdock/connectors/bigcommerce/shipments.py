"""Pulls shipments: orders by the date of their change, and of those that have shipped all shipments."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec
from msgspec import Raw

from crossdock.connectors.bigcommerce.calls import Listing
from crossdock.connectors.bigcommerce.client import Client
from crossdock.connectors.bigcommerce.mapping.dates import to_moment
from crossdock.connectors.bigcommerce.mapping.order_status import INCOMPLETE
from crossdock.connectors.bigcommerce.mapping.shipment import to_parcel
from crossdock.connectors.bigcommerce.order_parts import (
    all_lines,
    all_shipments,
    consignments_of,
    included_lines,
)
from crossdock.connectors.bigcommerce.payloads_shipment import Shipment, ShippedOrder
from crossdock.connectors.bigcommerce.reading import (
    SHORT_OVERLAP,
    Position,
    Step,
    by_date,
    decoded,
    read_records,
)
from crossdock.connectors.contract import Clock
from crossdock.connectors.errors import RefusedError
from crossdock.domain.channel import ChannelId, Parcel
from crossdock.domain.fulfillment import OrderShipments
from crossdock.domain.sync import Cursor, Page

LOOKS_BACK = timedelta(days=30)
"""How long ago an order may have changed last for the first reading to look at it."""
SAID_TO_HAVE_LEFT = frozenset({2, 3, 10})


class _Standing(msgspec.Struct, frozen=True):
    """What a cursor holds beside its position: orders that were read as they stand, by id with the date they bore.

    The end of a list is read again the next time, and an order that bears the same date still has nothing new.
    """

    standing: dict[str, str] = {}


@dataclass
class _Reading:
    """One pull under way: `standing` grows as it goes."""

    standing: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, since: Cursor | None) -> _Reading:
        return cls(dict(msgspec.json.decode(since, type=_Standing).standing) if since else {})

    def cursor(self, position: Position) -> Cursor:
        """Only orders that would be listed again are worth remembering."""
        after = position.after
        self.standing = {
            key: date for key, date in self.standing.items() if after is None or to_moment(date) >= after
        }
        told = msgspec.json.decode(position.as_cursor())
        return Cursor(msgspec.json.encode({**told, "standing": self.standing}).decode())


class Shipments:
    """Reads the shipments of one store, of all orders: which are wanted is for the hub to say, which follows what it has."""

    def __init__(self, client: Client, *, placed_since: datetime | None) -> None:
        self._client = client
        self._placed_since = placed_since

    def pull(self, since: Cursor | None, clock: Clock) -> Iterator[Page[OrderShipments]]:
        """`placed_since` shortens the first reading only: later changes of any order are wanted."""
        now, reading = clock(), _Reading.of(since)
        start = Position.of(since, now=now) if since else Position(sweep_began=now, after=now - LOOKS_BACK)

        def fetch(position: Position) -> Listing:
            earliest = self._placed_since if position.sweep_began else None
            return self._client.orders(position.after, earliest, position.page)

        for step in by_date(fetch, start, clock, keeps_newest=False):
            yield self._page(step, reading, completes_sweep=step.is_last and start.sweep_began is not None)

    def _page(self, step: Step, reading: _Reading, *, completes_sweep: bool) -> Page[OrderShipments]:
        is_over = step.as_of - SHORT_OVERLAP

        def read(raw: Raw) -> OrderShipments | None:
            order = decoded(raw, ShippedOrder)
            key = str(order.id)
            if not _has_shipments(order) or reading.standing.get(key) == order.date_modified:
                return None
            if to_moment(order.date_modified) <= is_over:
                reading.standing[key] = order.date_modified
            return self._read(order)

        records, unreadable = read_records(step.records, read)
        return Page(records, reading.cursor(step.next), step.read_began_at, unreadable, completes_sweep)

    def _read(self, order: ShippedOrder) -> OrderShipments | None:
        order_id = ChannelId(str(order.id))
        if not (order.items_shipped or 0) and order.status_id not in SAID_TO_HAVE_LEFT:
            return OrderShipments(order_id)
        try:
            return OrderShipments(order_id, self._parcels(order))
        except RefusedError as error:
            if error.code == "404":
                return None  # archived since it was listed
            # One order whose shipments are refused must not stop all the others.
            raise ValueError(f"its shipments could not be read: {error}") from error

    def _parcels(self, order: ShippedOrder) -> tuple[Parcel, ...]:
        shipments = all_shipments(self._client, order.id)
        lines = {line.id: line for line in included_lines(consignments_of(order.consignments))}
        if _named(shipments) - lines.keys():
            lines = {line.id: line for line in all_lines(self._client, order.id)}
        return tuple(to_parcel(one, lines) for one in shipments)


def _has_shipments(order: ShippedOrder) -> bool:
    """An order that was archived keeps what was known of it; one that was never placed has nothing."""
    return not order.is_deleted and order.status_id != INCOMPLETE


def _named(shipments: Collection[Shipment]) -> set[int]:
    return {item.order_product_id for one in shipments for item in one.items}
