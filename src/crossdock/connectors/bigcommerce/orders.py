"""Pulls orders by modification date, each with all its lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from msgspec import Raw

from crossdock.connectors.bigcommerce import payloads
from crossdock.connectors.bigcommerce.client import Client, Listing
from crossdock.connectors.bigcommerce.mapping.order import OrderParts, StoreRules, to_order
from crossdock.connectors.bigcommerce.mapping.order_status import INCOMPLETE
from crossdock.connectors.bigcommerce.reading import (
    SHORT_PAGE,
    Position,
    Step,
    by_date,
    decoded,
    read_records,
)
from crossdock.connectors.contract import Clock
from crossdock.connectors.errors import ProtocolError, RefusedError
from crossdock.domain.channel import ChannelOrder
from crossdock.domain.sync import Cursor, Page

MOST_LINE_PAGES = 100
# The key that the platform adds to a consignment of which it left lines out.
_CUT = b'"__warning__"'


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
        consignments = _consignments(raw)
        lines = _lines(consignments)
        counted = sum(line.quantity for line in lines)
        if not lines or _CUT in bytes(raw.consignments) or counted < (raw.items_total or 0):
            lines = self._all_lines(raw.id)
        places = [*(consignments.shipping or ()), *(consignments.pickups or ())]
        return OrderParts(lines, _fees(raw), places[0] if places else None)

    def _all_lines(self, order_id: int) -> list[payloads.OrderLine]:
        lines: dict[int, payloads.OrderLine] = {}
        for page in range(1, MOST_LINE_PAGES + 1):
            listing = self._client.order_lines(order_id, page)
            fresh = [decoded(raw, payloads.OrderLine) for raw in listing.records]
            known = len(lines)
            lines |= {line.id: line for line in fresh}
            if len(fresh) < SHORT_PAGE or len(lines) == known:
                return sorted(lines.values(), key=lambda line: line.id)
        raise ProtocolError(f"The lines of order {order_id} have not ended after {MOST_LINE_PAGES} pages")


def _consignments(raw: payloads.Order) -> payloads.Consignments:
    """Empty where the platform sent a mere link, so that the lines are fetched apart."""
    body = bytes(raw.consignments)
    return decoded(body, payloads.Consignments) if body.startswith(b"{") else payloads.Consignments()


def _fees(raw: payloads.Order) -> Sequence[payloads.Fee]:
    body = bytes(raw.fees)
    return decoded(body, list[payloads.Fee]) if body.startswith(b"[") else ()


def _lines(consignments: payloads.Consignments) -> list[payloads.OrderLine]:
    certificates = consignments.email.gift_certificates if consignments.email else None
    groups = (consignments.shipping, consignments.pickups, consignments.downloads, certificates)
    lines: dict[int, payloads.OrderLine] = {}
    for group in groups:
        for consignment in group or ():
            lines |= {line.id: line for line in _lines_of(consignment.line_items)}
    return sorted(lines.values(), key=lambda line: line.id)


def _lines_of(line_items: Raw) -> Iterator[payloads.OrderLine]:
    """Lines come as a list, as links where they were not asked for, and with a note among them where they were cut."""
    body = bytes(line_items)
    parts: list[Raw] = []
    if body.startswith(b"["):
        parts = decoded(body, list[Raw])
    elif body.startswith(b"{"):
        parts = list(decoded(body, dict[str, Raw]).values())
    for part in parts:
        if bytes(part).startswith(b"{") and b'"quantity"' in bytes(part):
            yield decoded(part, payloads.OrderLine)
