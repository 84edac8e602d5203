"""The settings of both platforms that sell are those of the product's tables: groups, exact labels, choices, and no more."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from crossdock.connectors.registry import CONNECTORS
from crossdock.connectors.settings import Described, described
from support.sources import ROOT

REFERENCE = ROOT.parent / "shared" / "reference" / "product.md"
SECTIONS = {"bigcommerce": "### 1.5 ", "tiktok_shop": "### 1.6 "}
SHORT = {
    "order-ID list": ("Process only orders with specific order IDs",),
    "ignore orders created before": ("Ignore orders created before",),
    "SKU list": ("Process inventory information only for products with specific SKUs",),
    "location to warehouse map": ("Location to warehouse map",),
    "carrier map": ("Carrier map",),
    "location preferences": ("Location preferences",),
    "pull or push": ("Pull returns and refunds", "Answer returns from the hub", "Pull statements"),
}
"""What the tables say in short, and the labels that it stands for."""
BESIDE = {
    "bigcommerce": {
        "Hold new orders (minutes)",
        "Hold counts from",
        "Hold only in business hours",
        "Status after the hold",
        "Order status map",
        "Locked statuses",
        "Cancel the original order when its BigCommerce order is cancelled",
        "Pull refunds from BigCommerce",
        "Restock refunded items",
        "Status of orders created in BigCommerce",
        "Channel of orders created in BigCommerce",
        "When BigCommerce refuses the stock of an order to be created",
        "BigCommerce location that receives the totals",
        "Location to warehouse map",
        "Buffer",
        "Percentage of stock",
        "Out-of-stock threshold",
        "Last-units guard below",
        "Share of the last units",
        "Buffer of the last units",
        "Channel sync per item",
    },
    "tiktok_shop": {
        "Category map",
        "Default category",
        "Attribute values",
        "Attribute map",
        "Products that lack required data",
        "Products created per day at most",
        "Default package weight",
        "Default package size",
        "Category tree",
        "Quantity of products without stock tracking",
        "Hold new orders (minutes)",
        "Hold counts from",
        "Hold only in business hours",
        "Status after the hold",
        "Orders shipped by TikTok's label",
        "How TikTok's carrier gets parcels",
        "Pre-orders",
        "Order status map",
        "Locked statuses",
        "Cancel TikTok Shop orders canceled in the hub",
        "Cancellation reason",
        "Buyer cancellation requests",
        "Buffer",
        "Percentage of stock",
        "Out-of-stock threshold",
        "Last-units guard below",
        "Share of the last units",
        "Buffer of the last units",
        "Push inventory from a specific location only",
        "Quantities of unmapped locations",
        "Restock returned items",
    },
}
"""What can be set beside the tables, from other sections of the reference."""
KINDS = {
    "on/off": {"on/off"},
    "on/off each": {"on/off"},
    "list, empty = all": {"list"},
    "once": {"once"},
    "choice": {"choice"},
    "category": {"text"},
    "tax class": {"text"},
    "price, MSRP, sale price": {"map"},
    "date": {"date"},
    "on/off, status": {"on/off", "number"},
    "location, empty = aggregated totals": {"text"},
}
"""The column of choices where it lists no labels, and the types that are meant."""


@dataclass(frozen=True)
class Row:
    group: str
    labels: tuple[str, ...]
    choices: str


def rows(connector: str) -> Iterator[Row]:
    if not REFERENCE.exists():
        pytest.skip(f"{REFERENCE.name} is not here: the tables cannot be compared")
    text = REFERENCE.read_text(encoding="utf-8").partition(SECTIONS[connector])[2].partition("\n### ")[0]
    group = ""
    for line in text.splitlines():
        cells = [cell.strip().replace("**", "") for cell in line.strip("|").split("|")]
        if not line.startswith("| ") or cells[0] == "Group":
            continue
        group = cells[0] or group
        yield Row(group, tuple(_labels(cells[1])), cells[2])


def _labels(cell: str) -> Iterator[str]:
    for part in re.split(r";| / ", cell):
        yield from SHORT.get(part.strip(), (part.strip(),))


def settings(connector: str) -> dict[str, Described]:
    return {each.title: each for each in described(CONNECTORS[connector].settings_type)}


@pytest.mark.parametrize("connector", SECTIONS)
def test_every_setting_of_the_table_is_there_in_its_group(connector: str) -> None:
    there = settings(connector)
    wanted = {label: row.group for row in rows(connector) for label in row.labels}

    assert len(wanted) > 15
    assert {label: there[label].group if label in there else "missing" for label in wanted} == wanted


@pytest.mark.parametrize("connector", SECTIONS)
def test_every_setting_is_in_the_table_or_known_to_stand_beside_it(connector: str) -> None:
    in_the_table = {label for row in rows(connector) for label in row.labels}

    assert in_the_table & BESIDE[connector] == set()
    assert set(settings(connector)) == in_the_table | BESIDE[connector]


@pytest.mark.parametrize("connector", SECTIONS)
def test_what_can_be_chosen_is_what_the_table_lists(connector: str) -> None:
    there = settings(connector)
    compared = 0
    for row in rows(connector):
        listed = [re.sub(r" \(default\)$", "", part.strip()) for part in row.choices.split(" / ")]
        for label in row.labels:
            if row.choices in KINDS:
                assert there[label].kind in KINDS[row.choices], label
            elif row.choices:
                offered = [choice.casefold() for _, choice in there[label].choices]
                assert offered == [choice.casefold() for choice in listed], label
            compared += bool(row.choices)
    assert compared >= 4


@pytest.mark.parametrize("connector", CONNECTORS)
def test_labels_of_the_table_are_unique(connector: str) -> None:
    titles = [each.title for each in described(CONNECTORS[connector].settings_type)]

    assert len(set(titles)) == len(titles)
