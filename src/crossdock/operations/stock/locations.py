"""Places that hold stock, as their channels report them, with what a person set for each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from crossdock.domain.channel import ChannelLocation
from crossdock.domain.sync import Entity
from crossdock.operations import publishing
from crossdock.operations.events import Event, Subject, record
from crossdock.operations.routing import again, relinking
from crossdock.operations.stock import commitments
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.codec import hub_id, pack
from crossdock.store.database import Transaction
from crossdock.store.query import upsert

LOCATION = tables.location
SET_BY_PEOPLE = ("is_excluded", "excluded_for", "linked_integration", "is_unlimited", "keeps_bundles")


def ingest(
    tx: Transaction, task: Task, locations: Sequence[ChannelLocation], *, read_began_at: datetime
) -> int:
    """Store a page of locations; answers how many are new or changed. What people set on them stays."""
    old = {
        row.channel_id: row
        for row in tx.execute(sa.select(LOCATION).where(LOCATION.c.integration == task.integration))
    }
    rows = [
        {
            "id": location_id(task.integration, place.channel_id),
            "name": place.name,
            "code": place.code,
            "kind": place.kind,
            "integration": task.integration,
            "channel_id": place.channel_id,
            "is_active": place.is_active,
            "is_default": place.is_default,
            "body": pack(place.address),
            "seen_at": read_began_at,
        }
        for place in locations
    ]
    facts = ("name", "code", "kind", "is_active", "is_default", "body")
    changed = [
        row
        for row in rows
        if (was := old.get(row["channel_id"])) is None
        or any(getattr(was, name) != row[name] for name in facts)
    ]
    upsert(tx, LOCATION, rows)
    record(
        tx,
        task,
        [Event(Subject.LOCATION, str(row["id"]), f"Read from {task.integration}") for row in changed],
    )
    if changed:
        recount(tx)
        again.retry(tx)
        relinking.taken_from(tx, task, [str(row["id"]) for row in changed])
        commitments.apply_waiting(tx, task)
    return len(changed)


def location_id(integration: str, channel_id: str) -> str:
    return hub_id("loc", integration, channel_id)


def sweep(tx: Transaction, task: Task, *, began_at: datetime) -> int:
    """Locations that a full reading did not see are no longer there: they stop counting, their history stays."""
    is_gone = (
        LOCATION.c.integration == task.integration,
        LOCATION.c.seen_at < began_at,
        LOCATION.c.is_active,
    )
    gone = tx.scalars(sa.select(LOCATION.c.id).where(*is_gone)).all()
    if gone:
        tx.execute(sa.update(LOCATION).where(*is_gone).values(is_active=False))
        recount(tx)
        relinking.taken_from(tx, task, gone)
    return len(gone)


def change(tx: Transaction, task: Task, location: str, **values: object) -> None:
    """Set what people decide about a location, whoever reports it: the columns of `SET_BY_PEOPLE`."""
    if unknown := values.keys() - set(SET_BY_PEOPLE):
        raise ValueError(f"A location has no {', '.join(sorted(unknown))}; it has {', '.join(SET_BY_PEOPLE)}")
    tx.execute(sa.update(LOCATION).where(LOCATION.c.id == location).values(**values))
    told = ", ".join(f"{name} {_said(value)}" for name, value in sorted(values.items()))
    record(tx, task, [Event(Subject.LOCATION, location, f"Decided: {told}")])
    recount(tx)
    again.retry(tx)
    relinking.taken_from(tx, task, [location])


def _said(value: object) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value or "none")


def recount(tx: Transaction) -> None:
    """Which locations count is part of every number that is pushed."""
    for name in publishing.pushing_integrations(tx, Entity.INVENTORY):
        publishing.mark_all(tx, name, Entity.INVENTORY)
