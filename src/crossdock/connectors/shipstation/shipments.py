"""What has left: orders of which a label was bought or voided or that were marked as shipped, each with all its parcels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

import msgspec
from msgspec import Raw

from crossdock.connectors.contract import Clock
from crossdock.connectors.shipstation.client import Client
from crossdock.connectors.shipstation.mapping.shipment import is_parcel, left_of, marked_parcel, to_parcel
from crossdock.connectors.shipstation.news import is_own
from crossdock.connectors.shipstation.payloads import Fulfillment, Mentioned, Order, Shipment
from crossdock.connectors.shipstation.reading import Step, read, unreadable
from crossdock.domain.channel import ChannelId, Parcel
from crossdock.domain.fulfillment import OrderShipments
from crossdock.domain.sync import Cursor, Page, Unreadable

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Shipments:
    """Reads what has left of the orders of one account."""

    client: Client

    def pull(self, since: Cursor | None, clock: Clock) -> Iterator[Page[OrderShipments]]:
        client = self.client
        lists = (client.shipments_created, client.shipments_voided, client.fulfillments_created)
        return (self._page(step) for step in read(lists, since, clock))

    def _page(self, step: Step) -> Page[OrderShipments]:
        records: dict[str, OrderShipments | None] = {}
        bad: list[Unreadable] = []
        for raw in step.records:
            try:
                said = msgspec.json.decode(raw, type=Mentioned, strict=False)
                if said.order_number not in records and (said.order_key is None or is_own(said)):
                    records[said.order_number] = None
                    records[said.order_number] = self._read(said.order_number)
            except ValueError as error:
                bad.append(unreadable(raw, error))
        found = tuple(record for record in records.values() if record is not None)
        return Page(found, step.cursor, step.read_began_at, tuple(bad), step.completes_sweep)

    def _read(self, number: str) -> OrderShipments | None:
        """All parcels of one request; None where nothing that bears its number is the hub's."""
        labels = [
            one
            for one in _each(self.client.shipments_of(number), Shipment)
            if one.order_number == number and one.order_key in (None, number)
        ]
        marks = [
            one
            for one in _each(self.client.fulfillments_of(number), Fulfillment)
            if one.order_number == number
        ]
        orders = self._orders(labels, marks)
        labels = [one for one in labels if one.order_key == number or one.order_id in orders]
        marks = [one for one in marks if one.order_id in orders]
        if not (labels or marks):
            return None
        parcels = [self._label(one, orders) for one in labels if is_parcel(one)]
        for mark in marks:
            units = () if mark.voided else left_of(orders[mark.order_id].items or (), parcels)
            if units:
                parcels.append(marked_parcel(mark, units))
        return OrderShipments(ChannelId(number), tuple(parcels))

    def _orders(self, labels: Iterable[Shipment], marks: Iterable[Fulfillment]) -> dict[int, Order]:
        """The hub's orders behind records that do not say by themselves whose they are or what is in them."""
        ids = {one.order_id for one in marks}
        for one in labels:
            if one.order_id is not None and (one.order_key is None or one.shipment_items is None):
                ids.add(one.order_id)
        found = (self.client.order(order_id) for order_id in sorted(ids))
        return {one.order_id: one for one in found if one.order_key == one.order_number}

    def _label(self, label: Shipment, orders: Mapping[int, Order]) -> Parcel:
        if label.shipment_items is not None:
            return to_parcel(label, label.shipment_items)
        order = orders.get(label.order_id or 0)
        items = order.items or () if order else ()
        return to_parcel(label, (item for item in items if not item.adjustment))


def _each(raws: Iterable[Raw], kind: type[T]) -> Iterator[T]:
    return (msgspec.json.decode(raw, type=kind, strict=False) for raw in raws)
