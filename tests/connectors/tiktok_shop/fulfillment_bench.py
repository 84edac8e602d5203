"""Orders of a simulated shop, and what the hub wants it to have on record of what left."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from connectors.tiktok_shop.shop_bench import MUG, TOTE
from connectors.tiktok_shop.tiktok_bench import SimulatedShop, simulated_shop
from crossdock.domain.channel import ChannelId, ChannelOrder
from crossdock.domain.fulfillment import WantedFulfillment, WantedUnits
from crossdock.domain.sync import Change, Outcome
from crossdock_simulators.tiktok_shop.seed import load_listings

UPS_ID, USPS_ID = "7117858858072016686", "7117858858072016687"
NUMBER, OTHER_NUMBER = "1Z999AA10123456784", "1Z999AA10123456785"
MARK = "/fulfillment/202610/orders"


@contextmanager
def market(region: str) -> Iterator[SimulatedShop]:
    with simulated_shop(region) as shop:
        load_listings(shop.simulator.shop, [MUG, TOTE])
        yield shop


def placed(shop: SimulatedShop, quantities: Mapping[str, int] | None = None, **asked: Any) -> ChannelOrder:
    """A released order of three mugs, unless asked otherwise, as the connector reads it."""
    lines = [
        {"seller_sku": sku, "quantity": each} for sku, each in (quantities or {"MUG": 3}).items() if each
    ]
    made = shop.do("/orders", **{"lines": lines, "on_hold": False, **asked})
    return read(shop, str(made["id"]))


def read(shop: SimulatedShop, order_id: str) -> ChannelOrder:
    pages = shop.connector(orders=True).pull_orders(None)
    return next(order for page in pages for order in page.records if order.channel_id == order_id)


def wanted(
    order: ChannelOrder, number: str = NUMBER, quantities: Mapping[str, int] | None = None, **more: Any
) -> WantedFulfillment:
    """All units of the order, or these by SKU, left under this number; by UPS unless said otherwise."""
    units = tuple(
        WantedUnits(
            quantity=line.quantity if quantities is None else quantities.get(line.channel_sku, 0),
            line_id=line.channel_id,
            variant_id=line.variant_id,
            channel_sku=line.channel_sku,
            unit_ids=line.unit_ids,
        )
        for line in order.lines
    )
    kept = tuple(each for each in units if each.quantity)
    return WantedFulfillment(order.channel_id, kept, **{"carrier": "UPS", "tracking_number": number} | more)


def push(
    shop: SimulatedShop,
    *fulfillments: WantedFulfillment,
    known: str = "",
    is_unclear: bool = False,
    **settings: Any,
) -> list[Outcome]:
    """What becomes of each; `known` are the parcels that stood for them at the last answer."""
    channel_id = ChannelId(known) if known else None
    changes = [
        Change(f"ful-{number}", each, channel_id, is_unclear=is_unclear)
        for number, each in enumerate(fulfillments)
    ]
    return list(shop.connector(push_fulfillments=True, **settings).push_fulfillments(changes))


def packages(shop: SimulatedShop) -> list[tuple[str, str, int]]:
    """Each package that left: its number, its carrier, how many units."""
    found = shop.simulator.shop.tables.packages.values()
    return [(p.tracking_number, p.provider_id, len(p.line_ids)) for p in found if p.shipped]
