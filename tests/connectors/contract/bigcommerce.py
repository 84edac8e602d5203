"""BigCommerce under the contract suite, against its simulator."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, ClassVar

import httpx2 as httpx
import pytest

from connectors.bigcommerce.scripted import toolbox
from connectors.bigcommerce.shipping_bench import Yard, held, wanted
from connectors.bigcommerce.simulated import Shop, open_shop
from connectors.contract.subject import Pull, Spoil, Subject, Trial
from crossdock.connectors.bigcommerce.connector import BigCommerce
from crossdock.connectors.contract import Connector
from crossdock.connectors.http import Http
from crossdock.domain.channel import ChannelId, ChannelSku, StockTarget
from crossdock.domain.sync import Change
from crossdock_simulators.bigcommerce.locations_api import add_location
from crossdock_simulators.bigcommerce.records import Order
from crossdock_simulators.bigcommerce.store import Switches
from crossdock_simulators.kit import Fault

PRODUCTS = Spoil("/catalog/products$", "data", "name")


class BigCommerceSubject(Subject):
    kind = BigCommerce
    wrong_field = "Access token"
    pulls: ClassVar = {
        "pull_products": Pull(PRODUCTS, {"products": "pull"}),
        "pull_listings": Pull(PRODUCTS, {"products": "push"}),
        "pull_locations": Pull(
            Spoil("/inventory/locations$", "data", "id"), {"locations": True}, turns_pages=False
        ),
        "pull_inventory": Pull(Spoil("/inventory/items$", "data", "locations"), {"inventory": "pull"}),
        "pull_orders": Pull(Spoil("/v2/orders$", "", "total_inc_tax"), {"orders": True}),
        "pull_returns": Pull(Spoil("/payment_actions/refunds$", "data", "id"), {"refunds": True}),
        "pull_fulfillments": Pull(Spoil("/v2/orders$", "", "status_id"), {"pull_fulfillments": True}),
    }

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.yard = Yard(shop)

    @classmethod
    @contextmanager
    def open(cls) -> Iterator[Subject]:
        with open_shop(6, switches=Switches(inventory_delay_seconds=0)) as shop:
            yield cls(shop)

    def fill(self, pull: str) -> None:
        yard = self.yard
        if pull == "pull_locations":
            add_location(self.shop.simulator.store, {"code": "EAST", "label": "East"})
        if pull in ("pull_orders", "pull_returns", "pull_fulfillments"):
            orders = [yard.place(2) for _ in range(5)]
            if pull == "pull_returns":
                for order in orders:
                    self._refund(order)
            if pull == "pull_fulfillments":
                for order in orders:
                    yard.ship(order, {0: 1}, tracking_number=f"1Z{order.id}")

    def _refund(self, order: Order) -> None:
        items = [{"item_type": "PRODUCT", "item_id": order.lines[0].id, "quantity": 1}]
        paid = float(order.lines[0].price_inc_tax)
        answer = httpx.post(
            f"{self.shop.address}/stores/abc123/v3/orders/{order.id}/payment_actions/refunds",
            headers={"X-Auth-Token": self.shop.simulator.credentials["access_token"]},
            json={"items": items, "payments": [{"provider_id": "custom", "amount": paid, "offline": True}]},
        )
        assert answer.is_success, answer.text

    def connector(self, *, http: Http | None = None, wrong: bool = False, **settings: Any) -> Connector:
        self.shop.https.append(http or Http())
        credentials = {**self.shop.credentials, **({"access_token": "wrong"} if wrong else {})}
        return BigCommerce(toolbox(self.shop.https[-1], credentials=credentials, **settings))

    def secrets(self) -> Sequence[str]:
        given = self.shop.simulator.credentials
        return [given["client_secret"], given["access_token"]]

    def fails(self, kind: str, path: str, **more: Any) -> None:
        self.shop.simulator.faults.add(Fault(kind, path=path, **more))  # type: ignore[arg-type]

    def small_pages(self, patch: pytest.MonkeyPatch) -> None:
        sizes = {"client.PRODUCTS_PAGE": 2, "client.ITEMS_PAGE": 10, "reading.SHORT_PAGE": 2}
        sizes |= {"client_orders.ORDERS_PAGE": 2, "client_orders.REFUNDS_PAGE": 2}
        for name, size in sizes.items():
            patch.setattr(f"crossdock.connectors.bigcommerce.{name}", size)

    def trials(self) -> Mapping[str, Trial]:
        return {"push_inventory": self._numbers(), "push_fulfillments": self._shipments()}

    def _numbers(self) -> Trial:
        store = self.shop.simulator.store
        some = [one for one in store.products.values() if one.tracking == "product" and not one.options][:3]
        targets = {
            one.sku: (_stock(one.id, one.variants[0], 10 + place), 10 + place)
            for place, one in enumerate(some)
        }
        return Trial(
            changes=[change for change, _ in targets.values()],
            refused=_stock(999_999, 999_999, 1),
            effect=lambda: {sku: self.shop.stock()[sku, 1] for sku in targets},
            wanted={sku: units for sku, (_, units) in targets.items()},
            path="adjustments/absolute",
            settings={"inventory": "push"},
        )

    def _shipments(self) -> Trial:
        orders = [self.yard.place(2) for _ in range(3)]
        return Trial(
            changes=[_shipped(order) for order in orders],
            refused=Change("ful-none", replace(wanted(orders[0], {0: 2}), order_id=ChannelId("999999"))),
            effect=lambda: [held(order) for order in orders],
            wanted=[[(f"1Z{order.id}", {0: 2})] for order in orders],
            path="/shipments$",
            settings={"push_fulfillments": True},
        )


def _stock(product: int, variant: int, units: int) -> Change[StockTarget]:
    ids = ChannelId(str(product)), ChannelId(str(variant))
    target = StockTarget(*ids, ChannelSku(f"sku-{variant}"), ((ChannelId("1"), units),))
    return Change(f"var-{variant}", target, ids[1])


def _shipped(order: Order) -> Change[Any]:
    return Change(f"ful-{order.id}", wanted(order, {0: 2}, tracking_number=f"1Z{order.id}"))


SUBJECT = BigCommerceSubject
