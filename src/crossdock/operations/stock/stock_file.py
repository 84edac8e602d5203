"""A file of stock: each row sets one count, bad rows are reported and the rest is taken."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import sqlalchemy as sa

from crossdock.connectors.errors import SettingsError
from crossdock.operations.stock import own_stock
from crossdock.operations.stock.own_stock import RecordChange
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.database import Database, Transaction
from crossdock.store.query import slices

LEVEL = tables.level
COLUMNS = ("sku", "location", "on_hand")
OPTIONAL = ("reason",)
SEPARATORS = ",;\t"
ROWS_AT_ONCE = 200
MOST_DIGITS = len(str(own_stock.MOST_UNITS))


class FileError(Exception):
    """The file as a whole cannot be read; the message says why and what it should look like."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the file, as text; `number` is its line number."""

    number: int
    sku: str
    location: str
    on_hand: str
    reason: str


@dataclass(frozen=True, slots=True)
class BadRow:
    """A line that was not taken, and why."""

    line: int
    column: str
    value: str
    problem: str


@dataclass
class Imported:
    """What came of a file, or would come of it."""

    is_dry_run: bool
    changed: int = 0
    unchanged: int = 0
    bad: list[BadRow] = field(default_factory=list)


def rows(lines: Iterable[str]) -> Iterator[Row]:
    """The rows of a CSV text with a header, separated by commas, semicolons or tabs. Raises FileError."""
    source = iter(lines)
    header = next(source, "").removeprefix("\ufeff")
    separator = max(SEPARATORS, key=header.count)
    names = [name.strip().casefold() for name in next(csv.reader([header], delimiter=separator), [])]
    if missing := [name for name in COLUMNS if name not in names]:
        raise FileError(
            f"The first line has to name the columns {', '.join(COLUMNS)}; missing: {', '.join(missing)}"
        )
    reader = csv.reader(source, delimiter=separator)
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                given = dict(zip(names, cells, strict=False))
                kept = [given.get(name, "") for name in (*COLUMNS, *OPTIONAL)]
                yield Row(reader.line_num + 1, kept[0], *(text.strip() for text in kept[1:]))
    except csv.Error as error:
        raise FileError(f"Line {reader.line_num + 1} cannot be read as CSV: {error}") from None


def take_file(
    database: Database, task_in: Callable[[Transaction], Task], lines: Iterable[str], *, is_dry_run: bool
) -> Imported:
    """Take in a whole file, some rows a transaction. Raises FileError."""
    done = Imported(is_dry_run)
    for some in slices(rows(lines), ROWS_AT_ONCE):
        with database.serial() as tx:
            take(tx, task_in(tx), some, done)
    return done


def take(tx: Transaction, task: Task, some: Iterable[Row], into: Imported) -> None:
    """Set the counts of these rows. A locked record is left as it is, and said so."""
    for row in some:
        try:
            if _take(tx, task, row, is_dry_run=into.is_dry_run):
                into.changed += 1
            else:
                into.unchanged += 1
        except SettingsError as error:
            into.bad.append(BadRow(row.number, error.field, getattr(row, error.field, ""), error.problem))


def _take(tx: Transaction, task: Task, row: Row, *, is_dry_run: bool) -> bool:
    """Whether the row changes anything. Raises SettingsError naming the column."""
    if not row.on_hand.isdecimal() or len(row.on_hand) > MOST_DIGITS:
        raise SettingsError("on_hand", "a whole number of units, 0 or more")
    variant = own_stock.counted_variant(tx, row.sku)
    place = own_stock.find_location(tx, task, row.location)
    units = int(row.on_hand)
    wanted = RecordChange(on_hand=units, reason=row.reason or "stock file")
    own_stock.check(wanted, place, is_locked=False)
    level = tx.execute(
        sa.select(LEVEL.c.on_hand, LEVEL.c.is_locked, LEVEL.c.read_at).where(
            LEVEL.c.variant_id == variant.id, LEVEL.c.location_id == place.id
        )
    ).first()
    if level is not None and level.is_locked:
        raise SettingsError("sku", "its record at this location is locked; unlock it, or count it by hand")
    if level is not None and level.on_hand == units and level.read_at is not None:
        return False
    if not is_dry_run:
        own_stock.change(tx, task, row.sku, place.id, wanted)
    return True
