"""The connector against the simulated platform, over real HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from connectors.tiktok_shop.tiktok_bench import SimulatedShop, listable, simulated_shop, variant
from crossdock.connectors.errors import (
    AccessMissingError,
    CredentialsError,
    RateLimitedError,
    UnavailableError,
)
from crossdock.connectors.tiktok_shop.connector import TikTokShop
from crossdock.connectors.tiktok_shop.credentials import TikTokShopCredentials
from crossdock.domain.channel import (
    ChannelId,
    ChannelOrder,
    ChannelProduct,
    ChannelSku,
    ListingState,
    LocationKind,
    StockTarget,
)
from crossdock.domain.elsewhere import OrderReference
from crossdock.domain.order import FulfilledBy, OrderStatus
from crossdock.domain.sync import Change, Confirmed, Cursor, Entity, Postponed, Rejected, Unclear
from crossdock_simulators.kit import Clock, Fault, Served
from crossdock_simulators.tiktok_shop.app import FBT_ID, SALES_ID, SECOND_ID
from crossdock_simulators.tiktok_shop.seed import load_listings

MUG = {"title": "Stoneware mug", "skus": [{"seller_sku": "MUG", "price": "12.50", "quantity": 40}]}
TOTE = {
    "title": "Canvas tote bag",
    "skus": [
        {"seller_sku": "TOTE-RED", "price": "20", "quantity": 7, "sales_attributes": {"Color": "Red"}},
        {"seller_sku": "TOTE-SAND", "price": "20", "quantity": 3, "sales_attributes": {"Color": "Sand"}},
    ],
}


@pytest.fixture
def shop() -> Iterator[SimulatedShop]:
    with simulated_shop() as made:
        load_listings(made.simulator.shop, [MUG, TOTE])
        yield made


@pytest.fixture
def quiet_shop() -> Iterator[SimulatedShop]:
    """Its clock is an hour behind, so that what happened there happened long ago."""
    with simulated_shop(clock=Clock(datetime.now(UTC) - timedelta(hours=1))) as made:
        load_listings(made.simulator.shop, [MUG, TOTE])
        yield made


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


def test_a_consent_leads_to_tokens_that_work(shop: SimulatedShop) -> None:
    code = shop.simulator.authorizations.new_code()
    connector = shop.connector()

    shop.bench.vault.kept = dict(connector.exchange_code(code))

    assert connector.check().name == "Simulated Outfitters US"
    with pytest.raises(CredentialsError):
        connector.exchange_code(code)


def test_the_consent_page_opens_from_the_link(shop: SimulatedShop) -> None:
    link = shop.connector().authorize_link("abc")

    assert parse_qs(urlsplit(link).query)["state"] == ["abc"]
    assert shop.bench.http.send("GET", link).status == 200


def test_a_token_that_expired_on_the_platform_is_renewed_on_the_way(shop: SimulatedShop) -> None:
    place(shop)
    before = dict(shop.bench.vault.kept)
    shop.simulator.authorizations.expire_access_tokens()

    assert len(orders(shop.connector())) == 1
    assert shop.bench.vault.kept["access_token"] != before["access_token"]
    assert shop.bench.vault.kept["refresh_token"] != before["refresh_token"]


def test_after_a_revocation_the_seller_has_to_authorize_again(shop: SimulatedShop) -> None:
    shop.simulator.authorizations.revoke()

    with pytest.raises(CredentialsError):
        orders(shop.connector())


def test_a_wrong_app_secret_is_told(shop: SimulatedShop) -> None:
    shop.bench.credentials = {**shop.bench.credentials, "app_secret": "a-typo"}

    with pytest.raises(CredentialsError, match="App secret"):
        shop.connector().check()


def test_a_missing_scope_is_named() -> None:
    with simulated_shop(facts=False) as shop:
        shop.do("/scopes", scopes=[])
        shop.bench.vault.kept["access_token"] = shop.simulator.authorizations.grant().access_token

        with pytest.raises(AccessMissingError, match="scope"):
            list(shop.connector().pull_locations(None))


def test_warehouses_come_in_one_page(shop: SimulatedShop) -> None:
    (page,) = shop.connector().pull_locations(None)

    assert page.completes_sweep
    assert {location.kind for location in page.records} == {LocationKind.WAREHOUSE, LocationKind.RETURNS}
    assert {location.channel_id for location in page.records} >= {SALES_ID, SECOND_ID}


def test_listings_are_read_once_and_then_only_where_they_changed(quiet_shop: SimulatedShop) -> None:
    shop, connector = quiet_shop, quiet_shop.connector()
    (page,) = connector.pull_listings(None)
    shop.simulator.clock.advance(timedelta(hours=1))
    tote = next(product for product in page.records if product.title == "Canvas tote bag")
    shop.do(f"/products/{tote.channel_id}/status", status="SELLER_DEACTIVATED")
    since = shop.simulator.journal.last_number

    changed = listings(connector, page.cursor)

    assert {product.title for product in page.records} == {"Stoneware mug", "Canvas tote bag"}
    assert page.completes_sweep
    assert changed["Canvas tote bag"].state is ListingState.INACTIVE
    assert shop.calls(since=since) == ["POST /product/202502/products/search"]


def test_many_orders_are_all_read_and_then_nothing_costs_one_call(quiet_shop: SimulatedShop) -> None:
    shop, connector = quiet_shop, quiet_shop.connector()
    pin = {"title": "Pin", "skus": [{"seller_sku": "PIN", "price": "1", "quantity": 999}]}
    load_listings(shop.simulator.shop, [pin])
    placed = {place(shop, "PIN") for _ in range(230)}
    shop.simulator.clock.advance(timedelta(seconds=1))
    latest = place(shop, "PIN")

    pages = list(connector.pull_orders(None))
    since = shop.simulator.journal.last_number
    again = list(connector.pull_orders(pages[-1].cursor))

    assert {order.channel_id for page in pages for order in page.records} == placed | {latest}
    assert pages[-1].completes_sweep
    assert shop.calls(since=since) == ["POST /order/202309/orders/search"]
    assert [order.channel_id for page in again for order in page.records] == [latest]


def test_an_order_lives_through_its_statuses(shop: SimulatedShop) -> None:
    connector = shop.connector()
    order_id = place(shop, quantity=2, paid=False, on_hold=True)

    (unpaid,) = orders(connector)
    shop.do(f"/orders/{order_id}/pay")
    (held,) = orders(connector)
    shop.simulator.clock.advance(timedelta(minutes=61))
    shop.simulator.settle()
    (ready,) = orders(connector)
    shop.do(f"/orders/{order_id}/ship", line_ids=[ready.lines[0].unit_ids[0]])
    (partly,) = orders(connector)

    assert (unpaid.status, unpaid.is_reservation, unpaid.shipping_address) == (OrderStatus.NEW, True, None)
    assert (held.status, held.is_reservation, held.shipping_address) == (OrderStatus.ON_HOLD, False, None)
    assert ready.status is OrderStatus.READY_FOR_FULFILLMENT
    assert ready.shipping_address is not None
    assert ready.shipping_address.city
    assert ready.shipping_address.state
    assert (ready.lines[0].quantity, ready.lines[0].quantity_shipped) == (2, 0)
    assert (partly.status, partly.lines[0].quantity_shipped) == (OrderStatus.PARTIALLY_FULFILLED, 1)


def test_a_corrected_address_is_noticed_though_nothing_else_changed(quiet_shop: SimulatedShop) -> None:
    shop, connector = quiet_shop, quiet_shop.connector()
    order_id = place(shop)
    last = list(connector.pull_orders(None))[-1]
    shop.do(f"/orders/{order_id}/address", line1="7 New Street")
    a_while_ago = Cursor(json.dumps(json.loads(last.cursor) | {"opened": 0}))

    order = orders(connector, a_while_ago)[-1]

    assert [page.records for page in connector.pull_orders(last.cursor)][1:] == []
    assert order.shipping_address is not None
    assert "7 New Street" in order.shipping_address.lines[0]


@pytest.mark.parametrize(
    ("asked", "fulfilled_by"),
    [
        ({"shipping_type": "TIKTOK"}, FulfilledBy.PLATFORM_LABEL),
        ({"shipping_type": "TIKTOK", "on_hold": True}, FulfilledBy.PLATFORM_LABEL),
    ],
)
def test_an_order_that_tiktok_ships_comes_in_as_fulfilled(
    shop: SimulatedShop, asked: dict[str, Any], fulfilled_by: FulfilledBy
) -> None:
    place(shop, **asked)

    (order,) = orders(shop.connector())

    assert (order.status, order.fulfilled_by) == (OrderStatus.FULFILLED, fulfilled_by)


def test_an_order_from_tiktoks_warehouse_comes_in_as_fulfilled_and_takes_no_stock_of_ours(
    shop: SimulatedShop,
) -> None:
    shop.do("/stock", seller_sku="MUG", warehouse_id=FBT_ID, quantity=5)
    place(shop, fulfillment_type="FULFILLMENT_BY_TIKTOK")

    (order,) = orders(shop.connector())

    assert (order.status, order.location_id) == (OrderStatus.FULFILLED, FBT_ID)
    assert not order.fulfilled_by.takes_merchant_stock
    assert "fbt" in order.tags
    assert order.shipping_address is None or order.shipping_address.is_masked


def test_a_cancellation_request_is_tagged_and_its_end_cancels_the_order(shop: SimulatedShop) -> None:
    order_id, connector = place(shop, quantity=2), shop.connector()

    shop.do(f"/orders/{order_id}/cancel")
    (asked,) = orders(connector)
    shop.simulator.clock.advance(timedelta(hours=49))
    shop.simulator.settle()
    (gone,) = orders(connector)

    assert (asked.status, asked.tags) == (
        OrderStatus.READY_FOR_FULFILLMENT,
        frozenset({"cancel_requested"}),
    )
    assert gone.status is OrderStatus.CANCELED
    assert gone.lines[0].quantity_canceled == 2


def test_money_adds_up_with_discounts_tax_and_shipping(shop: SimulatedShop) -> None:
    line = {"seller_sku": "MUG", "quantity": 3, "seller_discount": "1.11", "platform_discount": "0.37"}
    place(shop, lines=[line], tax_rate="0.0875", shipping_fee="5.99", shipping_fee_platform_discount="5.99")

    (order,) = orders(shop.connector())

    assert "total_differs" not in order.tags
    assert order.totals.tax.amount > 0
    assert order.lines[0].quantity == 3


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


def test_stock_is_set_for_every_sku_and_read_back(shop: SimulatedShop) -> None:
    connector = shop.connector()
    tote = listings(connector)["Canvas tote bag"]
    changes = [
        target(tote, "TOTE-RED", **{f"w{SALES_ID}": 11}),
        target(tote, "TOTE-SAND", **{f"w{SALES_ID}": 0}),
    ]
    since = shop.simulator.journal.last_number

    outcomes = list(connector.push_inventory(changes))

    offered = dict(connector.read_offered([change.desired for change in changes]))
    assert all(isinstance(outcome, Confirmed) for outcome in outcomes)
    assert [offered[v.channel_id] for v in tote.variants] == [((SALES_ID, 11),), ((SALES_ID, 0),)]
    assert len(shop.calls("inventory", since=since)) == 2


def test_a_warehouse_that_the_hub_forgot_is_set_to_zero(shop: SimulatedShop) -> None:
    spread = {"seller_sku": "CUP", "price": "5", "quantity": {SALES_ID: 4, SECOND_ID: 6}}
    load_listings(shop.simulator.shop, [{"title": "Cup", "skus": [spread]}])
    connector = shop.connector()
    cup = listings(connector)["Cup"]

    (outcome,) = connector.push_inventory([target(cup, "CUP", **{f"w{SALES_ID}": 9})])

    assert isinstance(outcome, Confirmed)
    assert shop.stock(cup.variants[0].channel_id) == {SALES_ID: 9, SECOND_ID: 0}


def test_too_many_calls_say_how_long_to_wait(shop: SimulatedShop) -> None:
    shop.simulator.faults.add(Fault("too_many_requests", path="/orders/search", retry_after=7))

    with pytest.raises(RateLimitedError) as caught:
        orders(shop.connector())

    assert caught.value.retry_after == timedelta(seconds=7)


@pytest.mark.parametrize("kind", ["error", "truncate", "not_json", "reset_before", "reset_after"])
def test_a_failing_platform_is_unavailable(shop: SimulatedShop, kind: Any) -> None:
    shop.simulator.faults.add(Fault(kind, path="/orders/search"))

    with pytest.raises(UnavailableError):
        orders(shop.connector())


def test_unknown_fields_and_values_are_tolerated(shop: SimulatedShop) -> None:
    shop.do("/switches", unknown_fields=True, unknown_values=True)
    place(shop)

    pages = list(shop.connector().pull_orders(None))

    assert len(pages[0].records) == 1
    assert pages[0].unreadable == ()


def test_a_webhook_of_the_platform_is_believed_and_hints_at_orders(shop: SimulatedShop) -> None:
    received: list[tuple[dict[str, str], bytes]] = []

    class Receiver:
        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            body = (await receive())["body"]
            received.append(({k.decode(): v.decode() for k, v in scope["headers"]}, body))
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b""})

    with Served(Receiver()) as hub:
        connector = shop.connector(orders=True)
        assert "ORDER_STATUS_CHANGE" in connector.ensure_webhooks(f"{hub.address}/hook")
        assert connector.ensure_webhooks(f"{hub.address}/hook") == []
        place(shop)
        shop.simulator.settle()

    ours = TikTokShopCredentials.parse(shop.bench.credentials)
    hints = [TikTokShop.read_webhook(ours, headers, body) for headers, body in received]
    assert {hint.entities for hint in hints} == {(Entity.ORDERS,)}
    assert json.loads(received[0][1])["type"] == 1


def test_ids_of_other_systems_are_written_order_by_order(shop: SimulatedShop) -> None:
    known = place(shop, quantity=2)
    (placed,) = orders(shop.connector())
    units = tuple((unit, "9001") for line in placed.lines for unit in line.unit_ids)
    changes = [
        Change("a", OrderReference("bigcommerce", "218", units), ChannelId(known)),
        Change("b", OrderReference("bigcommerce", "219", units), ChannelId("576460000000000000")),
        Change("c", OrderReference("a_new_system", "X-1", ((units[0][0], ""),)), ChannelId(known)),
    ]

    first, second, third = shop.connector().write_references(changes)

    kept = shop.simulator.shop.tables.external_orders
    assert isinstance(first, Confirmed)
    assert sorted(kept[known, "BIGCOMMERCE"].lines) == sorted(("9001", unit) for unit, _ in units)
    assert isinstance(second, Rejected)
    assert "576460000000000000" in second.reason
    assert isinstance(third, Confirmed)
    assert kept[known, "ORDER_MANAGEMENT_SYSTEM"].lines == (("X-1", units[0][0]),)


@pytest.mark.parametrize(
    ("asked", "tags"),
    [
        ({"sample": True}, {"sample"}),
        ({"replacement": True}, {"replacement"}),
        ({"exchange": True}, {"exchange"}),
        ({"order_type": "PRE_ORDER"}, {"pre_order"}),
        ({"order_type": "MADE_TO_ORDER"}, {"pre_order", "made_to_order"}),
        ({"order_type": "BACK_ORDER"}, {"pre_order", "back_order"}),
        ({}, set()),
    ],
)
def test_every_kind_of_order_is_tagged(shop: SimulatedShop, asked: dict[str, Any], tags: set[str]) -> None:
    place(shop, **asked)

    (read,) = orders(shop.connector())

    assert read.tags == tags
    assert read.totals.unexplained is None


def test_a_map_of_statuses_decides_what_an_order_is_in_the_hub(shop: SimulatedShop) -> None:
    place(shop, on_hold=False)

    (read,) = orders(shop.connector(status_map={"awaiting_shipment": "To Be Validated"}))

    assert (read.status, read.channel_status_id) == (OrderStatus.TO_BE_VALIDATED, "AWAITING_SHIPMENT")
