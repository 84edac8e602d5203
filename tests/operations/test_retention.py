"""What is forgotten after a while, and what never is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from crossdock.operations import retention
from crossdock.operations.retention import Keep
from crossdock.store import tables
from crossdock.store.codec import pack
from crossdock.store.database import Database
from crossdock.sync.upkeep import Upkeep
from support.databases import KINDS, open_database

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
OLD = NOW - timedelta(days=100)
DAYS = timedelta(days=30)
KEEP = Keep(
    runs=DAYS, idle_runs=DAYS, events=DAYS, cases=DAYS, payloads=timedelta(days=7), notifications=DAYS
)
IDLE = {"read": 5, "written": 0, "unchanged": 5, "unreadable": 0, "confirmed": 0, "rejected": 0, "unclear": 0}


def put(database: Database, table: sa.Table, **values: Any) -> None:
    with database.transaction() as tx:
        tx.execute(sa.insert(table).values(**values))


def ids(database: Database, table: sa.Table) -> list[Any]:
    key = next(iter(table.primary_key.columns))
    with database.reading() as tx:
        return list(tx.scalars(sa.select(key).order_by(key)))


def run(database: Database, key: str, **values: Any) -> None:
    usual = {"flow": "store/pull-orders", "integration": "store", "worker": "w", "state": "done"}
    moments = {"started_at": OLD, "ended_at": OLD}
    put(database, tables.run, id=key, **(usual | moments | {"tally": pack(IDLE | {"written": 1})} | values))


def case(database: Database, key: int, **values: Any) -> None:
    usual = {"key": f"case-{key}", "kind": "unreadable", "subject_kind": "order", "subject_id": "ord_1"}
    texts = {"cause": "", "fix": "", "evidence": pack({"payload": "secret", "code": 7}), "state": "resolved"}
    put(
        database,
        tables.exception_case,
        id=key,
        **(usual | texts | {"opened_at": OLD, "closed_at": OLD} | values),
    )


def event(database: Database, key: int, subject: str, at: datetime = OLD) -> None:
    usual = {"subject_kind": "order", "status": "Completed", "what": "Order read"}
    put(database, tables.event, id=key, at=at, subject_id=subject, **usual)


def upkeep(database: Database, keep: Keep = KEEP) -> Upkeep:
    return Upkeep(database, lambda: NOW, keep, sleep=lambda _: None)


@pytest.mark.parametrize("kind", KINDS)
def test_old_history_goes_and_what_is_still_needed_stays(kind: str, tmp_path: Path) -> None:
    with open_database(kind, tmp_path) as database:
        run(database, "old")
        run(database, "fresh", started_at=NOW, ended_at=NOW)
        run(database, "running", ended_at=None, state="running")
        run(database, "unclear")
        run(database, "failing", flow="shop/push-inventory")
        intent = {"integration": "store", "kind": "stock_adjustment", "body": "[]", "created_at": OLD}
        put(database, tables.intent, id="int_1", state="unclear", run_id="unclear", **intent)
        case(database, 1)
        case(database, 2, state="dismissed", subject_id="ord_2")
        case(database, 3, state="open", closed_at=None, subject_id="ord_3", flow="shop/push-inventory")
        case(database, 4, closed_at=NOW - timedelta(days=8))
        event(database, 1, "ord_1")
        event(database, 2, "ord_3")
        event(database, 3, "ord_1", NOW)
        moved = {"variant_id": "var_1", "location_id": "loc_1", "kind": "count", "reason": "Counted"}
        put(database, tables.movement, id=1, at=OLD, on_hand=5, committed=0, **moved)
        put(database, tables.delivery, integration="store", event_id="hook-1", received_at=OLD)
        put(database, tables.bucket, key="calls:gone", ready_at=OLD.timestamp())

        forgotten = upkeep(database).forget()

        assert ids(database, tables.run) == ["failing", "fresh", "running", "unclear"]
        assert ids(database, tables.exception_case) == [2, 3, 4]
        assert ids(database, tables.event) == [2, 3]
        assert ids(database, tables.movement) == [1]
        assert ids(database, tables.delivery) == ids(database, tables.bucket) == []
        assert evidence(database, 4) == evidence(database, 2) == '{"code":7}'
        assert "secret" in evidence(database, 3), "an open case keeps what it is about"
        assert (forgotten["runs"], forgotten["resolved cases"], forgotten["lines of timelines"]) == (1, 1, 1)
        assert sum(upkeep(database).forget().values()) == 0


def evidence(database: Database, key: int) -> str:
    column = tables.exception_case.c
    with database.reading() as tx:
        return str(tx.scalar(sa.select(column.evidence).where(column.id == key)))


def test_runs_that_moved_nothing_go_sooner(tmp_path: Path) -> None:
    keep = Keep(None, timedelta(days=2), None, None, None, None)
    with open_database("sqlite", tmp_path) as database:
        run(database, "idle", tally=pack(IDLE))
        run(database, "busy")
        run(database, "failed", tally=pack(IDLE), state="failed")

        upkeep(database, keep).forget()

        assert ids(database, tables.run) == ["busy", "failed"]


def test_zero_days_keep_for_ever(tmp_path: Path) -> None:
    with open_database("sqlite", tmp_path) as database:
        run(database, "old")
        case(database, 1)

        upkeep(database, Keep(None, None, None, None, None, None)).forget()

        assert ids(database, tables.run) == ["old"]
        assert "secret" in evidence(database, 1)


def test_a_rule_that_acts_once_on_each_record_goes_on_knowing_that_it_has(tmp_path: Path) -> None:
    with open_database("sqlite", tmp_path) as database:
        for key, once in ((1, True), (2, False)):
            rule = {"name": f"rule {key}", "trigger": "order_new", "created_at": OLD, "updated_at": OLD}
            put(database, tables.automation, id=key, position=key, is_once=once, **rule)
            fired = {"subject_kind": "order", "subject_id": "ord_1", "what": "held"}
            put(database, tables.automation_firing, id=key, automation_id=key, at=OLD, **fired)

        upkeep(database).forget()

        assert ids(database, tables.automation_firing) == [1]


def test_it_is_done_once_a_night_and_goes_on_where_it_had_to_leave(tmp_path: Path) -> None:
    with open_database("sqlite", tmp_path) as database:
        run(database, "old")
        nightly = upkeep(database)

        nightly(lambda: True)
        assert ids(database, tables.run) == ["old"]
        nightly(lambda: False)
        assert ids(database, tables.run) == []

        with database.reading() as tx:
            assert not retention.is_due(tx, NOW + timedelta(hours=13))
            assert retention.is_due(tx, NOW + timedelta(hours=15))
