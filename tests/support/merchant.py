"""A merchant who ships: what people do in the store, on TikTok Shop and in the hub, and what each of them shows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from crossdock.store import tables
from support.asking import Asking
from support.world import World

NUMBER = "1Z999AA10123456784"


class Merchant:
    """Both platforms, a hub between them, and the two ways to ask it."""

    def __init__(self, made: World, monkeypatch: pytest.MonkeyPatch, *, sku: str) -> None:
        self.world, self.sku = made, sku
        self.ask = Asking(made, monkeypatch)

    def sync(self, times: int = 3) -> None:
        """At most so many times, and until one of them moved nothing."""
        for _ in range(times):
            before = self._moved()
            self.world.sync()
            if self._moved() == before:
                break

    def _moved(self) -> tuple[object, ...]:
        """Differs once anything was written to a platform, taken in from one, or moved in the ledger."""
        counts = [sa.select(sa.func.count()).select_from(table) for table in (tables.event, tables.movement)]
        with self.world.database.reading() as tx:
            return (*self.world.writes(), *(tx.scalar(count) for count in counts))

    def sell(self, quantity: int, **more: Any) -> str:
        """An order of TikTok Shop, followed until every flow has seen it."""
        number = str(self.world.sell(self.sku, quantity, **more)["id"])
        self.sync()
        return number

    def sell_in_store(self, quantity: int) -> str:
        number = str(self.world.sell_in_store(self.sku, quantity)["id"])
        self.sync()
        return number

    # The store

    def order_in_store(self, number: str = "") -> Any:
        """The one order there, unless a number names it."""
        orders = self.world.store.store.orders
        return orders[int(number)] if number else next(iter(orders.values()))

    def call_store(self, method: str, path: str, body: Any = None) -> Any:
        base = self.world.store_credentials()["api_path"].removesuffix("v3/")
        headers = {
            "X-Auth-Token": self.world.store.credentials["access_token"],
            "Accept": "application/json",
        }
        reply = self.world.http.request(method, f"{base}v2/{path}", json=body, headers=headers)
        assert reply.status_code < 300, reply.text
        return reply.json() if reply.content else None

    def ship_in_store(self, units: int, number: str, carrier: str = "ups") -> int:
        """Somebody records a shipment of the one order in the control panel."""
        order = self.order_in_store()
        body = {
            "order_address_id": order.addresses[0]["id"],
            "tracking_number": number,
            "shipping_provider": carrier,
            "items": [{"order_product_id": order.lines[0].id, "quantity": units}],
        }
        return int(self.call_store("POST", f"orders/{order.id}/shipments", body)["id"])

    def in_store(self, number: str = "") -> list[tuple[str, int]]:
        """Tracking number and units of each shipment that the store has of an order."""
        return [
            (one.fields["tracking_number"], sum(row["quantity"] for row in one.items))
            for one in self.order_in_store(number).shipments
        ]

    # TikTok Shop

    def status_on_shop(self, number: str) -> str:
        return str(self.world.shop.shop.tables.orders[number].status)

    def on_shop(self, number: str) -> list[tuple[str, int]]:
        """Tracking number and units of each package that TikTok Shop has of an order."""
        packages = self.world.shop.shop.tables.packages.values()
        found = [one for one in packages if number in one.order_ids and one.status != "CANCELLED"]
        return [
            (one.tracking_number, len(one.line_ids)) for one in sorted(found, key=lambda one: one.created)
        ]

    # The hub

    def shown(self, number: str) -> Any:
        return self.ask.told("orders", number)

    def status(self, number: str) -> str:
        return str(self.shown(number)["order"]["status"])

    def add(self, number: str, *more: str, carrier: str = "UPS", tracking: str = NUMBER) -> Any:
        return self.ask.told(
            "fulfillments", "add", number, "--carrier", carrier, "--tracking", tracking, *more
        )

    def channels(self, number: str) -> dict[str, str]:
        """Which channel knows of the one fulfillment of an order."""
        [one] = self.shown(number)["fulfillments"]
        return {each["integration"]: each["state"] for each in one["channels"]}

    def set(self, name: str, *values: str) -> None:
        self.ask.told("settings", "set", name, *values)

    def skip_the_pause(self) -> None:
        """What was not answered is looked for without waiting for its turn."""
        table = tables.publication
        with self.world.database.transaction() as tx:
            tx.execute(
                table.update()
                .where(table.c.again_at.is_not(None))
                .values(again_at=self.world.hub.clock() - timedelta(seconds=1))
            )
