"""A simulated store that products are pushed to, each request held against the platform's documents."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from connectors.bigcommerce import documents
from connectors.bigcommerce.scripted import DictMemory
from connectors.bigcommerce.simulated import Shop, open_shop
from connectors.samples import Request
from crossdock.connectors.http import Answer, Http
from crossdock.domain.catalog import Listable, ListableVariant, Product, ProductKind, Sku, Variant
from crossdock.domain.channel import ChannelId, ChannelSku, Image, Option, Prices, Weight, WeightUnit
from crossdock.domain.money import Money
from crossdock.domain.sync import Change, Confirmed, Outcome
from crossdock_simulators.bigcommerce import catalog
from crossdock_simulators.bigcommerce.pictures import drawn_name

CATALOG = "/v3/catalog"


def variant(
    sku: str, *options: tuple[str, str], price: str = "20", channel_sku: str = "", **more: Any
) -> ListableVariant:
    sale, msrp = more.pop("sale", None), more.pop("msrp", None)
    prices = Prices(
        current=Money.of(sale or price, "USD"),
        base=Money.of(price, "USD"),
        sale=Money.of(sale, "USD") if sale else None,
        msrp=Money.of(msrp, "USD") if msrp else None,
    )
    body = Variant(
        id=more.pop("id", f"hub-{sku}"),
        sku=Sku(sku),
        options=tuple(Option(name, value) for name, value in options),
        prices=more.pop("prices", prices),
        weight=more.pop("weight", Weight(Decimal(8), WeightUnit.OUNCE)),
        **more,
    )
    return ListableVariant(body, ChannelSku(channel_sku or sku))


def listable(*variants: ListableVariant, title: str = "Canvas tote", **more: Any) -> Listable:
    product = Product(
        id=more.pop("id", f"p-{variants[0].channel_sku}"),
        kind=ProductKind.PARENT if len(variants) > 1 else ProductKind.SIMPLE,
        title=title,
        variants=tuple(part.variant for part in variants),
        description=more.pop("description", "<p>Heavy cotton.</p>"),
        images=tuple(Image(url, at) for at, url in enumerate(more.pop("images", ()))),
        **more,
    )
    return Listable(product, variants)


def change(desired: Listable, channel_id: str | None = None) -> Change[Listable]:
    return Change(desired.product.id, desired, ChannelId(channel_id) if channel_id else None)


def linked(desired: Listable, outcome: Outcome) -> Change[Listable]:
    """The same product once the hub knows what it is in the store."""
    assert isinstance(outcome, Confirmed), outcome
    ids = dict(outcome.links)
    parts = tuple(replace(part, channel_id=ids.get(part.variant.id)) for part in desired.variants)
    return Change(desired.product.id, replace(desired, variants=parts), outcome.channel_id)


class RecordingHttp(Http):
    """Real calls, each kept."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[Request] = []

    def send(self, method: str, url: str, **parts: Any) -> Answer:
        content = parts.get("content")
        headers = {name.lower(): text for name, text in parts["headers"].items()}
        place = re.sub(r"^.*/stores/[^/]+", "", url)
        body = json.loads(content) if content else None
        self.sent.append(Request(method, place, dict(parts.get("params") or {}), headers, body))
        return super().send(method, url, **parts)


@dataclass
class Bench:
    shop: Shop
    memory: DictMemory = field(default_factory=DictMemory)
    http: RecordingHttp = field(default_factory=RecordingHttp)

    @property
    def store(self) -> Any:
        return self.shop.simulator.store

    def hub(self, **settings: Any) -> Any:
        return self.shop.hub(memory=self.memory, http=self.http, products="push", **settings)

    def push(self, *changes: Change[Listable], **settings: Any) -> list[Outcome]:
        return list(self.hub(**settings).push_products(changes))

    def create(self, desired: Listable, **settings: Any) -> Change[Listable]:
        """A product that the hub created and knows, with nothing recorded so far."""
        (outcome,) = self.push(change(desired), **settings)
        known = linked(desired, outcome)
        self.http.sent.clear()
        return known

    def writes(self) -> list[tuple[str, str]]:
        return [
            (request.method, re.sub(r"\d+", "N", request.path.removeprefix(CATALOG)))
            for request in self.http.sent
            if request.method != "GET"
        ]

    def bodies(self, method: str, pattern: str) -> list[Any]:
        found = (r for r in self.http.sent if r.method == method)
        return [
            request.body for request in found if re.fullmatch(pattern, request.path.removeprefix(CATALOG))
        ]

    def product(self, sku: str) -> Any:
        """The store's record that has this SKU, on itself or on a variant."""
        for record in self.store.products.values():
            if sku in self.skus(record):
                return record
        raise AssertionError(f"the store has no {sku}")

    def skus(self, record: Any) -> list[str]:
        variants = [self.store.variants[number] for number in record.variants]
        return [one.sku if one.choices else record.sku for one in variants]

    def variant(self, sku: str) -> Any:
        return next(one for one in self.store.variants.values() if one.choices and one.sku == sku)

    def holding(self, sku: str) -> int:
        return sum(sku in self.skus(record) for record in self.store.products.values())

    def merchant_adds(self, body: dict[str, Any]) -> Any:
        """Past the connector, as the control panel would."""
        fields = {"type": "physical", "weight": 8, "price": 20, "is_visible": True}
        with self.shop.simulator.lock:
            return catalog.create_product(self.store, fields | body)

    def picture(self, number: int) -> str:
        return f"{self.shop.address}/images/{drawn_name(number, width=40, height=40)}"


def problems(requests: Sequence[Request]) -> set[str]:
    return {f"{request}: {found}" for request in requests for found in documents.problems_of(request)}


@contextmanager
def bench() -> Iterator[Bench]:
    with open_shop(3) as shop:
        yield Bench(shop)
