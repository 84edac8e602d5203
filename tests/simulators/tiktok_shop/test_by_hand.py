"""Orders, products and stock on the shop's page: every button, and what the control calls behind them refuse."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from crossdock_simulators.tiktok_shop import placing
from crossdock_simulators.tiktok_shop.seed import load_listings
from simulators.tiktok_shop.tiktok_client import UPS, Client
from simulators.tiktok_shop.tiktok_page import FORM, THREE, TOTE, Press, page, shipped


@pytest.mark.parametrize("quantity", ["0", "-1", "", "2.5", "many"])
def test_an_order_has_whole_units_and_at_least_one(market: Client, press: Press, quantity: str) -> None:
    on_page = press("orders", 400, seller_sku="TOTE-RED", quantity=quantity)
    lines = [{"seller_sku": "TOTE-RED", "quantity": quantity}]
    in_json = market.http.post("/_sim/orders", json={"lines": lines})

    assert in_json.status_code == 400
    assert in_json.json()["error"].startswith("Quantity ")
    assert "Quantity " in on_page.text
    assert market.state()["orders"] == []
    assert market.levels("TOTE-RED") == (20, 0)


@pytest.mark.parametrize("quantity", [0, -1])
def test_no_order_without_lines_comes_to_be(market: Client, quantity: int) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        placing.place(market.simulator.shop, {"lines": [{"seller_sku": "TOTE-RED", "quantity": quantity}]})


def test_a_request_to_cancel_shows_and_is_not_made_twice(market: Client, press: Press) -> None:
    order_id = market.place(2)
    assert "Cancel as the buyer" in page(market)

    press(f"orders/{order_id}/cancel")
    again = press(f"orders/{order_id}/cancel", 400)

    shown = page(market)
    assert "cancel requested (all that is open)" in shown
    assert "Cancel as the buyer" not in shown
    assert f"asked to cancel order {order_id} already" in again.text
    assert len(market.state()["cancellations"]) == 1
    market.advance(hours=49)
    assert "cancel requested" not in page(market)
    assert "TOTE-RED CANCELLED" in page(market)


def test_a_request_that_was_refused_may_be_made_anew(market: Client, press: Press) -> None:
    order_id = market.place()
    press(f"orders/{order_id}/cancel")
    (made,) = market.state()["cancellations"]
    reject = f"/return_refund/202309/cancellations/{made['cancel_id']}/reject"
    market.call("POST", reject, {"reject_reason": "ecom_reverse_reject_cancel_reason_product_packed"})

    press(f"orders/{order_id}/cancel")

    assert len(market.state()["cancellations"]) == 2


def test_shipping_by_hand_rejects_a_request_as_shipping_by_call_does(market: Client, press: Press) -> None:
    order_id = market.place()
    press(f"orders/{order_id}/cancel")

    press(f"orders/{order_id}/ship")

    (request,) = market.state()["cancellations"]
    assert request["status"] == "CANCELLATION_REQUEST_CANCEL"
    assert market.order(order_id)["is_buyer_request_cancel"] is False


@pytest.mark.parametrize("region_shop", ["DE"], indirect=True)
@pytest.mark.parametrize("market", ["region_shop"], indirect=True)
def test_elsewhere_a_request_comes_before_shipping(market: Client, press: Press, region_shop: Client) -> None:
    order_id = region_shop.place()
    press(f"orders/{order_id}/cancel")

    refused = press(f"orders/{order_id}/ship", 400)

    assert "after-sale request is pending" in refused.text
    assert market.order(order_id)["status"] == "AWAITING_SHIPMENT"


def test_a_seller_ships_a_part_by_a_carrier_and_the_rest(market: Client, press: Press) -> None:
    order_id = market.place(lines=THREE)
    path = f"orders/{order_id}/ship"

    press(path, seller_sku="TOTE-RED", quantity="1", tracking_number="1Z999AA1", shipping_provider_id=UPS)
    part = market.order(order_id)
    press(path, seller_sku="", quantity="", tracking_number="")
    late = press(path, 400)

    assert part["status"] == "PARTIALLY_SHIPPING"
    assert [line.get("tracking_number", "") for line in part["line_items"]] == ["1Z999AA1", "", ""]
    assert market.order(order_id)["status"] == "AWAITING_COLLECTION"
    assert "nothing is shipped" in late.text
    assert market.levels("TOTE-RED") == (18, 0)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"quantity": "4"}, "The order has 3 left, not 4"),
        ({"quantity": "1"}, "Which SKU?"),
        ({"seller_sku": "TOTE-RED", "quantity": "3"}, "TOTE-RED has 2 left, not 3"),
        ({"seller_sku": "NOPE"}, "Nothing of NOPE is left"),
        ({"seller_sku": "TOTE-RED", "quantity": "0"}, "at least 1"),
        ({"tracking_number": "x"}, "tracking number or the shipping provider is invalid"),
    ],
)
def test_a_seller_ships_only_what_is_there(
    market: Client, press: Press, fields: dict[str, str], told: str
) -> None:
    order_id = market.place(lines=THREE)

    assert told in press(f"orders/{order_id}/ship", 400, **fields).text
    assert market.state()["shipments"] == []


def test_a_line_that_left_does_not_leave_again(market: Client) -> None:
    order_id = market.place(2)
    first = market.order(order_id)["line_items"][0]["id"]
    market.control(f"orders/{order_id}/ship", {"line_ids": [first]})

    again = market.http.post(f"/_sim/orders/{order_id}/ship", json={"line_ids": [first]})

    assert "already shipped" in again.json()["error"]


@pytest.mark.parametrize("region_shop", ["MX"], indirect=True)
@pytest.mark.parametrize("market", ["region_shop"], indirect=True)
def test_what_waits_is_packed_apart_and_in_one_again(
    region_shop: Client, market: Client, press: Press, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []

    def publish(name: str, data: dict[str, Any]) -> None:
        told.append(data.get("sc_type", name))

    order_id = market.place(lines=THREE)
    monkeypatch.setattr(region_shop.simulator.shop, "publish", publish)

    press(f"orders/{order_id}/split", seller_sku="TOTE-RED", quantity="1")
    press(f"orders/{order_id}/split", seller_sku="TOTE-BLUE", quantity="1")
    apart = [len(one["line_ids"]) for one in market.state()["shipments"]]
    assert "Pack in one again" in page(market)
    press(f"orders/{order_id}/split")

    assert apart == [1, 1, 1]
    assert [len(one["line_ids"]) for one in market.state()["shipments"]] == [3]
    assert told == ["SPLIT", "SPLIT", "CANCEL_SPLIT"]
    assert "Pack in one again" not in page(market)


@pytest.mark.parametrize("region_shop", ["MX"], indirect=True)
@pytest.mark.parametrize("market", ["region_shop"], indirect=True)
def test_orders_that_wait_are_packed_together_and_apart_again(
    region_shop: Client, market: Client, press: Press, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[str, list[str]]] = []

    def publish(_: str, data: dict[str, Any]) -> None:
        told.extend((data["sc_type"], each["order_id_list"]) for each in data["package_list"])

    one, two = market.place(lines=THREE), market.place(1)
    monkeypatch.setattr(region_shop.simulator.shop, "publish", publish)

    press(f"orders/{one}/combine", order_id=two)
    together = [len(each["line_ids"]) for each in market.state()["shipments"]]
    press(f"orders/{two}/uncombine")

    assert together == [4]
    assert [each["order_ids"] for each in market.state()["shipments"]] == [[one], [two]]
    assert told == [("COMBINE", [one, two]), ("CANCEL_COMBINE", [one]), ("CANCEL_COMBINE", [two])]


def test_an_order_without_a_package_is_not_split(market: Client, press: Press) -> None:
    order_id = market.place(lines=THREE)

    assert "no package that waits" in press(f"orders/{order_id}/split", 400).text
    assert "Pack apart" not in page(market)


def test_a_parcel_is_scanned_delivered_and_its_order_completed_in_turn(market: Client, press: Press) -> None:
    order_id = market.place(lines=THREE)
    path = f"orders/{order_id}/advance"
    press(f"orders/{order_id}/ship")
    early = press(path, 400, to="DELIVERED")
    seen = []
    for button, step in (
        ("Scan by the carrier", "IN_TRANSIT"),
        ("Deliver", "DELIVERED"),
        ("Complete", "COMPLETED"),
    ):
        seen.append(f"<button>{button}</button>" in page(market))
        press(path, to=step)

    assert seen == [True, True, True]
    assert market.order(order_id)["status"] == "COMPLETED"
    assert "gets to DELIVERED now" in early.text
    assert "not to NOWHERE" in press(path, 400, to="NOWHERE").text
    assert "To is missing" in press(path, 400).text


@pytest.mark.parametrize(
    ("path", "fields", "told"),
    [
        ("orders", {"seller_sku": ""}, "Seller SKU is missing"),
        ("orders", {"seller_sku": "NOPE"}, "No SKU NOPE is live"),
        ("orders/999/pay", {}, "There is no order 999"),
        ("returns/999/decide", {"decision": "APPROVE_RETURN"}, "There is no return 999"),
        ("statements", {"order_ids": ""}, "about an order or an adjustment"),
        ("statements", {"order_ids": "999"}, "not of this seller: 999"),
        ("statements", {"amount": "much"}, "&#x27;much&#x27; is no number"),
        ("statements/999/pay", {}, "Statement 999 is not known"),
        ("stock", {"seller_sku": "TOTE-RED", "quantity": "-5"}, "Quantity has to be at least 0, not -5"),
        ("stock", {"seller_sku": "", "quantity": "5"}, "Seller SKU is missing"),
        ("stock", {"seller_sku": "TOTE-RED", "quantity": ""}, "Quantity is missing"),
    ],
)
def test_a_mistake_is_told_in_a_sentence(
    market: Client, press: Press, path: str, fields: dict[str, str], told: str
) -> None:
    assert told in press(path, 400, **fields).text
    assert market.levels("TOTE-RED") == (20, 0)


def test_units_kept_are_not_below_none(market: Client, press: Press) -> None:
    held = market.place(2, on_hold=True)

    refused = press(f"orders/{held}/quantity", 400, seller_sku="TOTE-RED", quantity="-1")

    assert "Quantity has to be at least 0, not -1" in refused.text


def test_reviews_wait_for_a_person_once_the_page_says_so(market: Client, press: Press) -> None:
    press("switches", auto_approve="false")
    product_id = market.create()["product_id"]
    market.advance(minutes=5)
    assert "<button>Approve</button>" in page(market)

    press(f"products/{product_id}/review", decision="approve")
    press("switches", auto_approve="true")

    assert market.product(product_id)["status"] == "ACTIVATE"
    assert "Reviews are decided by themselves" in page(market)


def test_a_list_that_is_cut_says_so(market: Client) -> None:
    load_listings(market.simulator.shop, ({**TOTE, "title": f"Tote {n}"} for n in range(60)))

    assert "The newest 50 of 61 products." in page(market)


def buttons(shown: str) -> Iterator[str]:
    yield from re.findall(r'<form method="post" action="([^"]+)"', shown)


def test_every_button_leads_to_a_call_that_there_is(market: Client, press: Press) -> None:
    delivered = shipped(market, press)
    press(f"orders/{delivered}/return", type="RETURN_AND_REFUND", seller_sku="TOTE-RED", quantity="1")
    press("statements", amount="1")
    shipped(market, press, to="IN_TRANSIT")
    for options in ({"on_hold": True}, {"paid": False}, {"shipping_type": "TIKTOK"}, {}):
        market.place(2, **options)
    press("switches", auto_approve="false")
    market.create()
    press("faults", kind="error", times="9")
    found = set(buttons(page(market)))

    answers = {path: market.http.post(path, headers=FORM).status_code for path in sorted(found)}

    assert set(answers.values()) <= {303, 400}
    acts = {path.rsplit("/", 1)[1] for path in found}
    assert acts >= {"pay", "cancel", "quantity", "ship", "advance", "return", "decide", "withdraw"}
    assert acts >= {"finish", "review", "clear", "clock", "stock", "statements", "switches"}
