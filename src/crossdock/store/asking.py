"""Questions that are asked again and again: each a select, compiled once, whose rows are plain named tuples.

Putting a statement together, finding it among those compiled before and wrapping each row takes SQLAlchemy several
times as long as the database needs to answer it.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from crossdock.store.database import Transaction
from crossdock.store.many import positional

GIVEN = "given"
"""The parameter of the values that are looked for."""
COLUMNS_KEPT = 500

T = TypeVar("T")
Process = Callable[[Any], Any]


def is_one_of(
    database: str, column: sa.ColumnElement[Any], values: sa.BindParameter[Any]
) -> sa.ColumnElement[bool]:
    """Whether `column` is one of the values that `given` makes one parameter of.

    A list of parameters costs SQLAlchemy more than the database needs to find the rows.
    """
    if database == "sqlite":
        return column.in_(sa.select(sa.column("value")).select_from(sa.func.json_each(values)))
    return column == sa.any_(values)


def kind_of(database: str, column: sa.ColumnElement[Any]) -> sa.types.TypeEngine[Any]:
    """The type of that parameter."""
    return sa.String() if database == "sqlite" else postgresql.ARRAY(column.type)


@lru_cache(maxsize=COLUMNS_KEPT)
def is_given(database: str, column: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """The same, where the values come as the parameter `GIVEN`."""
    return is_one_of(database, column, sa.bindparam(GIVEN, None, kind_of(database, column)))


def given(database: str, values: Iterable[Any]) -> Any:
    """These texts or numbers, however many they are, as that parameter; each of them once."""
    once = list(dict.fromkeys(values))
    if database == "sqlite":
        return msgspec.json.encode(once).decode()
    return [str(value) if isinstance(value, str) else value for value in once]


def parameter(name: str, column: sa.ColumnElement[T]) -> sa.BindParameter[T]:
    """What a question leaves open, to be compared with this column; whoever asks it gives the value by that name."""
    return sa.bindparam(name, None, column.type)


class Question:
    """For the rows of a select whose `column` is among some values; other parameters may be left open in it."""

    def __init__(self, statement: sa.Select[Any], column: sa.ColumnElement[Any]) -> None:
        self._statement = statement
        self._column = column
        self._prepared: dict[str, _Prepared] = {}

    def rows(self, tx: Transaction, values: Iterable[Any], **others: Any) -> list[Any]:
        """All rows, each with its columns by their names."""
        wanted = list(values)
        if not wanted:
            return []
        database = tx.dialect.name
        prepared = self._prepared.get(database)
        if prepared is None:
            statement = self._statement.where(is_given(database, self._column))
            prepared = self._prepared[database] = _Prepared(statement, tx.dialect)
        return prepared.ask(tx, {**others, GIVEN: given(database, wanted)})


class _Prepared:
    """The question as one kind of database takes it."""

    def __init__(self, statement: sa.Select[Any], dialect: sa.Dialect) -> None:
        compiled = statement.compile(dialect=positional(dialect), compile_kwargs={"render_postcompile": True})
        self._text = compiled.string
        self._places = compiled.positiontup or []
        befores = {
            name: process
            for bind, name in compiled.bind_names.items()
            if name != GIVEN
            and (process := bind.type.dialect_impl(dialect).bind_processor(dialect)) is not None
        }
        # One that is left open has no value as long as nobody has given it.
        self._fixed = {
            name: befores[name](value) if name in befores else value
            for name, value in compiled.params.items()
            if value is not None
        }
        self._befores = {name: process for name, process in befores.items() if name not in self._fixed}
        self._afters = {
            place: process
            for place, column in enumerate(statement.selected_columns)
            if (process := column.type.dialect_impl(dialect).result_processor(dialect, None)) is not None
        }
        row: Any = namedtuple("Row", statement.selected_columns.keys())  # type: ignore[misc]
        self._row: Callable[[tuple[Any, ...]], Any] = partial(tuple.__new__, row)

    def ask(self, tx: Transaction, parameters: Mapping[str, Any]) -> list[Any]:
        values = {**self._fixed, **parameters}
        for name, process in self._befores.items():
            values[name] = process(values[name])
        result = tx.exec_driver_sql(self._text, tuple(values[name] for name in self._places))
        cursor: Any = result.cursor
        found = cursor.fetchall()
        result.close()
        return list(map(self._row, self._processed(found)))

    def _processed(self, rows: Sequence[tuple[Any, ...]]) -> Iterable[tuple[Any, ...]]:
        if not rows or not self._afters:
            return rows
        columns: list[Sequence[Any]] = list(zip(*rows, strict=True))
        for place, process in self._afters.items():
            # Dates and truths are few and repeat.
            known = {value: process(value) for value in set(columns[place])}
            columns[place] = [known[value] for value in columns[place]]
        return zip(*columns, strict=True)
