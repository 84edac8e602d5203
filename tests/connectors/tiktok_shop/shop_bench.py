"""What the simulated shop of these tests sells, and how its records are read."""

from __future__ import annotations

from typing import Any

from connectors.tiktok_shop.tiktok_bench import SimulatedShop
from crossdock.connectors.tiktok_shop.connector import TikTokShop
from crossdock.domain.channel import (
    ChannelId,
    ChannelOrder,
    ChannelProduct,
    ChannelSku,
    StockTarget,
)
from crossdock.domain.sync import Change, Cursor

MUG = {"title": "Stoneware mug", "skus": [{"seller_sku": "MUG", "price": "12.50", "quantity": 40}]}
TOTE = {
    "title": "Canvas tote bag",
    "skus": [
        {"seller_sku": "TOTE-RED", "price": "20", "quantity": 7, "sales_attributes": {"Color": "Red"}},
        {"seller_sku": "TOTE-SAND", "price": "20", "quantity": 3, "sales_attributes": {"Color": "Sand"}},
    ],
}


def orders(connector: TikTokShop, since: Cursor | None = None) -> list[ChannelOrder]:
    return [order for page in connector.pull_orders(since) for order in page.records]


def listings(connector: TikTokShop, since: Cursor | None = None) -> dict[str, ChannelProduct]:
    found = [p for page in connector.pull_listings(since) for p in page.records]
    return {product.title: product for product in found}


def place(shop: SimulatedShop, sku: str = "MUG", quantity: int = 1, **asked: Any) -> str:
    lines = [{"seller_sku": sku, "quantity": quantity}]
    return str(shop.do("/orders", **{"lines": lines, "on_hold": False, **asked})["id"])


def target(product: ChannelProduct, sku: str, **quantities: int) -> Change[StockTarget]:
    (found,) = [v for v in product.variants if v.channel_sku == sku]
    places = tuple((ChannelId(place.removeprefix("w")), units) for place, units in quantities.items())
    return Change(f"k-{sku}", StockTarget(product.channel_id, found.channel_id, ChannelSku(sku), places))
