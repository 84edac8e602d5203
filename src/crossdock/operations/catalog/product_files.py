"""CSV files of products: taken in batch by batch, bad rows reported and the rest taken, and written again."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import TextIO

from crossdock.domain import product_csv
from crossdock.domain.channel import ChannelProduct
from crossdock.domain.product_csv import COLUMNS, Group, RowFault
from crossdock.operations.catalog import own_products
from crossdock.operations.catalog.own_products import Became, Given
from crossdock.operations.task import Task
from crossdock.store.database import Database, Transaction

BATCH = 200
MOST_FAULTS = 1000
MOST_CHANGES = 1000


@dataclass
class Report:
    """What a file did, or would do. Lists are cut at a thousand lines; the counts are whole."""

    is_preview: bool
    rows: int = 0
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0
    faulty_rows: int = 0
    changes: list[str] = field(default_factory=list)
    """The keys of products that are created or changed."""
    faults: list[RowFault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def take(
    database: Database,
    task_of: Callable[[Transaction], Task],
    lines: Iterable[str],
    *,
    currency: str = "",
    is_preview: bool = False,
) -> Report:
    """Take in a file, in transactions of its own, one per batch of products. Raises HeaderError.

    It may be stopped and given again at any time: what was taken is unchanged then.
    """
    report = Report(is_preview)
    groups = product_csv.read(lines)
    previewed: dict[str, str] = {}
    while batch := list(islice(groups, BATCH)):
        usable = [group for group in batch if group.entry.variants and group.entry.key]
        entries = [group.entry for group in usable]
        with database.serial() as tx:
            given = own_products.take(
                tx,
                task_of(tx),
                entries,
                currency=currency,
                is_preview=is_preview,
                earlier=previewed if is_preview else None,
            )
        _count_batch(report, batch, dict(zip((group.lines[0] for group in usable), given, strict=True)))
    return report


def _count_batch(report: Report, batch: list[Group], results: dict[int, Given]) -> None:
    for group in batch:
        report.rows += len(group.lines)
        _count(report, group, results.get(group.lines[0]))


def _count(report: Report, group: Group, result: Given | None) -> None:
    faults = list(group.faults)
    if result is None:
        faults = faults or [
            RowFault(group.lines[0], "product", "", "is needed: your own name of the product")
        ]
        report.refused += 1
        report.faulty_rows += len(group.lines)
    else:
        faults += product_csv.located(group, result.faults)
        report.faulty_rows += len(group.lines) if result.faults else len(group.faults)
        setattr(report, result.became, getattr(report, result.became) + 1)
        report.notes += [f"{group.entry.key}: {note}" for note in result.notes][
            : MOST_FAULTS - len(report.notes)
        ]
        if result.became in (Became.CREATED, Became.CHANGED) and len(report.changes) < MOST_CHANGES:
            report.changes.append(group.entry.key)
    report.faults += faults[: max(0, MOST_FAULTS - len(report.faults))]


def write(database: Database, source: str, out: TextIO) -> int:
    """Write all products of a source as a file that `take` reads again; answers how many."""
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    count = 0
    for product in _every(database, source):
        writer.writerows(product_csv.rows_of(product))
        count += 1
    return count


def _every(database: Database, source: str) -> Iterator[ChannelProduct]:
    after = ""
    while True:
        with database.reading() as tx:
            some = own_products.every(tx, source, after=after)
        if not some:
            return
        yield from (product for _, product in some)
        after = some[-1][0]
