"""The two platforms' stock side by side, read from their own states, and where they differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crossdock.cli.demo.platforms import Platforms, Sale

Units = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Stocks:
    """Units for sale by SKU: all that the store has, and what the shop offers."""

    store: Units
    shop: Units

    def differences(self) -> list[str]:
        """The SKUs that the shop lists with another number than the store has."""
        return [
            f"{sku}: the store has {self.store.get(sku, 0)}, TikTok Shop offers {offered}"
            for sku, offered in sorted(self.shop.items())
            if self.store.get(sku, 0) != offered
        ]


def read(platforms: Platforms) -> Stocks:
    return Stocks(store_units(platforms.store.state()), shop_units(platforms.shop.state()))


def store_units(state: Mapping[str, Any]) -> Units:
    """On hand at all places together; stock kept by product stands under the product's SKU."""
    units: Counter[str] = Counter()
    for level in state["stock"]:
        units[level["sku"]] += level["onhand"]
    return units


def shop_units(state: Mapping[str, Any]) -> Units:
    """Available at all warehouses together."""
    return {
        sku["seller_sku"]: sum(level["available"] for level in sku["stock"].values())
        for product in state["products"]
        for sku in product["skus"]
    }


@dataclass(frozen=True, slots=True)
class SoldLine:
    """One SKU before and after the sales: every sale must lower both numbers once."""

    sku: str
    sold_on_store: int
    sold_on_shop: int
    before: int
    store_after: int
    shop_after: int

    @property
    def expected(self) -> int:
        return self.before - self.sold_on_store - self.sold_on_shop

    @property
    def is_right(self) -> bool:
        return self.store_after == self.shop_after == self.expected


def choose_sales(stocks: Stocks, skus: int = 4) -> tuple[list[Sale], list[Sale]]:
    """What is bought on the store and on the shop: one SKU on both, the others on one of them."""
    enough = [
        sku for sku, units in sorted(stocks.shop.items()) if units >= 10 and stocks.store.get(sku) == units
    ]
    chosen = enough[:: max(1, len(enough) // skus)][:skus]
    on_store = [Sale(sku, 2) for sku in chosen[: len(chosen) // 2 + 1]]
    on_shop = [Sale(sku, 3) for sku in chosen[len(chosen) // 2 :]]
    return on_store, on_shop


def sold_lines(
    before: Stocks, after: Stocks, *, on_store: Sequence[Sale], on_shop: Sequence[Sale]
) -> list[SoldLine]:
    store, shop = _by_sku(on_store), _by_sku(on_shop)
    return [
        SoldLine(sku, store[sku], shop[sku], before.shop[sku], after.store[sku], after.shop[sku])
        for sku in sorted(store | shop)
    ]


def _by_sku(sales: Iterable[Sale]) -> Counter[str]:
    units: Counter[str] = Counter()
    for sale in sales:
        units[sale.sku] += sale.quantity
    return units
