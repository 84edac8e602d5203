"""What is shown of automations: what they have done, and what of their notifications has arrived."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crossdock.operations.automations.outbox import NotificationState
from crossdock.operations.views.view_page import Slice, beyond, bounded, marked, marked_moment, sliced
from crossdock.store import tables
from crossdock.store.codec import unpack
from crossdock.store.database import Transaction

RULE = tables.automation
FIRING = tables.automation_firing
NOTIFICATION = tables.notification


@dataclass(frozen=True, slots=True)
class FiringView:
    """That an automation acted on a record, and what it did; what could not be done begins with "not"."""

    id: int
    automation: str
    at: datetime
    record_kind: str
    record_id: str
    what: str


@dataclass(frozen=True, slots=True)
class NotificationView:
    """A notification: where it goes, what it says, and how far it is."""

    id: str
    kind: str
    target: str
    title: str
    subject_kind: str
    subject_id: str
    state: str
    attempts: int
    message: str
    """Why the last attempt failed; empty where it has arrived."""
    created_at: datetime
    again_at: datetime | None
    sent_at: datetime | None
    body: dict[str, Any]
    """What a webhook is sent; a mail says the same in words."""


def firings(
    tx: Transaction, *, automation: int | None = None, after: str = "", limit: int = 50
) -> Slice[FiringView]:
    """The log of one automation or of all, the latest first. Raises MarkError."""
    statement = sa.select(FIRING, RULE.c.name).join(RULE, RULE.c.id == FIRING.c.automation_id)
    if automation is not None:
        statement = statement.where(FIRING.c.automation_id == automation)
    if after:
        (text,) = marked(after, 1)
        statement = statement.where(FIRING.c.id < (int(text) if text.isascii() and text.isdigit() else 0))
    rows = tx.execute(statement.order_by(FIRING.c.id.desc()).limit(bounded(limit) + 1)).all()
    return sliced(rows, limit, to_item=_firing, key=lambda row: (str(row.id),))


def notifications(
    tx: Transaction, *, state: NotificationState | None = None, after: str = "", limit: int = 50
) -> Slice[NotificationView]:
    """Notifications, the latest first. Raises MarkError."""
    statement = sa.select(NOTIFICATION)
    if state is not None:
        statement = statement.where(NOTIFICATION.c.state == state)
    if after:
        mark = marked_moment(after)
        statement = statement.where(beyond(NOTIFICATION.c.created_at, NOTIFICATION.c.id, mark, newest=True))
    newest = statement.order_by(NOTIFICATION.c.created_at.desc(), NOTIFICATION.c.id.desc())
    rows = tx.execute(newest.limit(bounded(limit) + 1)).all()
    return sliced(rows, limit, to_item=_notification, key=lambda row: (row.created_at.isoformat(), row.id))


def notification(tx: Transaction, key: str) -> NotificationView | None:
    row = tx.execute(sa.select(NOTIFICATION).where(NOTIFICATION.c.id == key)).first()
    return _notification(row) if row is not None else None


def _firing(row: Any) -> FiringView:
    return FiringView(row.id, row.name, row.at, row.subject_kind, row.subject_id, row.what)


def _notification(row: Any) -> NotificationView:
    return NotificationView(
        id=row.id,
        kind=row.kind,
        target=row.target,
        title=row.title,
        subject_kind=row.subject_kind,
        subject_id=row.subject_id,
        state=row.state,
        attempts=row.attempts,
        message=row.message,
        created_at=row.created_at,
        again_at=row.again_at,
        sent_at=row.sent_at,
        body=unpack(dict[str, Any], row.body),
    )
