"""Whatever the figures, an order adds up to what the buyer paid, to the cent."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.connectors.tiktok_shop.mapping.order import to_order
from crossdock.connectors.tiktok_shop.mapping.totals import FEES
from crossdock.connectors.tiktok_shop.payloads_order import Order
from crossdock.domain.channel import ChannelOrder, LineTax
from crossdock.domain.money import Money, total

CENTS = st.integers(0, 50_000).map(lambda cents: f"{Decimal(cents) / 100}")
MAYBE = st.one_of(st.none(), st.just(""), CENTS)
SUB_ITEM = st.fixed_dictionaries(
    {
        "id": st.uuids().map(str),
        "sku_id": st.sampled_from("abc"),
        "original_price": CENTS,
        "sale_price": MAYBE,
    }
)
LINE = st.fixed_dictionaries(
    {
        "id": st.integers(1, 10**19).map(str),
        "sku_id": st.sampled_from("abc"),
        "seller_sku": st.sampled_from("ABC"),
        "original_price": CENTS,
        "sale_price": MAYBE,
        "seller_discount": MAYBE,
        "platform_discount": MAYBE,
        "is_gift": st.booleans(),
        "display_status": st.sampled_from(["AWAITING_SHIPMENT", "CANCELLED", "DELIVERED", "TO_SHIP"]),
        "item_tax": st.one_of(st.none(), st.lists(st.fixed_dictionaries({"tax_amount": CENTS}), max_size=2)),
        "sub_item_info": st.one_of(st.none(), st.lists(SUB_ITEM, max_size=3)),
    }
)
PAYMENT = st.fixed_dictionaries(
    {
        "total_amount": CENTS,
        "original_shipping_fee": MAYBE,
        "shipping_fee": MAYBE,
        "shipping_fee_seller_discount": MAYBE,
        "shipping_fee_platform_discount": MAYBE,
        "shipping_fee_cofunded_discount": MAYBE,
        "tax": MAYBE,
        "product_tax": MAYBE,
        "payment_platform_discount": MAYBE,
        **dict.fromkeys(FEES, MAYBE),
    }
)


def mapped(lines: list[dict[str, Any]], payment: dict[str, Any]) -> ChannelOrder:
    raw = {
        "id": "1",
        "status": "AWAITING_SHIPMENT",
        "create_time": 1,
        "update_time": 2,
        "line_items": lines,
        "payment": {"currency": "USD", **payment},
    }
    return to_order(msgspec.json.decode(msgspec.json.encode(raw), type=Order))


@given(st.lists(LINE, max_size=6), PAYMENT)
def test_the_parts_add_up_to_the_total(lines: list[dict[str, Any]], payment: dict[str, Any]) -> None:
    order = mapped(lines, payment)
    sums = order.totals

    goods = sum(
        (line.unit_price * line.quantity - line.seller_discount - line.platform_discount).amount
        for line in order.lines
    )
    parts = (
        sums.subtotal
        + sums.shipping
        - sums.shipping_seller_discount
        - sums.shipping_platform_discount
        + sums.tax
        + sums.fees
        - sums.order_discount
        + (sums.unexplained or Money.zero("USD"))
    )
    assert parts == sums.total
    assert sums.total.amount == Decimal(payment["total_amount"])
    assert sums.subtotal.amount == goods
    assert sums.fees == total((fee.amount for fee in sums.named_fees), "USD")
    assert ("total_differs" in order.tags) is (sums.unexplained is not None)


@given(st.lists(LINE, min_size=1, max_size=6, unique_by=lambda line: str(line["id"])), PAYMENT)
def test_every_unit_is_on_exactly_one_line(lines: list[dict[str, Any]], payment: dict[str, Any]) -> None:
    order = mapped(lines, payment)

    units = [unit for line in order.lines for unit in line.unit_ids]
    assert len(units) == len(set(units)) == sum(line.quantity for line in order.lines)
    assert {unit.partition("/")[0] for unit in units} == {line["id"] for line in lines}
    assert all(line.quantity_canceled + line.quantity_shipped <= line.quantity for line in order.lines)


@given(st.lists(LINE, min_size=2, max_size=6, unique_by=lambda line: str(line["id"])), PAYMENT)
def test_the_order_of_the_units_makes_no_difference(
    lines: list[dict[str, Any]], payment: dict[str, Any]
) -> None:
    assert mapped(lines, payment) == mapped(lines[::-1], payment)


def test_a_difference_of_a_cent_is_no_fee_but_shown_and_tagged() -> None:
    line = {"id": "1", "original_price": "10.00", "sale_price": "10.00"}

    exact, off = mapped([line], {"total_amount": "10.00"}), mapped([line], {"total_amount": "10.01"})

    assert "total_differs" not in exact.tags
    assert "total_differs" in off.tags
    assert exact.totals.unexplained is None
    assert off.totals.unexplained == Money(Decimal("0.01"), "USD")
    assert off.totals.fees.amount == 0


def test_a_discount_of_the_payment_counts_where_the_total_is_net_of_it() -> None:
    line = {"id": "1", "original_price": "10.00", "sale_price": "10.00"}

    order = mapped([line], {"total_amount": "9.00", "payment_platform_discount": "1.00"})

    assert order.totals.order_discount == order.totals.platform_discount == Money(Decimal("1.00"), "USD")
    assert "total_differs" not in order.tags


@pytest.mark.parametrize(("total", "added", "included"), [("9.67", "1.67", "0"), ("8.00", "0", "1.67")])
def test_a_discount_of_the_payment_is_told_apart_from_a_tax_that_is_in_the_prices(
    total: str, added: str, included: str
) -> None:
    """10.00 and 1.67 of tax, less 2.00, is nearer to 10.00 than to 11.67 and still no order with tax in its prices."""
    line = {"id": "1", "original_price": "10.00", "sale_price": "10.00"}

    totals = mapped(
        [line], {"total_amount": total, "tax": "1.67", "payment_platform_discount": "2.00"}
    ).totals

    assert (totals.tax.amount, totals.included_tax.amount) == (Decimal(added), Decimal(included))
    assert (totals.order_discount.amount, totals.unexplained) == (Decimal("2.00"), None)


def test_a_sale_price_that_its_discounts_do_not_explain_is_the_sellers_doing() -> None:
    line = {"id": "1", "original_price": "10.00", "platform_discount": "1.00", "sale_price": "7.50"}

    (mapped_line,) = mapped([line], {"total_amount": "7.50"}).lines

    assert mapped_line.seller_discount.amount == Decimal("1.50")
    assert mapped_line.platform_discount.amount == Decimal("1.00")


def test_every_fee_keeps_its_name() -> None:
    line = {"id": "1", "original_price": "10.00", "sale_price": "10.00"}
    payment = {"total_amount": "12.10", "small_order_fee": "1.50", "retail_delivery_fee": "0.30"}

    order = mapped([line], payment | {"buyer_service_fee": "0.30", "handling_fee": "0"})

    assert {fee.name: fee.amount.amount for fee in order.totals.named_fees} == {
        "small_order_fee": Decimal("1.50"),
        "retail_delivery_fee": Decimal("0.30"),
        "buyer_service_fee": Decimal("0.30"),
    }
    assert order.totals.unexplained is None


def test_the_taxes_of_a_line_keep_their_names_and_rates() -> None:
    state = {"tax_type": "SALES_TAX", "tax_rate": "0.0825", "tax_amount": "0.83"}
    units = [
        {"id": str(n), "sku_id": "a", "original_price": "10.00", "item_tax": [state | {"tax_amount": amount}]}
        for n, amount in enumerate(("0.83", "0.82"))
    ]

    (line,) = mapped(units, {"total_amount": "21.65", "tax": "1.65"}).lines

    assert line.tax == Money(Decimal("1.65"), "USD")
    assert line.taxes == (LineTax("SALES_TAX", Money(Decimal("1.65"), "USD"), Decimal("0.0825")),)


def test_uk_prices_hold_their_vat() -> None:
    line = {"id": "1", "original_price": "12.00", "sale_price": "12.00"}

    totals = mapped([line], {"currency": "GBP", "total_amount": "12.00", "tax": "2.00"}).totals

    assert (totals.tax.amount, totals.included_tax.amount) == (Decimal(0), Decimal("2.00"))
    assert totals.unexplained is None
