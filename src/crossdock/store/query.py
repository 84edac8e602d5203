"""Small tools for statements over many rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

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


def select_in(
    tx: Transaction, statement: sa.Select[Any], column: sa.ColumnElement[Any], values: Iterable[Any]
) -> list[Any]:
    """All rows of `statement` whose `column` is among the values, however many those are."""
    rows: list[Any] = []
    for some in slices(dict.fromkeys(values)):
        rows.extend(tx.execute(statement.where(column.in_(some))))
    return rows


def upsert(
    tx: Transaction, table: sa.Table, rows: Sequence[dict[str, Any]], *, keep: Iterable[str] = ()
) -> None:
    """Insert or update by primary key, one statement executed for all rows; `keep` are not overwritten."""
    if not rows:
        return
    insert = sqlite.insert if tx.dialect.name == "sqlite" else postgresql.insert
    statement = insert(table)
    keys = [column.name for column in table.primary_key.columns]
    kept = {*keys, *keep}
    changed = {name: statement.excluded[name] for name in rows[0] if name not in kept}
    # In one order always, so that two transactions never wait for each other's rows.
    ordered = sorted(rows, key=lambda row: tuple(str(row[key]) for key in keys))
    if changed:
        tx.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed), ordered)
    else:
        tx.execute(statement.on_conflict_do_nothing(index_elements=keys), ordered)


def update_rows(tx: Transaction, table: sa.Table, rows: Mapping[Any, Mapping[str, Any]]) -> None:
    """Change these rows, one statement executed for all: by the row's id the new values of its columns, the same of each."""
    if not rows:
        return
    names = next(iter(rows.values()))
    values = {name: sa.bindparam(f"to_{name}", type_=table.c[name].type) for name in names}
    # In one order always, so that two transactions never wait for each other's rows.
    given = [
        {"row_id": key, **{f"to_{name}": rows[key][name] for name in names}} for key in sorted(rows, key=str)
    ]
    tx.execute(sa.update(table).where(table.c.id == sa.bindparam("row_id")).values(**values), given)
