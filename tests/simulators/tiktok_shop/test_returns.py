"""Returns of the simulated shop: opened by buyers, decided by the seller, as the document says."""

from __future__ import annotations

from typing import Any

import pytest

from simulators.tiktok_shop.tiktok_client import Client

PENDING = "RETURN_OR_REFUND_REQUEST_PENDING"
REFUSED = "REFUND_OR_RETURN_REQUEST_REJECT"
SUCCESS, COMPLETE = "RETURN_OR_REFUND_REQUEST_SUCCESS", "RETURN_OR_REFUND_REQUEST_COMPLETE"


def opened(shop: Client, kind: str) -> str:
    shop.live()
    order_id = shop.place(2)
    shop.ship(order_id, [], "1Z999AA10123456784")
    shop.advance(hours=100)
    return str(shop.control(f"orders/{order_id}/return", {"type": kind})["return_id"])


def shown(shop: Client, return_id: str) -> Any:
    body = {"return_ids": [return_id]}
    return shop.call("POST", "/return_refund/202602/returns/search", body)["return_orders"][0]


def status(shop: Client, return_id: str) -> str:
    return str(shown(shop, return_id)["return_status"])


def approve(shop: Client, return_id: str, decision: str, key: str = "", **body: Any) -> int:
    path = f"/return_refund/202309/returns/{return_id}/approve"
    return shop.code(
        "POST", path, {"decision": decision} | body, query={"idempotency_key": key} if key else {}
    )


def reject(shop: Client, return_id: str, decision: str, *, reason: str = "", version: str = "202606") -> int:
    path, query = f"/return_refund/{version}/returns/{return_id}/reject", {"return_or_cancel_id": return_id}
    reasons = shop.call("GET", "/return_refund/202309/reject_reasons", query=query)["reasons"]
    return shop.code("POST", path, {"decision": decision, "reject_reason": reason or reasons[0]["name"]})


def test_a_refund_that_is_approved_is_paid_back(shop: Client) -> None:
    return_id = opened(shop, "REFUND")
    asked = shown(shop, return_id)["seller_next_action_response"]

    code = approve(shop, return_id, "APPROVE_REFUND")
    at_once = status(shop, return_id)
    shop.advance(minutes=2)

    assert [each["action"] for each in asked] == ["SELLER_RESPOND_REFUND"]
    assert (code, at_once, status(shop, return_id)) == (0, SUCCESS, COMPLETE)
    assert "seller_next_action_response" not in shown(shop, return_id)


def test_goods_come_back_before_their_price_does(shop: Client) -> None:
    return_id = opened(shop, "RETURN_AND_REFUND")

    early = approve(shop, return_id, "APPROVE_RECEIVED_PACKAGE")
    agreed = approve(shop, return_id, "APPROVE_RETURN")
    waiting = status(shop, return_id)
    shop.control(f"returns/{return_id}/ship", {"tracking_number": "9400111899223197428490"})
    back = shown(shop, return_id)
    accepted = approve(shop, return_id, "APPROVE_RECEIVED_PACKAGE")

    assert (early, agreed, accepted) == (25011012, 0, 0)
    assert (waiting, back["return_status"]) == ("AWAITING_BUYER_SHIP", "BUYER_SHIPPED_ITEM")
    assert back["return_tracking_number"] == "9400111899223197428490"
    assert back["seller_next_action_response"][0]["action"] == "SELLER_RESPOND_RECEIVE_PACKAGE"
    assert status(shop, return_id) == SUCCESS


def test_a_buyer_may_be_let_keep_what_they_wanted_to_return(shop: Client) -> None:
    return_id = opened(shop, "RETURN_AND_REFUND")

    code = approve(shop, return_id, "APPROVE_RETURN", buyer_keep_item=True)

    assert (code, status(shop, return_id)) == (0, SUCCESS)
    assert shown(shop, return_id)["can_buyer_keep_item"] is True


def test_keeping_goes_with_the_approval_of_a_return_only(shop: Client) -> None:
    return_id = opened(shop, "REFUND")

    assert approve(shop, return_id, "APPROVE_REFUND", buyer_keep_item=True) == 25001001
    assert status(shop, return_id) == PENDING


@pytest.mark.parametrize(
    ("kind", "decision", "ends"),
    [
        ("REFUND", "REJECT_REFUND", REFUSED),
        ("RETURN_AND_REFUND", "REJECT_RETURN", REFUSED),
        ("REPLACEMENT", "REJECT_REPLACEMENT", "REPLACEMENT_REQUEST_REJECT"),
    ],
)
@pytest.mark.parametrize("version", ["202309", "202606"])
def test_each_type_has_a_rejection_of_its_own(
    shop: Client, kind: str, decision: str, ends: str, version: str
) -> None:
    return_id = opened(shop, kind)

    assert reject(shop, return_id, "REJECT_RECEIVED_PACKAGE", version=version) == 25011011
    assert reject(shop, return_id, decision, reason="because", version=version) == 25001021
    assert reject(shop, return_id, decision, version=version) == 0
    assert status(shop, return_id) == ends
    assert reject(shop, return_id, decision, version=version) == 25011011


@pytest.mark.parametrize(
    ("decision", "ends"),
    [
        ("APPROVE_REPLACEMENT", "REPLACEMENT_REQUEST_COMPLETE"),
        ("ISSUE_REPLACEMENT_REFUND", "REPLACEMENT_REQUEST_REFUND_SUCCESS"),
    ],
)
def test_a_replacement_is_agreed_to_or_paid_back(shop: Client, decision: str, ends: str) -> None:
    return_id = opened(shop, "REPLACEMENT")

    assert approve(shop, return_id, decision) == 0
    assert status(shop, return_id) == ends


def test_the_same_key_makes_a_repeated_decision_succeed_again(shop: Client) -> None:
    return_id = opened(shop, "RETURN_AND_REFUND")

    assert approve(shop, return_id, "APPROVE_RETURN", "a-key") == 0
    assert approve(shop, return_id, "APPROVE_RETURN", "a-key") == 0
    assert approve(shop, return_id, "APPROVE_RETURN", "another") == 25011012


def test_nothing_is_decided_about_an_exchange_or_by_unknown_words(shop: Client) -> None:
    return_id = opened(shop, "EXCHANGE")

    assert approve(shop, return_id, "APPROVE_REPLACEMENT") == 25011012
    assert approve(shop, return_id, "APPROVE_EVERYTHING") == 36009004
    assert approve(shop, "1", "APPROVE_RETURN") == 25007006


def test_a_buyer_withdraws_what_was_asked(shop: Client) -> None:
    return_id = opened(shop, "REPLACEMENT")

    shop.control(f"returns/{return_id}/withdraw")

    assert status(shop, return_id) == "REPLACEMENT_REQUEST_CANCEL"


def test_an_order_is_not_closed_while_its_goods_are_on_their_way_back(shop: Client) -> None:
    return_id = opened(shop, "RETURN_AND_REFUND")
    order_id = shown(shop, return_id)["order_id"]
    approve(shop, return_id, "APPROVE_RETURN")
    shop.control(f"returns/{return_id}/ship")

    shop.advance(days=20)
    shop.renew_token()

    assert shop.order(order_id)["status"] == "DELIVERED"
