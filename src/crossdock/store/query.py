"""Small tools for statements over many rows."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any, TypeVar

import sqlalchemy as sa

from crossdock.store import asking, many
from crossdock.store.database import Transaction

T = TypeVar("T")

SLICE = 500  # bound parameters per statement are limited on SQLite


def slices(items: Iterable[T], size: int = SLICE) -> Iterator[list[T]]:
    """The items in lists of at most `size`."""
    part: list[T] = []
    for item in items:
        part.append(item)
        if len(part) == size:
            yield part
            part = []
    if part:
        yield part


def among(tx: Transaction, column: sa.ColumnElement[Any], values: Iterable[Any]) -> sa.ColumnElement[bool]:
    """Whether `column` is one of these texts or numbers, however many they are."""
    database = tx.dialect.name
    each = sa.literal(asking.given(database, values), asking.kind_of(database, column))
    return asking.is_one_of(database, column, each)


def select_in(
    tx: Transaction, statement: sa.Select[Any], column: sa.ColumnElement[Any], values: Iterable[Any]
) -> list[Any]:
    """All rows of `statement` whose `column` is among the values, however many those are."""
    wanted = list(values)
    if not wanted:
        return []
    database = tx.dialect.name
    whole = statement.where(asking.is_given(database, column))
    # Taken at once: SQLAlchemy takes three times as long to go through them one by one.
    return list(tx.execute(whole, {asking.GIVEN: asking.given(database, wanted)}).all())


def upsert(
    tx: Transaction, table: sa.Table, rows: Sequence[dict[str, Any]], *, keep: Iterable[str] = ()
) -> None:
    """Insert or update by primary key, one statement executed for all rows; `keep` are not overwritten."""
    if not rows:
        return
    keys = [column.name for column in table.primary_key.columns]
    # In one order always, so that two transactions never wait for each other's rows.
    ordered = sorted(rows, key=itemgetter(*keys))
    many.upsert(tx.dialect, table, tuple(rows[0]), frozenset(keep)).execute(tx, ordered)


def add_rows(tx: Transaction, table: sa.Table, rows: Sequence[dict[str, Any]]) -> None:
    """The same for numbers to be added to those that are there by then; of what is new they are all that there is."""
    if rows:
        keys = [column.name for column in table.primary_key.columns]
        ordered = sorted(rows, key=itemgetter(*keys))
        many.add(tx.dialect, table, tuple(rows[0])).execute(tx, ordered)


def store_rows(
    tx: Transaction,
    table: sa.Table,
    rows: Iterable[dict[str, Any]],
    known: Container[str],
    *,
    keep: Iterable[str] = (),
) -> None:
    """The same for rows of which this serial transaction has found out which are there.

    `known` are those, by the last column of the primary key; any others are the same in all rows.
    On SQLite nobody can add one meanwhile, and a plain insert costs half of an upsert: one that may change a foreign key
    has SQLite put aside a copy of every page that it touches. Of rows with the same key the last one counts.
    """
    *_, by = (column.name for column in table.primary_key.columns)
    by_key = {row[by]: row for row in rows}
    is_sole = tx.dialect.name == "sqlite"
    fresh = [row for key, row in by_key.items() if is_sole and key not in known]
    insert_rows(tx, table, sorted(fresh, key=itemgetter(by)))
    upsert(tx, table, [row for key, row in by_key.items() if not is_sole or key in known], keep=keep)


def insert_rows(tx: Transaction, table: sa.Table, rows: Sequence[dict[str, Any]]) -> None:
    """Append rows that all name the same columns."""
    if rows:
        many.insert(tx.dialect, table, tuple(rows[0])).execute(tx, rows)


def update_rows(tx: Transaction, table: sa.Table, rows: Mapping[Any, Mapping[str, Any]]) -> None:
    """Change these rows, one statement executed for all: by the row's id the new values of its columns, the same of each."""
    if not rows:
        return
    names = tuple(next(iter(rows.values())))
    # In one order always, so that two transactions never wait for each other's rows.
    given = [{"id": key, **rows[key]} for key in sorted(rows, key=str)]
    many.update(tx.dialect, table, ("id",), names).execute(tx, given)
