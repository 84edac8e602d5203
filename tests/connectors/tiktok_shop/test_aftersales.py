"""Cancellations, returns and statements of TikTok Shop: read in windows, told in its words, by older calls at need."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from connectors.tiktok_shop.tiktok_bench import NOW, Sent, refusal, scripted
from crossdock.connectors.errors import AccessMissingError
from crossdock.connectors.tiktok_shop.mapping.cancellation import from_reason, to_cancellation
from crossdock.connectors.tiktok_shop.mapping.statement import to_statement
from crossdock.connectors.tiktok_shop.payloads_aftersales import Cancellation, Statement, Transaction
from crossdock.domain.aftersales import CanceledUnits, CancellationState, CancelReason, WantedCancellation
from crossdock.domain.channel import ChannelId
from crossdock.domain.sync import Change, Confirmed, Rejected

US = (
    "seller_cancel_reason_out_of_stock",
    "seller_cancel_reason_wrong_price",
    "seller_cancel_paid_reason_buyer_requested_cancellation",
)
T0 = int(NOW.timestamp()) - 100_000


def cancellation(number: int, status: str = "CANCELLATION_REQUEST_PENDING") -> dict[str, Any]:
    return {"cancel_id": str(number), "order_id": "7", "update_time": T0 + number, "cancel_status": status}


@pytest.mark.parametrize(
    ("reason", "preferred", "names", "given"),
    [
        (CancelReason.WRONG_PRICE, "", US, US[1]),
        (CancelReason.WRONG_PRICE, US[0], US, US[0]),
        (CancelReason.WRONG_PRICE, "no_longer_offered", US, US[1]),
        (
            CancelReason.BUYER_ASKED,
            "",
            ("seller_cancel_reason_out_of_stock_uk",),
            "seller_cancel_reason_out_of_stock_uk",
        ),
        (CancelReason.OTHER, "", ("something_else",), "something_else"),
        (CancelReason.OTHER, "", (), ""),
    ],
)
def test_the_reason_is_the_settings_own_or_the_one_that_fits(
    reason: CancelReason, preferred: str, names: tuple[str, ...], given: str
) -> None:
    assert from_reason(reason, preferred, names) == given


@pytest.mark.parametrize(
    ("name", "words", "said"),
    [
        ("ecom_order_to_ship_canceled_reason_no_longer_needed", "Kein Bedarf mehr", "Kein Bedarf mehr"),
        ("ecom_order_to_ship_canceled_reason_no_longer_needed", None, "No longer needed"),
        ("seller_cancel_reason_out_of_stock_uk", "", "Out of stock"),
        ("package_lost", None, "Package lost"),
        (None, None, ""),
    ],
)
def test_why_is_said_in_words(name: str | None, words: str | None, said: str) -> None:
    raw = Cancellation(**cancellation(1), role="BUYER", cancel_reason=name, cancel_reason_text=words)

    assert to_cancellation(raw).reason == said


@pytest.mark.parametrize("status", ["CANCELLATION_REQUEST_CANCEL", "CANCELLATION_REQUEST_CANCELLED"])
def test_both_spellings_of_a_withdrawn_request_are_known(status: str) -> None:
    raw = Cancellation(cancel_id="1", order_id="7", update_time=T0, cancel_status=status, role="BUYER")

    assert to_cancellation(raw).state is CancellationState.WITHDRAWN


def test_a_status_of_tomorrow_is_kept_apart_while_its_neighbours_pass() -> None:
    found = [cancellation(1), cancellation(2, "CANCELLATION_REQUEST_PONDERED")]
    bench, _ = scripted(lambda _: {"cancellations": found, "next_page_token": ""})

    [page] = bench.connector().pull_cancellations(None)

    assert [one.channel_id for one in page.records] == ["1"]
    assert "PONDERED" in page.unreadable[0].reason


def test_cancellations_are_read_on_from_the_last_time_seen() -> None:
    every = [cancellation(number) for number in range(7)]

    def search(sent: Sent) -> Any:
        since = (sent.body or {}).get("update_time_ge", 0)
        found = [one for one in every if one["update_time"] >= since]
        start = int(sent.query.get("page_token", "0"))
        rest = found[start + 2 :]
        return {"cancellations": found[start : start + 2], "next_page_token": str(start + 2) if rest else ""}

    bench, http = scripted(search)
    pages = list(bench.connector().pull_cancellations(None))
    first_sent = len(http.sent)
    again = list(bench.connector().pull_cancellations(pages[-1].cursor))

    assert {one.channel_id for page in pages for one in page.records} == {str(n) for n in range(7)}
    assert [page.completes_sweep for page in pages].count(True) == 1
    assert [one.channel_id for page in again for one in page.records] == ["6"]
    assert len(http.sent) == first_sent + 1


def test_an_app_without_the_newest_version_uses_the_older_one() -> None:
    def answer(sent: Sent) -> Any:
        if "/202602/" in sent.path:
            return refusal(36009014, "no such version")
        return {"cancellations": [cancellation(1)], "next_page_token": ""}

    bench, http = scripted(answer)
    [page] = bench.connector().pull_cancellations(None)

    assert [one.channel_id for one in page.records] == ["1"]
    assert [sent.path.split("/")[2] for sent in http.sent] == ["202602", "202309"]


ORDER = {
    "id": "7",
    "status": "AWAITING_SHIPMENT",
    "create_time": T0,
    "update_time": T0,
    "line_items": [{"id": "l1", "display_status": "AWAITING_SHIPMENT"}],
}


def test_an_order_that_is_canceled_there_already_is_not_asked_for_again() -> None:
    def answer(sent: Sent) -> Any:
        if sent.path.endswith("/orders"):
            return {"orders": [ORDER | {"status": "CANCELLED"}]}
        done = "CANCELLATION_REQUEST_SUCCESS"
        ours, theirs = cancellation(5, done), cancellation(6, done)
        return {"cancellations": [ours | {"role": "SELLER"}, theirs | {"role": "BUYER"}]}

    bench, http = scripted(answer)
    wanted = WantedCancellation(ChannelId("7"), CancelReason.OTHER)
    [outcome] = bench.connector().push_cancellations([Change("c", wanted, is_unclear=True)])

    assert isinstance(outcome, Confirmed)
    assert outcome.channel_id == "5"
    assert not any(sent.path.endswith("/cancellations") for sent in http.sent)


def test_what_may_not_be_canceled_any_more_is_refused_in_the_platforms_words() -> None:
    not_eligible = {"request_type": "CANCEL", "eligible": False, "ineligible_reason": "It has shipped"}

    def answer(sent: Sent) -> Any:
        if sent.path.endswith("/orders"):
            return {"orders": [ORDER]}
        return {"sku_eligibility": [{"sku_id": "s", "line_item_eligibility": [not_eligible]}]}

    bench, http = scripted(answer)
    wanted = WantedCancellation(ChannelId("7"), CancelReason.OTHER)
    [outcome] = bench.connector().push_cancellations([Change("c", wanted)])

    assert isinstance(outcome, Rejected)
    assert outcome.reason == "It has shipped"
    assert not any(sent.path.endswith("/cancellations") for sent in http.sent)


def test_units_that_have_left_are_the_last_to_be_canceled() -> None:
    status = {"u1": "IN_TRANSIT", "u2": "AWAITING_SHIPMENT", "u3": "AWAITING_SHIPMENT"}

    def answer(sent: Sent) -> Any:
        if sent.path.endswith("/orders"):
            items = [{"id": unit, "display_status": its} for unit, its in status.items()]
            return {"orders": [ORDER | {"line_items": items}]}
        if sent.path.endswith("/cancellations"):
            return {"cancel_id": "5", "cancel_status": "CANCELLATION_REQUEST_SUCCESS"}
        return {"sku_eligibility": []}

    bench, http = scripted(answer)
    units = tuple(map(ChannelId, status))
    wanted = WantedCancellation(
        ChannelId("7"), CancelReason.OTHER, units=(CanceledUnits(ChannelId("u1"), 2, 2, units),)
    )
    [outcome] = bench.connector().push_cancellations([Change("c", wanted)])

    assert isinstance(outcome, Confirmed)
    assert (http.sent[-1].body or {})["order_line_item_ids"] == ["u2", "u3"]


def test_a_transaction_that_came_on_two_pages_is_kept_once() -> None:
    raw = Statement(id="9", statement_time=T0, currency="USD", settlement_amount="5.00")
    same = Transaction(id="1", type="ORDER", order_id="7", settlement_amount="5.00")

    made = to_statement(raw, [same, same])

    assert (len(made.lines), made.unexplained) == (1, 0)


def test_a_statement_keeps_orders_and_adjustments_and_says_what_no_line_explains() -> None:
    raw = Statement(
        id="9", statement_time=T0, currency="USD", settlement_amount="10.00", payment_status="PAID"
    )
    rows = [
        Transaction(
            id="1",
            type="ORDER",
            order_id="7",
            settlement_amount="9.40",
            revenue_amount="10",
            fee_amount="-0.6",
        ),
        Transaction(adjustment_id="a", adjustment_order_id="7", adjustment_amount="0.50"),
    ]

    made = to_statement(raw, rows)

    assert [(line.kind, line.order_id, line.settled) for line in made.lines] == [
        ("ORDER", "7", Decimal("9.40")),
        ("ADJUSTMENT", "7", Decimal("0.50")),
    ]
    assert made.unexplained == Decimal("0.10")


def test_an_app_without_statements_is_told_what_to_do() -> None:
    bench, _ = scripted(lambda _: refusal(36009009, "no such path"))

    with pytest.raises(AccessMissingError) as caught:
        list(bench.connector().pull_statements(None))

    assert "switch off Pull statements" in caught.value.fix
