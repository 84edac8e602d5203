"""Sales made elsewhere: as relative adjustments, or as orders created in the store."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.bigcommerce.scripted import NOW, DictMemory, Reply, Request, Script, connector, v3
from crossdock.connectors.bigcommerce.mapping.created_order import NO_MAIL_DOMAIN, Destination, from_order
from crossdock.connectors.errors import RefusedError
from crossdock.domain.channel import (
    Address,
    ChannelId,
    ChannelOrder,
    ChannelOrderLine,
    ChannelSku,
    OrderTotals,
    StockAdjustment,
)
from crossdock.domain.money import Money
from crossdock.domain.order import OrderStatus

RELATIVE = ("POST", "/v3/inventory/adjustments/relative")
ITEMS = ("GET", "/v3/inventory/items")
PRODUCTS = ("GET", "/v3/catalog/products")
STORE = Destination(paid_status=11, country_code="US")


def sale(variant: str, delta: int = -1, location: str = "1") -> StockAdjustment:
    return StockAdjustment(ChannelId(variant), ChannelSku(variant), ChannelId(location), delta)


class Shelf:
    """Three variants: 10 counted by itself, 20 at its product, 31 among several of product 3."""

    def __init__(self) -> None:
        self.tracking = {1: "variant", 2: "product", 3: "product"}
        self.owner = {10: 1, 20: 2, 31: 3}
        self.refusals: list[dict[str, Any]] = []
        self.script = Script({ITEMS: self.items, PRODUCTS: self.products, RELATIVE: self.adjust})

    def items(self, request: Request) -> Reply:
        wanted = [int(text) for text in request.query["variant_id:in"].split(",")]
        found = [
            {"identity": {"variant_id": n, "product_id": self.owner[n]}} for n in wanted if n in self.owner
        ]
        return 200, v3(found)

    def products(self, request: Request) -> Reply:
        wanted = [int(text) for text in request.query["id:in"].split(",")]
        return 200, v3([{"id": n, "inventory_tracking": self.tracking[n]} for n in wanted])

    def adjust(self, _: Request) -> Reply:
        return (422, self.refusals.pop(0)) if self.refusals else (200, {"transaction_id": "t-1"})


def sent(http: Any) -> list[dict[str, int]]:
    return [request.body["items"] for request in http.requests if request.place == RELATIVE[1]][-1]


def test_each_sale_is_addressed_by_the_record_that_counts_its_stock() -> None:
    hub, http = connector(Shelf().script)

    answer = hub.report_sales([sale("20", -2), sale("10", -1, "2"), sale("product:3", -3), sale("10")])

    assert answer == "t-1"
    assert sent(http) == [
        {"location_id": 1, "variant_id": 10, "quantity": -1},
        {"location_id": 1, "product_id": 2, "quantity": -2},
        {"location_id": 1, "product_id": 3, "quantity": -3},
        {"location_id": 2, "variant_id": 10, "quantity": -1},
    ]
    assert http.requests[-1].lane == "urgent"


def test_two_sales_of_shared_stock_become_one_row() -> None:
    hub, http = connector(Shelf().script)

    hub.report_sales([sale("31", -2), sale("product:3", -3), sale("10", -1), sale("10", -4)])

    assert sent(http) == [
        {"location_id": 1, "variant_id": 10, "quantity": -5},
        {"location_id": 1, "product_id": 3, "quantity": -5},
    ]


def test_how_stock_is_counted_is_asked_for_once() -> None:
    memory = DictMemory()
    hub, first = connector(Shelf().script, memory=memory)
    hub.report_sales([sale("10"), sale("20")])

    later, second = connector(Shelf().script, memory=memory)
    later.report_sales([sale("10"), sale("20")])

    assert [request.place for request in first.requests] == [ITEMS[1], PRODUCTS[1], RELATIVE[1]]
    assert [request.place for request in second.requests] == [RELATIVE[1]]
    assert sent(second) == sent(first)


def test_a_product_that_is_counted_differently_by_now_is_addressed_anew() -> None:
    shelf = Shelf()
    hub, http = connector(shelf.script)
    hub.report_sales([sale("10")])
    shelf.tracking[1] = "product"
    text = "[Item with variant_id 10 is tracked by product, please update stock by product id]"
    shelf.refusals.append({"status": 422, "title": text})

    hub.report_sales([sale("10")])

    assert sent(http) == [{"location_id": 1, "product_id": 1, "quantity": -1}]


def test_a_refused_batch_is_sent_once_and_says_what_to_do() -> None:
    shelf = Shelf()
    text = "Items with identity: [sku A] requires absolute adjustment before relative"
    shelf.refusals.append({"status": 422, "title": text, "errors": {}})
    hub, http = connector(shelf.script)

    with pytest.raises(RefusedError, match="requires absolute") as caught:
        hub.report_sales([sale("10")])

    assert "once" in caught.value.fix
    assert [request.place for request in http.requests].count(RELATIVE[1]) == 1


def test_the_largest_report_is_what_the_platform_takes() -> None:
    hub, _ = connector(Script())

    assert hub.largest_report == 2000


# Orders created in the store


def usd(amount: str | Decimal) -> Money:
    return Money(Decimal(amount), "USD")


def line(number: str, *, quantity: int = 2, price: str = "10.00", **other: Any) -> ChannelOrderLine:
    amounts = {"seller_discount": usd("1.50"), "platform_discount": usd("0.50"), "tax": usd("1.44")}
    parts: dict[str, Any] = amounts | other
    return ChannelOrderLine(
        ChannelId(number), ChannelSku(f"SKU-{number}"), f"Item {number}", quantity, usd(price), **parts
    )


def totals(lines: tuple[ChannelOrderLine, ...], *, tax: Decimal, included: bool) -> OrderTotals:
    subtotal = sum(
        (
            one.unit_price.amount * one.quantity - one.seller_discount.amount - one.platform_discount.amount
            for one in lines
        ),
        Decimal(0),
    )
    shipping, off, fees, discount = Decimal("4.99"), Decimal("1.99"), Decimal("0.30"), Decimal("0.25")
    added = Decimal(0) if included else tax
    return OrderTotals(
        subtotal=usd(subtotal),
        shipping=usd(shipping),
        shipping_seller_discount=usd(off),
        shipping_platform_discount=usd("0"),
        tax=usd(added),
        fees=usd(fees),
        order_discount=usd(discount),
        included_tax=usd(tax - added),
        total=usd(subtotal + shipping - off + fees + added - discount),
    )


def order(*lines: ChannelOrderLine, included: bool = False, tax: str = "3.00", **other: Any) -> ChannelOrder:
    kept = lines or (line("1"), line("2"))
    basis = ChannelOrder(
        channel_id=ChannelId("576461413038785752"),
        number="576461413038785752",
        status=OrderStatus.READY_FOR_FULFILLMENT,
        channel_status="AWAITING_SHIPMENT",
        placed_at=NOW - timedelta(hours=1),
        modified_at=NOW,
        currency="USD",
        lines=kept,
        totals=totals(kept, tax=Decimal(tax), included=included),
        shipping_address=Address(
            name="Jane Q Doe",
            lines=("123 Main Street", "Floor 2", "Rear"),
            city="Austin",
            state="TX",
            postal_code="78751",
            country_code="US",
        ),
    )
    return replace(basis, **other)


LINKED = {ChannelId("1"): (ChannelId("174"), ChannelId("345"))}
CREATE = ("POST", "/v2/orders")


def test_a_created_order_carries_its_reference_and_the_stores_own_products() -> None:
    hub, http = connector(Script({CREATE: lambda _: (201, {"id": 218})}))

    created = hub.create_order(order(), LINKED)

    body = http.requests[-1].body
    assert created == "218"
    assert (body["external_source"], body["external_order_id"]) == ("crossdock", "576461413038785752")
    assert (body["status_id"], body["customer_id"]) == (11, 0)
    assert body["products"][0] == {
        "product_id": 174,
        "variant_id": 345,
        "quantity": 2,
        "price_ex_tax": 10.0,
        "price_inc_tax": 10.72,
    }
    assert (body["products"][1]["name"], body["products"][1]["sku"]) == ("Item 2", "SKU-2")
    assert "SKU-2" in body["staff_notes"]
    assert "funds 1.00 USD" in body["staff_notes"]


def test_the_address_is_written_as_the_store_needs_it() -> None:
    body = from_order(order(), LINKED, STORE)

    (address,) = body["shipping_addresses"]
    assert (address["first_name"], address["last_name"]) == ("Jane", "Q Doe")
    assert (address["state"], address["country_iso2"]) == ("Texas", "US")
    assert (address["street_1"], address["street_2"]) == ("123 Main Street", "Floor 2, Rear")


def test_a_withheld_e_mail_is_replaced_by_one_that_can_reach_nobody() -> None:
    body = from_order(order(), LINKED, STORE)

    assert body["billing_address"]["email"] == f"order-576461413038785752@{NO_MAIL_DOMAIN}"
    assert "made up" in body["staff_notes"]


def test_an_order_without_address_is_still_accepted_by_the_platforms_rules() -> None:
    body = from_order(order(shipping_address=None), LINKED, STORE)

    address = body["billing_address"]
    assert (address["first_name"], address["last_name"], address["country_iso2"]) == (
        "Marketplace",
        "Buyer",
        "US",
    )
    assert len(address["zip"]) >= 2


@pytest.mark.parametrize(
    ("status", "is_reservation", "status_id"),
    [
        (OrderStatus.READY_FOR_FULFILLMENT, False, 11),
        (OrderStatus.NEW, True, 1),
        (OrderStatus.ON_HOLD, False, 7),
        (OrderStatus.FULFILLED, False, 2),
        (None, False, 11),
    ],
)
def test_the_status_of_a_created_order_fits_the_original(
    status: OrderStatus | None, is_reservation: bool, status_id: int
) -> None:
    body = from_order(order(status=status, is_reservation=is_reservation), LINKED, STORE)

    assert body["status_id"] == status_id


def test_units_canceled_before_the_order_was_created_are_not_ordered() -> None:
    body = from_order(order(line("1", quantity_canceled=1), line("2", quantity_canceled=2)), LINKED, STORE)

    assert [row["quantity"] for row in body["products"]] == [1]


cents = st.decimals(min_value=0, max_value=900, places=2)


@given(st.lists(st.tuples(st.integers(1, 9), cents, cents), min_size=1, max_size=5), cents, st.booleans())
def test_the_totals_of_a_created_order_agree_with_the_original_to_the_cent(
    drawn: list[tuple[int, Decimal, Decimal]], shipping_tax: Decimal, included: bool
) -> None:
    lines = tuple(
        line(str(n), quantity=quantity, price=str(price), tax=usd(tax))
        for n, (quantity, price, tax) in enumerate(drawn)
    )
    tax = sum((one.tax.amount for one in lines), shipping_tax)
    original = order(*lines, included=included, tax=str(tax))

    body = from_order(original, LINKED, STORE)

    amounts = {
        name: Decimal(body[name]) for name in body if name.endswith("_tax") or name == "discount_amount"
    }
    assert amounts["total_inc_tax"] == original.totals.total.amount
    assert amounts["total_inc_tax"] - amounts["total_ex_tax"] == tax
    for side in ("ex_tax", "inc_tax"):
        parts = sum(amounts[f"{name}_{side}"] for name in ("subtotal", "shipping_cost", "handling_cost"))
        assert parts - amounts["discount_amount"] == amounts[f"total_{side}"]


def test_an_order_in_another_currency_is_refused_before_anything_is_sent() -> None:
    hub, http = connector(Script())

    with pytest.raises(RefusedError, match="GBP"):
        hub.create_order(order(currency="GBP"), LINKED)

    assert http.requests == []


def test_an_order_that_the_store_has_no_stock_for_is_refused_with_its_words() -> None:
    body = [{"status": 409, "message": "Quantities of one or more products are out of stock."}]
    hub, _ = connector(Script({CREATE: lambda _: (409, body)}))

    with pytest.raises(RefusedError, match="out of stock") as caught:
        hub.create_order(order(), LINKED)

    assert (caught.value.code, "stock" in caught.value.fix) == ("409", True)
