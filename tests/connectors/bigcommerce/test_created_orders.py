"""Orders of another channel created in the store: whole, with every amount, or refused with a reason."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.bigcommerce.order_bench import CREATE, LINKED, STORE, line, order, usd
from connectors.bigcommerce.scripted import Script, connector
from crossdock.connectors.bigcommerce.mapping.created_order import NO_MAIL_DOMAIN, from_order
from crossdock.connectors.errors import GoodsRefusedError, RefusedError, RefusedGoods
from crossdock.domain.channel import (
    Address,
    ChannelId,
    NamedAmount,
)
from crossdock.domain.elsewhere import CreatedOrder
from crossdock.domain.order import OrderStatus

STANDING, ADDRESSES = ("GET", "/v2/orders/218"), ("GET", "/v2/orders/218/shipping_addresses")
SET_ORDER, SET_ADDRESS = ("PUT", "/v2/orders/218"), ("PUT", "/v2/orders/218/shipping_addresses/9")


def test_a_created_order_carries_its_reference_and_the_stores_own_products() -> None:
    hub, http = connector(Script({CREATE: lambda _: (201, {"id": 218, "total_inc_tax": "41.00"})}))

    created = hub.create_order(order(), LINKED, source="TikTok Shop")

    body = http.requests[-1].body
    assert created == CreatedOrder(ChannelId("218"), usd("41.00"))
    assert body["payment_method"] == "TikTok Shop"
    assert "channel_id" not in body
    assert (body["external_source"], body["external_order_id"]) == ("crossdock", "576461413038785752")
    assert (body["status_id"], body["customer_id"]) == (11, 0)
    assert body["products"][0] == {
        "product_id": 174,
        "variant_id": 345,
        "quantity": 2,
        "price_ex_tax": 9.75,
        "price_inc_tax": 10.47,
    }
    assert (body["products"][1]["name"], body["products"][1]["sku"]) == ("Item 2", "SKU-2")
    assert "SKU-2" in body["staff_notes"]
    assert "TikTok Shop funds 1.00 USD" in body["staff_notes"]


def test_what_the_marketplace_funds_is_no_discount_of_the_merchants() -> None:
    """Lines of 2 × 10.00 less 1.50 and 0.50; shipping 4.99 less 1.99; a payment discount of 0.25 is funded too."""
    paid = order(line("1"), tax="1.44")
    funded = NamedAmount("payment_platform_discount", usd("0.25"), is_platform_funded=True)
    paid = replace(paid, totals=replace(paid.totals, named_discounts=(funded,)))

    body = from_order(paid, LINKED, STORE)

    assert body["discount_amount"] == "1.5000", "the seller's own"
    assert body["subtotal_ex_tax"] == "19.2500", "20.00 less the 0.50 and 0.25 that the marketplace funds"
    [goods] = body["products"]
    assert goods["price_ex_tax"] * goods["quantity"] == Decimal("19.25"), "the lines make up the subtotal"
    assert body["shipping_cost_ex_tax"] == "3.0000"
    assert body["total_inc_tax"] == f"{paid.totals.total.amount:.4f}"
    assert "funds 0.75 USD" in body["staff_notes"]


@pytest.mark.parametrize("amount", ["0.07", "-0.07"])
def test_what_the_original_leaves_unexplained_keeps_the_total_true(amount: str) -> None:
    plain = order()
    total = plain.totals.total + usd(amount)
    off = replace(plain, totals=replace(plain.totals, total=total, unexplained=usd(amount)))

    body = from_order(off, LINKED, STORE)

    parts = sum(Decimal(body[f"{name}_inc_tax"]) for name in ("subtotal", "shipping_cost", "handling_cost"))
    assert parts - Decimal(body["discount_amount"]) == Decimal(body["total_inc_tax"]) == total.amount


def test_an_order_goes_to_the_channel_that_was_chosen() -> None:
    hub, http = connector(
        Script({CREATE: lambda _: (201, {"id": 218})}), created_order_channel=3, created_order_status=9
    )

    hub.create_order(order(), LINKED)

    assert (http.requests[-1].body["channel_id"], http.requests[-1].body["status_id"]) == (3, 9)


def test_a_channel_that_is_not_connected_is_named_with_its_setting() -> None:
    body = [{"status": 400, "message": "The field 'channel_id' is invalid."}]
    hub, _ = connector(Script({CREATE: lambda _: (400, body)}), created_order_channel=3)

    with pytest.raises(RefusedError, match="no connected channel 3") as caught:
        hub.create_order(order(), LINKED)

    assert "Channel of orders created in BigCommerce" in caught.value.fix


def test_lines_whose_stock_is_refused_are_booked_without_their_product_and_flagged() -> None:
    hub, http = connector(Script({CREATE: lambda _: (201, {"id": 218})}))

    hub.create_order(order(line("1")), LINKED, refused=[ChannelId("1")])

    body = http.requests[-1].body
    assert [(row["name"], row["sku"]) for row in body["products"]] == [("Item 1", "SKU-1")]
    assert "no stock of: SKU-1" in body["staff_notes"]
    assert "Not in the catalog" not in body["staff_notes"]


def test_an_option_that_has_to_be_chosen_is_named_with_its_product_and_a_fix() -> None:
    product = {"id": 174, "name": "Mug", "required_product_options": [{"id": 7, "name": "Engraving"}]}
    error = {"type": "MandatoryProductOptions", "product": product}
    body = [{"status": 400, "message": "The options are invalid.", "details": {"errors": [error]}}]
    hub, _ = connector(Script({CREATE: lambda _: (400, body)}))

    with pytest.raises(GoodsRefusedError, match="“Mug” needs a choice of Engraving") as caught:
        hub.create_order(order(), LINKED)

    assert caught.value.goods == RefusedGoods(is_stock=False, product_ids=frozenset({"174"}))
    assert "optional" in caught.value.fix


def test_goods_that_are_sold_out_are_named_by_their_sku() -> None:
    sku = {"id": 5, "sku": "MUG-RED", "inventory_level": 1}
    errors = [
        {"type": "OutOfStock", "product": {"id": 174, "name": "Mug", "sku": sku}},
        {"type": "ExceedsMaxQuantity", "product": {"id": 9, "name": "Cup", "maximum_quantity": 3}},
    ]
    body = [{"status": 409, "message": "Quantities …", "details": {"errors": errors}}]
    hub, _ = connector(Script({CREATE: lambda _: (409, body)}))

    with pytest.raises(GoodsRefusedError, match="“MUG-RED” is out of stock") as caught:
        hub.create_order(order(), LINKED)

    assert caught.value.goods == RefusedGoods(True, frozenset({"9"}), frozenset({"MUG-RED"}))
    assert "“Cup” may be ordered 3 at a time at most" in str(caught.value)


@pytest.mark.parametrize(
    ("stands", "locked", "sets"),
    [(7, [], 11), (1, [], 11), (9, [], None), (2, [], None), (7, ["Awaiting Payment"], None)],
)
def test_a_released_order_gets_status_and_address_and_nobodys_choice_is_overwritten(
    stands: int, locked: list[str], sets: int | None
) -> None:
    script = {
        STANDING: lambda _: (200, {"id": 218, "status_id": stands}),
        ADDRESSES: lambda _: (200, [{"id": 9}]),
        SET_ORDER: lambda _: (200, {"id": 218}),
        SET_ADDRESS: lambda _: (200, {"id": 9}),
    }
    hub, http = connector(Script(script), locked_statuses=locked)

    hub.release_order(ChannelId("218"), order())

    sent = {(request.method, request.place): request.body for request in http.requests if request.body}
    assert sent[SET_ORDER].get("status_id") == sets
    assert sent[SET_ORDER]["billing_address"]["first_name"] == "Jane"
    assert sent[SET_ADDRESS]["street_1"] == "123 Main Street"


def test_a_masked_mailbox_is_none() -> None:
    masked = Address(name="J*** D***", email="j***@buyer.example", country_code="US", is_masked=True)

    body = from_order(order(shipping_address=masked), LINKED, STORE)

    assert body["billing_address"]["email"].endswith(f"@{NO_MAIL_DOMAIN}")
    assert "reaches nobody" in body["staff_notes"]


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
