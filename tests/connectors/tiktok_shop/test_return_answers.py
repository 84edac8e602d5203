"""Answers to returns, told to the simulated platform over real HTTP: the decision that fits, told once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connectors.tiktok_shop.shop_bench import place
from connectors.tiktok_shop.tiktok_bench import SimulatedShop
from crossdock.connectors.tiktok_shop.mapping.returns import to_return
from crossdock.connectors.tiktok_shop.payloads_aftersales import NextAction, Return
from crossdock.domain.aftersales import (
    ChannelReturn,
    ReturnAnswer,
    ReturnDecision,
    ReturnKind,
    ReturnQuestion,
    WantedReturnAnswer,
)
from crossdock.domain.sync import Change, Confirmed, Outcome, Rejected, Unclear
from crossdock_simulators.kit import Fault
from crossdock_simulators.tiktok_shop.returns import ACTIONS

APPROVE, LET_KEEP, REJECT = ReturnDecision.APPROVE, ReturnDecision.LET_KEEP, ReturnDecision.REJECT
PENDING = "RETURN_OR_REFUND_REQUEST_PENDING"
SUCCESS = "RETURN_OR_REFUND_REQUEST_SUCCESS"
REASON = "Still within delivery time"
WRITES = "/returns/"


def opened(shop: SimulatedShop, kind: str) -> ChannelReturn:
    order_id = place(shop)
    shop.do(f"/orders/{order_id}/ship")
    for step in ("IN_TRANSIT", "DELIVERED"):
        shop.do(f"/orders/{order_id}/advance", to=step)
    return_id = shop.do(f"/orders/{order_id}/return", type=kind)["return_id"]
    return read(shop, return_id)


def sent_back(shop: SimulatedShop) -> ChannelReturn:
    made = opened(shop, "RETURN_AND_REFUND")
    shop.do(f"/returns/{made.channel_id}/decide", decision="APPROVE_RETURN")
    shop.do(f"/returns/{made.channel_id}/ship")
    return read(shop, made.channel_id)


def read(shop: SimulatedShop, return_id: str) -> ChannelReturn:
    pages = shop.connector(orders=True, returns=True).pull_returns(None)
    [found] = [each for page in pages for each in page.records if each.channel_id == return_id]
    return found


def status(shop: SimulatedShop, made: ChannelReturn) -> str:
    return str(shop.simulator.shop.tables.returns[made.channel_id].status)


def answer(
    shop: SimulatedShop, to: ChannelReturn, decision: ReturnDecision, reason: str = "", note: str = ""
) -> Outcome:
    said = ReturnAnswer(decision, reason, note)
    wanted = WantedReturnAnswer(f"ans-{to.channel_id}", to.kind, to.asks, said)
    [outcome] = shop.connector().answer_returns([Change("ret_1", wanted, to.channel_id)])
    return outcome


def told(shop: SimulatedShop) -> int:
    """How often a decision was sent."""
    return len([call for call in shop.calls(WRITES) if call.endswith(("/approve", "/reject"))])


@pytest.mark.parametrize(
    ("kind", "decision", "ends"),
    [
        ("REFUND", APPROVE, SUCCESS),
        ("REFUND", REJECT, "REFUND_OR_RETURN_REQUEST_REJECT"),
        ("RETURN_AND_REFUND", APPROVE, "AWAITING_BUYER_SHIP"),
        ("RETURN_AND_REFUND", LET_KEEP, SUCCESS),
        ("RETURN_AND_REFUND", REJECT, "REFUND_OR_RETURN_REQUEST_REJECT"),
        ("REPLACEMENT", APPROVE, "REPLACEMENT_REQUEST_COMPLETE"),
        ("REPLACEMENT", REJECT, "REPLACEMENT_REQUEST_REJECT"),
    ],
)
def test_each_kind_of_request_is_answered_in_the_words_that_fit(
    shop: SimulatedShop, kind: str, decision: ReturnDecision, ends: str
) -> None:
    made = opened(shop, kind)

    outcome = answer(shop, made, decision, REASON if decision is REJECT else "", "See the photos")

    assert isinstance(outcome, Confirmed), outcome
    assert decision in made.answers
    assert (status(shop, made), told(shop)) == (ends, 1)


@pytest.mark.parametrize(
    ("decision", "ends"), [(APPROVE, SUCCESS), (REJECT, "REJECT_RECEIVE_PACKAGE")], ids=["approve", "reject"]
)
def test_goods_that_come_back_are_accepted_or_not(
    shop: SimulatedShop, decision: ReturnDecision, ends: str
) -> None:
    made = sent_back(shop)

    outcome = answer(shop, made, decision, "reverse_reject_return_parcel_reason_1")

    assert (made.asks, made.answers) == (ReturnQuestion.GOODS, (APPROVE, REJECT))
    assert isinstance(outcome, Confirmed), outcome
    assert (status(shop, made), told(shop)) == (ends, 1)


def test_goods_are_answered_though_an_action_of_another_name_came_meanwhile(
    shop: SimulatedShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    action = ("RETURN_AND_REFUND", "BUYER_SHIPPED_ITEM")
    monkeypatch.delitem(ACTIONS, action)
    made = sent_back(shop)
    monkeypatch.setitem(ACTIONS, action, "SELLER_RESPOND_RETURN")

    outcome = answer(shop, made, APPROVE)

    assert isinstance(outcome, Confirmed), outcome
    assert (read(shop, made.channel_id).channel_status, told(shop)) == (SUCCESS, 1)


def test_what_waits_for_the_seller_is_read_with_its_deadline(shop: SimulatedShop) -> None:
    made = opened(shop, "RETURN_AND_REFUND")

    assert made.asks is ReturnQuestion.REQUEST
    assert made.deadline is not None
    assert made.deadline > made.modified_at


def test_the_buyer_keeps_what_was_let_to_them(shop: SimulatedShop) -> None:
    made = opened(shop, "RETURN_AND_REFUND")
    answer(shop, made, LET_KEEP)
    shop.do(f"/returns/{made.channel_id}/finish")

    assert not read(shop, made.channel_id).goods_are_back


def test_a_word_for_which_there_is_no_call_is_refused_without_one(shop: SimulatedShop) -> None:
    made = opened(shop, "EXCHANGE")

    outcome = answer(shop, made, APPROVE)

    assert (made.asks, made.answers) == (ReturnQuestion.REQUEST, ())
    assert isinstance(outcome, Rejected)
    assert (status(shop, made), told(shop)) == ("EXCHANGE_REQUEST_PENDING", 0)


def test_a_reason_that_is_none_of_theirs_is_answered_with_those_that_are(shop: SimulatedShop) -> None:
    made = opened(shop, "REFUND")

    outcome = answer(shop, made, REJECT, "I do not feel like it")

    assert isinstance(outcome, Rejected)
    assert f"({REASON})" in outcome.reason
    assert (status(shop, made), told(shop)) == (PENDING, 0)


@pytest.mark.parametrize("kind", ["reset_after", "error_after", "not_json", "truncate"])
@pytest.mark.parametrize("decision", [APPROVE, LET_KEEP, REJECT])
def test_an_answer_that_was_lost_after_its_effect_is_not_given_twice(
    shop: SimulatedShop, kind: Any, decision: ReturnDecision
) -> None:
    made = opened(shop, "RETURN_AND_REFUND")
    shop.simulator.faults.add(Fault(kind, method="POST", path=r"/returns/\d+/(approve|reject)$"))

    first = answer(shop, made, decision, REASON)
    then = status(shop, made)
    second = answer(shop, made, decision, REASON)

    assert isinstance(first, Unclear), first
    assert isinstance(second, Confirmed), second
    assert "so there already" in second.notes[0]
    assert (status(shop, made), told(shop)) == (then, 1)


def test_what_was_answered_in_seller_center_meanwhile_is_left_as_it_is(shop: SimulatedShop) -> None:
    made = opened(shop, "RETURN_AND_REFUND")
    shop.do(f"/returns/{made.channel_id}/decide", decision="REJECT_RETURN")

    approved, rejected = answer(shop, made, APPROVE), answer(shop, made, REJECT, REASON)

    assert isinstance(approved, Rejected)
    assert approved.code == "already_decided"
    assert isinstance(rejected, Confirmed)
    assert (status(shop, made), told(shop)) == ("REFUND_OR_RETURN_REQUEST_REJECT", 0)


def test_an_approval_of_the_request_is_none_of_the_goods(shop: SimulatedShop) -> None:
    made = opened(shop, "RETURN_AND_REFUND")
    shop.do(f"/returns/{made.channel_id}/decide", decision="APPROVE_RETURN")
    shop.do(f"/returns/{made.channel_id}/ship")

    kept, refused = answer(shop, made, LET_KEEP), answer(shop, made, REJECT, REASON)

    assert [each.code for each in (kept, refused) if isinstance(each, Rejected)] == ["already_decided"] * 2
    assert (status(shop, made), told(shop)) == ("BUYER_SHIPPED_ITEM", 0)


def test_what_the_buyer_took_back_is_not_answered(shop: SimulatedShop) -> None:
    made = opened(shop, "REPLACEMENT")
    shop.do(f"/returns/{made.channel_id}/withdraw")

    outcome = answer(shop, made, APPROVE)

    assert isinstance(outcome, Rejected)
    assert (outcome.code, told(shop)) == ("already_decided", 0)


def test_what_became_something_else_meanwhile_is_for_a_person_again(shop: SimulatedShop) -> None:
    made = opened(shop, "REFUND")

    outcome = answer(shop, replace(made, kind=ReturnKind.RETURN), APPROVE)

    assert isinstance(outcome, Rejected)
    assert "the buyer has changed the return into a refund" in outcome.reason
    assert (status(shop, made), told(shop)) == (PENDING, 0)


def test_a_return_that_is_not_there_is_refused_and_said(shop: SimulatedShop) -> None:
    made = opened(shop, "REFUND")
    shop.simulator.shop.tables.returns.clear()

    outcome = answer(shop, made, APPROVE)

    assert isinstance(outcome, Rejected)
    assert "does not show it any more" in outcome.reason


@pytest.mark.parametrize("decision", [APPROVE, REJECT])
def test_somebody_who_answers_in_the_same_moment_makes_no_refusal(
    shop: SimulatedShop, decision: ReturnDecision, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The look still shows it open, and the call comes too late."""
    made = opened(shop, "REFUND")
    connector = shop.connector()
    client = connector._after_sales
    look = client.find_return

    def looked_just_before(return_id: str) -> Any:
        found = look(return_id)
        if status(shop, made) == PENDING:
            shop.do(f"/returns/{return_id}/decide", decision="REJECT_REFUND")
        return found

    monkeypatch.setattr(client, "find_return", looked_just_before)
    wanted = WantedReturnAnswer("key", made.kind, made.asks, ReturnAnswer(decision, REASON))
    [outcome] = connector.answer_returns([Change("ret_1", wanted, made.channel_id)])

    if decision is REJECT:
        assert isinstance(outcome, Confirmed)
    else:
        assert isinstance(outcome, Rejected)
        assert outcome.code == "already_decided"


def test_an_app_without_the_newest_rejection_uses_the_older_one(shop: SimulatedShop) -> None:
    made = opened(shop, "REFUND")
    connector = shop.connector()
    connector._after_sales._lacking.add("202606")
    wanted = WantedReturnAnswer("key", made.kind, made.asks, ReturnAnswer(REJECT, REASON))

    [outcome] = connector.answer_returns([Change("ret_1", wanted, made.channel_id)])

    assert isinstance(outcome, Confirmed)
    assert shop.calls("/reject")[-1].startswith("POST /return_refund/202309/")


# What waits for the seller


def raw(status: str, *actions: tuple[str, int], **more: Any) -> Return:
    named = [NextAction(action=action, deadline=deadline) for action, deadline in actions]
    return Return(
        return_id="1",
        order_id="7",
        update_time=1_764_600_000,
        return_type="RETURN_AND_REFUND",
        return_status=status,
        seller_next_action_response=named or None,
        **more,
    )


@pytest.mark.parametrize(
    ("status", "actions", "asks"),
    [
        (PENDING, (), ReturnQuestion.REQUEST),
        (PENDING, (("SELLER_RESPOND_RETURN", 5),), ReturnQuestion.REQUEST),
        (PENDING, (("SELLER_RESPOND_OF_TOMORROW", 5),), ReturnQuestion.REQUEST),
        ("BUYER_SHIPPED_ITEM", (("SELLER_RESPOND_RECEIVE_PACKAGE", 5),), ReturnQuestion.GOODS),
        ("BUYER_SHIPPED_ITEM", (("SELLER_RESPOND_RETURN", 5),), ReturnQuestion.GOODS),
        ("AWAITING_BUYER_SHIP", (("SELLER_RESPOND_RETURN", 5),), ReturnQuestion.NONE),
        ("AWAITING_BUYER_RESPONSE", (), ReturnQuestion.NONE),
    ],
)
def test_a_return_asks_by_its_status_whatever_its_actions_are_called(
    status: str, actions: tuple[tuple[str, int], ...], asks: ReturnQuestion
) -> None:
    made = to_return(raw(status, *actions))

    assert made.asks is asks
    assert bool(made.deadline) is bool(asks and actions)
    assert bool(made.answers) is bool(asks)


def test_the_first_of_several_deadlines_counts() -> None:
    made = to_return(raw(PENDING, ("SELLER_RESPOND_RETURN", 900), ("SELLER_RESPOND_REFUND", 500)))

    assert made.deadline is not None
    assert made.deadline.timestamp() == 500


@pytest.mark.parametrize(("tracking", "are_back"), [("9400111899223197428490", True), ("", False)])
def test_goods_that_the_buyer_may_keep_are_back_only_where_they_were_sent(
    tracking: str, are_back: bool
) -> None:
    done = raw("RETURN_OR_REFUND_REQUEST_COMPLETE", can_buyer_keep_item=True, return_tracking_number=tracking)

    assert to_return(done).goods_are_back is are_back
