"""A Channel SKU saved through the API or the command line is what BigCommerce's orders and stock go by from then on."""

from __future__ import annotations

from typing import Any

import pytest

from crossdock.operations.task import HUB
from support.asking import Asking
from support.catalogs import COMPLETE, OFF, PULL, fill_shop, sold, sync_fully
from support.world import SHOP, STORE, World

OWN, THEIRS = "MUG", "OLD mug/7"
MAIN = "Main warehouse"
WAYS = pytest.mark.parametrize("way", ["api", "command"])


class Merchant:
    """A mug of TikTok Shop's catalog, which BigCommerce has under a SKU of its own."""

    def __init__(self, made: World, monkeypatch: pytest.MonkeyPatch, **settings: Any) -> None:
        self.made = made
        fill_shop(made, [sold("Stoneware mug", OWN)])
        made.create_in_store(name="Mug of old", sku=THEIRS, price="19.50", stock=9)
        made.connect(shop=COMPLETE | PULL, **settings)
        sync_fully(made)
        self.ask = Asking(made, monkeypatch)

    def save(self, way: str, channel_sku: str) -> None:
        """As a person does in Channel Options."""
        if way == "api":
            form = {"sku": OWN, "integration": STORE, "channel_sku": channel_sku}
            self.ask.send("PUT", "/channel-options", form)
        else:
            self.ask.told("products", "options", OWN, "--channel", STORE, "--channel-sku", channel_sku)

    def master_skus(self, way: str, order: Any) -> list[str]:
        """What the lines of an order are resolved to."""
        number = str(order["id"])
        shown = self.ask.get(f"/orders/{number}") if way == "api" else self.ask.told("orders", number)
        return [line["master_sku"] for line in shown["lines"]]

    def on_hand(self, way: str) -> int:
        if way == "api":
            [shown] = self.ask.get("/inventory", search=OWN)["items"]
        else:
            [shown] = self.ask.told("inventory", "--search", OWN)["items"]
        return int(shown["on_hand"])

    def listings(self, way: str) -> dict[str, str]:
        """The SKU under which each channel lists the mug; TikTok Shop's row has no such column."""
        shown = (
            self.ask.get(f"/channel-options/{OWN}")
            if way == "api"
            else self.ask.told("products", "options", OWN)
        )
        return {row["integration"]: row.get("listing_sku", "") for row in shown["rows"]}


@WAYS
def test_s44_after_saving_the_stores_orders_and_stock_are_those_of_the_product(
    small_world: World, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    truth = {"catalog": SHOP, "inventory": STORE}
    merchant = Merchant(small_world, monkeypatch, sources_of_truth=truth, store=OFF)
    made = small_world
    waiting = made.sell_in_store(THEIRS, 2)
    made.sync()
    assert merchant.master_skus(way, waiting) == [""]
    assert [case.kind for case in made.open_cases("line_unmatched")] == ["line_unmatched"]

    merchant.save(way, THEIRS)

    assert merchant.master_skus(way, waiting) == [OWN], "at once"
    assert made.open_cases("line_unmatched") == []
    later = made.sell_in_store(THEIRS, 1)
    made.sync()
    assert merchant.master_skus(way, later) == [OWN]
    assert merchant.listings(way) == {STORE: THEIRS, SHOP: ""}
    # Inventory in: the store's number is the product's. On to TikTok Shop, which offers it.
    assert (merchant.on_hand(way), made.shop_stock()[OWN]) == (6, 6)
    # A sale on TikTok Shop lowers the store's item of the other name.
    made.sell(OWN, 2)
    for _ in range(2):
        made.sync()
    assert (made.store_stock()[THEIRS], made.shop_stock()[OWN]) == (4, 4)


@WAYS
def test_s44_after_saving_the_hubs_stock_is_pushed_to_the_stores_sku(
    small_world: World, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    merchant = Merchant(
        small_world,
        monkeypatch,
        sources_of_truth={"catalog": SHOP, "inventory": HUB},
        locations=[{"location": MAIN, "integration": HUB, "default": True}],
        store=OFF | {"inventory": "push"},
    )
    made, ask = small_world, merchant.ask
    ask.told("inventory", "set", OWN, "--location", MAIN, "--on-hand", "5")
    made.sync()
    assert (made.store_stock()[THEIRS], made.shop_stock()[OWN]) == (9, 5), "not known by that name yet"

    merchant.save(way, THEIRS)
    made.sync()
    assert (made.store_stock()[THEIRS], made.shop_stock()[OWN]) == (5, 5)

    made.sell_in_store(THEIRS, 1)
    for _ in range(2):
        made.sync()
    assert (made.store_stock()[THEIRS], made.shop_stock()[OWN]) == (4, 4)


@WAYS
def test_s44_a_channel_sku_taken_back_means_nothing_any_more(
    small_world: World, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    truth = {"catalog": SHOP, "inventory": STORE}
    merchant = Merchant(small_world, monkeypatch, sources_of_truth=truth, store=OFF)
    merchant.save(way, THEIRS)
    small_world.sync()
    assert small_world.shop_stock()[OWN] == 9

    merchant.save(way, "")
    placed = small_world.sell_in_store(THEIRS, 1)
    small_world.sync()

    assert merchant.master_skus(way, placed) == [""]
    assert merchant.listings(way)[STORE] == ""
