"""Reads a list by update time: from the last moment seen, never by pages over a list that changes meanwhile.

Cases of after-sales are read by `read`; orders have a reading of their own, by the same rules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import msgspec

from crossdock.connectors.contract import Clock
from crossdock.connectors.errors import ProtocolError
from crossdock.connectors.tiktok_shop.payloads_aftersales import UpdateTime
from crossdock.connectors.tiktok_shop.reading import from_cursor, to_cursor
from crossdock.domain.sync import Cursor

OVERLAP_SECONDS = 180
# A search may show what changed this moment at its old place; times this young are no place to go on from.
UNSETTLED = timedelta(seconds=60)
MOST_PAGES = 100_000

Search = Callable[[int, str], tuple[Sequence[msgspec.Raw], str]]
"""Since a moment (0 for all) and with a page token: the records, oldest change first, and the next token."""


@dataclass(frozen=True, slots=True)
class Step:
    """One page as it was read, and the cursor to go on from once it is stored."""

    records: Sequence[msgspec.Raw]
    cursor: Cursor
    read_began_at: datetime
    completes_sweep: bool


@dataclass(frozen=True, slots=True)
class _Reading:
    """All that was updated before `after` has been seen since `began`; `newest` is the latest time met."""

    mode: str
    after: int
    began: int
    newest: int = 0
    token: str = ""

    def cursor(self) -> Cursor:
        began = {"began": self.began} if self.mode == "sweep" else {}
        return to_cursor({"mode": self.mode, "after": self.after} | began)


def read(search: Search, clock: Clock, since: Cursor | None) -> Iterator[Step]:
    reading = _begin(since, int(clock().timestamp()))
    places_seen: set[tuple[int, str]] = set()
    for _ in range(MOST_PAGES):
        began_at = clock()
        records, token = search(reading.after, reading.token)
        times = update_times(records)
        reading = replace(reading, newest=max(reading.newest, *times, 0))
        following = _following(reading, times, token, began_at) if token else None
        yield Step(
            records,
            (following or _finished(reading)).cursor(),
            began_at,
            completes_sweep=following is None and reading.mode == "sweep",
        )
        if following is None:
            return
        place = (following.after, following.token)
        if place in places_seen:
            raise ProtocolError("The search gave the same page token twice")
        places_seen.add(place)
        reading = following
    raise ProtocolError(f"The search did not end after {MOST_PAGES} pages")


def _begin(since: Cursor | None, now: int) -> _Reading:
    if since is None:
        return _Reading("sweep", after=0, began=now)
    state = from_cursor(since)
    after = max(0, int(state["after"]))
    return _Reading(state["mode"], after, began=int(state.get("began", now)), newest=after)


def _following(reading: _Reading, times: Sequence[int], token: str, began_at: datetime) -> _Reading:
    after, token = further(reading.after, times, token, began_at)
    return replace(reading, after=after, token=token)


def _finished(reading: _Reading) -> _Reading:
    return _Reading("changes", after=next_start(reading.newest, reading.began), began=reading.began)


def further(after: int, times: Iterable[int], token: str, began_at: datetime) -> tuple[int, str]:
    """Where the next page is asked for: since the newest settled time, and with which token.

    By token only while a whole page shares one second or is too young.
    """
    limit = int((began_at - UNSETTLED).timestamp())
    newest = max((time for time in times if time <= limit), default=after)
    return (newest, "") if newest > after else (after, token)


def next_start(newest: int, began: int) -> int:
    """Where the next reading starts: at the newest change met, and shortly before this one began by our clock."""
    return max(0, min(newest, began - OVERLAP_SECONDS))


def update_times(records: Iterable[msgspec.Raw]) -> list[int]:
    """Of those that have one; the rest cannot be read anyway."""
    found = []
    for raw in records:
        try:
            found.append(msgspec.json.decode(raw, type=UpdateTime).update_time)
        except msgspec.DecodeError:
            continue
    return found
