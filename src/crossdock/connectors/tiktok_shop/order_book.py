"""Orders as they stand now, read together once, and kept up with what is shipped meanwhile."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

import msgspec

from crossdock.connectors.errors import ProtocolError, RefusedError
from crossdock.connectors.tiktok_shop.client_fulfillment import ORDERS_A_CALL, FulfillmentClient
from crossdock.connectors.tiktok_shop.mapping.lines import Shipment, Unit, units_in
from crossdock.connectors.tiktok_shop.payloads import text
from crossdock.connectors.tiktok_shop.payloads_order import Order
from crossdock.connectors.tiktok_shop.reading import read_records

LEFT = "AWAITING_COLLECTION"


@dataclass
class Entry:
    """One order with its units, as read and as changed since by calls that succeeded.

    `settled` are the parcels that came to stand for a fulfillment since.
    """

    order: Order
    units: list[Unit]
    settled: set[str] = field(default_factory=set)

    def ship(self, ids: Collection[str], shipment: Shipment) -> None:
        """A buyer's request to cancel ends with it."""
        self.order = msgspec.structs.replace(self.order, is_buyer_request_cancel=False)
        self.units = [
            replace(unit, status=LEFT, shipment=shipment) if unit.id in ids else unit for unit in self.units
        ]

    def ship_package(self, shipment: Shipment) -> None:
        """All that is in the shipment's package leaves with it."""
        self.ship({u.id for u in self.units if u.shipment.package_id == shipment.package_id}, shipment)

    def relabel(self, parcel: str, shipment: Shipment) -> None:
        self.units = [
            replace(unit, shipment=shipment) if unit.shipment.id == parcel else unit for unit in self.units
        ]

    def packages(self) -> set[str]:
        return {unit.shipment.package_id for unit in self.units} - {""}


class OrderBook:
    """What is not in it is read when asked for."""

    def __init__(self, client: FulfillmentClient) -> None:
        self._client = client
        self._entries: dict[str, Entry] = {}

    def read(self, ids: Iterable[str]) -> None:
        """Read these in one call; what cannot be read so is read by itself when its turn comes."""
        wanted = list(dict.fromkeys(ids))
        for start in range(0, len(wanted), ORDERS_A_CALL):
            try:
                self._entries |= self._found(wanted[start : start + ORDERS_A_CALL])
            except (RefusedError, ProtocolError):
                continue

    def entry(self, order_id: str) -> Entry:
        """Raises RefusedError where TikTok Shop has no such order, or one that cannot be understood."""
        if order_id not in self._entries:
            self._entries |= self._found([order_id])
        if order_id not in self._entries:
            raise RefusedError(f"TikTok Shop knows no order {order_id}")
        return self._entries[order_id]

    def known(self, order_id: str) -> Entry | None:
        """As it was read and changed since, without asking."""
        return self._entries.get(order_id)

    def forget(self, order_id: str) -> None:
        """Nobody knows how it stands now: read it anew when it is asked for."""
        self._entries.pop(order_id, None)

    def _found(self, ids: Collection[str]) -> Mapping[str, Entry]:
        raws: list[msgspec.Raw] = self._client.orders(ids).orders or []
        read = read_records(raws, Order, _entry)
        if read.unreadable and len(ids) == 1:
            raise RefusedError(f"The order cannot be understood: {read.unreadable[0].reason}")
        return {text(entry.order.id): entry for entry in read.good}


def _entry(order: Order) -> Entry:
    return Entry(order, list(units_in(order.line_items or ())))
