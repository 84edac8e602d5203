"""The book of drift: kept when it is found, and closed in the transaction that sets it right."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from crossdock.domain.drift import EXPLAINED, Difference, DriftCause
from crossdock.domain.sync import Entity, FlowKey
from crossdock.operations import publishing
from crossdock.operations.events import Event, EventStatus, Subject, record
from crossdock.operations.exceptions import Case, close_cases, open_cases, open_keys
from crossdock.operations.publishing import PublicationState
from crossdock.operations.setup import integrations
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.database import Transaction
from crossdock.store.query import select_in, slices

DRIFT = tables.drift
PUBLICATION = tables.publication
LISTING = tables.listing
FLOW = tables.flow
SUBJECTS = {Entity.INVENTORY: Subject.VARIANT, Entity.PRODUCTS: Subject.PRODUCT}
MOST_REPAIRS = 3
"""So many repairs of the same field within `HOLDS_FOR` have not held, when it has drifted once more."""
HOLDS_FOR = timedelta(days=7)
SEEN_RIGHT = "shown again as it was told, without the hub's doing"
WRITTEN = "sent again, and answered for"
WRITTEN_AND_READ = "written again, and read back"
MOST_AT_ONCE = 500

Key = tuple[str, str, str, str]
"""Record, field, SKU and location: what of an entity on one integration has drifted once only at a time."""


@dataclass(frozen=True, slots=True)
class Found:
    """Differences of one record, and why. `name` is what people call it, `evidence` a sentence that says how it is known."""

    record_id: str
    name: str
    differences: tuple[Difference, ...]
    cause: DriftCause
    evidence: str = ""

    @property
    def is_repaired(self) -> bool:
        """Whether the hub sets any of it right."""
        return any(not one.left_because for one in self.differences)


def keep(tx: Transaction, task: Task, entity: Entity, found: Sequence[Found]) -> bool:
    """Note what drifted, once however often it is met, and have the push set right what is the hub's to set.

    Answers whether something is gone that was there the last time.
    """
    if not found:
        return False
    known = _open(tx, task.integration, entity, [one.record_id for one in found])
    fresh: list[dict[str, Any]] = []
    told: list[Event] = []
    for one in found:
        new = [each for each in one.differences if _key(one, each) not in known]
        fresh += [_row(task, entity, one, each) for each in new]
        told += [_event(task, entity, one, each) for each in new]
        for each in one.differences:
            if (row := known.get(_key(one, each))) is not None:
                _follow(tx, row, each)
    if fresh:
        tx.execute(sa.insert(DRIFT), fresh)
    record(tx, task, told)
    open_cases(tx, task, _restless(tx, task, entity, found))
    # What is gone is not sent into the void: its listing is read anew first, and what follows from that follows by itself.
    sent = [one for one in found if one.cause is not DriftCause.GONE or entity is Entity.PRODUCTS]
    repaired = [one.record_id for one in sent if one.is_repaired]
    publishing.mark(tx, task.integration, entity, repaired, unsettle=True)
    return any(row["cause"] == DriftCause.GONE for row in fresh)


def close(tx: Transaction, task: Task, entity: Entity, record_ids: Collection[str], *, how: str) -> None:
    """These are as they should be: their drift is over. What the hub leaves alone ends only when it was seen to end."""
    rows = _open(tx, task.integration, entity, record_ids).values()
    over = [row for row in rows if how != WRITTEN or not row.left_because]
    for some in slices([row.id for row in over]):
        tx.execute(sa.update(DRIFT).where(DRIFT.c.id.in_(some)).values(repaired_at=task.now, repair=how))
    about = {row.record_id: row for row in over}
    what = dict.fromkeys(about, f"What had drifted on {task.integration} is right again: {how}")
    record(tx, task, [Event(SUBJECTS[entity], key, text, direction="out") for key, text in what.items()])


def note_look(tx: Transaction, task: Task, entity: Entity, record_ids: Collection[str]) -> None:
    """The channel was looked at for these, whatever it showed."""
    for some in slices(record_ids):
        tx.execute(
            sa.update(PUBLICATION)
            .where(
                PUBLICATION.c.integration == task.integration,
                PUBLICATION.c.entity == entity,
                PUBLICATION.c.record_id.in_(some),
            )
            .values(looked_at=task.now)
        )


def close_seen_right(tx: Transaction, task: Task, entity: Entity, record_ids: Collection[str]) -> None:
    """A look found these as they were told, so that what was repaired has held as well."""
    if not record_ids or not _has_any(tx, task.integration, entity):
        return
    close(tx, task, entity, record_ids, how=SEEN_RIGHT)
    cases = open_keys(tx, _case_key(task.integration, entity, ""))
    close_cases(tx, task.now, cases & {_case_key(task.integration, entity, each) for each in record_ids})


def let_go(tx: Transaction, task: Task, pushed: Collection[Entity]) -> None:
    """What the hub no longer sets on the channel cannot drift: the push is off, or the record was set aside."""
    rows = tx.execute(
        sa.select(
            DRIFT.c.id, DRIFT.c.entity, PUBLICATION.c.state, PUBLICATION.c.message, LISTING.c.channel_id
        )
        .outerjoin(
            PUBLICATION,
            sa.and_(
                PUBLICATION.c.integration == DRIFT.c.integration,
                PUBLICATION.c.entity == DRIFT.c.entity,
                PUBLICATION.c.record_id == DRIFT.c.record_id,
            ),
        )
        .outerjoin(
            LISTING,
            sa.and_(LISTING.c.integration == DRIFT.c.integration, LISTING.c.variant_id == DRIFT.c.record_id),
        )
        .where(DRIFT.c.integration == task.integration, DRIFT.c.repaired_at.is_(None))
        .limit(MOST_AT_ONCE)
    ).all()
    for row in rows:
        if row.entity not in pushed:
            why = "the hub sets it no longer: its push is off"
        elif row.state == PublicationState.EXCLUDED:
            why = f"the hub sets it no longer: {row.message}"
        elif row.entity == Entity.INVENTORY and row.channel_id is None:
            why = "not listed there any more"
        else:
            continue
        tx.execute(sa.update(DRIFT).where(DRIFT.c.id == row.id).values(repaired_at=task.now, repair=why))


def open_count(tx: Transaction) -> dict[tuple[str, str], int]:
    """How much drifts now, by integration and entity."""
    by = (DRIFT.c.integration, DRIFT.c.entity)
    rows = tx.execute(
        sa.select(*by, sa.func.count().label("drifts")).where(DRIFT.c.repaired_at.is_(None)).group_by(*by)
    )
    return {(row.integration, row.entity): int(row.drifts) for row in rows}


def ask(tx: Transaction, flow: FlowKey, *, now: datetime, is_full: bool) -> None:
    """Have the next records looked at now, or everything. A full reading under way begins anew."""
    if is_full:
        integrations.restart_flow(tx, flow)
        first = sa.func.coalesce(FLOW.c.first_began_at, now)
        tx.execute(sa.update(FLOW).where(FLOW.c.key == str(flow)).values(first_began_at=first))
    else:
        tx.execute(sa.update(FLOW).where(FLOW.c.key == str(flow)).values(due_at=0.0))


def _has_any(tx: Transaction, integration: str, entity: Entity) -> bool:
    """Whether there has ever been drift here; where not, a page of a thousand costs one look."""
    where = (DRIFT.c.integration == integration, DRIFT.c.entity == entity)
    return tx.execute(sa.select(DRIFT.c.id).where(*where).limit(1)).first() is not None


def _open(
    tx: Transaction, integration: str, entity: Entity, record_ids: Collection[str]
) -> Mapping[Key, sa.Row[Any]]:
    statement = sa.select(DRIFT).where(
        DRIFT.c.integration == integration, DRIFT.c.entity == entity, DRIFT.c.repaired_at.is_(None)
    )
    rows = select_in(tx, statement, DRIFT.c.record_id, record_ids)
    return {(row.record_id, row.field, row.sku, row.location): row for row in rows}


def _key(one: Found, each: Difference) -> Key:
    return one.record_id, each.field, each.sku, each.location


def _row(task: Task, entity: Entity, one: Found, each: Difference) -> dict[str, Any]:
    return {
        "integration": task.integration,
        "entity": entity,
        "record_id": one.record_id,
        "field": each.field,
        "sku": each.sku,
        "location": each.location,
        "expected": each.expected,
        "shown": each.shown,
        "cause": one.cause,
        "evidence": one.evidence,
        "found_at": task.now,
        "run_id": task.run_id,
        "left_because": each.left_because,
    }


def _follow(tx: Transaction, row: sa.Row[Any], each: Difference) -> None:
    """It goes on: both values as they are now, and the cause as it was when it was found."""
    values = {"expected": each.expected, "shown": each.shown, "left_because": each.left_because}
    if any(getattr(row, name) != value for name, value in values.items()):
        tx.execute(sa.update(DRIFT).where(DRIFT.c.id == row.id).values(**values))


def _event(task: Task, entity: Entity, one: Found, each: Difference) -> Event:
    where = f" at its location {each.location}" if each.location else ""
    shown = each.shown or "nothing"
    said = (
        f"Drift: {task.integration} shows {shown} as {each.field} of “{each.sku or one.name}”{where}, "
        f"and had answered for {each.expected}; {EXPLAINED[one.cause]}"
    )
    if each.left_because:
        said += f". It is left so: {each.left_because}"
    return Event(SUBJECTS[entity], one.record_id, said, EventStatus.ACKNOWLEDGED, "in")


def _restless(tx: Transaction, task: Task, entity: Entity, found: Sequence[Found]) -> list[Case]:
    """A case for each record of which a field drifts again although it was set right thrice."""
    counts = _repairs(
        tx, task.integration, entity, [one.record_id for one in found], since=task.now - HOLDS_FOR
    )
    return [
        _case(task, entity, one, each)
        for one in found
        for each in one.differences
        if not each.left_because and counts.get(_key(one, each), 0) >= MOST_REPAIRS
    ]


def _repairs(
    tx: Transaction, integration: str, entity: Entity, record_ids: Collection[str], *, since: datetime
) -> dict[Key, int]:
    by = (DRIFT.c.record_id, DRIFT.c.field, DRIFT.c.sku, DRIFT.c.location)
    counted = (
        sa.select(*by, sa.func.count().label("repairs"))
        .where(
            DRIFT.c.integration == integration,
            DRIFT.c.entity == entity,
            DRIFT.c.found_at > since,
            DRIFT.c.cause != DriftCause.SOLD_MEANWHILE,
            DRIFT.c.repair.in_((WRITTEN, WRITTEN_AND_READ)),
        )
        .group_by(*by)
    )
    rows = select_in(tx, counted, DRIFT.c.record_id, record_ids)
    return {(row.record_id, row.field, row.sku, row.location): int(row.repairs) for row in rows}


def _case(task: Task, entity: Entity, one: Found, each: Difference) -> Case:
    return Case(
        key=_case_key(task.integration, entity, one.record_id),
        kind="drift",
        subject=SUBJECTS[entity],
        subject_id=one.record_id,
        cause=f"{task.integration} shows {each.shown or 'nothing'} as {each.field} of “{each.sku or one.name}” instead of "
        f"{each.expected}, though the hub has set it right {MOST_REPAIRS} times: {EXPLAINED[one.cause]}",
        fix=f"Find out what else changes it on {task.integration}, such as another app or a promotion, and stop that; "
        "the hub goes on setting it right, and the case closes itself once that holds",
        evidence={"expected": each.expected, "shown": each.shown, "location": each.location},
    )


def _case_key(integration: str, entity: Entity, record_id: str) -> str:
    return f"drift:{integration}:{entity}:{record_id}"
