"""What a store shows of what was pushed to it: read in few calls, and compared by the rules by which it is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from math import ceil
from typing import Any

import pytest

from connectors.bigcommerce.simulated import Shop, open_shop
from crossdock.connectors.bigcommerce.mapping.drift import differences
from crossdock.connectors.bigcommerce.mapping.listing import Style
from crossdock.connectors.bigcommerce.mapping.product import StoreUnits
from crossdock.domain.catalog import Listable, ListableVariant, Product, ProductKind, Sku, Variant
from crossdock.domain.channel import ChannelId, ChannelProduct, ChannelSku, ChannelVariant, Prices
from crossdock.domain.money import Money
from crossdock.domain.sync import Cursor, Page

STYLE = Style(StoreUnits("USD", None, None), {"price": "base", "msrp": "msrp", "sale_price": "sale"})


def usd(amount: str) -> Money:
    return Money.of(amount, "USD")


def wanted(title: str = "Teapot", **prices: str) -> Listable:
    base = usd(prices.get("base", "20"))
    more = {name: usd(amount) for name, amount in prices.items() if name != "base"}
    variant = Variant("var_1", Sku("TEA"), prices=Prices(more.get("sale", base), base, **more))
    product = Product("prod_1", ProductKind.SIMPLE, title, (variant,))
    return Listable(product, (ListableVariant(variant, ChannelSku("TEA"), ChannelId("7")),))


def shown(title: str = "Teapot", sku: str = "TEA", **prices: str) -> ChannelProduct:
    base = usd(prices.get("base", "20"))
    more = {name: usd(amount) for name, amount in prices.items() if name != "base"}
    variant = ChannelVariant(ChannelId("7"), ChannelSku(sku), prices=Prices(base, base, **more))
    return ChannelProduct(ChannelId("3"), title, (variant,))


def found(listable: Listable, product: ChannelProduct, style: Style = STYLE) -> list[tuple[str, str, str]]:
    return [(one.field, one.expected, one.shown) for one in differences(listable, product, style)]


@pytest.mark.parametrize(
    ("listable", "product", "expected"),
    [
        (wanted(), shown(), []),
        (wanted(), shown("Teapot (TEA)"), []),
        (wanted(), shown("Kettle"), [("title", "Teapot", "Kettle")]),
        (wanted(base="20.00"), shown(base="20"), []),
        (wanted(), shown(base="19.99"), [("price", "20.00 USD", "19.99 USD")]),
        (wanted(), shown(sale="15"), [("sale price", "none", "15.00 USD")]),
        (wanted(), shown(sale="20"), []),
        (wanted(sale="15"), shown(), [("sale price", "15.00 USD", "none")]),
        (wanted(), shown(msrp="30"), []),
        (wanted(msrp="30"), shown(msrp="31"), [("msrp", "30.00 USD", "31.00 USD")]),
        (wanted(), shown(sku="tea"), [("sku", "TEA", "tea")]),
    ],
)
def test_only_what_the_hub_sets_is_compared(
    listable: Listable, product: ChannelProduct, expected: list[tuple[str, str, str]]
) -> None:
    assert found(listable, product) == expected


def test_a_price_that_the_settings_leave_alone_cannot_drift() -> None:
    keeps_prices = replace(STYLE, price_map={})

    assert found(wanted(), shown(base="1", sale="0.5"), keeps_prices) == []


def test_a_hidden_product_is_shown_and_left_so_and_a_missing_variant_is_gone() -> None:
    [hidden] = differences(wanted(), replace(shown(), is_visible=False), STYLE)
    [gone] = differences(wanted(), replace(shown(), variants=()), STYLE)

    assert (hidden.expected, hidden.shown) == ("listed", "not listed")
    assert "BigCommerce" in hidden.left_because
    assert (gone.field, gone.shown, gone.sku, gone.left_because) == ("listed", "", "TEA", "")


@pytest.fixture(scope="module")
def big() -> Iterator[Shop]:
    with open_shop(420) as opened:
        yield opened


def every(read: Callable[[Cursor | None], Iterator[Page[Any]]]) -> list[Any]:
    """All records, each page asked for anew from the cursor of the one before, as separate runs do."""
    records: list[Any] = []
    cursor: Cursor | None = None
    while True:
        page = next(read(cursor))
        records += page.records
        cursor = page.cursor
        if page.completes_sweep:
            return records


def test_a_thousand_numbers_are_one_call_and_a_round_meets_each_once(big: Shop) -> None:
    hub = big.hub(inventory="push")
    items = len(big.simulator.store.items())
    every(hub.shown_stock)
    since = big.simulator.journal.last_number

    stock = every(hub.shown_stock)

    assert items > 1000
    assert len({one.variant_id for one in stock}) == len(stock) == items
    assert len(big.simulator.journal.entries(since)) == ceil(items / 1000)


def test_250_products_are_one_call_without_descriptions(big: Shop) -> None:
    hub = big.hub(products="push")
    since = big.simulator.journal.last_number

    products = every(hub.shown_products)

    entries = big.simulator.journal.entries(since)
    assert len(products) == len(big.simulator.store.products)
    assert len(entries) == ceil(len(products) / 250) + 1  # only an empty page tells that it was the last
    assert all("description" not in entry.query and "images" not in entry.query for entry in entries)
    some = next(iter(big.simulator.store.products.values()))
    match = next(one for one in products if one.channel_id == str(some.id))
    assert match.title == some.name
    assert all(one.prices and one.prices.base.amount >= Decimal(0) for one in match.variants)
