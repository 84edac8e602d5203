"""What is remembered of each shipping request: the last file that was written, and how changes were acknowledged."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import Any

from crossdock.connectors.contract import Memory
from crossdock.connectors.flat_files.mapping.news import Acknowledged
from crossdock.domain.shipping import NewsKind

HISTORY = "request_files"
ANSWERS = "change_answers"
REFUSALS = "request_refusals"


@dataclass(frozen=True, slots=True)
class Written:
    """A file of a request. Until `is_there`, it may or may not have got its final name.

    `place` counts the files of the request before it, and `changes` those, up to this one, that asked for a change.
    """

    operation: str
    fingerprint: str
    name: str
    is_there: bool = False
    is_refused: bool = False
    """Whether the warehouse refused the request, so that it has it no more."""
    place: int = 0
    changes: int = 0


@dataclass(frozen=True, slots=True)
class History:
    """The last file of a request, and the one before for as long as the last may not be there."""

    last: Written | None = None
    before: Written | None = None


class Book:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def history(self, number: str) -> History:
        raw = self._read(HISTORY, number)
        last, before = raw.get("last"), raw.get("before")
        return History(Written(**last) if last else None, Written(**before) if before else None)

    def keep(self, number: str, history: History) -> None:
        self._memory.put(HISTORY, number, json.dumps(asdict(history)))

    def acknowledge(self, answer: Acknowledged) -> None:
        """Keep how a change was answered; read again it is the same answer."""
        number = answer.news.number
        known = self._read(ANSWERS, number)
        if answer.id not in known:
            known[answer.id] = [answer.news.kind.value, answer.news.reason]
            self._memory.put(ANSWERS, number, json.dumps(known))

    def refuse(self, answer: Acknowledged) -> None:
        """The warehouse does not have the request; read again it is the same refusal, not one of what was sent since."""
        number = answer.news.number
        known, last = self._read(REFUSALS, number), self.history(number).last
        if answer.id in known:
            return
        if last is not None:
            self.keep(number, History(replace(last, is_refused=True)))
        self._memory.put(REFUSALS, number, json.dumps({**known, answer.id: True}))

    def answer(self, number: str, *, change: int) -> tuple[NewsKind, str] | None:
        """How the change of this count was answered, and the reason: changes are answered in their order."""
        answers = list(self._read(ANSWERS, number).values())
        if not 0 < change <= len(answers):
            return None
        kind, reason = answers[change - 1]
        return NewsKind(kind), str(reason)

    def _read(self, kind: str, number: str) -> dict[str, Any]:
        return dict(json.loads(self._memory.get(kind, number) or "{}"))
