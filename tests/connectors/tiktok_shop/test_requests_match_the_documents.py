"""Every request the connector sends, against the reconstructed description of TikTok Shop's API."""

from __future__ import annotations

import json
import re
from urllib.parse import parse_qs

import pytest

from connectors.samples import Request
from connectors.tiktok_shop import documents
from connectors.tiktok_shop.fulfillment_bench import NUMBER, OTHER_NUMBER, placed, push, wanted
from connectors.tiktok_shop.tiktok_bench import SimulatedShop, listable, simulated_shop, variant
from crossdock.domain.channel import ChannelId, ChannelSku, StockTarget
from crossdock.domain.sync import Change, Confirmed
from crossdock_simulators.kit.journal import Entry
from crossdock_simulators.tiktok_shop.app import SALES_ID, SECOND_ID
from crossdock_simulators.tiktok_shop.seed import load_listings

pytestmark = pytest.mark.skipif(not documents.IS_THERE, reason=documents.ABSENT)


def request_of(entry: Entry) -> Request:
    query = {name: values[0] for name, values in parse_qs(entry.query, keep_blank_values=True).items()}
    is_upload = entry.path.endswith("/upload")
    return Request(
        entry.method,
        entry.path,
        query,
        body=json.loads(entry.body) if entry.body and not is_upload else None,
        form={} if is_upload else None,
    )


def everything_once(shop: SimulatedShop) -> None:
    """One of each: a consent, a check, every pull and every push, with their second thoughts."""
    cup = {"seller_sku": "CUP", "price": "5", "quantity": {SALES_ID: 4, SECOND_ID: 6}}
    load_listings(shop.simulator.shop, [{"title": "Cup", "skus": [cup]}])
    connector = shop.connector(
        products="push",
        orders=True,
        attribute_defaults={"Occasion": "Birthday"},
        ignore_orders_created_before="2026-01-01",
    )
    shop.bench.vault.kept = dict(connector.exchange_code(shop.simulator.authorizations.new_code()))
    shop.simulator.authorizations.expire_access_tokens()
    connector.check()
    connector.ensure_webhooks(f"{shop.address}/_sim/hook")
    list(connector.pull_locations(None))
    shop.do("/orders", lines=[{"seller_sku": "CUP", "quantity": 1}])
    list(connector.pull_orders(list(connector.pull_orders(None))[-1].cursor))
    (page,) = connector.pull_listings(None)
    list(connector.pull_listings(page.cursor))
    sku = page.records[0].variants[0]
    places = ((ChannelId(SALES_ID), 2),)
    stock = StockTarget(page.records[0].channel_id, sku.channel_id, ChannelSku("CUP"), places)
    list(connector.push_inventory([Change("cup", stock)]))
    _push_products(shop)
    _push_fulfillments(shop)


def _push_fulfillments(shop: SimulatedShop) -> None:
    order = placed(shop, {"CUP": 2})
    [part, _] = push(shop, wanted(order, NUMBER, {"CUP": 1}), wanted(order, OTHER_NUMBER, {"CUP": 1}))
    assert isinstance(part, Confirmed), part
    [corrected] = push(shop, wanted(order, f"{NUMBER}0", {"CUP": 1}), known=part.channel_id)
    assert isinstance(corrected, Confirmed), corrected


def _push_products(shop: SimulatedShop) -> None:
    connector = shop.connector(products="push", attribute_defaults={"Occasion": "Birthday"})
    images = (f"{shop.images}/a-600x600.jpg",)
    sand = variant("S", ("Color", "Sand"), ("Fit", "Loose"))
    red = variant("R", ("Color", "Red"), ("Fit", "Slim"), gtin="036000291452", image_url=images[0])
    bag = listable(red, title="Canvas tote bag", images=images)
    (made,) = connector.push_products([Change("p1", bag, fingerprint="1", is_unclear=True)])
    assert isinstance(made, Confirmed), made
    shop.do(f"/products/{made.channel_id}/review", decision="approve")
    known = variant(
        "R",
        ("Color", "Red"),
        ("Fit", "Slim"),
        price="18.00",
        channel_id=made.links[0][1],
        gtin="036000291452",
    )
    for edited in (listable(known, images=images), listable(known, sand, images=images, title="Tote bag")):
        (edit,) = connector.push_products([Change("p1", edited, made.channel_id)])
        assert isinstance(edit, Confirmed), edit


def test_every_request_is_as_documented() -> None:
    with simulated_shop(facts=False) as shop:
        everything_once(shop)
        entries = [e for e in shop.simulator.journal.entries() if not e.path.startswith("/_sim")]

    problems = {
        f"{e.method} {e.path}: {found}" for e in entries for found in documents.problems_of(request_of(e))
    }
    assert problems == set()
    assert len({(e.method, re.sub(r"\d{6,}", "…", e.path)) for e in entries if e.status == 200}) >= 20
