"""Tables as files hold them, CSV or JSON: bytes to rows under our names of the columns, and back."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

MOST_ROWS = 200_000
LONGEST_SHOWN = 2_000


@dataclass(frozen=True, slots=True)
class Dialect:
    """How tables are written. `delimiter` matters for CSV only."""

    is_json: bool = False
    delimiter: str = ","
    encoding: str = "utf-8-sig"


@dataclass(frozen=True, slots=True)
class Columns:
    """Our fields of a kind of table, with the name of the column that each stands in.

    A row has a value in each column of `required`, and in at least one of `one_of`.
    """

    names: Mapping[str, str]
    required: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number as people count (the first line of a CSV file is 1), and its cells by our fields.

    Where `problem` says something, the cells cannot be relied on.
    """

    number: int
    cells: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    problem: str = ""

    def cell(self, name: str) -> str:
        return self.cells.get(name, "")

    def needed(self, name: str) -> str:
        """Raises ValueError where the cell is empty."""
        if not (text := self.cell(name)):
            raise ValueError(f"{name} is empty")
        return text


class UnreadableFileError(ValueError):
    """Nothing of the file can be understood; the message says why and what it would need."""


def read_rows(content: bytes, dialect: Dialect, columns: Columns) -> list[Row]:
    """All rows of a file, good and bad. Raises UnreadableFileError."""
    if not content.strip():
        raise UnreadableFileError("the file is empty")
    # Bytes of another encoding are kept apart, so that they spoil their own row only.
    text = content.decode(dialect.encoding, errors="surrogateescape")
    read = _read_json if dialect.is_json else _read_csv
    rows: list[Row] = []
    for row in read(text, dialect, columns):
        if len(rows) == MOST_ROWS:
            raise UnreadableFileError(f"the file has more than {MOST_ROWS:,} rows; split it")
        rows.append(_checked(row, dialect, columns))
    return rows


def _checked(row: Row, dialect: Dialect, columns: Columns) -> Row:
    problem = row.problem
    if not problem and _is_garbled(row.text):
        problem = f"it holds bytes that are no {dialect.encoding}; correct the file or the setting Encoding"
    if not problem and (empty := [name for name in columns.required if not row.cell(name)]):
        problem = f"{columns.names[empty[0]]!r} is empty"
    if not problem and columns.one_of and not any(map(row.cell, columns.one_of)):
        problem = f"{_either(columns)} is empty; one of them has to say what it is"
    return Row(row.number, row.cells, _shown(row.text), problem)


def _is_garbled(text: str) -> bool:
    return any("\udc80" <= character <= "\udcff" for character in text)


def _shown(text: str) -> str:
    return text[:LONGEST_SHOWN].encode("utf-8", errors="replace").decode()


def _read_csv(text: str, dialect: Dialect, columns: Columns) -> Iterator[Row]:
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=dialect.delimiter, strict=True)
    try:
        head = next((line for line in lines if any(map(str.strip, line))), [])
    except csv.Error as error:
        raise UnreadableFileError(f"the first line cannot be read: {error}") from None
    places = _places(head, dialect, columns)
    while True:
        number = lines.line_num + 1
        try:
            line = next(lines, None)
        except csv.Error as error:
            yield Row(number, problem=f"from here on nothing can be read: {error}")
            return
        if line is None:
            return
        if any(map(str.strip, line)):
            yield _csv_row(number, line, places, columns_of_file=len(head), delimiter=dialect.delimiter)


def _csv_row(
    number: int, line: Sequence[str], places: Mapping[str, int], *, columns_of_file: int, delimiter: str
) -> Row:
    text = delimiter.join(line)
    if len(line) != columns_of_file:
        return Row(
            number,
            text=text,
            problem=f"it has {len(line)} cells, and the first line has {columns_of_file}; "
            f"a text that holds the delimiter has to stand in quotes",
        )
    return Row(number, {name: line[place].strip() for name, place in places.items()}, text)


def _places(head: Sequence[str], dialect: Dialect, columns: Columns) -> dict[str, int]:
    named = [each.strip().casefold() for each in head]
    places = {}
    for name, column in columns.names.items():
        wanted = column.strip().casefold()
        if wanted and named.count(wanted) > 1:
            raise UnreadableFileError(f"the column {column!r} is there more than once")
        if wanted in named:
            places[name] = named.index(wanted)
    missing = [columns.names[name] for name in columns.required if name not in places]
    if columns.one_of and not any(name in places for name in columns.one_of):
        missing.append(_either(columns))
    if missing:
        hint = f", or is the delimiter not {dialect.delimiter!r}?" if len(head) < 2 else ""
        raise UnreadableFileError(
            f"the column {missing[0]} is missing; its first line names {', '.join(head)[:300]}. "
            f"Correct the file or the names of the columns in the settings{hint}"
        )
    return places


def _either(columns: Columns) -> str:
    return " or ".join(columns.names[name] for name in columns.one_of)


def _read_json(text: str, _: Dialect, columns: Columns) -> Iterator[Row]:
    try:
        found = json.loads(text, parse_float=Decimal, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise UnreadableFileError(f"the file is no JSON: {error}") from None
    if not isinstance(found, list):
        raise UnreadableFileError("the file has to hold a list of objects, a row each")
    for number, raw in enumerate(found, start=1):
        shown = json.dumps(raw, default=str, ensure_ascii=False)
        if not isinstance(raw, dict):
            yield Row(number, text=shown, problem="it is no object")
            continue
        by_name = {key.strip().casefold(): value for key, value in raw.items()}
        try:
            yield Row(number, dict(_json_cells(by_name, columns)), shown)
        except ValueError as error:
            yield Row(number, text=shown, problem=str(error))


def _json_cells(raw: Mapping[str, Any], columns: Columns) -> Iterator[tuple[str, str]]:
    for name, column in columns.names.items():
        value = raw.get(column.strip().casefold())
        if isinstance(value, bool | list | dict):
            raise ValueError(f"{column!r} holds neither a text nor a number")  # noqa: TRY004  # it is their file's fault
        if value is not None:
            yield name, str(value).strip()


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no number")


def write_rows(rows: Iterable[Mapping[str, str | int]], dialect: Dialect, names: Mapping[str, str]) -> bytes:
    """The rows as a file; `names` are the columns by our fields, in their order.

    Raises UnicodeEncodeError for a text that the encoding has no characters for.
    """
    named = [{column: row.get(name, "") for name, column in names.items()} for row in rows]
    if dialect.is_json:
        text = json.dumps(named, ensure_ascii=False, indent=1) + "\n"
    else:
        file = io.StringIO(newline="")
        writer = csv.DictWriter(
            file, list(names.values()), delimiter=dialect.delimiter, lineterminator="\r\n"
        )
        writer.writeheader()
        writer.writerows(named)
        text = file.getvalue()
    # The mark that some readers want before UTF-8 is itself unreadable to others, and JSON forbids it.
    return text.encode("utf-8" if dialect.encoding == "utf-8-sig" else dialect.encoding)


def one_line(text: str) -> str:
    """The text without control characters and line ends, which would end a row for readers that know no quotes."""
    plain = "".join(
        " " if unicodedata.category(character) in ("Cc", "Zl", "Zp") else character for character in text
    )
    return re.sub(r" {2,}", " ", plain).strip()


UNITS = re.compile(r"([0-9]{1,9})(?:\.0+)?")


def to_units(text: str, *, least: int) -> int:
    """A whole number of units, as "3" or "3.0". Raises ValueError."""
    found = UNITS.fullmatch(text)
    if found is None or int(found[1]) < least:
        raise ValueError(f"{text!r} is no whole number from {least} on")
    return int(found[1])
