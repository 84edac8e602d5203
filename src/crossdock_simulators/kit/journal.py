"""A bounded log of the requests a simulator answered, for tests to count and people to read."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from urllib.parse import parse_qsl, urlencode

BODY_LIMIT = 64 * 1024
_SECRET_NAMES = re.compile(r"secret|token|auth_code|password", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Entry:
    """One request. Headers are never kept, so no credential can leak from here."""

    number: int
    time: datetime
    method: str
    path: str
    query: str
    status: int
    fault: str
    body: bytes
    seconds: float


class Journal:
    """The newest entries, numbered without gaps from 1; numbers survive `clear`."""

    def __init__(self, limit: int = 20_000) -> None:
        self._entries: deque[Entry] = deque(maxlen=limit)
        self._last = 0
        self._lock = Lock()

    @property
    def last_number(self) -> int:
        """The number of the newest entry: pass it as `since` to see only what follows."""
        return self._last

    def add(self, seen: Seen, *, status: int, fault: str, seconds: float) -> None:
        """Record one answered request; status 0 means the connection was dropped."""
        kept = b"" if _SECRET_NAMES.search(seen.path) else seen.body[:BODY_LIMIT]
        with self._lock:
            self._last += 1
            self._entries.append(
                Entry(
                    number=self._last,
                    time=seen.time,
                    method=seen.method,
                    path=seen.path,
                    query=_without_secrets(seen.query),
                    status=status,
                    fault=fault,
                    body=kept,
                    seconds=seconds,
                )
            )

    def entries(self, since: int = 0) -> list[Entry]:
        """The entries with a number above `since`, oldest first."""
        with self._lock:
            return [entry for entry in self._entries if entry.number > since]

    def count(self, method: str | None = None, path_pattern: str | None = None, since: int = 0) -> int:
        """How many requests match; `path_pattern` is a regular expression searched in the path."""
        pattern = re.compile(path_pattern) if path_pattern else None
        return sum(
            1
            for entry in self.entries(since)
            if (method is None or entry.method == method)
            and (pattern is None or pattern.search(entry.path) is not None)
        )

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()


@dataclass(frozen=True, slots=True)
class Seen:
    """A request as it arrived, before anybody answered it."""

    time: datetime
    method: str
    path: str
    query: str
    body: bytes


def _without_secrets(query: str) -> str:
    if not _SECRET_NAMES.search(query):
        return query
    pairs = parse_qsl(query, keep_blank_values=True)
    return urlencode([(name, "..." if _SECRET_NAMES.search(name) else value) for name, value in pairs])
