"""Reads lists that change while we read them: by id or by date, each page with a cursor to go on from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, TypeVar

import msgspec
from msgspec import Raw

from crossdock.connectors.bigcommerce.calls import Listing
from crossdock.connectors.bigcommerce.mapping.dates import to_moment
from crossdock.connectors.bigcommerce.payloads import Stamp
from crossdock.connectors.contract import Clock
from crossdock.connectors.errors import ProtocolError
from crossdock.domain.sync import Cursor, Unreadable, unreadable_id

S = TypeVar("S")
T = TypeVar("T")

OVERLAP = timedelta(minutes=3)
# Where more changed within the overlap than one page holds, reading it again and again would cost with the catalog.
SHORT_OVERLAP = timedelta(seconds=2)
# Dates have whole seconds, and whether "since" includes its own second is not documented.
TICK = timedelta(seconds=1)
# The platform's own default size: a shorter page is the last one even where it gives fewer than we ask for.
SHORT_PAGE = 50
MOST_PAGES = 20_000
DECODERS_KEPT = 256
"""More than there are types of records: each is made once."""


@dataclass(frozen=True, slots=True)
class Position:
    """Where to read on. `sweep_began` is set while a full sweep is under way.

    `after_id` serves reading by id, `after` reading by date; `page` counts within one `after`.
    """

    sweep_began: datetime | None = None
    after_id: int = 0
    after: datetime | None = None
    page: int = 1

    def as_cursor(self) -> Cursor:
        mode = "changes" if self.sweep_began is None else "sweep"
        known = {
            "mode": mode,
            "sweep_began": self.sweep_began,
            "after_id": self.after_id or None,
            "after": self.after,
            "page": self.page,
        }
        return Cursor(
            msgspec.json.encode({name: value for name, value in known.items() if value is not None}).decode()
        )

    @classmethod
    def of(cls, cursor: Cursor | None, *, now: datetime) -> Position:
        """None starts a full sweep."""
        if cursor is None:
            return cls(sweep_began=now)
        try:
            return msgspec.json.decode(cursor, type=Position)
        except msgspec.DecodeError as error:
            raise ProtocolError(f"The cursor {cursor!r} is not one of ours: {error}") from error


@dataclass(frozen=True, slots=True)
class Step:
    """One page as it was read, and where to go on."""

    records: Sequence[Raw]
    read_began_at: datetime
    next: Position
    is_last: bool
    as_of: datetime
    """When it was read, by the clock of the platform or ours, whichever is behind."""


def by_id(fetch: Callable[[Position], Listing], start: Position, clock: Clock) -> Iterator[Step]:
    """A full sweep in the order of ids. It ends with a position from which changes are read by date."""
    position = start
    met = _Met(keeps_newest=False)
    for _ in range(MOST_PAGES):
        began = clock()
        listing = fetch(position)
        stamps = [_stamp(raw) for raw in listing.records]
        met.add(stamps)
        if len(stamps) < SHORT_PAGE:
            after = met.next_start(_earlier(start.sweep_began or began, listing))
            yield Step(
                listing.records, began, Position(after=after), is_last=True, as_of=_earlier(began, listing)
            )
            return
        highest = max((stamp.id or 0 for stamp in stamps), default=0)
        if highest <= position.after_id:
            raise ProtocolError(f"The page after id {position.after_id} goes no further")
        position = replace(position, after_id=highest)
        yield Step(listing.records, began, position, is_last=False, as_of=_earlier(began, listing))
    raise _endless()


def by_date(
    fetch: Callable[[Position], Listing], start: Position, clock: Clock, *, keeps_newest: bool = True
) -> Iterator[Step]:
    """Oldest change first. It restarts at the last date seen; page numbers only tell equal dates apart.

    The newest second is read again next time; without `keeps_newest` not where a whole page shares it.
    """
    position, before = start, frozenset[Stamp]()
    met = _Met(keeps_newest=keeps_newest)
    for _ in range(MOST_PAGES):
        began = clock()
        listing = fetch(position)
        stamps = [_stamp(raw) for raw in listing.records]
        met.add(stamps)
        if position.page > 1 and stamps and before.issuperset(stamps):
            raise ProtocolError(f"Page {position.page} since {position.after} repeats the one before")
        newest = max((moment for stamp in stamps if (moment := _moment(stamp))), default=None)
        is_last = len(stamps) < SHORT_PAGE
        following = _settled(position, met, began, listing) if is_last else _further(position, newest)
        fresh = [
            raw
            for raw, stamp in zip(listing.records, stamps, strict=True)
            if stamp.id is None or stamp not in before
        ]
        yield Step(fresh, began, following, is_last, as_of=_earlier(began, listing))
        if is_last:
            return
        position, before = following, frozenset(stamps)
    raise _endless()


def by_page(fetch: Callable[[int], Listing], start: Position, clock: Clock) -> Iterator[Step]:
    """A list that offers page numbers only. What moves meanwhile is met twice or in the next scan."""
    position, before = start, None
    for _ in range(MOST_PAGES):
        began = clock()
        listing = fetch(position.page)
        bodies = [bytes(raw) for raw in listing.records]
        if bodies and bodies == before:
            raise ProtocolError(f"Page {position.page} repeats the one before")
        if _is_last_page(listing, position.page):
            yield Step(
                listing.records,
                began,
                Position(sweep_began=None),
                is_last=True,
                as_of=_earlier(began, listing),
            )
            return
        position, before = replace(position, page=position.page + 1), bodies
        yield Step(listing.records, began, position, is_last=False, as_of=_earlier(began, listing))
    raise _endless()


def read_records(
    raws: Iterable[Raw], read: Callable[[Raw], T | None]
) -> tuple[tuple[T, ...], tuple[Unreadable, ...]]:
    """Each record apart, so that a bad one is kept whole while its neighbours pass. None leaves a record out."""
    return read_pairs(((raw, raw) for raw in raws), read)


def read_pairs(
    pairs: Iterable[tuple[Raw, S]], read: Callable[[S], T | None]
) -> tuple[tuple[T, ...], tuple[Unreadable, ...]]:
    """The same for records that stand beside what was already made of them."""
    records: list[T] = []
    unreadable: list[Unreadable] = []
    for raw, source in pairs:
        try:
            record = read(source)
        except (ValueError, ArithmeticError) as error:
            unreadable.append(_unreadable(raw, str(error)))
        else:
            if record is not None:
                records.append(record)
    return tuple(records), tuple(unreadable)


def decoded(raw: Raw | bytes, kind: type[T]) -> T:
    """The typed record. Numbers may come as texts. Raises ValueError that says what is wrong."""
    of_kind: Any = kind
    record: T = _decoder(of_kind).decode(raw)
    return record


@lru_cache(maxsize=DECODERS_KEPT)
def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind, strict=False)


def _earlier(moment: datetime, listing: Listing) -> datetime:
    """The earlier of the two clocks, so that neither running ahead can hide a change."""
    return min(moment, listing.answered_at or moment)


class _Met:
    """The dates of a reading, and from them where the next one starts."""

    def __init__(self, *, keeps_newest: bool) -> None:
        self._dates: list[datetime] = []
        self._keeps_newest = keeps_newest

    def add(self, stamps: Iterable[Stamp]) -> None:
        self._dates += [moment for stamp in stamps if (moment := _moment(stamp))]

    def __bool__(self) -> bool:
        return bool(self._dates)

    def next_start(self, until: datetime) -> datetime:
        """Read on from the newest change met, since dates are by whatever clock the platform keeps.

        `until` is when this reading, or the sweep, began. What changed shortly before it is read again.
        """
        newest = max(self._dates, default=None)
        if newest is None:
            return _whole(until - OVERLAP)
        if newest > until:
            return _whole(newest - (OVERLAP if self._is_page(newest - OVERLAP) else TICK))
        overlap = OVERLAP if self._is_page(until - OVERLAP) else SHORT_OVERLAP
        return _whole(min(until - overlap, newest + self._step(newest, until)))

    def _step(self, newest: datetime, until: datetime) -> timedelta:
        """Past the newest second only where a whole page shares it, and it was over when we read it."""
        is_over = until - newest >= SHORT_OVERLAP
        return -TICK if self._keeps_newest or self._is_page(newest - TICK) or not is_over else TICK

    def _is_page(self, since: datetime) -> bool:
        """Whether all that changed since then fits one short page."""
        return sum(moment >= since for moment in self._dates) < SHORT_PAGE


def _settled(position: Position, met: _Met, began: datetime, listing: Listing) -> Position:
    """After the last page. Nothing new leaves the place as it is, and it never goes back."""
    if not met:
        return Position(after=position.after)
    after = met.next_start(_earlier(began, listing))
    return Position(after=max(after, position.after) if position.after else after)


def _further(position: Position, newest: datetime | None) -> Position:
    restart = newest - TICK if newest else None
    if restart is not None and (position.after is None or restart > position.after):
        return replace(position, after=restart, page=1)
    return replace(position, page=position.page + 1)


def _is_last_page(listing: Listing, page: int) -> bool:
    count = len(listing.records)
    if count == 0 or listing.total is None or not listing.per_page:
        return count < SHORT_PAGE
    return (page - 1) * listing.per_page + count >= listing.total


def _stamp(raw: Raw) -> Stamp:
    try:
        return decoded(raw, Stamp)
    except ValueError:
        return Stamp()


def _moment(stamp: Stamp) -> datetime | None:
    try:
        return to_moment(stamp.date_modified)
    except ValueError:
        return None


def _unreadable(raw: Raw, reason: str) -> Unreadable:
    text = bytes(raw).decode("utf-8", errors="replace")
    try:
        payload: Any = msgspec.json.decode(raw)
    except msgspec.DecodeError:
        payload = None
    return Unreadable(unreadable_id(payload), reason, text)


def _whole(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)


def _endless() -> ProtocolError:
    return ProtocolError(f"The list has not ended after {MOST_PAGES} pages")
