"""Questions that are compiled once: the same rows as SQLAlchemy's own, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
import sqlalchemy as sa

from crossdock.store import tables
from crossdock.store.asking import Question, parameter
from crossdock.store.database import Database
from crossdock.store.query import insert_rows, select_in
from support.make import empty

PRODUCT = tables.product
NOW = datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC)
BY_ID = Question(sa.select(PRODUCT).order_by(PRODUCT.c.id), PRODUCT.c.id)
NEWER = Question(
    sa.select(PRODUCT.c.id, PRODUCT.c.is_removed)
    .where(PRODUCT.c.seen_at > parameter("since", PRODUCT.c.seen_at))
    .where(PRODUCT.c.kind.in_(["simple", "other"])),
    PRODUCT.c.id,
)


def row(key: str, *, at: datetime = NOW, is_removed: bool = False) -> dict[str, Any]:
    texts = {
        "id": key,
        "kind": "simple",
        "title": f"“{key}” % ?",
        "body": "{}",
        "source": "s",
        "channel_id": key,
    }
    times = {"seen_at": at, "created_at": NOW, "updated_at": NOW}
    return texts | times | {"fingerprint": key, "is_removed": is_removed}


@pytest.fixture
def filled(database: Database) -> Database:
    empty(database)
    with database.serial() as tx:
        rows = [row("a"), row("b", at=NOW - timedelta(days=1)), row("ç", is_removed=True)]
        insert_rows(tx, PRODUCT, rows)
    return database


def test_the_rows_are_those_that_sqlalchemy_gives(filled: Database) -> None:
    with filled.reading() as tx:
        asked = BY_ID.rows(tx, ["ç", "a", "missing", "a"])
        given = select_in(tx, sa.select(PRODUCT).order_by(PRODUCT.c.id), PRODUCT.c.id, ["ç", "a"])

    assert [one._asdict() for one in asked] == [dict(one._mapping) for one in given]
    assert [(one.id, one.is_removed, one.seen_at) for one in asked] == [("a", False, NOW), ("ç", True, NOW)]


def test_other_parameters_are_given_by_their_names(filled: Database) -> None:
    since = (NOW - timedelta(hours=1)).astimezone(timezone(timedelta(hours=9)))

    with filled.reading() as tx:
        asked = NEWER.rows(tx, ["a", "b", "ç"], since=since)

    assert sorted(asked) == [("a", False), ("ç", True)]
    assert [type(one.is_removed) for one in asked] == [bool, bool]


def test_a_parameter_that_is_left_open_has_to_be_given(filled: Database) -> None:
    with filled.reading() as tx, pytest.raises(KeyError):
        NEWER.rows(tx, ["a"])


def test_for_no_values_the_database_is_not_asked(filled: Database) -> None:
    with filled.reading() as tx:
        connection = tx
    assert connection.closed
    assert BY_ID.rows(connection, []) == []
