"""What a shop shows of what was pushed to it, compared by the rules by which it is written."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from crossdock.connectors.tiktok_shop.mapping.drift import differences, to_shown
from crossdock.connectors.tiktok_shop.payloads_product import Audit, FoundProduct, ProductSku, SkuPrice
from crossdock.domain.catalog import Listable, ListableVariant, Product, ProductKind, Sku, Variant
from crossdock.domain.channel import ChannelId, ChannelSku, ListingState, Prices
from crossdock.domain.drift import is_comparable
from crossdock.domain.money import Money


def wanted(title: str = "Teapot", price: str = "20") -> Listable:
    variant = Variant("var_1", Sku("TEA"), prices=Prices(Money.of(price, "USD")))
    product = Product("prod_1", ProductKind.SIMPLE, title, (variant,))
    return Listable(product, (ListableVariant(variant, ChannelSku("TEA"), ChannelId("7")),))


def told(
    title: str = "Teapot", *, price: str = "20.00", sku: str = "TEA", status: str = "ACTIVATE", **more: Any
) -> FoundProduct:
    part = ProductSku(id="7", seller_sku=sku, price=SkuPrice(currency="USD", tax_exclusive_price=price))
    return FoundProduct(
        id="3", title=title, status=status, audit=Audit(status=more.get("audit", "APPROVED")), skus=[part]
    )


def found(
    listable: Listable, product: FoundProduct, *, is_known_off: bool = False
) -> list[tuple[str, str, str]]:
    made = differences(listable, to_shown(product), currency="USD", is_known_off=is_known_off)
    return [(one.field, one.expected, one.shown) for one in made]


@pytest.mark.parametrize(
    ("listable", "product", "expected"),
    [
        (wanted(), told(), []),
        (wanted(price="20.004"), told(), []),
        (wanted("Teapot 🫖  of clay"), told("Teapot of clay"), []),
        (wanted(), told("Cheap!"), [("title", "Teapot", "Cheap!")]),
        (wanted(), told(price="0.99"), [("price", "20.00 USD", "0.99 USD")]),
        (wanted(), told(sku="TEA-2"), [("sku", "TEA", "TEA-2")]),
        (wanted(), told(status="SELLER_DEACTIVATED"), [("listed", "listed", "not listed")]),
        (wanted(), told(status="DELETED"), [("listed", "Teapot", "")]),
    ],
)
def test_only_what_the_hub_sets_is_compared(
    listable: Listable, product: FoundProduct, expected: list[tuple[str, str, str]]
) -> None:
    assert found(listable, product) == expected


def test_what_the_hub_itself_took_off_sale_is_no_drift() -> None:
    assert found(wanted(), told(status="SELLER_DEACTIVATED"), is_known_off=True) == []


def test_a_variant_that_is_missing_is_gone() -> None:
    shown = replace(to_shown(told()), variants=())
    [gone] = differences(wanted(), shown, currency="USD", is_known_off=False)

    assert (gone.field, gone.shown, gone.sku) == ("listed", "", "TEA")


@pytest.mark.parametrize(
    ("status", "audit", "is_compared"),
    [
        ("ACTIVATE", "APPROVED", True),
        ("ACTIVATE", "", True),
        ("ACTIVATE", "AUDITING", False),
        ("ACTIVATE", "FAILED", False),
        ("PENDING", "AUDITING", False),
        ("DELETED", "AUDITING", True),
        ("SELLER_DEACTIVATED", "APPROVED", True),
    ],
)
def test_while_an_edit_is_reviewed_the_version_before_it_is_shown(
    status: str, audit: str, is_compared: bool
) -> None:
    shown = to_shown(told(status=status, audit=audit))

    assert is_comparable(shown) is is_compared
    assert (shown.state is ListingState.IN_REVIEW) is not is_compared
