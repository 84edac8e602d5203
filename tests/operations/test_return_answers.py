"""What a return asks is answered once, by a person, and an answer belongs to what was asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from crossdock.connectors.contract import Rules
from crossdock.connectors.errors import SettingsError
from crossdock.domain.aftersales import (
    ChannelReturn,
    ReturnAnswer,
    ReturnDecision,
    ReturnedLine,
    ReturnKind,
    ReturnQuestion,
    ReturnState,
    WantedReturnAnswer,
)
from crossdock.domain.channel import ChannelId
from crossdock.domain.sync import Change, Confirmed, Outcome, Rejected, Unclear
from crossdock.operations.orders import return_answers, return_push, returns
from crossdock.operations.orders.order_record import order_id
from crossdock.store import tables
from support import make
from support.make import NOW, SHOP, Bench

ON = Rules(answers_returns=True)
APPROVE, LET_KEEP, REJECT = ReturnDecision.APPROVE, ReturnDecision.LET_KEEP, ReturnDecision.REJECT
DEADLINE = NOW + timedelta(days=2)
ASKED = ChannelReturn(
    channel_id=ChannelId("r1"),
    order_id=ChannelId("S1"),
    kind=ReturnKind.RETURN,
    state=ReturnState.REQUESTED,
    channel_status="PENDING",
    modified_at=NOW,
    refunded=Decimal("9.90"),
    currency="USD",
    reason="Wrong item",
    lines=(ReturnedLine(ChannelId("TEA"), 1),),
    asks=ReturnQuestion.REQUEST,
    answers=(APPROVE, LET_KEEP, REJECT),
    deadline=DEADLINE,
)
UNDER_WAY = replace(
    ASKED, state=ReturnState.UNDER_WAY, channel_status="SHIPPING", asks=ReturnQuestion.NONE, answers=()
)
GOODS = replace(
    UNDER_WAY,
    channel_status="SHIPPED",
    asks=ReturnQuestion.GOODS,
    answers=(APPROVE, REJECT),
    deadline=NOW + timedelta(days=30),
)


@pytest.fixture
def selling(hub: Bench) -> Bench:
    hub.open_shop(TEA=10)
    hub.read_orders(make.order("S1", make.line("TEA", 2)))
    return hub


def read(hub: Bench, each: ChannelReturn = ASKED, rules: Rules = ON) -> None:
    with hub.step(SHOP, rules=rules) as (tx, task):
        returns.ingest(tx, task, [each])


def row(hub: Bench) -> Any:
    [found] = hub.rows(tables.order_return)
    return found


def decide(hub: Bench, decision: ReturnDecision = APPROVE, reason: str = "", rules: Rules = ON) -> None:
    with hub.step(SHOP, rules=rules, actor="Lee") as (tx, task):
        return_answers.decide(tx, task, row(hub).id, ReturnAnswer(decision, reason))


def due(hub: Bench, *, at: datetime | None = None) -> list[Change[WantedReturnAnswer]]:
    with hub.step(SHOP, rules=ON) as (tx, task):
        return return_push.due(tx, SHOP, now=at or task.now)


def tell(hub: Bench, outcome: Outcome) -> None:
    [change] = due(hub)
    with hub.step(SHOP, rules=ON) as (tx, task):
        return_push.about_to_send(tx, task, change)
    settle(hub, change, outcome)


def settle(hub: Bench, change: Change[WantedReturnAnswer], outcome: Outcome) -> None:
    with hub.step(SHOP, rules=ON) as (tx, task):
        return_push.settle(tx, task, change, outcome)


def confirmed(hub: Bench) -> Confirmed:
    return Confirmed(row(hub).id, ChannelId("r1"))


def cases(hub: Bench) -> list[str]:
    return sorted(case.kind for case in hub.cases() if case.kind.startswith("return_"))


def test_a_return_that_waits_is_a_case_with_what_is_asked_until_when_and_how_to_answer(
    selling: Bench,
) -> None:
    read(selling)

    [case] = selling.cases("return_requested")
    assert "wants to send 1 unit back for 9.90 USD: Wrong item" in case.cause
    assert f"{DEADLINE:%Y-%m-%d %H:%M} UTC" in case.cause
    assert f"`crossdock returns approve {row(selling).id}`, with --keep" in case.fix


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (ReturnKind.REFUND, "wants 9.90 USD back"),
        (ReturnKind.REPLACEMENT, "wants 1 unit replaced"),
        (ReturnKind.EXCHANGE, "wants 1 unit exchanged"),
    ],
)
def test_the_case_says_what_the_buyer_wants(selling: Bench, kind: ReturnKind, said: str) -> None:
    read(selling, replace(ASKED, kind=kind))

    [case] = selling.cases("return_requested")
    assert said in case.cause


def test_a_return_that_asks_nothing_calls_nobody(selling: Bench) -> None:
    read(selling, UNDER_WAY)

    assert cases(selling) == []


def test_the_case_is_over_once_it_is_answered_wherever_that_was(selling: Bench) -> None:
    read(selling)
    read(selling, UNDER_WAY)

    assert cases(selling) == []


def test_a_return_read_before_its_order_is_a_case_once_the_order_is_there(hub: Bench) -> None:
    hub.open_shop(TEA=10)
    read(hub)
    assert cases(hub) == []

    hub.read_orders(make.order("S1", make.line("TEA", 2)))
    with hub.step(SHOP, rules=ON) as (tx, task):
        returns.adopt(tx, task, [order_id(SHOP, "S1")])

    assert cases(hub) == ["return_requested"]


def test_an_answer_is_told_with_what_it_answers(selling: Bench) -> None:
    read(selling)
    decide(selling, REJECT, " Too late ")

    [change] = due(selling)

    wanted = change.desired
    assert (change.channel_id, wanted.kind, wanted.question) == (
        "r1",
        ReturnKind.RETURN,
        ReturnQuestion.REQUEST,
    )
    assert wanted.answer == ReturnAnswer(REJECT, "Too late")
    assert (row(selling).decided_by, cases(selling)) == ("Lee", [])


def test_what_was_told_is_not_told_again_though_the_channel_still_asks(selling: Bench) -> None:
    read(selling)
    decide(selling)
    tell(selling, confirmed(selling))

    read(selling, replace(ASKED, reason="Wrong item, really"))

    assert (due(selling), row(selling).answer_state, cases(selling)) == ([], "told", [])


def test_the_next_question_has_an_answer_of_its_own(selling: Bench) -> None:
    read(selling)
    decide(selling)
    [first] = due(selling)
    tell(selling, confirmed(selling))
    read(selling, UNDER_WAY)
    assert (row(selling).decision, cases(selling)) == ("approve", [])

    read(selling, GOODS)
    assert (row(selling).decision, row(selling).answer_state) == ("", "")
    assert cases(selling) == ["return_requested"]

    decide(selling)
    [second] = due(selling)
    assert second.desired.question is ReturnQuestion.GOODS
    assert first.desired.key != second.desired.key


def test_the_same_question_with_another_deadline_is_asked_again(selling: Bench) -> None:
    read(selling)
    decide(selling, REJECT, "No")
    tell(selling, confirmed(selling))

    read(selling, replace(ASKED, deadline=DEADLINE + timedelta(days=1)))

    assert (row(selling).decision, cases(selling)) == ("", ["return_requested"])


def test_a_deadline_that_comes_late_is_no_other_question(selling: Bench) -> None:
    read(selling, replace(ASKED, deadline=None))
    decide(selling, LET_KEEP)
    tell(selling, confirmed(selling))

    read(selling)

    assert (row(selling).decision, cases(selling)) == ("let_keep", [])


def test_another_deadline_takes_no_decision_away_that_is_not_told_yet(selling: Bench) -> None:
    read(selling)
    decide(selling)

    read(selling, replace(ASKED, deadline=DEADLINE + timedelta(days=1)))

    assert len(due(selling)) == 1


def test_a_decision_keeps_its_question_while_the_channel_asks_nothing_any_more(selling: Bench) -> None:
    read(selling)
    decide(selling)

    read(selling, UNDER_WAY)

    [change] = due(selling)
    assert change.desired.question is ReturnQuestion.REQUEST


def test_what_the_buyer_makes_another_request_of_has_to_be_decided_again(selling: Bench) -> None:
    read(selling)
    decide(selling)

    read(selling, replace(ASKED, kind=ReturnKind.REFUND, answers=(APPROVE, REJECT)))

    assert (due(selling), cases(selling)) == ([], ["return_requested"])


def test_a_late_word_of_the_channel_changes_nothing_of_the_next_question(selling: Bench) -> None:
    read(selling)
    decide(selling)
    [first] = due(selling)
    read(selling, GOODS)
    decide(selling, REJECT, "Empty box")

    settle(selling, first, Rejected(first.key, "Too late"))

    assert (row(selling).answer_state, row(selling).decision) == ("due", "reject")


def test_the_key_stays_for_one_decision_and_changes_with_the_next(selling: Bench) -> None:
    read(selling)
    decide(selling, REJECT, "No")
    [first] = due(selling)
    tell(selling, Unclear(row(selling).id, "no answer"))
    [again] = due(selling, at=NOW + timedelta(hours=3))
    settle(selling, again, Rejected(row(selling).id, "'No' is no reason"))
    decide(selling, REJECT, "Late")
    [other] = due(selling)

    assert again.is_unclear
    assert first.desired.key == again.desired.key != other.desired.key


def test_what_failed_waits_longer_each_time(selling: Bench) -> None:
    read(selling)
    decide(selling)
    [change] = due(selling)
    waits = []
    for _ in range(3):
        with selling.step(SHOP, rules=ON) as (tx, task):
            return_push.about_to_send(tx, task, change)
            steps = (timedelta(seconds=seconds) for seconds in range(0, 3600, 15))
            waits.append(next(step for step in steps if return_push.due(tx, SHOP, now=task.now + step)))

    assert waits == [timedelta(seconds=30 * 2**n) for n in range(3)]


def test_a_lost_answer_is_a_case_that_closes_itself(selling: Bench) -> None:
    read(selling)
    decide(selling)
    tell(selling, Unclear(row(selling).id, "no answer"))
    assert cases(selling) == ["return_answer_unclear"]

    [again] = due(selling, at=NOW + timedelta(hours=1))
    settle(selling, again, confirmed(selling))

    assert (cases(selling), row(selling).answer_state) == ([], "told")


def test_a_refusal_is_a_case_until_it_is_answered_anew_or_over(selling: Bench) -> None:
    read(selling)
    decide(selling)
    tell(selling, Rejected(row(selling).id, "Under review", fix="Wait"))
    [case] = selling.cases("return_answer_refused")
    assert "Under review" in case.cause
    assert case.fix.startswith("Wait. To agree: ")
    assert cases(selling) == ["return_answer_refused"]

    decide(selling, LET_KEEP)
    assert cases(selling) == []
    tell(selling, Rejected(row(selling).id, "Under review"))
    read(selling, UNDER_WAY)
    assert cases(selling) == []


def test_a_person_who_has_seen_to_a_refusal_has_the_same_told_again(selling: Bench) -> None:
    read(selling)
    decide(selling)
    [first] = due(selling)
    tell(selling, Rejected(row(selling).id, "Under review"))

    with selling.step(SHOP, rules=ON) as (tx, task):
        return_push.retry(tx, task, row(selling).id)

    [again] = due(selling)
    assert again.desired.answer == first.desired.answer
    assert again.desired.key != first.desired.key


def test_what_somebody_else_answered_is_no_case(selling: Bench) -> None:
    read(selling)
    decide(selling)
    tell(selling, Rejected(row(selling).id, "it is REJECTED by now", code="already_decided"))

    assert (row(selling).answer_state, cases(selling)) == ("overtaken", [])


def test_what_is_not_told_any_more_waits_for_a_person_again(selling: Bench) -> None:
    read(selling)
    decide(selling)

    with selling.step(SHOP, rules=Rules()) as (tx, task):
        return_answers.review(tx, task)

    assert due(selling) == []
    [case] = selling.cases("return_requested")
    assert "switch on answering returns" in case.fix


def test_what_cannot_be_decided_says_why(selling: Bench) -> None:
    def refused(message: str, decision: ReturnDecision = APPROVE, rules: Rules = ON) -> None:
        with pytest.raises(SettingsError, match=message):
            decide(selling, decision, rules=rules)

    read(selling, replace(ASKED, kind=ReturnKind.EXCHANGE, answers=()))
    refused("takes no answer to this exchange from the hub; answer it there")
    read(selling, replace(ASKED, kind=ReturnKind.REFUND, answers=(APPROVE, REJECT)))
    refused("this refund can be answered with approve, reject", LET_KEEP)
    refused("reason: say why", REJECT)
    refused("switched off in the settings of tiktok", rules=Rules())
    decide(selling)
    refused("Lee has answered it: approved; tiktok is told")
    read(selling, UNDER_WAY)
    refused("it is under_way \\(SHIPPING\\); nothing of it waits for an answer")


def test_there_is_nothing_to_decide_about_a_return_that_nobody_knows(selling: Bench) -> None:
    with (
        pytest.raises(SettingsError, match="there is no return 'ret_x'"),
        selling.step(SHOP, rules=ON) as (tx, task),
    ):
        return_answers.decide(tx, task, "ret_x", ReturnAnswer(APPROVE))
