"""Products of the hub, beside what the platform is sent for them (golden/pushed/*.json)."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from connectors.bigcommerce.golden_readers import GOLDEN, UNITS
from crossdock.connectors.bigcommerce import payloads
from crossdock.connectors.bigcommerce.mapping.edit import edit_of
from crossdock.connectors.bigcommerce.mapping.listing import Style, fault_of, from_listable
from crossdock.connectors.bigcommerce.mapping.units import from_length, from_weight
from crossdock.domain.catalog import Listable
from crossdock.domain.channel import LengthUnit, Weight, WeightUnit

PRICES = {"price": "base", "msrp": "msrp", "sale_price": "sale"}


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("pushed/*.json")), ids=lambda path: path.stem)
def test_a_product_of_the_hub_is_sent_exactly_as_its_golden_file_says(path: Path) -> None:
    golden = json.loads(path.read_text(encoding="utf-8"))
    desired = msgspec.convert(golden["listable"], Listable, strict=False)
    style = Style(UNITS, PRICES, **golden.get("style", {}))

    assert fault_of(desired, style) is None
    assert sent(desired, style, golden.get("store")) == golden["expected"]


def sent(desired: Listable, style: Style, store: Any) -> Any:
    """The body of a create, or the differences to what the store has."""
    if store is None:
        return plain(from_listable(desired, style, name=desired.product.title, categories=[23]))
    edit = edit_of(desired, style, msgspec.convert(store, payloads.Product, strict=False), brand="Acme")
    missing = [part.channel_sku for part in edit.missing]
    return plain({"product": edit.product, "rows": edit.rows, "links": edit.links, "missing": missing})


def plain(value: Any) -> Any:
    return json.loads(msgspec.json.Encoder(decimal_format="number", order="sorted").encode(value))


@pytest.mark.parametrize(
    ("weight", "unit", "expected"),
    [
        (Weight(Decimal("1.5"), WeightUnit.POUND), WeightUnit.OUNCE, "24.0000"),
        (Weight(Decimal(500), WeightUnit.GRAM), WeightUnit.KILOGRAM, "0.5000"),
        (Weight(Decimal("0.001"), WeightUnit.GRAM), WeightUnit.TONNE, "0.0001"),
        (Weight(Decimal("2.12345"), WeightUnit.OUNCE), WeightUnit.OUNCE, "2.12345"),
    ],
)
def test_weights_are_sent_in_the_stores_unit_and_nothing_becomes_weightless(
    weight: Weight, unit: WeightUnit, expected: str
) -> None:
    assert from_weight(weight, unit) == Decimal(expected)


def test_lengths_are_sent_in_the_stores_unit() -> None:
    assert from_length(Decimal("2.54"), LengthUnit.CENTIMETER, LengthUnit.INCH) == 1
