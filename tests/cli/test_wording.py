"""Records in words: money that has not gone back is not called refunded, and what is to be done can be copied."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crossdock.cli.wording import (
    about_return,
    asked_for,
    refunded,
    returned_lines,
    standing,
    told_channels,
)
from crossdock.domain.aftersales import ReturnState
from crossdock.operations.views.views import FulfillmentView, ReturnedLineView, ReturnView, ToldView

AT = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


def a_return(state: str, *, asks: str = "", decision: str = "", answer_state: str = "") -> ReturnView:
    mug = ReturnedLineView("1", "Mug", 1, "9.90")
    return ReturnView(
        id="ret_1",
        order_id="ord_1",
        order_number="100",
        integration="shop",
        channel_id="4035",
        kind="refund",
        state=state,
        channel_status="",
        reason="Wrong item",
        currency="USD",
        refunded="19.80",
        refunded_shipping="0",
        refunded_tax="0",
        tracking="",
        lines=[mug, mug],
        is_restocked=False,
        asks=asks,
        answers=["approve"],
        deadline=AT,
        decision=decision,
        decision_reason="",
        note="",
        decided_by="ann" if decision else "",
        answer_state=answer_state,
        message="",
        updated_at=AT,
    )


@pytest.mark.parametrize("state", ReturnState)
def test_money_is_refunded_once_the_return_is_completed_and_asked_for_before(state: ReturnState) -> None:
    shown = a_return(state)

    is_paid = state is ReturnState.COMPLETED
    assert (refunded(shown), asked_for(shown)) == (("19.80 USD", "") if is_paid else ("", "19.80 USD"))


def test_equal_units_are_counted_together() -> None:
    assert returned_lines(a_return("completed")) == "2 × Mug"


def test_a_return_says_until_when_it_waits_or_what_was_answered() -> None:
    waits = a_return("requested", asks="request")
    kept = a_return("requested", asks="request", decision="let_keep", answer_state="told")

    until = "the request waits for your answer until 2026-03-02 10:00:00 UTC"
    assert about_return(waits) == f"Wrong item; {until}"
    assert about_return(kept) == "Wrong item; approved, and the buyer keeps the goods (told)"


def test_what_is_to_be_done_stands_last_with_nothing_attached() -> None:
    def told(name: str, state: str, message: str = "", fix: str = "") -> ToldView:
        return ToldView(name, state, ["7"], message, fix, None, None)

    channels = [
        told("shop", "refused", "No such carrier.", "crossdock settings set shop X=1"),
        told("s", "told"),
    ]
    shown = FulfillmentView(
        id="ful_1",
        order_id="ord_1",
        order_number="100",
        integration="shop",
        source="hub",
        channel_id="",
        state="shipped",
        carrier="UPS",
        tracking_number="1Z",
        tracking_url="",
        service="",
        warning="",
        request="",
        shipped_at=AT,
        lines=[],
        channels=channels,
        actor="ann",
        created_at=AT,
        updated_at=AT,
    )

    assert told_channels(shown) == (
        "s told (7); shop refused (7): No such carrier. Fix: crossdock settings set shop X=1"
    )
    assert standing("shop", "in_review", "", "") == "shop: in review"
    assert standing("shop", "draft", "Lacks it.", "Set it") == "shop: draft; Lacks it. Fix: Set it"
