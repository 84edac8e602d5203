"""What became of shipping requests, read from the orders that stand for them."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from crossdock.connectors.contract import Clock
from crossdock.connectors.shipstation.client import Client
from crossdock.connectors.shipstation.mapping.order import to_news
from crossdock.connectors.shipstation.payloads import Listing, Mentioned, Order
from crossdock.connectors.shipstation.reading import Step, read, unreadable
from crossdock.domain.shipping import RequestNews
from crossdock.domain.sync import Cursor, Page, Unreadable


def pull_news(
    client: Client, store_id: str, since: Cursor | None, clock: Clock
) -> Iterator[Page[RequestNews]]:
    """Orders whose key is their number may be the hub's own; which are is for the hub to say."""

    def fetch(after: str, page: int) -> Listing:
        return client.orders_changed(after, page, store_id=store_id)

    return (_page(step) for step in read([fetch], since, clock))


def _page(step: Step) -> Page[RequestNews]:
    records: list[RequestNews] = []
    bad: list[Unreadable] = []
    for raw in step.records:
        try:
            if is_own(msgspec.json.decode(raw, type=Mentioned, strict=False)):
                records.append(to_news(msgspec.json.decode(raw, type=Order, strict=False)))
        except ValueError as error:
            bad.append(unreadable(raw, error))
    return Page(tuple(records), step.cursor, step.read_began_at, tuple(bad), step.completes_sweep)


def is_own(record: Mentioned) -> bool:
    """Other creators give orders keys of another form, and stores that ShipStation reads itself do so too."""
    return record.order_key == record.order_number
