"""Orders and shipments of a simulated store, as its merchant sees and makes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx2 as httpx

from connectors.bigcommerce.simulated import Shop
from crossdock.domain.channel import ChannelId, ChannelSku
from crossdock.domain.fulfillment import WantedFulfillment, WantedUnits
from crossdock.domain.sync import Change, Confirmed, Outcome, Rejected
from crossdock_simulators.bigcommerce.records import Order, OrderLine


@dataclass
class Yard:
    """A store and its packing table."""

    shop: Shop

    def skus(self, count: int) -> list[str]:
        rows = self.shop.act("state")["variants"]
        return [row["sku"] for row in rows if row["sku"]][:count]

    def place(self, *quantities: int, addresses: tuple[int, ...] = (), **more: Any) -> Order:
        """An order with one line for each quantity, each of another SKU."""
        lines = [
            {"sku": sku, "quantity": quantity, "address": addresses[place] if addresses else 0}
            for place, (sku, quantity) in enumerate(zip(self.skus(len(quantities)), quantities, strict=True))
        ]
        made = self.shop.act("orders", lines=lines, oversell=True, **more)
        return self.shop.simulator.store.orders[made["id"]]

    def call(self, method: str, place: str, body: Any = None) -> Any:
        """A call of the platform's own, by somebody else than the hub."""
        token = self.shop.simulator.credentials["access_token"]
        answer = httpx.request(
            method,
            f"{self.shop.address}/stores/abc123/v2{place}",
            headers={"X-Auth-Token": token, "Accept": "application/json"},
            json=body,
        )
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def ship(self, order: Order, quantities: Mapping[int, int], **tracking: str) -> int:
        """The merchant records a shipment: units by the place of their line. Answers its id."""
        items = [
            {"order_product_id": order.lines[place].id, "quantity": quantity}
            for place, quantity in quantities.items()
        ]
        address = order.addresses[order.lines[next(iter(quantities))].address]["id"]
        body = {"order_address_id": address, "items": items, **tracking}
        return int(self.call("POST", f"/orders/{order.id}/shipments", body)["id"])

    def age(self, order: Order, by: timedelta) -> None:
        """As if its last change had been earlier."""
        order.modified -= by

    def requests(self, since: int = 0) -> list[str]:
        return [
            f"{entry.method} {entry.path.removeprefix('/stores/abc123')}"
            for entry in self.shop.simulator.journal.entries(since)
            if entry.path.startswith("/stores/")
        ]

    def mark(self) -> int:
        return self.shop.simulator.journal.last_number


def units_of(line: OrderLine, quantity: int) -> WantedUnits:
    """Units of a line of the store's own order."""
    return WantedUnits(
        quantity,
        line_id=ChannelId(str(line.id)),
        variant_id=ChannelId(str(line.variant_id)),
        channel_sku=ChannelSku(line.sku),
    )


def wanted(order: Order, quantities: Mapping[int, int], **more: Any) -> WantedFulfillment:
    """What the hub wants recorded: units by the place of their line."""
    parts = tuple(units_of(order.lines[place], quantity) for place, quantity in quantities.items())
    tracking = {"carrier": "UPS", "tracking_number": "1Z999"} | more
    return WantedFulfillment(ChannelId(str(order.id)), parts, **tracking)


def push(
    yard: Yard,
    *wants: WantedFulfillment,
    ids: str | None = None,
    is_unclear: bool = False,
    **settings: Any,
) -> list[Outcome]:
    """`is_unclear` says that the last answer about them was lost."""
    channel_id = None if ids is None else ChannelId(ids)
    changes = [
        Change(f"ful_{number}", each, channel_id, is_unclear=is_unclear) for number, each in enumerate(wants)
    ]
    return list(yard.shop.hub(push_fulfillments=True, **settings).push_fulfillments(changes))


def confirmed(outcomes: list[Outcome]) -> Confirmed:
    (outcome,) = outcomes
    assert isinstance(outcome, Confirmed), outcome
    return outcome


def rejected(outcomes: list[Outcome]) -> Rejected:
    (outcome,) = outcomes
    assert isinstance(outcome, Rejected), outcome
    return outcome


def held(order: Order) -> list[tuple[str, dict[int, int]]]:
    """The shipments of an order: number, and units by the place of their line."""
    places = {line.id: place for place, line in enumerate(order.lines)}
    return [
        (
            one.fields["tracking_number"],
            {places[row["order_product_id"]]: row["quantity"] for row in one.items},
        )
        for one in order.shipments
    ]


def ids(order: Order) -> str:
    return "+".join(str(one.id) for one in order.shipments)
