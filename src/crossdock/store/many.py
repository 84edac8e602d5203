"""Statements that write many rows: compiled once, their rows handed to the driver column by column.

SQLAlchemy's own way costs more for each row than the database needs to write it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from crossdock.store.database import Transaction

STATEMENTS_KEPT = 200


class Many:
    """One statement for rows that all name the same columns."""

    def __init__(self, text: str, places: Sequence[_Place]) -> None:
        self._text = text
        self._places = places

    def execute(self, tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> None:
        if rows:
            columns = [place.column(rows) for place in self._places]
            tx.exec_driver_sql(self._text, list(zip(*columns, strict=True)))


class _Place:
    """One parameter of the statement: a column of the rows, or the same value for each of them."""

    def __init__(self, name: str, bind: sa.BindParameter[Any], fixed: Any, dialect: sa.Dialect) -> None:
        self._name = name
        self._is_fixed = fixed is not _FROM_ROW
        self._process = bind.type.dialect_impl(dialect).bind_processor(dialect)
        self._fixed = self._processed(fixed) if self._is_fixed else None

    def column(self, rows: Sequence[Mapping[str, Any]]) -> list[Any]:
        if self._is_fixed:
            return [self._fixed] * len(rows)
        values = [row[self._name] for row in rows]
        if self._process is None:
            return values
        # Dates and truths are few and repeat; each is put into the driver's form once.
        known = {value: self._processed(value) for value in set(values)}
        return [known[value] for value in values]

    def _processed(self, value: Any) -> Any:
        return self._process(value) if self._process is not None else value


_FROM_ROW = object()


@lru_cache(maxsize=STATEMENTS_KEPT)
def upsert(dialect: sa.Dialect, table: sa.Table, names: tuple[str, ...], keep: frozenset[str]) -> Many:
    """Insert rows with these columns; where the primary key is there already, set the columns but for `keep`."""
    statement = _insert(dialect, table)
    keys = [column.name for column in table.primary_key.columns]
    changed = {name: statement.excluded[name] for name in names if name not in keep and name not in keys}
    if changed:
        whole = statement.on_conflict_do_update(index_elements=keys, set_=changed)
    else:
        whole = statement.on_conflict_do_nothing(index_elements=keys)
    return prepare(whole, dialect, names)


@lru_cache(maxsize=STATEMENTS_KEPT)
def add(dialect: sa.Dialect, table: sa.Table, names: tuple[str, ...]) -> Many:
    """Insert rows with these columns; where the primary key is there already, add to what the other columns have."""
    statement = _insert(dialect, table)
    keys = [column.name for column in table.primary_key.columns]
    sums = {name: table.c[name] + statement.excluded[name] for name in names if name not in keys}
    return prepare(statement.on_conflict_do_update(index_elements=keys, set_=sums), dialect, names)


@lru_cache(maxsize=STATEMENTS_KEPT)
def insert(dialect: sa.Dialect, table: sa.Table, names: tuple[str, ...]) -> Many:
    """Append rows with these columns."""
    return prepare(sa.insert(table).inline(), dialect, names)


@lru_cache(maxsize=STATEMENTS_KEPT)
def update(dialect: sa.Dialect, table: sa.Table, keys: tuple[str, ...], names: tuple[str, ...]) -> Many:
    """Set the columns `names` of the rows with these `keys`."""
    given = {name: sa.bindparam(f"_{name}", type_=table.c[name].type) for name in (*keys, *names)}
    statement = sa.update(table).where(*(table.c[key] == given[key] for key in keys))
    return prepare(statement.values({name: given[name] for name in names}), dialect, (*keys, *names))


def prepare(statement: sa.Insert | sa.Update, dialect: sa.Dialect, names: Iterable[str]) -> Many:
    """For any statement; where a column is set or looked for by a parameter `_name`, that is the rows' value of it.

    Columns that inserted rows leave out get their default, as SQLAlchemy would see to.
    """
    given = {name if isinstance(statement, sa.Insert) else f"_{name}": name for name in names}
    keys = list(names) if isinstance(statement, sa.Insert) else None
    compiled = statement.compile(dialect=positional(dialect), column_keys=keys)
    defaults = {
        column.name: column.default.arg
        for column in compiled.insert_prefetch
        if isinstance(column.default, ScalarElementColumnDefault)
    }
    binds = {name: bind for bind, name in compiled.bind_names.items()}
    places = []
    for name in compiled.positiontup or ():
        fixed = _FROM_ROW if name in given else defaults.get(name, compiled.params[name])
        places.append(_Place(given.get(name, name), binds[name], fixed, dialect))
    return Many(compiled.string, places)


def _insert(dialect: sa.Dialect, table: sa.Table) -> Any:
    return sqlite.insert(table) if dialect.name == "sqlite" else postgresql.insert(table)


def positional(dialect: sa.Dialect) -> sa.Dialect:
    """The same, with parameters by their places, as drivers take many rows."""
    kind: Any = type(dialect)
    return dialect if dialect.positional else cast(sa.Dialect, kind(paramstyle="format"))
