"""Recorded shapes of TikTok Shop's records against the hub records they must become."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from crossdock.connectors.tiktok_shop import payloads, payloads_order, payloads_product
from crossdock.connectors.tiktok_shop.mapping.listing import to_listing
from crossdock.connectors.tiktok_shop.mapping.location import to_location
from crossdock.connectors.tiktok_shop.mapping.order import to_order
from crossdock.domain.money import Money

GOLDEN = Path(__file__).parent / "golden"
KINDS: dict[str, tuple[type[Any], Callable[[Any], Any]]] = {
    "order": (payloads_order.Order, to_order),
    "listing": (payloads_product.FoundProduct, to_listing),
    "location": (payloads.Warehouse, to_location),
}


def plain(value: Any) -> Any:
    """A hub record as JSON, without the fields that say nothing."""
    if isinstance(value, Money):
        return str(value)
    if is_dataclass(value):
        named = {f.name: plain(getattr(value, f.name)) for f in fields(value)}
        return {name: shown for name, shown in named.items() if shown not in ("", [], None, False)}
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    return str(value) if isinstance(value, Decimal | datetime) else value


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.json")), ids=lambda path: path.stem)
def test_a_record_becomes_what_its_golden_file_says(path: Path) -> None:
    case = json.loads(path.read_text())
    payload, mapping = KINDS[path.stem.partition("-")[0]]

    record = mapping(msgspec.json.decode(json.dumps(case["input"]), type=payload))

    assert json.loads(json.dumps(plain(record))) == case["expected"]


def test_every_kind_of_record_has_a_golden_file() -> None:
    assert {path.stem.partition("-")[0] for path in GOLDEN.glob("*.json")} == set(KINDS)
