"""Exception cases: what a person must know or do. A case closes itself when its cause is gone."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crossdock.domain.automations import Trigger
from crossdock.operations.automations import agenda
from crossdock.operations.events import Subject
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.asking import Question
from crossdock.store.codec import pack
from crossdock.store.database import Transaction
from crossdock.store.query import among, insert_rows, select_in, update_rows

CASE = tables.exception_case
# Written out, as only so the index of the open ones is used: it is a part of all.
IS_OPEN = CASE.c.state == sa.literal_column("'open'")
OPEN = Question(sa.select(CASE).where(IS_OPEN), CASE.c.key)


@dataclass(frozen=True, slots=True)
class Case:
    """`key` names the condition: the same condition is one open case, however often it is met."""

    key: str
    kind: str
    subject: Subject
    subject_id: str
    cause: str
    fix: str
    evidence: Mapping[str, Any] = field(default_factory=dict)


def open_cases(tx: Transaction, task: Task, cases: Collection[Case]) -> None:
    """Open these cases, or bring the text of those already open up to date."""
    if not cases:
        return
    by_key = {case.key: case for case in cases}
    already = {row.key: row for row in OPEN.rows(tx, by_key)}
    fresh: list[dict[str, Any]] = []
    changed: dict[int, dict[str, str]] = {}
    for key, case in by_key.items():
        texts = {"cause": case.cause, "fix": case.fix, "evidence": pack(dict(case.evidence))}
        row = already.get(key)
        if row is None:
            fresh.append(_row(task, case) | texts)
        elif any(getattr(row, name) != text for name, text in texts.items()):
            changed[row.id] = texts
    insert_rows(tx, CASE, fresh)
    update_rows(tx, CASE, changed)
    agenda.note(tx, task, Trigger.EXCEPTION, [key for key in by_key if key not in already])


def open_case(tx: Transaction, task: Task, case: Case) -> None:
    open_cases(tx, task, [case])


def close_cases(tx: Transaction, now: datetime, keys: Collection[str]) -> None:
    """Close the open cases with these keys: their cause is gone."""
    # Nearly always there are none, and to find that out costs less than to change none.
    if found := [row.key for row in OPEN.rows(tx, keys)]:
        tx.execute(
            sa.update(CASE)
            .where(among(tx, CASE.c.key, sorted(found)), IS_OPEN)
            .values(state="resolved", closed_at=now, closed_by="cause gone")
        )


def close_by_person(tx: Transaction, case_id: int, *, state: str, now: datetime, by: str) -> bool:
    """Resolve or dismiss a case by hand; False when there is no such open case."""
    result = tx.execute(
        sa.update(CASE).where(CASE.c.id == case_id, IS_OPEN).values(state=state, closed_at=now, closed_by=by)
    )
    return result.rowcount == 1


def open_keys(tx: Transaction, prefix: str) -> set[str]:
    """Keys of the open cases that start so."""
    return set(
        tx.scalars(sa.select(CASE.c.key).where(CASE.c.key.startswith(prefix, autoescape=True), IS_OPEN))
    )


def dismissed(tx: Transaction, keys: Collection[str]) -> set[str]:
    """Those of these keys of which a person has said that nothing needs to be done."""
    statement = sa.select(CASE.c.key).where(CASE.c.state == "dismissed")
    return {row.key for row in select_in(tx, statement, CASE.c.key, keys)}


def _row(task: Task, case: Case) -> dict[str, Any]:
    return {
        "key": case.key,
        "kind": case.kind,
        "subject_kind": case.subject,
        "subject_id": case.subject_id,
        "integration": task.integration,
        "flow": task.flow,
        "state": "open",
        "opened_at": task.now,
    }
