"""The life of an order, over every state it can be in and every sequence of what can befall it."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterator
from dataclasses import replace

import pytest

from crossdock.domain.order import OrderStatus, Review
from crossdock.domain.order_life import (
    NOT_YET_SHIPPED,
    UNDER_WAY,
    Standing,
    Units,
    is_reopened,
    released,
    status_of,
    summed,
    why_kept,
)

S = OrderStatus
CHANNEL_SAYS = (S.DRAFT, S.ON_HOLD, S.READY_FOR_FULFILLMENT, S.SENT_TO_FULFILLMENT, S.PARTIALLY_FULFILLED,
                S.FULFILLED, S.REVIEW_REQUIRED, S.CANCELED)  # fmt: skip
ORDERED = 2
BEFORE_SENDING = (S.READY_FOR_FULFILLMENT, S.ON_HOLD, S.REVIEW_REQUIRED, S.TO_BE_VALIDATED)


def befallen(order: Standing) -> Iterator[tuple[str, Standing]]:
    """Everything that can happen to an order next."""
    for there in CHANNEL_SAYS:
        yield f"the channel says {there}", replace(order, there=there)
    yield "a unit ships", replace(order, shipped=order.shipped + (order.open > 0))
    yield "a unit did not ship after all", replace(order, shipped=max(0, order.shipped - 1))
    yield "a unit is canceled", replace(order, canceled=order.canceled + (order.open > 0))
    yield "the order is canceled", replace(order, is_canceled=not order.shipped)
    yield "the cancellation is refused", replace(order, is_canceled=False)
    yield "a location has it", replace(order, is_sent=order.open > 0)
    yield "the location stops it", replace(order, is_sent=False)
    yield "somebody holds it", replace(order, is_held=True)
    yield "the hold ends", replace(order, is_held=False)
    yield "a review is required", replace(order, review=Review.REQUIRED)
    yield "a person marks it ready", replace(order, review=Review.DONE, is_held=False)
    yield "something is wrong with it", replace(order, has_problems=True)
    yield "it is put right", replace(order, has_problems=False)
    yield "it is archived", replace(order, is_archived=True)
    yield "it is taken out again", replace(order, is_archived=False)


def every_standing() -> list[Standing]:
    """All that can be reached by any sequence, from an order that comes in held and one that is to be reviewed."""
    begin = [
        Standing(there, ORDERED, is_held=held, review=review)
        for there, held, review in itertools.product(
            CHANNEL_SAYS, (True, False), (Review.NONE, Review.REQUIRED, Review.AFTER_HOLD)
        )
    ]
    seen, to_visit = set(begin), deque(begin)
    while to_visit:
        for _, then in befallen(to_visit.popleft()):
            if then not in seen:
                seen.add(then)
                to_visit.append(then)
    return sorted(seen, key=repr)


@pytest.fixture(scope="module")
def standings() -> list[Standing]:
    return every_standing()


def test_units_shipped_canceled_and_open_are_always_what_was_ordered(standings: list[Standing]) -> None:
    assert len(standings) > 5000
    assert all(each.open + each.shipped + each.canceled == ORDERED and each.open >= 0 for each in standings)


def test_what_is_canceled_or_archived_is_nothing_else(standings: list[Standing]) -> None:
    for each in standings:
        status = status_of(each)
        is_emptied = each.canceled == ORDERED and each.there in NOT_YET_SHIPPED - {S.PARTIALLY_FULFILLED}
        is_over = each.is_canceled or each.there is S.CANCELED or is_emptied
        assert (status is S.ARCHIVED) is each.is_archived
        if not each.is_archived:
            assert (status is S.CANCELED) is is_over


def test_what_is_kept_leaves_nothing_and_a_person_can_let_it_go(standings: list[Standing]) -> None:
    for each in standings:
        if why_kept(each):
            continue
        assert status_of(each) in UNDER_WAY
        assert not each.is_held
        assert each.review in (Review.NONE, Review.DONE)
        assert released(each.there, each.review) in UNDER_WAY
    kept_here = [each for each in standings if status_of(each) in UNDER_WAY and each.there in UNDER_WAY]
    assert all(not why_kept(replace(each, review=Review.DONE, is_held=False)) for each in kept_here)


def test_only_what_is_to_be_shipped_comes_out_of_the_archive(standings: list[Standing]) -> None:
    for each in standings:
        stands = status_of(replace(each, is_archived=False))
        is_to_ship = each.open > 0 and stands not in (S.FULFILLED, S.CANCELED, S.CLOSED)
        assert is_reopened(each) is (each.is_archived and is_to_ship)


def test_what_left_is_not_canceled_as_well() -> None:
    lines = (Units(1, canceled=1, shipped=1), Units(3, canceled=1))

    assert (summed(lines), summed(lines).open) == (Units(4, 1, 1), 2)
    assert summed(()) == Units()


def test_an_order_is_never_behind_its_channel_nor_ahead_of_its_goods(standings: list[Standing]) -> None:
    for each in standings:
        status = status_of(each)
        if each.is_archived or status is S.CANCELED:
            continue
        if each.there not in NOT_YET_SHIPPED:
            assert status is each.there
        elif each.shipped:
            assert status is (S.PARTIALLY_FULFILLED if each.open else S.FULFILLED)
        else:
            assert status is not S.FULFILLED


def test_only_what_its_channel_has_released_can_be_sent(standings: list[Standing]) -> None:
    for each in standings:
        if status_of(each) is S.SENT_TO_FULFILLMENT:
            was_said = each.there is S.SENT_TO_FULFILLMENT
            is_released = each.there is S.READY_FOR_FULFILLMENT
            is_let_go = each.there is S.REVIEW_REQUIRED and each.review is Review.DONE
            assert was_said or (each.is_sent and (is_released or is_let_go))


def test_a_ready_order_is_held_by_nobody_and_nothing_is_wrong_with_it_unless_a_person_said_so(
    standings: list[Standing],
) -> None:
    for each in standings:
        if status_of(each) is S.READY_FOR_FULFILLMENT:
            assert not each.is_held
            assert not each.is_sent
            assert each.review in (Review.NONE, Review.DONE)
            assert not each.has_problems or each.review is Review.DONE


def test_a_person_can_always_let_go_on_what_only_the_hub_keeps(standings: list[Standing]) -> None:
    for each in standings:
        if status_of(each) in BEFORE_SENDING and each.there is S.READY_FOR_FULFILLMENT:
            let_go = replace(each, review=Review.DONE, is_held=False)
            assert status_of(let_go) is S.READY_FOR_FULFILLMENT


def test_goods_that_left_are_not_forgotten_whatever_comes_next(standings: list[Standing]) -> None:
    """From shipped back to not shipped it goes only where a unit did not ship after all."""
    for each in standings:
        was = status_of(each)
        if was not in (S.FULFILLED, S.PARTIALLY_FULFILLED) or not each.shipped:
            continue
        for what, then in befallen(each):
            if what != "a unit did not ship after all" and not then.is_archived and not then.is_canceled:
                assert status_of(then) not in BEFORE_SENDING or then.there not in NOT_YET_SHIPPED, what


@pytest.mark.parametrize(
    ("review", "is_held", "has_problems", "expected"),
    [
        (Review.NONE, False, False, S.READY_FOR_FULFILLMENT),
        (Review.NONE, True, False, S.ON_HOLD),
        (Review.NONE, True, True, S.ON_HOLD),
        (Review.NONE, False, True, S.TO_BE_VALIDATED),
        (Review.REQUIRED, True, True, S.REVIEW_REQUIRED),
        (Review.AFTER_HOLD, True, False, S.ON_HOLD),
        (Review.AFTER_HOLD, False, False, S.REVIEW_REQUIRED),
        (Review.DONE, False, True, S.READY_FOR_FULFILLMENT),
    ],
)
def test_what_keeps_a_released_order(
    review: Review, is_held: bool, has_problems: bool, expected: OrderStatus
) -> None:
    order = Standing(S.READY_FOR_FULFILLMENT, 1, review=review, is_held=is_held, has_problems=has_problems)

    assert status_of(order) is expected
