"""Products pushed to the simulated platform, over real HTTP: reviewed, edited, refused."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.tiktok_shop.shop_bench import MUG, listings, orders, place, target
from connectors.tiktok_shop.tiktok_bench import SimulatedShop, listable, simulated_shop, variant
from crossdock.connectors.errors import (
    UnavailableError,
)
from crossdock.domain.channel import (
    ListingState,
)
from crossdock.domain.sync import Change, Confirmed, Entity, Postponed, Rejected, Unclear
from crossdock_simulators.kit import Fault
from crossdock_simulators.tiktok_shop.app import SALES_ID
from crossdock_simulators.tiktok_shop.seed import load_listings


def test_a_pushed_product_is_reviewed_goes_live_and_is_edited(shop: SimulatedShop) -> None:
    connector = shop.connector(products="push")
    red, blue = variant("BAG-R", ("Color", "Red")), variant("BAG-B", ("Color", "Green"), quantity=9)
    images = (f"{shop.images}/front-800x800.jpg", f"{shop.images}/small-150x150.gif")
    bag = listable(red, blue, title="Waxed shopper bag", images=images)

    (made,) = connector.push_products([Change("p1", bag, fingerprint="1")])
    in_review = listings(connector)["Waxed shopper bag"]
    shop.simulator.clock.advance(timedelta(minutes=5))
    shop.simulator.settle()
    live = listings(connector)["Waxed shopper bag"]

    assert isinstance(made, Confirmed)
    assert dict(made.links) == {f"hub-{v.channel_sku}": v.channel_id for v in live.variants}
    assert (in_review.state, live.state) == (ListingState.IN_REVIEW, ListingState.LIVE)
    assert shop.stock(dict(made.links)["hub-BAG-B"]) == {SALES_ID: 9}

    ids = dict(made.links)
    cheaper = variant("BAG-R", ("Color", "Red"), price="17.00", channel_id=ids["hub-BAG-R"])
    same = variant("BAG-B", ("Color", "Green"), channel_id=ids["hub-BAG-B"])
    added = variant("BAG-S", ("Color", "Sand"), quantity=2)
    edited = listable(cheaper, same, added, title="Waxed shopper bag, large", images=images)

    (edit,) = connector.push_products([Change("p1", edited, made.channel_id, fingerprint="2")])
    shop.simulator.clock.advance(timedelta(minutes=5))
    shop.simulator.settle()
    after = listings(connector)["Waxed shopper bag, large"]

    assert isinstance(edit, Confirmed)
    assert {str(v.channel_sku): str(v.prices.current) for v in after.variants if v.prices} == {
        "BAG-R": "17.00 USD",
        "BAG-B": "20.00 USD",
        "BAG-S": "20.00 USD",
    }
    assert shop.stock(ids["hub-BAG-B"]) == {SALES_ID: 9}


def test_a_price_alone_is_changed_without_a_review(shop: SimulatedShop) -> None:
    connector = shop.connector(products="push")
    images = (f"{shop.images}/front-800x800.jpg",)
    bag = listable(variant("BAG"), title="Waxed shopper bag", images=images)
    (made,) = connector.push_products([Change("p1", bag, fingerprint="1")])
    assert isinstance(made, Confirmed)
    shop.simulator.clock.advance(timedelta(minutes=5))
    shop.simulator.settle()
    since = shop.simulator.journal.last_number

    sku_id = made.links[0][1]
    dearer = listable(
        variant("BAG", price="21.00", channel_id=sku_id), title="Waxed shopper bag", images=images
    )
    list(connector.push_products([Change("p1", dearer, made.channel_id, fingerprint="2")]))

    product = listings(connector)["Waxed shopper bag"]
    assert product.state is ListingState.LIVE
    assert str(product.variants[0].prices.current if product.variants[0].prices else "") == "21.00 USD"
    assert not shop.calls("partial_edit", since=since)


def test_a_refused_review_brings_its_reasons_back(shop: SimulatedShop) -> None:
    connector = shop.connector(products="push")
    bag = listable(variant("BAG"), title="A forbidden bag", images=(f"{shop.images}/front-800x800.jpg",))

    list(connector.push_products([Change("p1", bag, fingerprint="1")]))
    shop.simulator.clock.advance(timedelta(minutes=5))
    shop.simulator.settle()

    refused = listings(connector)["A forbidden bag"]
    assert refused.state is ListingState.REFUSED
    assert refused.state_reasons


def test_a_create_whose_answer_was_lost_makes_no_second_product(shop: SimulatedShop) -> None:
    connector = shop.connector(products="push")
    bag = listable(variant("BAG"), title="Waxed shopper bag", images=(f"{shop.images}/front-800x800.jpg",))
    shop.simulator.faults.add(Fault("reset_after", "POST", r"/product/202309/products$"))

    outcomes = connector.push_products([Change("p1", bag, fingerprint="1")])
    assert isinstance(next(outcomes), Unclear)
    with pytest.raises(UnavailableError):
        next(outcomes)
    (linked,) = connector.push_products([Change("p1", bag, fingerprint="1", is_unclear=True)])

    found = [p for p in listings(connector).values() if p.variants[0].channel_sku == "BAG"]
    assert isinstance(linked, Confirmed)
    assert [p.channel_id for p in found] == [linked.channel_id]
    assert not linked.is_new


def test_the_daily_limit_of_new_products_pauses_the_rest(shop: SimulatedShop) -> None:
    shop.do("/switches", daily_listing_quota=1)
    connector = shop.connector(products="push")
    images = (f"{shop.images}/front-800x800.jpg",)
    bags = [
        Change(
            f"p{n}",
            listable(variant(f"BAG-{n}"), title=f"Shopper bag {n}", images=images, product_id=f"p{n}"),
        )
        for n in range(3)
    ]

    made, *waiting = connector.push_products(bags)

    assert isinstance(made, Confirmed)
    assert all(isinstance(each, Postponed) and "daily limit" in each.reason for each in waiting)
    assert shop.calls().count("POST /product/202309/products") == 2


@pytest.mark.parametrize("region", ["GB"])
def test_a_uk_shop_takes_products_in_pounds_and_kilograms(region: str) -> None:
    with simulated_shop(region) as shop:
        bag = listable(
            variant("BAG", currency="GBP"), title="Shopper bag", images=(f"{shop.images}/a-800x800.jpg",)
        )

        (made,) = shop.connector(products="push").push_products([Change("p1", bag, fingerprint="1")])

        assert isinstance(made, Confirmed)


def test_a_german_shop_syncs_orders_and_stock_and_takes_no_products() -> None:
    with simulated_shop("DE") as shop:
        load_listings(
            shop.simulator.shop, [{**MUG, "skus": [{"seller_sku": "MUG-001", "price": "9", "quantity": 5}]}]
        )
        connector = shop.connector(products="push")
        place(shop, "MUG-001")
        mug = listings(connector)["Stoneware mug"]
        (stock,) = connector.push_inventory([target(mug, "MUG-001", **{f"w{SALES_ID}": 3})])
        (order,) = orders(connector)
        since = shop.simulator.journal.last_number

        (outcome,) = connector.push_products([Change("p1", listable(variant("X"), images=("u",)))])

        assert isinstance(stock, Confirmed)
        assert (order.currency, "total_differs" in order.tags) == ("EUR", False)
        assert isinstance(outcome, Rejected)
        assert "DE" in outcome.reason
        assert shop.calls(since=since) == []
        assert connector.refusal("push", Entity.PRODUCTS) is not None
