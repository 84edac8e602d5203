"""Stock as arithmetic: when a report shows, and which reports stand for a sale."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from crossdock.domain.inventory import (
    Reading,
    Report,
    ReportPlan,
    ReportState,
    Seen,
    plan_reports,
    seen,
)

# When a report shows

DELTA = st.integers(-5, 5).filter(bool)
AT = st.integers(-30, 30)


@given(DELTA, AT, AT, st.lists(st.tuples(st.booleans(), st.integers(-4, 4)), max_size=5))
def test_a_report_that_was_not_applied_is_never_seen(
    delta: int, here: int, elsewhere: int, own: list[tuple[bool, int]]
) -> None:
    """Nobody but the owner's own buyers moved the numbers; `own` are its sales and cancellations, here or elsewhere."""
    at_place = here - sum(units for is_here, units in own if is_here)
    total = here + elsewhere - sum(units for _, units in own)

    verdict = seen(
        Reading(here, here + elsewhere),
        Reading(at_place, total),
        delta=delta,
        own_units=sum(units for _, units in own),
    )

    assert verdict is Seen.NOT_YET


@given(DELTA, AT, AT, st.lists(st.tuples(st.booleans(), st.integers(-4, 4)), max_size=5))
def test_a_report_that_was_applied_is_always_seen(
    delta: int, here: int, elsewhere: int, own: list[tuple[bool, int]]
) -> None:
    at_place = here + delta - sum(units for is_here, units in own if is_here)
    total = here + elsewhere + delta - sum(units for _, units in own)

    verdict = seen(
        Reading(here, here + elsewhere),
        Reading(at_place, total),
        delta=delta,
        own_units=sum(units for _, units in own),
    )

    assert verdict is Seen.YES


@given(st.integers(-5, -1), AT, st.integers(1, 20), st.integers(0, 5))
def test_a_number_raised_by_hand_never_settles_a_sale(delta: int, total: int, by_hand: int, own: int) -> None:
    """One location, a sale that was not applied, and somebody who added units."""
    now = total - own + by_hand

    verdict = seen(Reading(total, total), Reading(now, now), delta=delta, own_units=own)

    assert verdict is Seen.UNKNOWN


@given(st.integers(-5, -1), st.integers(6, 20), st.integers(1, 5))
def test_a_number_lowered_by_hand_never_settles_a_sale_that_it_may_not_contain(
    delta: int, total: int, by_hand: int
) -> None:
    """Whether the sale was applied, and less was taken off by hand, nobody can see: it stays promised."""
    assume(by_hand != -delta)

    assert seen(
        Reading(total, total), Reading(total - by_hand, total - by_hand), delta=delta, own_units=0
    ) is (Seen.UNKNOWN)


@pytest.mark.parametrize(("is_by_hand", "verdict"), [(True, Seen.YES), (False, Seen.UNKNOWN)])
def test_only_what_a_person_is_to_give_back_may_come_back_with_more(is_by_hand: bool, verdict: Seen) -> None:
    assert seen(Reading(5, 5), Reading(15, 15), delta=2, own_units=0, is_by_hand=is_by_hand) is verdict


@given(st.integers(-5, -1), st.integers(1, 20))
def test_a_number_raised_by_hand_elsewhere_does_not_hide_a_report(delta: int, by_hand: int) -> None:
    assume(by_hand != -delta)

    assert seen(Reading(9, 9), Reading(9 + delta, 9 + delta + by_hand), delta=delta, own_units=0) is Seen.YES


# Which reports stand for a sale

STATES = st.sampled_from(list(ReportState))
REPORTS = st.lists(st.tuples(st.integers(-4, 4).filter(bool), STATES), max_size=6).map(
    lambda some: [Report(i, quantity, state) for i, (quantity, state) in enumerate(some)]
)


def carried_out(plan: ReportPlan, reports: list[Report]) -> list[Report]:
    """The reports after the plan."""
    after = []
    for report in reports:
        state, quantity = report.state, report.quantity
        if report.id in plan.void:
            state = ReportState.VOID
        if plan.shrink is not None and plan.shrink[0] == report.id:
            quantity = plan.shrink[1]
        after.append(Report(report.id, quantity, state))
    return [*after, Report(len(after), plan.add, ReportState.OPEN)] if plan.add else after


def standing(reports: list[Report]) -> int:
    return sum(report.quantity for report in reports if report.state is not ReportState.VOID)


@given(st.integers(0, 12), REPORTS)
def test_reports_come_to_stand_for_exactly_what_is_sold(sold: int, reports: list[Report]) -> None:
    assert standing(carried_out(plan_reports(sold, reports), reports)) == -sold


@given(st.integers(0, 12), REPORTS)
def test_nothing_that_was_sent_is_withdrawn_or_changed(sold: int, reports: list[Report]) -> None:
    plan = plan_reports(sold, reports)
    touched = {*plan.void, *([plan.shrink[0]] if plan.shrink else [])}

    assert all(reports[i].state in (ReportState.OPEN, ReportState.REFUSED) for i in touched)
    assert len(plan.void) == len(set(plan.void))
    assert plan.shrink is None or plan.shrink[0] not in plan.void


@given(st.integers(0, 12), REPORTS)
def test_a_second_look_changes_nothing(sold: int, reports: list[Report]) -> None:
    once = carried_out(plan_reports(sold, reports), reports)

    assert plan_reports(sold, once) == ReportPlan()


@given(st.lists(st.tuples(st.integers(0, 9), st.lists(STATES, min_size=12, max_size=12)), max_size=6))
def test_any_history_of_a_line_keeps_its_reports_true(history: list[tuple[int, list[ReportState]]]) -> None:
    """The line is sold and canceled again and again, and in between any report may have got anywhere."""
    reports: list[Report] = []
    for sold, states in history:
        reports = carried_out(plan_reports(sold, reports), reports)
        assert standing(reports) == -sold
        reports = [
            Report(r.id, r.quantity, states[r.id] if r.state is not ReportState.VOID else r.state)
            if states[r.id] is not ReportState.VOID
            else r
            for r in reports
        ]


@given(st.integers(0, 12), REPORTS)
def test_a_reduced_report_is_smaller_and_of_the_same_kind(sold: int, reports: list[Report]) -> None:
    plan = plan_reports(sold, reports)
    if plan.shrink is not None:
        was = reports[plan.shrink[0]].quantity
        assert 0 < plan.shrink[1] / was < 1
        assert plan.add == 0


@given(st.integers(0, 12), REPORTS)
def test_what_was_never_sent_does_not_contradict_itself(sold: int, reports: list[Report]) -> None:
    after = carried_out(plan_reports(sold, reports), reports)

    assert len({report.quantity > 0 for report in after if report.state.can_be_withdrawn}) <= 1
