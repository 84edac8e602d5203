"""Single flight, fencing, due times and history of flows, on both databases."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from crossdock.store.database import Database
from crossdock.store.tables import worker as workers_table
from crossdock.sync import lease, run_records, workers
from crossdock.sync.lease import Ended, FencedError
from crossdock.sync.run_records import RunState
from support.databases import KINDS, open_database
from support.flows import NEVER, ORDERS, STOCK, add_flow, empty_engine_tables, flow_row, set_flow

DONE = Ended({"read": 3})


@pytest.fixture(scope="module", params=KINDS)
def one_database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    folder: Path = tmp_path_factory.mktemp("lease")
    with open_database(request.param, folder) as database:
        yield database


@pytest.fixture
def database(one_database: Database) -> Database:
    empty_engine_tables(one_database)
    add_flow(one_database, ORDERS)
    for name in ("anna", "ben"):
        workers.beat(one_database, name)
    return one_database


def begin(database: Database, run_id: str, worker: str = "anna") -> lease.Lease:
    held = lease.begin(database, ORDERS, run_id, worker)
    assert held is not None
    return held


def silence(database: Database, worker: str) -> None:
    """The worker has not beaten for longer than the lease."""
    with database.transaction() as tx:
        late = workers_table.c.beat - workers.LEASE_SECONDS - 1
        tx.execute(sa.update(workers_table).where(workers_table.c.id == worker).values(beat=late))


def state_of(database: Database, run_id: str) -> RunState:
    return next(run.state for run in run_records.history(database) if run.run_id == run_id)


# Single flight


def test_a_second_run_of_a_flow_that_is_running_leaves_and_the_first_is_to_run_again(
    database: Database,
) -> None:
    first = begin(database, "first")

    assert lease.begin(database, ORDERS, "second", "ben") is None

    assert lease.finish(database, first, DONE) is True
    assert lease.due(database) == [ORDERS]


def test_a_run_that_nobody_else_asked_for_meanwhile_waits_for_its_schedule(database: Database) -> None:
    held = begin(database, "only")

    assert lease.finish(database, held, DONE) is False

    row = flow_row(database, ORDERS)
    assert (row.runner, row.owner, row.again, row.failures) == (None, None, False, 0)
    assert 0 < row.due_at < NEVER
    assert row.last_success_at is not None
    assert lease.due(database) == []


def test_a_run_takes_over_from_a_run_whose_worker_is_silent(database: Database) -> None:
    dead = begin(database, "first", "anna")
    silence(database, "anna")

    alive = begin(database, "second", "ben")

    assert alive.epoch == dead.epoch + 1
    assert state_of(database, "first") is RunState.FENCED
    assert state_of(database, "second") is RunState.RUNNING


def test_a_run_from_a_worker_that_has_left_is_taken_over_at_once(database: Database) -> None:
    begin(database, "first", "anna")
    workers.forget_worker(database, "anna")

    assert lease.begin(database, ORDERS, "second", "ben") is not None


def test_the_same_run_may_begin_again_elsewhere_though_its_first_worker_lives(database: Database) -> None:
    first = begin(database, "one", "anna")
    second = begin(database, "one", "ben")

    assert second.epoch > first.epoch
    assert lease.finish(database, first, DONE) is False
    assert state_of(database, "one") is RunState.RUNNING
    lease.finish(database, second, DONE)
    assert state_of(database, "one") is RunState.DONE


@pytest.mark.parametrize("values", [{"is_on": False}, {"refusal": "Two owners of stock"}])
def test_a_flow_that_is_off_or_refused_neither_begins_nor_is_due_nor_can_be_woken(
    database: Database, values: dict[str, object]
) -> None:
    set_flow(database, ORDERS, due_at=0.0, **values)

    assert lease.due(database) == []
    assert lease.want(database, ORDERS) is None
    assert lease.begin(database, ORDERS, "run", "anna") is None
    assert lease.idle(database)


def test_an_unknown_flow_cannot_begin_or_be_woken(database: Database) -> None:
    assert lease.want(database, STOCK) is None
    assert lease.begin(database, STOCK, "run", "anna") is None


# Fencing


def test_a_fenced_run_can_neither_commit_nor_call_nor_end_the_flow(database: Database) -> None:
    zombie = begin(database, "first", "anna")
    silence(database, "anna")
    owner = begin(database, "second", "ben")

    with pytest.raises(FencedError), database.transaction() as tx:
        lease.check(tx, zombie)
    with pytest.raises(FencedError):
        lease.ensure(database, zombie)
    lease.finish(database, zombie, Ended({"read": 99}, error="boom"))

    row = flow_row(database, ORDERS)
    assert (row.runner, row.failures, row.last_error) == ("second", 0, "")
    with database.transaction() as tx:
        lease.check(tx, owner)
    lease.ensure(database, owner)


def test_what_a_fenced_run_wrote_in_the_same_transaction_is_rolled_back(database: Database) -> None:
    zombie = begin(database, "first")
    lease.cancel(database, ORDERS)

    def commit_a_page() -> None:
        with database.transaction() as tx:
            run_records.progress(tx, zombie.run_id, {"read": 7})
            lease.check(tx, zombie)

    with pytest.raises(FencedError):
        commit_a_page()

    assert run_records.history(database)[0].tally == {}


def test_canceling_ends_the_run_and_leaves_the_flow_on_its_schedule(database: Database) -> None:
    held = begin(database, "first")
    lease.want(database, ORDERS)

    assert lease.cancel(database, ORDERS) == "first"

    with pytest.raises(FencedError):
        lease.ensure(database, held)
    lease.finish(database, held, DONE)
    assert state_of(database, "first") is RunState.CANCELED
    assert lease.due(database) == []
    assert lease.idle(database)


# Waking


def test_everybody_who_asks_before_a_run_begins_asks_for_the_same_run(database: Database) -> None:
    asked = {lease.want(database, ORDERS) for _ in range(5)}

    assert len(asked) == 1
    assert lease.due(database) == [ORDERS]


def test_a_wish_after_a_run_has_begun_is_for_the_next_one(database: Database) -> None:
    first = lease.want(database, ORDERS)
    assert first is not None
    held = begin(database, first.run_id)

    second = lease.want(database, ORDERS)

    assert second is not None
    assert second.is_running
    assert second.run_id != first.run_id
    assert lease.due(database) == []  # it becomes due with the end of the present run
    assert lease.finish(database, held, DONE) is True


def test_a_run_repeated_after_a_crash_leaves_the_wish_that_came_meanwhile(database: Database) -> None:
    first = lease.want(database, ORDERS)
    assert first is not None
    begin(database, first.run_id)
    second = lease.want(database, ORDERS)
    assert second is not None

    begin(database, first.run_id, "ben")

    assert flow_row(database, ORDERS).generation == second.generation


def test_of_all_who_find_a_run_over_one_moves_on_to_the_next(database: Database) -> None:
    spent = lease.want(database, ORDERS)
    assert spent is not None

    following = [lease.next_generation(database, spent) for _ in range(3)]

    assert [wakeup.generation for wakeup in following if wakeup] == [spent.generation + 1]


def test_a_wish_is_fulfilled_when_its_run_has_begun_and_ended_meanwhile(database: Database) -> None:
    wish = lease.want(database, ORDERS)
    assert wish is not None
    lease.finish(database, begin(database, wish.run_id), DONE)

    assert lease.next_generation(database, wish) is None


def test_a_hint_leaves_the_back_off_in_force_and_a_person_does_not(database: Database) -> None:
    lease.finish(database, begin(database, "bad"), Ended({}, error="The store is down"))

    assert lease.want(database, ORDERS, is_hint=True) is None
    assert lease.due(database) == []
    assert lease.want(database, ORDERS) is not None
    assert lease.due(database) == [ORDERS]


# Ends


def test_failures_add_up_with_a_growing_wait_and_a_success_clears_them(database: Database) -> None:
    waits = []
    for number in range(4):
        lease.finish(database, begin(database, f"bad-{number}"), Ended({}, error="The store is down"))
        row = flow_row(database, ORDERS)
        waits.append(row.due_at)
    assert (row.failures, row.last_error) == (4, "The store is down")
    assert waits == sorted(waits)

    lease.finish(database, begin(database, "good"), DONE)

    row = flow_row(database, ORDERS)
    assert (row.failures, row.last_error) == (0, "")


def test_a_failed_run_says_why_in_the_history_and_keeps_its_progress(database: Database) -> None:
    held = begin(database, "bad")
    with database.transaction() as tx:
        run_records.progress(tx, held.run_id, {"read": 250})

    lease.finish(database, held, Ended({}, error="The store is down"))

    (record,) = run_records.history(database, ORDERS)
    assert (record.state, record.error, record.tally) == (RunState.FAILED, "The store is down", {"read": 250})
    assert record.ended_at is not None
    assert record.ended_at >= record.started_at
    assert run_records.history(database, STOCK) == []


def test_a_platform_that_names_a_time_is_asked_again_then(database: Database) -> None:
    lease.finish(database, begin(database, "bad"), Ended({}, error="429", retry_in=-1.0))

    assert lease.due(database) == [ORDERS]


def test_a_stopped_run_is_due_at_once_and_is_no_failure(database: Database) -> None:
    ended = Ended({}, error="The worker is stopping", retry_in=0.0, is_canceled=True)

    lease.finish(database, begin(database, "stopped"), ended)

    assert state_of(database, "stopped") is RunState.CANCELED
    assert flow_row(database, ORDERS).failures == 0
    assert lease.due(database) == [ORDERS]


def test_back_off_doubles_from_five_seconds_to_half_an_hour() -> None:
    waits = [lease.back_off(failures, "run") for failures in range(1, 40)]

    assert 3.75 <= waits[0] <= 5
    assert all(later > sooner for sooner, later in itertools.pairwise(waits[:9]))
    assert all(1350 <= wait <= 1800 for wait in waits[10:])
    assert lease.back_off(3, "one") != lease.back_off(3, "two")


def test_a_flow_whose_run_is_over_without_a_word_is_freed_once(database: Database) -> None:
    held = begin(database, "lost")

    assert lease.release(database, ORDERS, "lost", error="lost") is True
    assert lease.release(database, ORDERS, "lost", error="lost") is False

    assert lease.due(database) == [ORDERS]
    assert state_of(database, "lost") is RunState.FAILED
    with pytest.raises(FencedError):
        lease.ensure(database, held)


def test_a_flow_that_keeps_ending_without_a_word_backs_off(database: Database) -> None:
    for number in range(2):
        begin(database, f"lost-{number}")
        lease.release(database, ORDERS, f"lost-{number}", error="lost")

    assert flow_row(database, ORDERS).failures == 2
    assert lease.due(database) == []


def test_getting_further_shows_in_the_milestone(database: Database) -> None:
    held = begin(database, "run")
    start = run_records.milestone(database, "run")
    with database.transaction() as tx:
        run_records.progress(tx, held.run_id, {"read": 1})
    read_one = run_records.milestone(database, "run")
    set_flow(database, ORDERS, cursor="2026-11-24")

    assert len({start, read_one, run_records.milestone(database, "run")}) == 3
    assert run_records.milestone(database, "no such run") == run_records.milestone(database, "no such run")


# Idle, due, workers, roles


def test_idle_means_that_nothing_runs_or_is_due(database: Database) -> None:
    add_flow(database, STOCK)
    assert lease.idle(database)

    held = begin(database, "run")
    assert not lease.idle(database)
    assert not lease.idle(database, {ORDERS})
    assert lease.idle(database, {STOCK})

    lease.finish(database, held, DONE)
    assert lease.idle(database)
    lease.make_due(database, STOCK)
    assert not lease.idle(database)


def test_a_flow_is_due_when_its_time_has_come_and_the_longest_due_comes_first(database: Database) -> None:
    add_flow(database, STOCK, due_at=5.0)
    lease.make_due(database, ORDERS)
    assert lease.due(database) == [STOCK, ORDERS]

    lease.make_due(database, STOCK, in_seconds=60.0)
    assert lease.due(database) == [ORDERS]


def test_a_role_has_one_owner_until_that_one_leaves(database: Database) -> None:
    assert workers.take_role(database, "sweep", "anna", 60)
    assert not workers.take_role(database, "sweep", "ben", 60)
    assert workers.take_role(database, "sweep", "anna", 60)

    workers.forget_worker(database, "anna")

    assert workers.take_role(database, "sweep", "ben", 60)


def test_a_role_that_ran_out_is_free(database: Database) -> None:
    assert workers.take_role(database, "sweep", "anna", -1)

    assert workers.take_role(database, "sweep", "ben", 60)


def test_silent_workers_are_dead_and_are_forgotten_later(database: Database) -> None:
    silence(database, "anna")
    assert workers.live_workers(database) == {"ben"}

    workers.forget_silent_workers(database, workers.LEASE_SECONDS)
    workers.beat(database, "ben")
    assert workers.live_workers(database) == {"ben"}

    workers.forget_silent_workers(database, 0.0)
    assert workers.live_workers(database) == set()
