"""Orders of other channels in the store: found, created, and brought on when their originals are released."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from crossdock.connectors.bigcommerce import payloads
from crossdock.connectors.bigcommerce.client import Client
from crossdock.connectors.bigcommerce.mapping.created_order import (
    Destination,
    from_order,
    released,
)
from crossdock.connectors.bigcommerce.reading import decoded
from crossdock.connectors.errors import RefusedError
from crossdock.domain.channel import ChannelId, ChannelOrder
from crossdock.domain.elsewhere import CreatedOrder, LinkedLines
from crossdock.domain.money import Money

UNRELEASED = frozenset({1, 7})
"""Pending and Awaiting Payment: what an order is created as while its original is not released."""


@dataclass(frozen=True, slots=True)
class CreatedOrders:
    """`locked` are the keys of the statuses that stay as they are."""

    client: Client
    destination: Destination
    currency: str
    locked: Collection[str]

    def find(self, external_reference: str) -> CreatedOrder | None:
        """The reference is compared here too: an ignored filter would answer just any order."""
        listing = self.client.orders_referring_to(external_reference)
        found = [decoded(raw, payloads.FoundOrder) for raw in listing.records]
        matches = [order for order in found if order.external_order_id == external_reference]
        matches.sort(key=lambda order: (bool(order.is_deleted), order.id))
        return self._created(matches[0].id, matches[0].total_inc_tax) if matches else None

    def create(self, order: ChannelOrder, lines: LinkedLines) -> CreatedOrder:
        """The platform has no idempotency key: call find with the order's id before a second attempt."""
        if order.currency != self.currency:
            raise RefusedError(
                f"The order is in {order.currency}, the store sells in {self.currency}",
                fix="Report these sales by a stock adjustment instead.",
            )
        try:
            made = self.client.create_order(from_order(order, lines, self.destination))
        except RefusedError as refusal:
            raise self._told(refusal) from refusal
        return self._created(made.id, made.total_inc_tax)

    def release(self, channel_id: ChannelId, order: ChannelOrder) -> None:
        """A status that somebody else has set since, or that is locked, stays; the address is the buyer's own."""
        standing = self.client.order_standing(channel_id)
        is_free = standing.status_id in UNRELEASED and str(standing.status_id) not in self.locked
        body, address = released(order, self.destination)
        if not is_free:
            del body["status_id"]
        self.client.update_order(channel_id, body)
        for raw in self.client.shipping_addresses(channel_id).records[:1]:
            self.client.update_shipping_address(channel_id, decoded(raw, payloads.Stamp).id or 0, address)

    def _created(self, order_id: int, total: Decimal | None) -> CreatedOrder:
        money = None if total is None else Money(total, self.currency)
        return CreatedOrder(ChannelId(str(order_id)), money)

    def _told(self, refusal: RefusedError) -> RefusedError:
        if self.destination.channel_id is None or "channel_id" not in str(refusal):
            return refusal
        return RefusedError(
            f"The store has no connected channel {self.destination.channel_id}: {refusal}",
            code=refusal.code,
            fix="Choose the number of a connected channel under “Channel of orders created in BigCommerce”, or none.",
        )
