"""Every request the connector sends, against the reconstructed description of TikTok Shop's API."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import jsonschema
import pytest
import yaml

from connectors.tiktok_shop.tiktok_bench import SimulatedShop, listable, simulated_shop, variant
from crossdock.domain.channel import ChannelId, ChannelSku, StockTarget
from crossdock.domain.sync import Change, Confirmed
from crossdock_simulators.kit.journal import Entry
from crossdock_simulators.tiktok_shop.app import SALES_ID, SECOND_ID
from crossdock_simulators.tiktok_shop.seed import load_listings

DOCUMENT = Path(__file__).parents[3].parent / "shared" / "specs" / "tiktok-shop" / "openapi.yaml"
pytestmark = pytest.mark.skipif(
    not DOCUMENT.exists(), reason="the platform's documents are not beside the checkout"
)


@cache
def document() -> Any:
    return yaml.safe_load(DOCUMENT.read_text())


def resolved(part: Any) -> Any:
    """With references replaced, and with objects closed, so that a misspelt name is seen."""
    if isinstance(part, list):
        return [resolved(item) for item in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        found = document()
        for step in part["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        return resolved(found)
    made = {name: resolved(value) for name, value in part.items()}
    return made | ({"additionalProperties": False} if isinstance(made.get("properties"), dict) else {})


def operation_of(entry: Entry) -> Mapping[str, Any]:
    for template, methods in document()["paths"].items():
        pattern = re.sub(r"\{\w+\}", r"[^/]+", template)
        if re.fullmatch(pattern, entry.path) and entry.method.lower() in methods:
            return {**methods[entry.method.lower()]}
    raise AssertionError(f"{entry.method} {entry.path} is in no document")


def problems_of(entry: Entry) -> Iterator[str]:
    operation = operation_of(entry)
    parameters = [resolved(parameter) for parameter in operation.get("parameters", [])]
    known = {p["name"]: p for p in parameters if p["in"] == "query"}
    given = parse_qs(entry.query, keep_blank_values=True)
    yield from (f"unknown query parameter {name}" for name in given.keys() - known.keys())
    yield from (f"query lacks {name}" for name, p in known.items() if p.get("required") and name not in given)
    for name, values in given.items():
        schema = known.get(name, {}).get("schema", {})
        value = int(values[0]) if schema.get("type") == "integer" else values[0]
        yield from (
            f"{name}: {error.message}" for error in jsonschema.Draft202012Validator(schema).iter_errors(value)
        )
    yield from _body_problems(entry, operation)


def _body_problems(entry: Entry, operation: Mapping[str, Any]) -> Iterator[str]:
    content = operation.get("requestBody", {}).get("content", {})
    if "application/json" not in content:
        if entry.body and "multipart/form-data" not in content:
            yield "a body where none is documented"
        return
    if not entry.body:
        if operation["requestBody"].get("required"):
            yield "no body"
        return
    schema = resolved(content["application/json"]["schema"])
    for error in jsonschema.Draft202012Validator(schema).iter_errors(json.loads(entry.body)):
        yield f"{error.json_path}: {error.message}"


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

    problems = {f"{e.method} {e.path}: {problem}" for e in entries for problem in problems_of(e)}
    assert problems == set()
    assert len({(e.method, re.sub(r"\d{6,}", "…", e.path)) for e in entries if e.status == 200}) >= 17
