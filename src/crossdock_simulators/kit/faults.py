"""Faults a simulator can be told to commit, and the list of those still to come."""

from __future__ import annotations

import re
from dataclasses import dataclass
from random import Random
from threading import Lock
from typing import Final, Literal, get_args

Kind = Literal[
    "latency",
    "too_many_requests",
    "too_many_requests_bare",
    "error",
    "error_after",
    "reset_before",
    "reset_after",
    "truncate",
    "not_json",
    "drop_write",
    "expire_token",
    "shift_page",
]
KINDS: Final[tuple[str, ...]] = get_args(Kind)
READS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Fault:
    """One misbehaviour: `times` None is for ever, `path` a regular expression searched in the path."""

    kind: Kind
    method: str | None = None
    path: str | None = None
    times: int | None = 1
    probability: float = 1.0
    status: int = 503
    delay_seconds: float = 0.5
    retry_after: float = 1.0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"Unknown fault {self.kind!r}; choose one of {', '.join(KINDS)}")
        if self.times is not None and self.times < 1:
            raise ValueError(f"A fault strikes at least 1 time, not {self.times}")
        try:
            re.compile(self.path or "")
        except re.error as error:
            raise ValueError(f"The path {self.path!r} is no regular expression: {error}") from None

    def concerns(self, method: str, path: str) -> bool:
        """Whether this fault may strike the request; a silent drop strikes writes only."""
        if self.kind == "drop_write" and method in READS:
            return False
        if self.method is not None and self.method.upper() != method:
            return False
        return self.path is None or re.search(self.path, path) is not None


@dataclass(slots=True)
class _Pending:
    fault: Fault
    left: int | None


class Faults:
    """The faults still to come, tried in the order they were added; the dice are seeded."""

    def __init__(self, seed: int = 0) -> None:
        self._pending: list[_Pending] = []
        self._random = Random(seed)
        self._lock = Lock()

    def add(self, *faults: Fault) -> None:
        with self._lock:
            self._pending.extend(_Pending(fault, fault.times) for fault in faults)

    def clear(self) -> None:
        with self._lock:
            self._pending.clear()

    def waiting(self) -> list[Fault]:
        """The faults that can still strike."""
        with self._lock:
            return [pending.fault for pending in self._pending]

    def take(self, method: str, path: str) -> Fault | None:
        """The fault that strikes this request, used up once."""
        with self._lock:
            for pending in self._pending:
                if pending.fault.concerns(method, path) and self._strikes(pending.fault):
                    self._use(pending)
                    return pending.fault
        return None

    def _strikes(self, fault: Fault) -> bool:
        return fault.probability >= 1 or self._random.random() < fault.probability

    def _use(self, pending: _Pending) -> None:
        if pending.left is None:
            return
        pending.left -= 1
        if pending.left <= 0:
            self._pending.remove(pending)
