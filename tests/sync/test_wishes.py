"""What the next run of a flow is to read, on both databases: never less than was wished before it began."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crossdock.domain.sync import FlowKey
from crossdock.store import tables, wishes
from crossdock.store.database import Database
from crossdock.sync import lease, workers
from crossdock.sync.lease import Ended, Lease
from support.databases import KINDS, open_database
from support.flows import add_flow, empty_engine_tables, set_flow

STOCK = FlowKey.parse("my-store/pull-inventory")
DONE = Ended({})


@pytest.fixture(scope="module", params=KINDS)
def one_database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    folder: Path = tmp_path_factory.mktemp("wishes")
    with open_database(request.param, folder) as database:
        yield database


@pytest.fixture
def database(one_database: Database) -> Database:
    empty_engine_tables(one_database)
    with one_database.transaction() as tx:
        tx.execute(tables.memory.delete())
    add_flow(one_database, STOCK)
    workers.beat(one_database, "anna")
    return one_database


def hint(database: Database, *names: str) -> None:
    lease.want(database, STOCK, names, is_hint=True)


def begin(database: Database, run_id: str = "run") -> Lease:
    held = lease.begin(database, STOCK, run_id, "anna")
    assert held is not None
    return held


def named(database: Database, held: Lease) -> set[str]:
    with database.reading() as tx:
        return wishes.named(tx, STOCK, held.epoch)


def answer(database: Database, held: Lease) -> None:
    with database.transaction() as tx:
        wishes.answered(tx, STOCK, held.epoch)


def test_a_run_reads_all_that_was_named_before_it_began(database: Database) -> None:
    hint(database, "1/11")
    hint(database, "2/", "1/11")

    assert named(database, begin(database)) == {"1/11", "2/"}


def test_what_is_named_meanwhile_stays_for_the_run_after_even_if_it_is_the_same(database: Database) -> None:
    hint(database, "1/11", "2/")
    held = begin(database)
    hint(database, "1/11")
    answer(database, held)

    assert lease.finish(database, held, DONE) is True
    assert named(database, begin(database, "after")) == {"1/11"}


def test_a_run_that_failed_or_was_killed_leaves_its_names_to_the_next(database: Database) -> None:
    hint(database, "1/11")
    held = begin(database)
    hint(database, "2/")
    lease.finish(database, held, Ended({}, error="The store is down"))

    assert named(database, begin(database, "after")) == {"1/11", "2/"}


def test_an_event_that_meets_a_back_off_is_kept_for_when_that_is_over(database: Database) -> None:
    held = begin(database)
    lease.finish(database, held, Ended({}, error="The store is down"))

    assert lease.want(database, STOCK, ["1/11"], is_hint=True) is None
    assert named(database, begin(database, "after")) == {"1/11"}


@pytest.mark.parametrize("is_before", [True, False])
def test_whoever_names_nothing_wishes_for_everything(database: Database, is_before: bool) -> None:
    for wish in (["1/11"], []) if is_before else ([], ["1/11"]):
        lease.want(database, STOCK, wish)
    held = begin(database)

    assert named(database, held) == set()
    with database.reading() as tx:
        assert wishes.are_any(tx, STOCK, held.epoch)
    answer(database, held)
    with database.reading() as tx:
        assert not wishes.are_any(tx, STOCK, held.epoch)


def test_a_wish_for_everything_during_a_run_outlives_it(database: Database) -> None:
    hint(database, "1/11")
    held = begin(database)
    lease.want(database, STOCK)
    hint(database, "2/")
    answer(database, held)
    lease.finish(database, held, DONE)

    after = begin(database, "after")
    assert named(database, after) == set()
    with database.reading() as tx:
        assert wishes.are_any(tx, STOCK, after.epoch)


@pytest.mark.parametrize("more", [0, 1])
def test_more_than_a_call_can_name_is_everything(database: Database, more: int) -> None:
    for number in range(wishes.MOST_NAMED + more):
        hint(database, f"{number}/")

    assert len(named(database, begin(database))) == (0 if more else wishes.MOST_NAMED)
    with database.reading() as tx:
        assert len(tx.execute(tables.memory.select()).all()) <= wishes.MOST_NAMED


def test_a_flow_that_is_off_keeps_nothing_and_reads_everything_once_it_is_due(database: Database) -> None:
    set_flow(database, STOCK, is_on=False)
    hint(database, "1/11")
    set_flow(database, STOCK, is_on=True)
    with database.transaction() as tx:
        wishes.note_everything(tx, tables.flow.c.integration == STOCK.integration)
    hint(database, "2/")

    assert named(database, begin(database)) == set()
