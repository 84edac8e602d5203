"""A small merchant: two products of the store, their listings in the shop, stock, and orders of both."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from api.bench import NOW, SHOP, STORE, Bench
from crossdock.domain.channel import (
    Address,
    ChannelId,
    ChannelLocation,
    ChannelOrder,
    ChannelOrderLine,
    ChannelProduct,
    ChannelSku,
    ChannelStock,
    ChannelVariant,
    ListingState,
    Option,
    OrderTotals,
    Prices,
)
from crossdock.domain.money import Money
from crossdock.domain.order import OrderStatus
from crossdock.operations.catalog import listings, products
from crossdock.operations.orders import orders
from crossdock.operations.stock import inventory, locations

BUYER = Address(
    name="Jane Roe",
    lines=("1 Elm Street",),
    city="Austin",
    state="Texas",
    postal_code="78701",
    country_code="US",
    phone="5550100",
)


RULE: dict[str, Any] = {
    "name": "Tell of mugs",
    "trigger": "order_new",
    "filters": {"skus": ["MUG-RED"], "channels": [SHOP]},
    "actions": [
        {"tag": {"add": ["mug"]}},
        {"notify": {"emails": ["desk@example.com"], "title": "{order}"}},
    ],
}


def usd(amount: str) -> Money:
    return Money.of(amount, "USD")


def variant(channel_id: str, sku: str, *options: Option, price: str = "24.90") -> ChannelVariant:
    return ChannelVariant(
        ChannelId(channel_id),
        ChannelSku(sku),
        options=options,
        prices=Prices(usd(price)),
        gtin="0012345678905",
    )


def product(channel_id: str, title: str, *variants: ChannelVariant, **more: Any) -> ChannelProduct:
    return ChannelProduct(ChannelId(channel_id), title, variants, **more)


TEAPOT = product("p1", "Teapot", variant("v1", "TEA-1"), brand="Brewers")
MUG = product(
    "p2",
    "Mug",
    variant("v2", "MUG-RED", Option("Color", "Red")),
    variant("v3", "MUG-BLUE", Option("Color", "Blue")),
)


def line(channel_id: str, sku: str, quantity: int, *, discount: str = "0") -> ChannelOrderLine:
    return ChannelOrderLine(
        channel_id=ChannelId(channel_id),
        channel_sku=ChannelSku(sku),
        name=f"Item {sku}",
        quantity=quantity,
        unit_price=usd("10.00"),
        seller_discount=usd(discount),
        platform_discount=usd("0"),
        tax=usd("0"),
    )


def order(channel_id: str, *lines: ChannelOrderLine, **more: Any) -> ChannelOrder:
    subtotal = sum(
        ((each.unit_price * each.quantity - each.seller_discount).amount for each in lines), Decimal(0)
    )
    zero, total = usd("0"), Money(subtotal, "USD")
    totals = OrderTotals(total, zero, zero, zero, zero, zero, zero, zero, total)
    values: dict[str, Any] = {
        "number": f"N{channel_id}",
        "status": OrderStatus.READY_FOR_FULFILLMENT,
        "channel_status": "AWAITING_SHIPMENT",
        "placed_at": NOW,
        "modified_at": NOW,
        "currency": "USD",
        "totals": totals,
        "shipping_address": BUYER,
    }
    return ChannelOrder(channel_id=ChannelId(channel_id), lines=lines, **(values | more))


SPEC: dict[str, Any] = {
    "sources_of_truth": {"catalog": STORE, "inventory": STORE},
    "integrations": {
        STORE: {
            "connector": "bigcommerce",
            "credentials": {"api_path": "https://api.example.com/v3", "access_token": "good-token"},
            "settings": {"products": True, "inventory": True, "orders": True},
        },
        SHOP: {
            "connector": "tiktok_shop",
            "credentials": {"app_secret": "webhook-secret-of-the-shop"},
            "settings": {"products": True, "inventory": True, "orders": True, "inventory_buffer": 1},
        },
    },
}


def set_up(bench: Bench) -> None:
    """Both accounts saved, the store connected."""
    bench.send("POST", "/apply", SPEC)
    bench.send("POST", f"/integrations/{STORE}/connect")


def read_catalog(bench: Bench) -> None:
    with bench.database.transaction() as tx:
        task = bench.task(tx, STORE)
        products.ingest(tx, task, [TEAPOT, MUG], read_began_at=NOW)
        locations.ingest(
            tx,
            task,
            [
                ChannelLocation(ChannelId("1"), "Main warehouse", "MAIN", is_default=True),
                ChannelLocation(ChannelId("2"), "Outlet", "OUT"),
            ],
            read_began_at=NOW,
        )
        stocks = [stock("v1", "TEA-1", "1", 12), stock("v1", "TEA-1", "2", 3), stock("v2", "MUG-RED", "1", 5)]
        inventory.ingest(tx, task, stocks, read_began_at=NOW)


def stock(variant_id: str, sku: str, location: str, units: int) -> ChannelStock:
    return ChannelStock(ChannelId(variant_id), ChannelSku(sku), ChannelId(location), units, units)


def read_shop(bench: Bench) -> None:
    """The shop has one warehouse and lists the teapot."""
    with bench.database.transaction() as tx:
        task = bench.task(tx, SHOP)
        place = ChannelLocation(ChannelId("w1"), "Shop warehouse", is_default=True)
        locations.ingest(tx, task, [place], read_began_at=NOW)
        listed = product("t1", "Teapot", variant("s1", "TEA-1"), state=ListingState.LIVE)
        listings.ingest(tx, task, [listed], read_began_at=NOW)


def sell(bench: Bench, *sold: ChannelOrder, integration: str = SHOP) -> list[str]:
    with bench.database.transaction() as tx:
        return orders.ingest(tx, bench.task(tx, integration), sold)


def some_orders() -> list[ChannelOrder]:
    """Newest last; the third has a SKU that nobody knows."""
    return [
        order("1", line("l1", "TEA-1", 2)),
        order("2", line("l2", "MUG-RED", 1), placed_at=NOW + timedelta(minutes=1)),
        order("3", line("l3", "NOBODY", 1), line("l4", "TEA-1", 1), placed_at=NOW + timedelta(minutes=2)),
    ]


def notify(bench: Bench) -> str:
    """An order is sold that RULE tells of; answers the id of the notification."""
    sell(bench, order("mug", line("l1", "MUG-RED", 1)))
    return str(bench.get("/notifications")["items"][0]["id"])
