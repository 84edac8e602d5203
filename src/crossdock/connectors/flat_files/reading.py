"""What the files of each kind say, row by row, so that a bad row does not hold back its neighbours."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from crossdock.connectors.flat_files.inbox import Incoming, Reading
from crossdock.connectors.flat_files.mapping.news import Acknowledged, to_acknowledged
from crossdock.connectors.flat_files.mapping.shipments import by_request, to_shipped
from crossdock.connectors.flat_files.mapping.stock import repeated, to_stock
from crossdock.connectors.flat_files.mapping.table import Columns, Dialect, Row, read_rows
from crossdock.domain.channel import ChannelId, ChannelStock
from crossdock.domain.fulfillment import OrderShipments
from crossdock.domain.sync import Unreadable

R = TypeVar("R")

MOST_TOLD = 50
"""Bad rows of one file that are told one by one: a file of another kind would fill the list of cases."""

ROW_FIX = "Correct the row and have the warehouse send it again; dismiss this then"


class FileReader:
    """Reads files that are written in one dialect."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect

    def fulfillments(self, incoming: Incoming, columns: Columns, date_format: str) -> Reading[OrderShipments]:
        """By request, the parcels that this file names."""
        file_id = incoming.digest[:12]
        good, bad = self._rows(
            incoming, columns, lambda row: to_shipped(row, date_format=date_format, file_id=file_id)
        )
        found = by_request(shipped for _, shipped in good)
        records = tuple(OrderShipments(ChannelId(number), parcels) for number, parcels in found.items())
        return Reading(records, _told(incoming, bad))

    def stock(
        self, incoming: Incoming, columns: Columns, locations: Mapping[str, str]
    ) -> Reading[ChannelStock]:
        good, bad = self._rows(incoming, columns, lambda row: to_stock(row, locations))
        twice = repeated(count for _, count in good)
        doubtful = [(row, count) for row, count in good if (count.channel_sku, count.location_id) in twice]
        bad += [(row, "this SKU is counted more than once; which count holds?") for row, _ in doubtful]
        clear = tuple(count for _, count in good if (count.channel_sku, count.location_id) not in twice)
        return Reading(clear, _told(incoming, bad))

    def acknowledgements(
        self, incoming: Incoming, columns: Columns, words: Mapping[str, str]
    ) -> Reading[Acknowledged]:
        file_id = incoming.digest[:12]
        good, bad = self._rows(incoming, columns, lambda row: to_acknowledged(row, words, file_id=file_id))
        return Reading(tuple(each for _, each in good), _told(incoming, bad))

    def _rows(
        self, incoming: Incoming, columns: Columns, to: Callable[[Row], R]
    ) -> tuple[list[tuple[Row, R]], list[tuple[Row, str]]]:
        """What the good rows say, and why the others are bad. Raises UnreadableFileError."""
        good: list[tuple[Row, R]] = []
        bad: list[tuple[Row, str]] = []
        for row in read_rows(incoming.content, self._dialect, columns):
            if row.problem:
                bad.append((row, row.problem))
                continue
            try:
                good.append((row, to(row)))
            except ValueError as error:
                bad.append((row, str(error)))
        return good, bad


def _told(incoming: Incoming, bad: Sequence[tuple[Row, str]]) -> tuple[Unreadable, ...]:
    told = [
        Unreadable(ChannelId(f"{incoming.name} row {row.number}"), reason, row.text, ROW_FIX)
        for row, reason in sorted(bad, key=lambda one: one[0].number)[:MOST_TOLD]
    ]
    if (more := len(bad) - MOST_TOLD) > 0:
        rows = ChannelId(f"{incoming.name} rows")
        told.append(Unreadable(rows, f"{more:,} more rows are bad as well", "", ROW_FIX))
    return tuple(told)
