"""What SQLite is told of the hub's indexes, so that it goes to the records that it is asked for, however many there are.

Without figures it takes any index for ten rows a value and any list of ids for twenty-five: it would rather go through
all orders that are no copy of another, which are nearly all, than to the one whose id is given. Figures that it gathered
itself would be those of a day, and plans would change with them; these stay, and are the same in every hub.
PostgreSQL gathers its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from crossdock.store.database import Transaction
from crossdock.store.metadata import metadata

ROWS, ROWS_OF_A_PART = 1_000_000, 1000
"""Of a table, and of an index that holds only some of its rows, such as the open cases."""
ALIKE, SOME = 1000, 5
"""Rows that share a value of a column of few values, and of any other that is not unique."""
FEW_VALUES = frozenset(
    {
        "answer_state",
        "copy_of",
        "direction",
        "entity",
        "integration",
        "kind",
        "owner",
        "routing",
        "sent_state",
        "source",
        "stands_for",
        "state",
        "status",
        "status_there",
        "subject_kind",
    }
)
"""Columns besides those that say yes or no. Of some, such as `copy_of`, most rows have the one value that says nothing."""
TO_BE_DONE = 20
"""Rows that share a value of a column by which only what is still to be done is looked for, though most of it is done."""
WORK_LISTS = frozenset(
    {
        "ix_cancellation_is_dirty",
        "ix_intent_state",
        "ix_notification_state",
        "ix_publication_dirty",
        "ix_sale_report_state",
        "ix_shipping_request_is_dirty_integration",
    }
)
"""Indexes that end in such a column. They are few more than a given id has rows, so that ids still go first."""


def tell(tx: Transaction) -> None:
    """Keep the figures with the tables, whenever these are made or changed; each connection reads them with them."""
    if tx.dialect.name != "sqlite":
        return
    reading = "ANALYZE sqlite_schema"  # gathers nothing; it makes their table, and reads what is in it
    tx.exec_driver_sql(reading)
    tx.exec_driver_sql("DELETE FROM sqlite_stat1")
    tx.exec_driver_sql("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)", list(_figures(tx)))
    tx.exec_driver_sql(reading)


def _figures(tx: Transaction) -> Iterator[tuple[str, str, str]]:
    """Table, index, and as SQLite keeps them: the rows, and how many of them share the first column, the first two, …"""
    statement = (
        'SELECT m.name, i.name, i."unique", i.partial, c.name '
        "FROM sqlite_schema m, pragma_index_list(m.name) i, pragma_index_info(i.name) c "
        "WHERE m.type = 'table' ORDER BY m.name, i.name, c.seqno"
    )
    columns: dict[tuple[str, str, bool, bool], list[str]] = defaultdict(list)
    for table, index, is_unique, is_part, column in tx.exec_driver_sql(statement):
        if table in metadata.tables:
            columns[table, index, bool(is_unique), bool(is_part)].append(column)
    for (table, index, is_unique, is_part), names in columns.items():
        rows = ROWS_OF_A_PART if is_part else ROWS
        counts = _shared(names, is_unique=is_unique)
        shared = [*counts[:-1], TO_BE_DONE] if index in WORK_LISTS else counts
        yield table, index, " ".join(str(min(rows, count)) for count in (rows, *shared))


def _shared(columns: Sequence[str], *, is_unique: bool) -> list[int]:
    """How many rows share the first of these columns, the first two, and so on; more columns are never shared by more."""
    counts: list[int] = []
    for name in columns:
        is_alike = name in FEW_VALUES or name.startswith("is_")
        counts.append(min([ALIKE if is_alike else SOME, *counts]))
    return [*counts[:-1], 1] if is_unique else counts
