"""Returns and statements on the shop's page, from the buyer's request to the money."""

from __future__ import annotations

import re
from typing import Any

import pytest

from simulators.tiktok_shop.tiktok_client import Client
from simulators.tiktok_shop.tiktok_page import THREE, Press, page, shipped


def only_return(market: Client) -> dict[str, Any]:
    (made,) = market.state()["returns"]
    return dict(made)


def test_a_return_goes_there_and_back_by_buttons(market: Client, press: Press) -> None:
    order_id = shipped(market, press)

    press(f"orders/{order_id}/return", type="RETURN_AND_REFUND", seller_sku="TOTE-RED", quantity="1")
    return_id = only_return(market)["return_id"]
    held = press(f"orders/{order_id}/advance", 400, to="COMPLETED")
    press(f"returns/{return_id}/decide", decision="APPROVE_RETURN")
    assert "Send back as the buyer" in page(market)
    press(f"returns/{return_id}/ship", tracking_number="")
    press(f"returns/{return_id}/decide", decision="APPROVE_RECEIVED_PACKAGE")
    press(f"returns/{return_id}/withdraw", 400)
    market.advance(minutes=2)

    assert only_return(market)["status"] == "RETURN_OR_REFUND_REQUEST_COMPLETE"
    assert "COMPLETED now" in held.text
    assert "nothing to finish" in press(f"returns/{return_id}/finish", 400).text


@pytest.mark.parametrize("kept", ["true", "false"])
def test_the_buyer_may_keep_what_is_refunded(market: Client, press: Press, kept: str) -> None:
    press(f"orders/{shipped(market, press)}/return", type="RETURN_AND_REFUND")
    path = f"returns/{only_return(market)['return_id']}/decide"

    press(path, decision="APPROVE_RETURN", buyer_keep_item=kept)

    expected = "RETURN_OR_REFUND_REQUEST_SUCCESS" if kept == "true" else "AWAITING_BUYER_SHIP"
    assert only_return(market)["status"] == expected


@pytest.mark.parametrize(
    ("kind", "withdrawn", "finished"),
    [
        ("REFUND", "RETURN_OR_REFUND_REQUEST_CANCEL", "RETURN_OR_REFUND_REQUEST_COMPLETE"),
        ("REPLACEMENT", "REPLACEMENT_REQUEST_CANCEL", "REPLACEMENT_REQUEST_COMPLETE"),
        ("EXCHANGE", "EXCHANGE_REQUEST_CANCEL", "EXCHANGE_REQUEST_COMPLETE"),
    ],
)
def test_a_return_is_withdrawn_or_finished_in_the_words_of_its_kind(
    market: Client, press: Press, kind: str, withdrawn: str, finished: str
) -> None:
    order_id = shipped(market, press, to="IN_TRANSIT")
    for act in ("withdraw", "finish"):
        press(f"orders/{order_id}/return", type=kind)
        press(f"returns/{market.state()['returns'][-1]['return_id']}/{act}")

    assert [one["status"] for one in market.state()["returns"]] == [withdrawn, finished]


def test_no_unit_is_in_two_returns_and_none_that_was_canceled(market: Client, press: Press) -> None:
    order_id = market.place(lines=THREE, on_hold=True)
    press(f"orders/{order_id}/quantity", seller_sku="TOTE-RED", quantity="1")
    market.advance(hours=2)
    press(f"orders/{order_id}/ship")
    press(f"orders/{order_id}/advance", to="IN_TRANSIT")

    press(f"orders/{order_id}/return", seller_sku="TOTE-BLUE", quantity="")
    twice = press(f"orders/{order_id}/return", 400, seller_sku="TOTE-BLUE", quantity="")
    press(f"orders/{order_id}/return")
    none_left = press(f"orders/{order_id}/return", 400)

    assert "Nothing of TOTE-BLUE is left" in twice.text
    assert "none of these units left" in none_left.text
    search = market.call("POST", "/return_refund/202602/returns/search", {"order_ids": [order_id]})
    assert [len(one["return_line_items"]) for one in search["return_orders"]] == [1, 1]


def test_a_statement_is_settled_and_paid_by_buttons(market: Client, press: Press) -> None:
    order_id = shipped(market, press)
    button = "<button>Settle</button>"
    assert page(market).count(button) == 2

    press("statements", order_ids=f"{order_id},", amount="-4.50", order_id=order_id)
    shown = page(market)
    (statement_id,) = re.findall(r"/_sim/statements/(\d+)/pay", shown)
    press(f"statements/{statement_id}/pay")

    assert page(market).count(button) == 1
    assert "51.90" in shown, "60.00 less a fee of 3.60 and 4.50"
    assert "Pay out" not in page(market)
    assert "paid already" in press(f"statements/{statement_id}/pay", 400).text


def test_a_decision_that_does_not_exist_is_told_in_a_sentence(market: Client, press: Press) -> None:
    press(f"orders/{shipped(market, press)}/return")

    refused = press(f"returns/{only_return(market)['return_id']}/decide", 400, decision="FOO")

    assert "cannot be approved now: FOO" in refused.text
