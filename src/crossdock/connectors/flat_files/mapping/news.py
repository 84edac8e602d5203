"""Rows by which a warehouse acknowledges what it was asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from crossdock.connectors.flat_files.mapping.orders import Operation
from crossdock.connectors.flat_files.mapping.table import Row
from crossdock.domain.channel import ChannelId
from crossdock.domain.shipping import NewsKind, RequestNews

FIELDS = ("number", "status", "operation", "reason", "their_id")
REQUIRED = ("number", "status")
OF_A_STOP = {NewsKind.ACCEPTED: NewsKind.STOPPED, NewsKind.REFUSED: NewsKind.NOT_STOPPED}
"""Where a stop is acknowledged in the words that other files are."""


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """One row, and the file of ours that it answers where the row says so. `id` is the same when it is read again."""

    id: str
    news: RequestNews
    operation: Operation | None = None

    @property
    def channel_id(self) -> ChannelId:
        return self.news.channel_id


def to_acknowledged(row: Row, words: Mapping[str, str], *, file_id: str) -> Acknowledged:
    """`words` are the warehouse's, each with ours. Raises ValueError for a word that is none of them."""
    said = row.needed("status")
    meant = {word.casefold(): ours for word, ours in words.items()}.get(said.casefold())
    if meant is None:
        raise ValueError(
            f"{said[:60]!r} is none of the words that the settings know ({', '.join(words)}); add it there"
        )
    operation = _operation(row.cell("operation"))
    kind = NewsKind(meant)
    if operation is Operation.CANCEL:
        kind = OF_A_STOP.get(kind, kind)
    news = RequestNews(row.needed("number"), kind, row.cell("reason"), row.cell("their_id"))
    return Acknowledged(f"{file_id}:{row.number}", news, operation)


def _operation(text: str) -> Operation | None:
    if not text:
        return None
    if text.casefold() not in set(Operation):
        raise ValueError(
            f"{text[:60]!r} is no operation; the hub's files say {', '.join(each.value for each in Operation)}"
        )
    return Operation(text.casefold())
