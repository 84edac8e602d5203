"""Two orders of one buyer, combined on TikTok Shop: told once both have left under one number, and once only."""

from __future__ import annotations

from pathlib import Path

import pytest

from crossdock_simulators.tiktok_shop.seed import load_listings
from journeys.test_catalog import listing
from support.merchant import NUMBER, Merchant
from support.world import SHOP, World, world


def settled(made: World) -> str:
    """A shop in Mexico, where packages are made as orders are released; its one SKU."""
    sku = next(sku for sku, units in sorted(made.store_stock().items()) if units > 5)
    load_listings(made.shop.shop, [listing(sku)])
    made.connect(shop={"push_fulfillments": True})
    made.sync()
    return sku


def test_two_orders_in_one_package_leave_with_the_second_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with world(tmp_path, products=6, region="MX") as made:
        here = Merchant(made, monkeypatch, sku=settled(made))
        one, two = here.sell(1), here.sell(2)
        made.act(f"{made.shop_address}/_sim/orders/{one}/combine", {"order_id": two})

        here.add(one, tracking=NUMBER)
        here.sync()
        [case] = [each for each in made.open_cases() if each.kind == "fulfillment_refused"]
        assert f"holds goods of order {two} too" in case.cause
        assert [here.status_on_shop(each) for each in (one, two)] == ["AWAITING_SHIPMENT"] * 2

        here.add(two, tracking=NUMBER)
        here.sync()
        assert [here.on_shop(each) for each in (one, two)] == [[(NUMBER, 3)]] * 2
        assert [here.status_on_shop(each) for each in (one, two)] == ["AWAITING_COLLECTION"] * 2
        assert here.channels(one) == here.channels(two) == {SHOP: "told"}
        assert case.id not in {each.id for each in made.open_cases()}
        writes = made.writes()
        here.sync()
        assert made.writes() == writes
