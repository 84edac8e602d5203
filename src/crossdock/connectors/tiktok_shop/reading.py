"""Reads the records of a page one by one, so that a bad one does not hold back its neighbours."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec

from crossdock.connectors.errors import ProtocolError
from crossdock.domain.sync import Cursor, Unreadable, unreadable_id

P = TypeVar("P")
R = TypeVar("R")
NOT_UNDERSTOOD = (msgspec.MsgspecError, ValueError, TypeError, ArithmeticError)


@dataclass(frozen=True, slots=True)
class Records(Generic[R]):
    good: tuple[R, ...]
    unreadable: tuple[Unreadable, ...]


def read_records(raws: Iterable[msgspec.Raw], kind: type[P], mapping: Callable[[P], R]) -> Records[R]:
    good: list[R] = []
    unreadable: list[Unreadable] = []
    for raw in raws:
        try:
            good.append(mapping(msgspec.json.decode(raw, type=kind)))
        except NOT_UNDERSTOOD as error:
            unreadable.append(_unreadable(bytes(raw), error))
    return Records(tuple(good), tuple(unreadable))


def _unreadable(raw: bytes, error: Exception) -> Unreadable:
    payload = raw.decode(errors="replace")
    return Unreadable(unreadable_id(msgspec.json.decode(raw)), f"{type(error).__name__}: {error}", payload)


def to_cursor(state: dict[str, Any]) -> Cursor:
    return Cursor(json.dumps(state, separators=(",", ":"), sort_keys=True))


def from_cursor(cursor: Cursor) -> dict[str, Any]:
    """What `to_cursor` wrote. Raises ProtocolError for a text that this connector never wrote."""
    try:
        state = json.loads(cursor)
    except ValueError:
        state = None
    if not isinstance(state, dict) or state.get("mode") not in ("sweep", "changes"):
        raise ProtocolError(f"The cursor {cursor!r} is none of this connector; start a full sweep")
    return state
