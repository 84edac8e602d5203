"""What every connector that writes keeps to: one effect however often, refusals that stand alone, limits, fences."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from connectors.contract.conftest import subject_of
from connectors.contract.subject import PUSHES, FencedError, FencedGate, Subject, Trial, methods, push
from crossdock.connectors.errors import RateLimitedError, UnavailableError
from crossdock.connectors.http import Http
from crossdock.connectors.registry import CONNECTORS
from crossdock.domain.sync import Change, Confirmed, Rejected

WRITTEN = [(key, method) for key in CONNECTORS for method in methods(CONNECTORS[key], PUSHES)]
AWAY = [(key, method) for key, method in WRITTEN if not CONNECTORS[key].is_built_in]


FAULTS = ("reset_after", "error_after", "reset_before")
UNANSWERED = [(*one, fault) for one in AWAY for fault in FAULTS if fault in subject_of(one[0]).faults]
LIMITED = [one for one in AWAY if "too_many_requests" in subject_of(one[0]).faults]


def each(cases: list[tuple[str, str]]) -> pytest.MarkDecorator:
    names = [f"{key}-{method}" for key, method in cases]
    return pytest.mark.parametrize(("fresh", "method"), cases, indirect=["fresh"], ids=names)


def trial_of(subject: Subject, method: str) -> Trial:
    found = subject.trials()
    assert method in found, f"the adapter lacks a trial of {method}"
    return found[method]


def unclear(trial: Trial) -> list[Change[Any]]:
    return [replace(change, is_unclear=True) for change in trial.changes]


@each(WRITTEN)
def test_pushing_twice_has_one_effect(fresh: Subject, method: str) -> None:
    trial = trial_of(fresh, method)
    first = push(fresh.connector(**trial.settings), method, trial.changes)
    assert all(isinstance(outcome, Confirmed) for outcome in first), first
    assert trial.effect() == trial.wanted
    answers = {outcome.key: outcome for outcome in first}

    known = [trial.again(change, answers[change.key]) for change in trial.changes]
    for again in (known, unclear(trial)):
        second = push(fresh.connector(**trial.settings), method, again)

        assert all(isinstance(outcome, Confirmed) for outcome in second), second
        assert trial.effect() == trial.wanted


@pytest.mark.parametrize(
    ("fresh", "method", "fault"), UNANSWERED, indirect=["fresh"], ids=["-".join(one) for one in UNANSWERED]
)
def test_what_got_no_answer_is_done_once_by_the_next_attempt(fresh: Subject, method: str, fault: str) -> None:
    trial = trial_of(fresh, method)
    fresh.fails(fault, trial.path)
    try:
        done = {
            one.key for one in push(fresh.connector(**trial.settings), method, trial.changes) if _is_sure(one)
        }
    except UnavailableError:
        done = set()
    assert len(done) < len(trial.changes), "the fault struck nothing"

    second = push(fresh.connector(**trial.settings), method, unclear(trial))

    assert all(isinstance(outcome, Confirmed) for outcome in second), second
    assert trial.effect() == trial.wanted


def _is_sure(outcome: object) -> bool:
    return isinstance(outcome, Confirmed)


@each(AWAY)
def test_a_refused_item_stands_alone(fresh: Subject, method: str) -> None:
    trial = trial_of(fresh, method)
    middle = [trial.changes[0], trial.refused, *trial.changes[1:]]

    outcomes = {one.key: one for one in push(fresh.connector(**trial.settings), method, middle)}

    refused = outcomes.pop(trial.refused.key)
    assert isinstance(refused, Rejected)
    assert refused.reason
    assert outcomes.keys() == {change.key for change in trial.changes}
    assert all(isinstance(outcome, Confirmed) for outcome in outcomes.values()), outcomes
    assert trial.effect() == trial.wanted


@each(LIMITED)
def test_a_platform_that_asks_for_time_is_given_it(fresh: Subject, method: str) -> None:
    trial = trial_of(fresh, method)
    before = trial.effect()
    fresh.fails("too_many_requests", trial.path, retry_after=7)

    with pytest.raises(RateLimitedError) as limited:
        push(fresh.connector(**trial.settings), method, trial.changes)

    assert limited.value.retry_after == timedelta(seconds=7)
    assert trial.effect() == before


@each(AWAY)
def test_a_run_that_was_taken_over_sends_nothing(fresh: Subject, method: str) -> None:
    trial = trial_of(fresh, method)
    before = trial.effect()

    with pytest.raises(FencedError):
        push(fresh.connector(http=Http(gate=FencedGate()), **trial.settings), method, trial.changes)

    assert trial.effect() == before


@pytest.mark.parametrize("key", sorted({key for key, _ in WRITTEN}))
def test_all_that_a_connector_writes_is_tried(key: str) -> None:
    with subject_of(key).open() as subject:
        assert sorted(subject.trials()) == sorted(methods(CONNECTORS[key], PUSHES))
