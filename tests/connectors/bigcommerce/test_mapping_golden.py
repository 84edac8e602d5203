"""Payloads as the platform sends them, beside what the hub makes of them (golden/*.json)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from crossdock.connectors.bigcommerce import payloads
from crossdock.connectors.bigcommerce.client import Client
from crossdock.connectors.bigcommerce.mapping.account import to_account
from crossdock.connectors.bigcommerce.mapping.location import to_location
from crossdock.connectors.bigcommerce.mapping.product import Names, StoreUnits, to_product
from crossdock.connectors.bigcommerce.mapping.stock import to_levels
from crossdock.connectors.bigcommerce.orders import Orders
from crossdock.connectors.bigcommerce.reading import decoded
from crossdock.domain.channel import ChannelId, LengthUnit, WeightUnit

GOLDEN = Path(__file__).parent / "golden"
UNITS = StoreUnits("USD", WeightUnit.OUNCE, LengthUnit.INCH)
NAMES = Names({36: "Acme"}, {23: "Clothing / Shirts", 24: "New"})


def product(raw: bytes) -> Any:
    return to_product(decoded(raw, payloads.Product), names=NAMES, units=UNITS)


def order(raw: bytes) -> Any:
    """With all lines in the payload the connector reads an order without a further call, so no client is needed."""
    orders = Orders(_no_client(), stock_behavior="order_placed", takes_drafts=False)
    return orders._read(msgspec.Raw(raw))


def location(raw: bytes) -> Any:
    return to_location(decoded(raw, payloads.Location))


def stock(raw: bytes) -> Any:
    item = decoded(raw, payloads.Item)
    return list(to_levels(item, ChannelId(str(item.identity.variant_id))))


def account(raw: bytes) -> Any:
    settings = payloads.InventorySettings("order_placed", refund_order_stock_adjustment=False)
    return to_account(
        decoded(raw, payloads.Store),
        settings,
        store_hash="abc123",
        missing_access=(),
    )


READERS = {
    "product": product,
    "order": order,
    "location": location,
    "stock": stock,
    "account": account,
}


def _no_client() -> Client:
    return None  # type: ignore[return-value]


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.json")), ids=lambda path: path.stem)
def test_a_payload_becomes_exactly_what_its_golden_file_says(path: Path) -> None:
    golden = json.loads(path.read_text(encoding="utf-8"))
    read = READERS[path.stem.partition("-")[0]]

    assert plain(read(json.dumps(golden["payload"]).encode())) == golden["expected"]


def plain(value: Any) -> Any:
    return json.loads(msgspec.json.encode(value, order="sorted"))
