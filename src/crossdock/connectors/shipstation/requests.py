"""Brings orders of the platform to what shipping requests want: created, changed while that can be done, stopped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from crossdock.connectors.errors import RefusedError, UnavailableError
from crossdock.connectors.shipstation.client import Client
from crossdock.connectors.shipstation.mapping.order import (
    AWAITING_SHIPMENT,
    CANCELLED,
    OPEN,
    PENDING_FULFILLMENT,
    REJECTED_FULFILLMENT,
    SHIPPED,
    cancelled,
    from_request,
    shows,
)
from crossdock.connectors.shipstation.payloads import Order
from crossdock.domain.channel import ChannelId
from crossdock.domain.shipping import ShippingOrder
from crossdock.domain.sync import Change, Confirmed, Outcome, Rejected, Unclear

_WHY_LOCKED = {
    SHIPPED: "ShipStation has shipped it",
    CANCELLED: "it was cancelled in ShipStation",
    PENDING_FULFILLMENT: "ShipStation has passed it on to a fulfillment provider",
    REJECTED_FULFILLMENT: "the fulfillment provider that ShipStation passed it on to rejected it",
}


@dataclass(frozen=True, slots=True)
class _There:
    """An order as it stands there, read and as it came."""

    order: Order
    raw: dict[str, Any]


@dataclass(frozen=True, slots=True)
class RequestPush:
    """Writes orders of one account."""

    client: Client
    store_id: str

    def push(self, changes: Iterable[Change[ShippingOrder]]) -> Iterator[Outcome]:
        for change in changes:
            yield self._outcome(change)

    def _outcome(self, change: Change[ShippingOrder]) -> Outcome:
        try:
            return self._bring(change)
        except RefusedError as error:
            return Rejected(change.key, str(error), error.fix, error.code, error.request_id)
        except UnavailableError as error:
            if error.is_unclear:
                return Unclear(change.key, str(error))
            raise
        except ValueError as error:
            return Rejected(
                change.key,
                f"what ShipStation has of it cannot be read: {error}",
                fix="Report it; then retry this case",
                code="unreadable",
            )

    def _bring(self, change: Change[ShippingOrder]) -> Outcome:
        wanted = change.desired
        is_stop = wanted.is_stopped or not any(line.quantity for line in wanted.lines)
        # What was never sent is not looked for: the key makes a second creation the same order.
        is_fresh = change.channel_id is None and not change.is_unclear
        there = None if is_fresh and not is_stop else self._find(wanted.number)
        if is_stop:
            return self._stop(change, there)
        if there is None and change.channel_id is not None:
            return _too_late(change.key, "ShipStation has this order no longer")
        return self._save(change, there)

    def _find(self, number: str) -> _There | None:
        for raw in self.client.orders_numbered(number):
            record = msgspec.json.decode(raw)
            if isinstance(record, dict) and record.get("orderKey") == number:
                return _There(msgspec.convert(record, Order, strict=False), record)
        return None

    def _save(self, change: Change[ShippingOrder], there: _There | None) -> Outcome:
        wanted = change.desired
        status = there.order.order_status if there else AWAITING_SHIPMENT
        if there is not None and status not in OPEN:
            if status == CANCELLED or not shows(there.order, wanted):
                return _too_late(change.key, _WHY_LOCKED.get(status, f"it is {status} in ShipStation"))
            return Confirmed(change.key, _id(there.order))
        if wanted.address is None:
            return Rejected(
                change.key,
                "ShipStation ships to an address, and the order has none",
                fix="Enter the address of the order, or route it to another location",
                code="address",
            )
        # A hold that people there put on it stays.
        body = from_request(wanted, wanted.address, status=status, store_id=self.store_id)
        made = self.client.save_order(body)
        if made.order_status == CANCELLED or not shows(made, wanted):
            return _too_late(
                change.key, _WHY_LOCKED.get(made.order_status, "ShipStation did not take the change")
            )
        return Confirmed(change.key, _id(made), is_new=there is None)

    def _stop(self, change: Change[ShippingOrder], there: _There | None) -> Outcome:
        if there is None:
            known = change.channel_id or ChannelId("")
            return Confirmed(change.key, known, notes=("ShipStation has no such order",))
        status = there.order.order_status
        if status == CANCELLED:
            return Confirmed(change.key, _id(there.order))
        if status in OPEN:
            status = self.client.save_order(cancelled(there.raw)).order_status
        if status == CANCELLED:
            return Confirmed(change.key, _id(there.order))
        return _too_late(change.key, _WHY_LOCKED.get(status, f"it is still {status} in ShipStation"))


def _id(order: Order) -> ChannelId:
    return ChannelId(str(order.order_id))


def _too_late(key: str, why: str) -> Rejected:
    return Rejected(
        key,
        f"{why}, so it can no longer be changed from here",
        fix="Settle it in ShipStation by hand where it has not left yet",
        code="too_late",
    )
