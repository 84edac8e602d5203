"""TikTok Shop under the contract suite, against its simulator."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar

import pytest

from connectors.contract.subject import Pull, Spoil, Subject, Trial
from connectors.tiktok_shop.fulfillment_bench import packages, placed, wanted
from connectors.tiktok_shop.shop_bench import listings
from connectors.tiktok_shop.tiktok_bench import Bench, SimulatedShop, simulated_shop
from crossdock.connectors.contract import Connector
from crossdock.connectors.http import Http
from crossdock.connectors.tiktok_shop.connector import TikTokShop
from crossdock.domain.channel import ChannelId, ChannelOrder, ChannelSku, StockTarget
from crossdock.domain.sync import Change
from crossdock_simulators.kit import Fault
from crossdock_simulators.tiktok_shop.seed import load_listings

GOODS = [
    {"title": f"Stoneware mug {n}", "skus": [{"seller_sku": f"MUG-{n}", "price": "12.50", "quantity": 40}]}
    for n in range(5)
]
SKUS = tuple(f"MUG-{n}" for n in range(5))
# A page of returns and of cancellations has at least ten.
RETURNED = (*SKUS, *SKUS, SKUS[0])
FOUND = Spoil("/products/search$", "data.products", "id")


class TikTokShopSubject(Subject):
    kind = TikTokShop
    wrong_field = "App secret"
    pulls: ClassVar = {
        "pull_products": Pull(FOUND, {"products": "pull"}),
        "pull_listings": Pull(FOUND, {"products": "push"}),
        "pull_locations": Pull(
            Spoil("/warehouses$", "data.warehouses", "id"), {"locations": True}, turns_pages=False
        ),
        "pull_orders": Pull(Spoil("/orders/search$", "data.orders", "line_items"), {"orders": True}),
        "pull_cancellations": Pull(
            Spoil("/cancellations/search$", "data.cancellations", "cancel_id"), {"orders": True}
        ),
        "pull_returns": Pull(
            Spoil("/returns/search$", "data.return_orders", "return_id"), {"orders": True, "returns": True}
        ),
        "pull_statements": Pull(
            Spoil("/statements$", "data.statements", "id"), {"orders": True, "statements": True}
        ),
    }

    def __init__(self, shop: SimulatedShop) -> None:
        self.shop = shop
        self.https: list[Http] = []

    @classmethod
    @contextmanager
    def open(cls) -> Iterator[Subject]:
        with simulated_shop() as shop:
            load_listings(shop.simulator.shop, GOODS)
            made = cls(shop)
            yield made
            for http in made.https:
                http.close()

    def fill(self, pull: str) -> None:
        if pull in ("pull_products", "pull_listings", "pull_locations"):
            return
        orders = [
            self.place(sku) for sku in (RETURNED if pull in ("pull_returns", "pull_cancellations") else SKUS)
        ]
        if pull == "pull_cancellations":
            for order in orders:
                self.shop.do(f"/orders/{order.channel_id}/cancel", by="buyer")
        if pull == "pull_returns":
            for order in orders:
                self.shop.do(f"/orders/{order.channel_id}/ship")
                for step in ("IN_TRANSIT", "DELIVERED"):
                    self.shop.do(f"/orders/{order.channel_id}/advance", to=step)
                self.shop.do(f"/orders/{order.channel_id}/return")
        if pull == "pull_statements":
            for order in orders:
                self.shop.do("/statements", order_ids=[order.channel_id])

    def place(self, sku: str) -> ChannelOrder:
        return placed(self.shop, {sku: 2})

    def connector(self, *, http: Http | None = None, wrong: bool = False, **settings: Any) -> Connector:
        self.https.append(http or Http())
        bench, given = self.shop.bench, dict(self.shop.bench.credentials)
        if wrong:
            given["app_secret"] = "wrong"
        return Bench(self.https[-1], given, bench.facts, bench.clock, bench.vault, bench.memory).connector(
            **settings
        )

    def secrets(self) -> Sequence[str]:
        tokens = self.shop.bench.vault.tokens()
        return [
            self.shop.simulator.credentials["app_secret"],
            tokens["access_token"],
            tokens["refresh_token"],
        ]

    def fails(self, kind: str, path: str, **more: Any) -> None:
        self.shop.simulator.faults.add(Fault(kind, path=path, **more))  # type: ignore[arg-type]

    def small_pages(self, patch: pytest.MonkeyPatch) -> None:
        for name in ("client.ORDERS_A_PAGE", "client.PRODUCTS_A_PAGE"):
            patch.setattr(f"crossdock.connectors.tiktok_shop.{name}", 2)
        patch.setattr("crossdock.connectors.tiktok_shop.client_aftersales.STATEMENTS_A_PAGE", 2)
        patch.setattr("crossdock.connectors.tiktok_shop.client_aftersales.CASES_A_PAGE", 10)

    def trials(self) -> Mapping[str, Trial]:
        return {"push_inventory": self._numbers(), "push_fulfillments": self._packages()}

    def _numbers(self) -> Trial:
        found = listings(self.shop.bench.connector(products="push"))
        variants = {
            one.variants[0].channel_sku: (one.channel_id, one.variants[0].channel_id)
            for one in found.values()
        }
        some = {sku: (variants[ChannelSku(sku)], 10 + place) for place, sku in enumerate(SKUS[:3])}
        (place,) = self.shop.stock(next(iter(some.values()))[0][1])
        return Trial(
            changes=[_stock(*ids, place, units) for ids, units in some.values()],
            refused=_stock(ChannelId("1729000000000000099"), ChannelId("1729000000000000098"), place, 1),
            effect=lambda: {sku: sum(self.shop.stock(ids[1]).values()) for sku, (ids, _) in some.items()},
            wanted={sku: units for sku, (_, units) in some.items()},
            path="/inventory/update",
            settings={"inventory": True},
        )

    def _packages(self) -> Trial:
        orders = [self.place(sku) for sku in SKUS[:3]]
        numbers = [f"1Z999AA1012345678{place}" for place in range(3)]
        changes = [
            Change(f"ful-{place}", wanted(order, number))
            for place, (order, number) in enumerate(zip(orders, numbers, strict=True))
        ]
        by_pigeon = wanted(self.place(SKUS[3]), numbers[0], carrier="Pigeon post")
        return Trial(
            changes=changes,
            refused=Change("ful-pigeon", by_pigeon),
            effect=lambda: sorted((number, units) for number, _, units in packages(self.shop)),
            wanted=[(number, 2) for number in numbers],
            path="/fulfillment/.*/packages$",
            settings={"push_fulfillments": True},
        )


def _stock(product: ChannelId, variant: ChannelId, place: str, units: int) -> Change[StockTarget]:
    target = StockTarget(product, variant, ChannelSku(f"sku-{variant}"), ((ChannelId(place), units),))
    return Change(f"var-{variant}", target, variant)


SUBJECT = TikTokShopSubject
