"""How lists are read without a gap: from the newest back to where the last reading began."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from msgspec import Raw

from crossdock.connectors.contract import Clock
from crossdock.connectors.errors import ProtocolError
from crossdock.connectors.shipstation.client import MOST_PAGES
from crossdock.connectors.shipstation.mapping.dates import from_earliest
from crossdock.connectors.shipstation.payloads import Listing, Mentioned
from crossdock.domain.channel import ChannelId
from crossdock.domain.sync import Cursor, Unreadable

Fetch = Callable[[str, int], Listing]
"""One page of a list, by the date from which on it is read and the page's number."""

LOOKS_BACK = timedelta(days=30)
"""How far back the first reading goes."""
OVERLAP = timedelta(minutes=10)
"""Read again each time, since dates are by the platform's clock and the next start by ours."""


class Position(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a reading stands, in the platform's time. Between two readings only `since` is set.

    What changes while it is under way is met by the next one, which looks from `next_since` on.
    """

    since: str
    next_since: str = ""
    number: int = 0
    """Which of several lists."""
    page: int = 1
    is_sweep: bool = False

    def as_cursor(self) -> Cursor:
        return Cursor(msgspec.json.encode(self).decode())


@dataclass(frozen=True, slots=True)
class Step:
    """One page as it was read, and where to go on."""

    records: Sequence[Raw]
    read_began_at: datetime
    cursor: Cursor
    completes_sweep: bool


def read(lists: Sequence[Fetch], since: Cursor | None, clock: Clock) -> Iterator[Step]:
    """All pages of all lists, one list after the other."""
    at = _start(since, clock())
    for _ in range(MOST_PAGES):
        began = clock()
        listing = lists[at.number](at.since, at.page)
        after = _after(at, listing, len(lists))
        is_done = not after.next_since
        yield Step(listing.records, began, after.as_cursor(), completes_sweep=is_done and at.is_sweep)
        if is_done:
            return
        at = after
    raise ProtocolError(f"The lists have not ended after {MOST_PAGES} pages")


def _start(since: Cursor | None, now: datetime) -> Position:
    next_since = from_earliest(now - OVERLAP)
    if since is None:
        return Position(from_earliest(now - LOOKS_BACK), next_since, is_sweep=True)
    try:
        position = msgspec.json.decode(since, type=Position)
    except msgspec.DecodeError as error:
        raise ProtocolError(f"The cursor {since!r} is not one of ours: {error}") from error
    return position if position.next_since else Position(position.since, next_since)


def _after(at: Position, listing: Listing, lists: int) -> Position:
    if at.page < listing.pages:
        return Position(at.since, at.next_since, at.number, at.page + 1, at.is_sweep)
    if at.number + 1 < lists:
        return Position(at.since, at.next_since, at.number + 1, 1, at.is_sweep)
    return Position(at.next_since)


def unreadable(raw: Raw, error: Exception) -> Unreadable:
    """A record that could not be understood, under the number of its order where that much is clear."""
    try:
        number = msgspec.json.decode(raw, type=Mentioned, strict=False).order_number
    except msgspec.DecodeError:
        number = ""
    return Unreadable(ChannelId(number), str(error), bytes(raw).decode("utf-8", errors="replace"))
