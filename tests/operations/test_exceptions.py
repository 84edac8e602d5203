"""Exception cases and timelines: one open case per condition, closed when its cause is gone, never rewritten."""

from __future__ import annotations

from dataclasses import replace

from crossdock.operations import exceptions
from crossdock.operations.events import Event, EventStatus, Subject, record
from crossdock.operations.exceptions import Case
from crossdock.store import tables
from support.make import STORE, Bench

CASE = Case("stuck:1", "stuck", Subject.ORDER, "1", "It is stuck", "Push it", {"since": "noon"})


def opened(hub: Bench, *cases: Case) -> None:
    with hub.step(STORE, flow="store/pull-orders") as (tx, task):
        exceptions.open_cases(tx, task, cases)


def closed(hub: Bench, *keys: str) -> None:
    with hub.step(STORE) as (tx, task):
        exceptions.close_cases(tx, task.now, keys)


def test_the_same_condition_is_one_open_case_with_the_newest_words(hub: Bench) -> None:
    opened(hub, CASE)
    first = hub.cases()[0].opened_at

    opened(hub, replace(CASE, cause="It is still stuck"), replace(CASE, cause="It is stuck for good"))

    (case,) = hub.cases()
    assert (case.cause, case.opened_at, case.flow) == ("It is stuck for good", first, "store/pull-orders")


def test_a_case_closes_when_its_cause_is_gone_and_says_so(hub: Bench) -> None:
    opened(hub, CASE)

    closed(hub, "stuck:1", "stuck:unknown")

    assert hub.cases() == []
    (row,) = hub.rows(tables.exception_case)
    assert (row.state, row.closed_by) == ("resolved", "cause gone")


def test_a_condition_that_comes_back_is_a_new_case(hub: Bench) -> None:
    opened(hub, CASE)
    closed(hub, CASE.key)

    opened(hub, CASE)

    assert len(hub.cases()) == 1
    assert [row.state for row in hub.rows(tables.exception_case, by=tables.exception_case.c.id)] == [
        "resolved",
        "open",
    ]


def test_a_person_dismisses_a_case_once(hub: Bench) -> None:
    opened(hub, CASE)
    (case,) = hub.cases()

    with hub.step(STORE) as (tx, task):
        first = exceptions.close_by_person(tx, case.id, state="dismissed", now=task.now, by="ada")
        second = exceptions.close_by_person(tx, case.id, state="resolved", now=task.now, by="bob")

    assert (first, second) == (True, False)
    (row,) = hub.rows(tables.exception_case)
    assert (row.state, row.closed_by) == ("dismissed", "ada")


def test_keys_are_found_by_their_beginning_to_the_letter(hub: Bench) -> None:
    opened(hub, replace(CASE, key="a_b:1"), replace(CASE, key="axb:2"), replace(CASE, key="a%b:3"))

    with hub.database.reading() as tx:
        assert exceptions.open_keys(tx, "a_b:") == {"a_b:1"}
        assert exceptions.open_keys(tx, "a%b:") == {"a%b:3"}


def test_many_cases_are_closed_in_one_go(hub: Bench) -> None:
    many = [replace(CASE, key=f"stuck:{i}") for i in range(1200)]
    opened(hub, *many)

    closed(hub, *(case.key for case in many[:-1]))

    assert [case.key for case in hub.cases()] == ["stuck:1199"]


def test_an_event_names_the_run_or_the_user_behind_it(hub: Bench) -> None:
    with hub.step(STORE) as (tx, task):
        record(tx, task, [Event(Subject.ORDER, "1", "Read", direction="in", request_id="r-9")])
        record(tx, replace(task, run_id=""), [Event(Subject.ORDER, "1", "Held", EventStatus.ACKNOWLEDGED)])

    first, second = hub.rows(tables.event, by=tables.event.c.id)
    assert (first.run_id, first.actor, first.direction, first.request_id) == ("run-1", "", "in", "r-9")
    assert (second.run_id, second.actor, second.status) == ("", "user", "Acknowledged")


def test_no_events_are_no_statement(hub: Bench) -> None:
    with hub.step(STORE) as (tx, task):
        record(tx, task, [])
        exceptions.open_cases(tx, task, [])

    assert hub.rows(tables.event) == []
