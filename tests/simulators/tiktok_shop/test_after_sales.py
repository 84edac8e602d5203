from __future__ import annotations

from typing import Any

import pytest

from crossdock_simulators.tiktok_shop.seed import load_listings
from simulators.tiktok_shop.tiktok_client import Client

CANCEL = "/return_refund/202602/cancellations"
REASON = "seller_cancel_reason_out_of_stock"
PENDING = "CANCELLATION_REQUEST_PENDING"


def cancel(shop: Client, order_id: str, reason: str = REASON, **body: Any) -> Any:
    return shop.send("POST", CANCEL, {"order_id": order_id, "cancel_reason": reason} | body).json()


def cancellation(shop: Client, order_id: str, version: str = "202602") -> Any:
    path = f"/return_refund/{version}/cancellations/search"
    return shop.call("POST", path, {"order_ids": [order_id]})["cancellations"][0]


def lines_of(shop: Client, order_id: str) -> list[str]:
    return [line["id"] for line in shop.order(order_id)["line_items"]]


@pytest.mark.parametrize("paid", [True, False])
def test_a_buyer_cancels_at_once_before_the_order_is_released(shop: Client, paid: bool) -> None:
    shop.live()
    order_id = shop.place(2, on_hold=True, paid=paid)

    shop.control(f"orders/{order_id}/cancel")

    assert shop.order(order_id)["status"] == "CANCELLED"
    assert cancellation(shop, order_id)["cancel_status"] == "CANCELLATION_REQUEST_COMPLETE"
    assert shop.levels("TOTE-RED") == (25, 0)


@pytest.mark.parametrize("paid", [True, False])
def test_a_buyer_keeps_fewer_units_during_the_hold(shop: Client, paid: bool) -> None:
    shop.live()
    order_id = shop.place(3, on_hold=True, paid=paid)
    before = shop.order(order_id)
    shop.advance(minutes=5)

    shop.control(f"orders/{order_id}/quantity", {"seller_sku": "TOTE-RED", "quantity": 1})

    after = shop.order(order_id)
    assert after["status"] == before["status"]
    kept, *given_up = sorted(after["line_items"], key=lambda line: line["display_status"] == "CANCELLED")
    assert kept["display_status"] == before["line_items"][0]["display_status"]
    assert [(line["display_status"], line["cancel_user"]) for line in given_up] == [
        ("CANCELLED", "BUYER")
    ] * 2
    assert after["update_time"] > before["update_time"]
    assert cancellation(shop, order_id)["cancel_status"] == "CANCELLATION_REQUEST_COMPLETE"
    assert shop.levels("TOTE-RED") == (24, 1)


def test_keeping_no_unit_of_its_only_sku_ends_the_order(shop: Client) -> None:
    shop.live()
    order_id = shop.place(2, on_hold=True)

    shop.control(f"orders/{order_id}/quantity", {"seller_sku": "TOTE-RED", "quantity": 0})

    assert shop.order(order_id)["status"] == "CANCELLED"
    assert shop.levels("TOTE-RED") == (25, 0)


def test_no_unit_is_added_and_after_the_hold_none_is_taken_off_by_the_buyer_alone(shop: Client) -> None:
    shop.live()
    order_id = shop.place(2, on_hold=True)
    path = f"/_sim/orders/{order_id}/quantity"

    more = shop.http.post(path, json={"seller_sku": "TOTE-RED", "quantity": 3})
    same = shop.http.post(path, json={"seller_sku": "TOTE-RED", "quantity": 2})
    shop.advance(hours=2)
    late = shop.http.post(path, json={"seller_sku": "TOTE-RED", "quantity": 1})

    assert [answer.status_code for answer in (more, same, late)] == [400, 400, 400]
    assert "place another order for more" in more.json()["error"]
    assert "its hold is over" in late.json()["error"]
    assert shop.levels("TOTE-RED") == (23, 2)


def test_a_released_order_waits_for_the_seller(shop: Client) -> None:
    shop.live()
    order_id = shop.place(2)
    cancel_id = shop.control(f"orders/{order_id}/cancel")["cancel_id"]
    asked, request = shop.order(order_id), cancellation(shop, order_id)

    shop.call(
        "POST", f"/return_refund/202309/cancellations/{cancel_id}/approve", query={"idempotency_key": "1"}
    )
    shop.call(
        "POST", f"/return_refund/202309/cancellations/{cancel_id}/approve", query={"idempotency_key": "1"}
    )
    accepted = cancellation(shop, order_id)["cancel_status"]
    shop.advance(minutes=2)

    assert (asked["status"], asked["is_buyer_request_cancel"]) == ("AWAITING_SHIPMENT", True)
    assert (request["cancel_status"], request["cancel_type"]) == (PENDING, "BUYER_CANCEL")
    assert request["seller_next_action_response"][0]["deadline"] > request["create_time"]
    assert accepted == "CANCELLATION_REQUEST_SUCCESS"
    assert cancellation(shop, order_id)["cancel_status"] == "CANCELLATION_REQUEST_COMPLETE"
    assert shop.order(order_id)["status"] == "CANCELLED"
    assert shop.levels("TOTE-RED") == (25, 0)
    again = shop.code("POST", f"/return_refund/202309/cancellations/{cancel_id}/approve")
    assert again == 25011012


def test_a_request_nobody_answers_is_accepted_at_its_deadline(shop: Client) -> None:
    shop.live()
    order_id = shop.place()
    shop.control(f"orders/{order_id}/cancel")

    shop.advance(hours=49)

    assert shop.order(order_id)["status"] == "CANCELLED"


def test_a_refused_request_leaves_the_order_as_it_was(shop: Client) -> None:
    shop.live()
    order_id = shop.place()
    cancel_id = shop.control(f"orders/{order_id}/cancel")["cancel_id"]
    query = {"return_or_cancel_id": cancel_id}
    reason = shop.call("GET", "/return_refund/202309/reject_reasons", query=query)["reasons"][0]["name"]
    path = f"/return_refund/202309/cancellations/{cancel_id}/reject"

    wrong = shop.code("POST", path, {"reject_reason": "because"})
    shop.call("POST", path, {"reject_reason": reason, "comment": "Packed"})

    assert wrong == 25001021
    assert cancellation(shop, order_id)["cancel_status"] == "CANCELLATION_REQUEST_CANCEL"
    assert cancellation(shop, order_id, "202309")["cancel_status"] == "CANCELLATION_REQUEST_CANCELLED"
    assert shop.order(order_id)["is_buyer_request_cancel"] is False
    assert shop.code("POST", path, {"reject_reason": reason}) == 25011011
    assert shop.levels("TOTE-RED") == (24, 1)


def test_shipping_in_the_us_refuses_a_pending_request(shop: Client) -> None:
    shop.live()
    order_id = shop.place()
    shop.control(f"orders/{order_id}/cancel")

    shop.ship(order_id, [], "1Z999AA10123456784")

    assert shop.order(order_id)["status"] == "AWAITING_COLLECTION"
    assert cancellation(shop, order_id)["cancel_status"] == "CANCELLATION_REQUEST_CANCEL"


def test_a_seller_cancels_some_lines_and_the_order_lives_on(shop: Client) -> None:
    shop.live()
    order_id = shop.place(3)
    lines = lines_of(shop, order_id)

    answer = cancel(shop, order_id, order_line_list=[{"order_line_item_id": lines[0]}])
    cancel(shop, order_id, skus=[{"sku_id": shop.order(order_id)["line_items"][0]["sku_id"], "quantity": 1}])

    order = shop.order(order_id)
    assert answer["data"]["cancel_status"] == "CANCELLATION_REQUEST_SUCCESS"
    assert order["status"] == "AWAITING_SHIPMENT"
    assert [line["display_status"] for line in order["line_items"]].count("CANCELLED") == 2
    assert order["line_items"][0]["cancel_user"] == "SELLER"
    assert shop.levels("TOTE-RED") == (24, 1)


def test_the_rest_of_an_order_may_be_cancelled_after_a_part_shipped(shop: Client) -> None:
    shop.live()
    order_id = shop.place(2)
    shop.ship(order_id, lines_of(shop, order_id)[:1], "1Z999AA10123456784")

    cancel(shop, order_id)

    order = shop.order(order_id)
    assert order["status"] == "AWAITING_COLLECTION"
    assert [line["display_status"] for line in order["line_items"]] == ["AWAITING_COLLECTION", "CANCELLED"]
    assert shop.levels("TOTE-RED") == (24, 0)


def test_a_seller_is_refused_for_wrong_reasons_states_and_lines(shop: Client) -> None:
    shop.live()
    order_id, unpaid = shop.place(2), shop.place(paid=False)
    lines = lines_of(shop, order_id)
    both: dict[str, Any] = {
        "order_line_item_ids": lines,
        "order_line_list": [{"order_line_item_id": lines[0]}],
    }

    assert cancel(shop, order_id, "because")["code"] == 25001021
    assert cancel(shop, unpaid)["code"] == 25001021
    assert cancel(shop, order_id, **both)["code"] == 25001001
    assert cancel(shop, order_id, order_line_item_ids=["1"])["code"] == 25001001
    assert cancel(shop, "1")["code"] == 21008111
    assert cancel(shop, unpaid, "seller_cancel_unpaid_reason_out_of_stock")["code"] == 0
    assert cancel(shop, unpaid)["code"] == 25001003
    shop.ship(order_id, lines, "1Z999AA10123456784")
    shop.advance(hours=13)
    assert cancel(shop, order_id)["code"] == 25001045


def test_restocking_can_be_switched_off(shop: Client) -> None:
    shop.live()
    order_id = shop.place(2)
    shop.control("switches", {"restocks_on_cancellation": False})

    cancel(shop, order_id)

    assert shop.levels("TOTE-RED") == (23, 0)


def test_eligibility_names_the_reasons_that_will_be_accepted(shop: Client) -> None:
    shop.live()
    order_id = shop.place()
    path = f"/return_refund/202602/orders/{order_id}/aftersale_eligibility"

    found = shop.call("GET", path, query={"request_types": "CANCEL"})["sku_eligibility"][0]
    shop.ship(order_id, [], "1Z999AA10123456784")
    shipped = shop.call("GET", path)["sku_eligibility"][0]["line_item_eligibility"]

    assert REASON in found["line_item_eligibility"][0]["available_reason_names"]
    assert [one["eligible"] for one in shipped] == [False, False, False]


@pytest.mark.parametrize("region_shop", ["DE"], indirect=True)
def test_in_the_eu_an_order_is_cancelled_whole_or_not_at_all(region_shop: Client) -> None:
    seeded = {"title": "Tote", "skus": [{"seller_sku": "TOTE-RED", "price": "20", "quantity": 3}]}
    load_listings(region_shop.simulator.shop, [seeded])
    order_id = region_shop.place(2)
    line = lines_of(region_shop, order_id)[0]

    held = region_shop.place(1, on_hold=True)
    fewer = region_shop.http.post(
        f"/_sim/orders/{held}/quantity", json={"seller_sku": "TOTE-RED", "quantity": 0}
    )

    part = cancel(region_shop, order_id, f"{REASON}_de", order_line_item_ids=[line])
    whole = cancel(region_shop, order_id, f"{REASON}_de")

    assert (part["code"], whole["code"]) == (25001001, 0)
    assert "cancelled whole" in fewer.json()["error"]


def test_returns_are_found_once_a_buyer_opens_one(shop: Client) -> None:
    shop.live()
    order_id = shop.place(2)
    shop.ship(order_id, [], "1Z999AA10123456784")
    shop.advance(hours=100)
    return_id = shop.control(f"orders/{order_id}/return", {"line_ids": lines_of(shop, order_id)[:1]})[
        "return_id"
    ]

    found = shop.call("POST", "/return_refund/202602/returns/search", {"order_ids": [order_id]})
    older = shop.call("POST", "/return_refund/202309/returns/search", {"return_ids": [return_id]})
    shop.advance(days=20)
    shop.renew_token()
    open_order = shop.order(order_id)["status"]
    shop.control(f"returns/{return_id}/finish")

    assert found["return_orders"][0]["return_status"] == "RETURN_OR_REFUND_REQUEST_PENDING"
    assert len(found["return_orders"][0]["return_line_items"]) == 1
    assert older["total_count"] == 1
    assert open_order == "DELIVERED"
    query = {"page_size": "5"}
    assert shop.code("POST", "/return_refund/202602/returns/search", query=query) == 36009004
