"""From a ready order to its door in a bench: two locations of the hub, and a warehouse that keeps its own books."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from crossdock.domain.channel import ChannelId, Parcel, ShippedUnits
from crossdock.domain.filters import Filters
from crossdock.domain.fulfillment import OrderShipments
from crossdock.domain.routing import Card, Destination
from crossdock.domain.shipping import NewsKind, RequestNews, RequestState, ShippingOrder
from crossdock.domain.sync import Confirmed, Entity, Outcome, Rejected, Unclear
from crossdock.operations.orders import order_life
from crossdock.operations.routing import cards, leaving, request_news, request_push, requests
from crossdock.operations.routing.requested import parts_of
from crossdock.operations.setup import integrations
from crossdock.operations.stock import locations, own_locations, own_stock
from crossdock.operations.stock.own_locations import OwnLocation
from crossdock.operations.stock.own_stock import RecordChange
from crossdock.operations.task import HUB, SourcesOfTruth
from crossdock.operations.warehouse import dispatched
from crossdock.store import tables
from crossdock.store.database import Database
from support.make import NOW, SHOP, STORE, Bench, empty

WMS = "wms"
EAST, WEST = "East", "West"


@dataclass
class Book:
    """What the warehouse has on record of one request."""

    units: dict[str, int]
    is_stopped: bool = False
    parcels: dict[str, dict[str, int]] = field(default_factory=dict)
    """Units by line number, by the parcel's id."""

    def left(self, number: str) -> int:
        gone = sum(units.get(number, 0) for units in self.parcels.values())
        return 0 if self.is_stopped else max(0, self.units[number] - gone)


class Warehouse:
    """A warehouse that takes requests, and may lose an answer, refuse, or be too late to stop."""

    def __init__(self) -> None:
        self.books: dict[str, Book] = {}

    def take(self, wanted: ShippingOrder) -> None:
        book = self.books.setdefault(wanted.number, Book({}))
        book.units = {line.number: line.quantity for line in wanted.lines}
        book.is_stopped = wanted.is_stopped

    def answer(self, key: str, wanted: ShippingOrder, *, how: str) -> Outcome:
        known = self.books.get(wanted.number)
        if how == "refused" and known is None and not wanted.is_stopped:
            return Rejected(key, "No such method")
        if how == "too late" and known is not None and not known.is_stopped:
            return Rejected(key, "It is being packed", code="too_late")
        if how == "never arrived":
            return Unclear(key, "No answer")
        has_left = known is not None and any(known.parcels.values())
        if has_left and (wanted.is_stopped or self._is_less_than_left(wanted)):
            return Rejected(key, "It has left", code="too_late")
        if known is not None or not wanted.is_stopped:
            self.take(wanted)
        return Unclear(key, "No answer") if how == "lost" else Confirmed(key, ChannelId(f"w-{wanted.number}"))

    def _is_less_than_left(self, wanted: ShippingOrder) -> bool:
        parcels = self.books[wanted.number].parcels.values()
        return any(
            line.quantity < sum(units.get(line.number, 0) for units in parcels) for line in wanted.lines
        )

    def shipments(self) -> list[OrderShipments]:
        return [
            OrderShipments(
                ChannelId(number), tuple(_parcel(key, units) for key, units in book.parcels.items())
            )
            for number, book in sorted(self.books.items())
        ]


def _parcel(key: str, units: dict[str, int]) -> Parcel:
    parts = tuple(ShippedUnits(ChannelId(number), count) for number, count in units.items())
    return Parcel(ChannelId(key), parts, carrier="UPS", tracking_number=f"1Z{key}")


class Door:
    """A hub that owns its stock at two locations, both linked to one warehouse, with a card that may split."""

    def __init__(self, database: Database, *, stock: dict[str, dict[str, int]], split: bool = True) -> None:
        empty(database)
        self.hub = Bench(database)
        self.hub.open_shop(**dict.fromkeys({sku for units in stock.values() for sku in units}, 50))
        self.hub.truth = SourcesOfTruth(catalog=STORE, inventory=HUB)
        self.warehouse = Warehouse()
        with database.transaction() as tx:
            integrations.add(tx, WMS, WMS, b"", now=NOW)
            integrations.configure_flows(tx, WMS, {("push", Entity.SHIPPING_REQUESTS): True}, {})
        for place, units in stock.items():
            with self.hub.step(HUB) as (tx, task):
                key = own_locations.add(tx, task, OwnLocation(place))
                locations.change(tx, task, key, linked_integration=WMS)
                for sku, count in units.items():
                    own_stock.change(tx, task, sku, place, RecordChange(on_hand=count))
        self.add_card(Card("All", tuple(Destination(self.place(each)) for each in stock), Filters(), split))

    def add_card(self, card: Card) -> None:
        with self.hub.step(HUB) as (tx, task):
            cards.add(tx, task, card)

    def place(self, name: str) -> str:
        [row] = self.hub.rows(tables.location, tables.location.c.name == name)
        return str(row.id)

    # What the hub does

    def end_holds(self) -> list[str]:
        with self.hub.step(HUB) as (tx, task):
            return order_life.end_holds(tx, task, limit=100)

    def route(self) -> int:
        with self.hub.step(HUB) as (tx, task):
            return requests.route(tx, task, requests.pending(tx, limit=100))

    def push(self, answer: Callable[[Any], Outcome] | None = None) -> list[str]:
        """Tell the warehouse what is due; answers the numbers of what was sent."""
        reply = answer or (lambda due: self.reply(due, "taken"))
        with self.hub.step(WMS) as (tx, task):
            found = leaving.sort_out(tx, task, of=WMS)
            leaving.say(tx, found.waits)
        sent = []
        for key in found.ready:
            with self.hub.step(WMS) as (tx, task):
                due = request_push.take(tx, task, key)
            if due is not None:
                outcome = reply(due)
                with self.hub.step(WMS) as (tx, task):
                    request_push.settle(tx, task, due, outcome)
                sent.append(due.change.desired.number)
        return sent

    def reply(self, due: Any, how: str) -> Outcome:
        return self.warehouse.answer(due.change.key, due.change.desired, how=how)

    def read_shipments(self) -> int:
        with self.hub.step(WMS) as (tx, task):
            return dispatched.ingest(tx, task, self.warehouse.shipments())

    def news(self, number: str, kind: NewsKind, reason: str = "") -> int:
        with self.hub.step(WMS) as (tx, task):
            return request_news.ingest(tx, task, [RequestNews(number, kind, reason)])

    # Looking

    def status(self, channel_id: str = "S1", of: str = SHOP) -> str:
        is_it = (tables.order.c.channel_id == channel_id, tables.order.c.integration == of)
        [row] = self.hub.rows(tables.order, *is_it)
        return str(row.status)

    def order(self, channel_id: str = "S1") -> Any:
        [row] = self.hub.rows(tables.order, tables.order.c.channel_id == channel_id)
        return row

    def requests(self) -> dict[str, RequestState]:
        found = self.hub.rows(tables.shipping_request, by=tables.shipping_request.c.number)
        return {row.number: RequestState(row.state) for row in found}

    def asked(self) -> dict[str, dict[str, int]]:
        """Units that may leave by each request, by SKU, at the location's name."""
        names = {row.id: row.name for row in self.hub.rows(tables.location)}
        skus = {row.id: row.channel_sku for row in self.hub.rows(tables.order_line)}
        ids = [row.id for row in self.hub.rows(tables.order)]
        with self.hub.database.reading() as tx:
            parts = [part for each in parts_of(tx, ids).values() for part in each]
        found: dict[str, dict[str, int]] = {}
        for part in parts:
            if part.held:
                at = found.setdefault(f"{part.request.number} {names[part.request.location_id]}", {})
                at[skus[part.line_id]] = at.get(skus[part.line_id], 0) + part.held
        return found

    def stock(self, place: str) -> dict[str, tuple[int, int]]:
        """Units on hand and committed, by SKU."""
        skus = {row.id: row.sku for row in self.hub.rows(tables.variant)}
        rows = self.hub.rows(tables.level, tables.level.c.location_id == self.place(place))
        return {skus[row.variant_id]: (row.on_hand, row.committed) for row in rows}

    def flows_on(self, keys: Iterable[tuple[str, Entity]], integration: str = SHOP) -> None:
        with self.hub.database.transaction() as tx:
            integrations.configure_flows(tx, integration, {("pull", entity): True for _, entity in keys}, {})

    def read_until(self, moment: Any, integration: str = SHOP) -> None:
        is_it = (tables.flow.c.integration == integration, tables.flow.c.direction == "pull")
        with self.hub.database.transaction() as tx:
            tx.execute(sa.update(tables.flow).where(*is_it).values(read_until=moment))
