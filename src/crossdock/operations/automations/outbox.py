"""Notifications: written down with what they tell of, sent afterwards, and tried again until they arrive or time is up."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa

from crossdock.connectors.errors import SettingsError
from crossdock.operations.events import Subject
from crossdock.operations.exceptions import Case, close_cases, open_case
from crossdock.operations.task import HUB, Task
from crossdock.store import tables
from crossdock.store.database import Transaction

NOTIFICATION = tables.notification
NOT_SENT = "notification_failed"
NO_MAIL = "mail_not_set_up"
QUIET = (NOT_SENT, NO_MAIL)
"""Cases about notifications: who is to be told of them cannot be told."""
_NO_MAIL_KEY = "mail-not-set-up"

PAUSES = tuple(timedelta(minutes=each) for each in (1, 2, 5, 10, 30, 60, 120, 240, 480, 480))
"""Between one attempt and the next. With the last of them almost a day has passed."""


class Kind(StrEnum):
    EMAIL = "email"
    WEBHOOK = "webhook"


class NotificationState(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent, and where to. `id` is that of the delivery, the same at each attempt; `body` is JSON."""

    id: str
    kind: Kind
    target: str
    title: str
    body: str

    @property
    def place(self) -> str:
        """Its target as it is named in cases: the path of a webhook may be a password."""
        return self.target if self.kind is Kind.EMAIL else urlsplit(self.target).hostname or ""


@dataclass(frozen=True, slots=True)
class About:
    """The record on whose timeline it is told of."""

    subject: str
    id: str


def add(tx: Transaction, task: Task, messages: Sequence[Message], about: About) -> None:
    """Have these sent as soon as this transaction is done."""
    rows = [
        {
            "id": each.id,
            "kind": each.kind,
            "target": each.target,
            "title": each.title,
            "body": each.body,
            "subject_kind": about.subject,
            "subject_id": about.id,
            "state": NotificationState.WAITING,
            "created_at": task.now,
        }
        for each in messages
    ]
    if rows:
        tx.execute(sa.insert(NOTIFICATION), rows)


def due(tx: Transaction, now: datetime, *, limit: int) -> list[Message]:
    """What is to be sent now, the oldest first."""
    statement = sa.select(NOTIFICATION).where(*_is_due(now)).limit(limit)
    rows = tx.execute(statement.order_by(NOTIFICATION.c.created_at, NOTIFICATION.c.id))
    return [Message(row.id, Kind(row.kind), row.target, row.title, row.body) for row in rows]


def is_any_due(tx: Transaction, now: datetime) -> bool:
    return tx.execute(sa.select(NOTIFICATION.c.id).where(*_is_due(now)).limit(1)).first() is not None


def sent(tx: Transaction, task: Task, message: Message) -> None:
    """It has arrived. What was wrong with its target is over."""
    values = {"state": NotificationState.SENT, "sent_at": task.now, "message": "", "again_at": None}
    _write(tx, message.id, attempts=NOTIFICATION.c.attempts + 1, **values)
    close_cases(tx, task.now, [_failed_key(message.target)])


def not_sent(tx: Transaction, task: Task, message: Message, problem: str) -> None:
    """An attempt failed, or may have: it is tried again after a pause, and after the last one a person is told."""
    attempts = tx.scalar(sa.select(NOTIFICATION.c.attempts).where(NOTIFICATION.c.id == message.id)) or 0
    if attempts < len(PAUSES):
        _write(tx, message.id, attempts=attempts + 1, message=problem, again_at=task.now + PAUSES[attempts])
        return
    values = {"state": NotificationState.FAILED, "message": problem, "again_at": None}
    _write(tx, message.id, attempts=attempts + 1, **values)
    open_case(tx, task, _failed_case(message, problem))


def retry(tx: Transaction, task: Task, notifications: Collection[str]) -> int:
    """Have those of these that have not arrived sent now, under the same ids; answers how many.

    Raises SettingsError naming one that there is not, or that has arrived.
    """
    for key in notifications:
        row = tx.execute(sa.select(NOTIFICATION).where(NOTIFICATION.c.id == key)).first()
        if row is None:
            raise SettingsError("notification", f"there is no notification {key!r}")
        if row.state == NotificationState.SENT:
            raise SettingsError("notification", f"{key} has arrived; what has arrived is not sent again")
        _write(tx, key, state=NotificationState.WAITING, attempts=0, again_at=task.now)
    return len(notifications)


def retry_all_like(tx: Transaction, task: Task, notification: str) -> None:
    """Have all that were given up sent again that go where this one goes."""
    target = sa.select(NOTIFICATION.c.target).where(NOTIFICATION.c.id == notification).scalar_subquery()
    is_meant = (NOTIFICATION.c.target == target, NOTIFICATION.c.state == NotificationState.FAILED)
    retry(tx, task, list(tx.scalars(sa.select(NOTIFICATION.c.id).where(*is_meant))))


def flag_no_mail(tx: Transaction, task: Task, *, is_missing: bool) -> None:
    """One case while mails wait and none can be sent."""
    if not is_missing:
        close_cases(tx, task.now, [_NO_MAIL_KEY])
        return
    case = Case(
        key=_NO_MAIL_KEY,
        kind=NO_MAIL,
        subject=Subject.INTEGRATION,
        subject_id=HUB,
        cause="Automations have mails to send, and sending mail is not set up",
        fix="Set CROSSDOCK_SMTP_URL and CROSSDOCK_MAIL_FROM and restart the hub, or take the addresses off the automations",
    )
    open_case(tx, task, case)


def _is_due(now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    again = NOTIFICATION.c.again_at
    return (NOTIFICATION.c.state == NotificationState.WAITING, sa.or_(again.is_(None), again <= now))


def _write(tx: Transaction, key: str, **values: Any) -> None:
    tx.execute(sa.update(NOTIFICATION).where(NOTIFICATION.c.id == key).values(**values))


def _failed_key(target: str) -> str:
    return f"notification-failed:{target}"


def _failed_case(message: Message, problem: str) -> Case:
    return Case(
        key=_failed_key(message.target),
        kind=NOT_SENT,
        subject=Subject.INTEGRATION,
        subject_id=HUB,
        cause=f"Notifications to {message.place} do not arrive; given up after a day: {problem}",
        fix=f"Mend what is said there, and send it again (crossdock notifications retry {message.id})",
        evidence={"notification": message.id, "target": message.place},
    )
