"""The connector against the simulated platform, over real HTTP: connecting, places, stock, failures, webhooks."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from connectors.tiktok_shop.shop_bench import listings, orders, place, target
from connectors.tiktok_shop.tiktok_bench import SimulatedShop, simulated_shop
from crossdock.connectors.errors import (
    AccessMissingError,
    CredentialsError,
    RateLimitedError,
    UnavailableError,
)
from crossdock.connectors.tiktok_shop.connector import TikTokShop
from crossdock.connectors.tiktok_shop.credentials import TikTokShopCredentials
from crossdock.domain.channel import (
    ListingState,
    LocationKind,
)
from crossdock.domain.sync import Confirmed, Entity
from crossdock_simulators.kit import Fault, Served
from crossdock_simulators.tiktok_shop.app import SALES_ID, SECOND_ID
from crossdock_simulators.tiktok_shop.seed import load_listings


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
