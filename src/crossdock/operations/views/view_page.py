"""Pages of read-only lists: a slice of items, and the mark after which the next slice begins."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar

import msgspec
import sqlalchemy as sa

from crossdock.store.codec import pack

T = TypeVar("T")

LARGEST_LIMIT = 500
CENT = Decimal("0.01")


class MarkError(ValueError):
    """The text is no mark that an earlier slice of the same list gave."""


@dataclass(frozen=True, slots=True)
class Slice(Generic[T]):
    """Some items of a list. `next` is given as `after` to get those that follow; empty at the end."""

    items: list[T]
    next: str


def sliced(
    rows: Sequence[Any], limit: int, *, to_item: Callable[[Any], T], key: Callable[[Any], Sequence[str]]
) -> Slice[T]:
    """A slice of rows that were selected with `bounded(limit) + 1`, so that one more tells of a next page."""
    kept = rows[: bounded(limit)]
    more = len(rows) > len(kept)
    return Slice([to_item(row) for row in kept], mark(*key(kept[-1])) if more else "")


def bounded(limit: int) -> int:
    return max(1, min(limit, LARGEST_LIMIT))


def mark(*parts: str) -> str:
    """Where a list stands, as text that fits into a URL."""
    return base64.urlsafe_b64encode(pack(parts).encode()).decode().rstrip("=")


def marked(after: str, count: int) -> list[str]:
    """The parts behind a mark. Raises MarkError."""
    try:
        text = base64.urlsafe_b64decode(after + "=" * (-len(after) % 4))
        parts = msgspec.json.decode(text, type=list[str])
    except (binascii.Error, UnicodeError, msgspec.DecodeError, ValueError):
        parts = []
    # No database keeps NUL, and so no list has given it.
    if len(parts) != count or any("\0" in part for part in parts):
        raise _no_mark()
    return parts


def marked_moment(after: str) -> tuple[datetime, str]:
    """The moment and the id behind the mark of a list that goes by time. Raises MarkError."""
    text, key = marked(after, 2)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise _no_mark() from None
    if moment.tzinfo is None:
        raise _no_mark()
    return moment, key


def _no_mark() -> MarkError:
    return MarkError("`after` is not a value that this list has given as `next`")


def beyond(
    first: sa.ColumnElement[Any], second: sa.ColumnElement[Any], values: tuple[Any, Any], *, newest: bool
) -> sa.ColumnElement[bool]:
    """Rows that come after these two values in a list sorted by both columns."""
    one, two = values
    if newest:
        return sa.or_(first < one, sa.and_(first == one, second < two))
    return sa.or_(first > one, sa.and_(first == one, second > two))


def amount_text(amount: Decimal | str) -> str:
    """An amount as people write it: two places, more only where they say something."""
    exact = Decimal(amount)
    return f"{exact:.2f}" if exact == exact.quantize(CENT) else f"{exact.normalize():f}"
