"""Every change of settings as a version: who, when, before and after; and the way back to any of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crossdock.operations.task import HUB
from crossdock.store import tables
from crossdock.store.codec import pack, unpack
from crossdock.store.database import Transaction

VERSION = tables.settings_version
LONGEST_SUMMARY = 500


@dataclass(frozen=True, slots=True)
class Version:
    """One change. Settings hold no secrets, so neither does their history."""

    id: int
    integration: str
    at: datetime
    actor: str
    summary: str
    before: dict[str, Any]
    after: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Changed:
    """What one change made of the settings of an integration, or of the hub's sources of truth."""

    integration: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    summary: str


def record(tx: Transaction, change: Changed, *, actor: str, now: datetime) -> int:
    """Add a version; the hub's own, such as its sources of truth, go under HUB."""
    summary = change.summary
    values = {
        "integration": _stored(change.integration),
        "at": now,
        "actor": actor,
        "summary": summary if len(summary) <= LONGEST_SUMMARY else summary[: LONGEST_SUMMARY - 1] + "…",
        "before": pack(dict(change.before)),
        "after": pack(dict(change.after)),
    }
    return int(tx.execute(sa.insert(VERSION).values(**values).returning(VERSION.c.id)).scalar_one())


def versions(tx: Transaction, integration: str, *, limit: int) -> list[Version]:
    """The latest first."""
    statement = (
        sa.select(VERSION)
        .where(VERSION.c.integration == _stored(integration))
        .order_by(VERSION.c.id.desc())
        .limit(limit)
    )
    return [_version(row) for row in tx.execute(statement)]


def version(tx: Transaction, integration: str, number: int) -> Version | None:
    statement = sa.select(VERSION).where(
        VERSION.c.id == number, VERSION.c.integration == _stored(integration)
    )
    row = tx.execute(statement).first()
    return _version(row) if row is not None else None


def at_the_time_of(tx: Transaction, version: Version) -> list[Version]:
    """The versions of the integrations that were in force once this one was made."""
    latest = (
        sa.select(sa.func.max(VERSION.c.id))
        .where(VERSION.c.integration != "", VERSION.c.at <= version.at)
        .group_by(VERSION.c.integration)
    )
    rows = tx.execute(sa.select(VERSION).where(VERSION.c.id.in_(latest)).order_by(VERSION.c.integration))
    return [_version(row) for row in rows]


def _stored(integration: str) -> str:
    return "" if integration == HUB else integration


def _version(row: Any) -> Version:
    return Version(
        id=row.id,
        integration=row.integration or HUB,
        at=row.at,
        actor=row.actor,
        summary=row.summary,
        before=unpack(dict[str, Any], row.before),
        after=unpack(dict[str, Any], row.after),
    )
