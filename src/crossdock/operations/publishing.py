"""What each channel last answered for, per record, and which records must be looked at again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crossdock.domain.fulfillment import FulfillmentState
from crossdock.domain.sync import Direction, Entity
from crossdock.operations.publications import PublicationState as PublicationState
from crossdock.operations.publications import marking, settling
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.database import Transaction
from crossdock.store.query import among, select_in, slices

PUBLICATION = tables.publication
LISTING = tables.listing
FLOW = tables.flow


KEPT_BACK = (PublicationState.REJECTED, PublicationState.DRAFT)
"""What stays so until the record, a setting or a person changes it."""


def pushing_integrations(tx: Transaction, entity: Entity) -> list[str]:
    """The integrations whose push of this entity is on."""
    statement = sa.select(FLOW.c.integration).where(
        FLOW.c.direction == Direction.PUSH, FLOW.c.entity == entity, FLOW.c.is_on, FLOW.c.refusal == ""
    )
    return sorted(tx.scalars(statement))


def mark_products(tx: Transaction, product_ids: Iterable[str], *, source: str) -> int:
    """These products changed: every channel they are pushed to, other than their source, has to be looked at."""
    ids = list(dict.fromkeys(product_ids))
    targets = [name for name in pushing_integrations(tx, Entity.PRODUCTS) if name != source]
    for name in targets:
        mark(tx, name, Entity.PRODUCTS, ids)
    return len(ids) if targets else 0


def mark_variants(tx: Transaction, variant_ids: Sequence[str], *, unsettle: str = "") -> None:
    """The stock of these variants changed, and so that of bundles made of them.

    On the channel `unsettle` the number of just these moved by the channel's own doing as well.
    """
    if not variant_ids:
        return
    channels, catalogs = (pushing_integrations(tx, one) for one in (Entity.INVENTORY, Entity.PRODUCTS))
    if not (channels or catalogs):
        return
    bundles = _bundles_of(tx, variant_ids)
    for name in channels:
        mark(tx, name, Entity.INVENTORY, _linked(tx, name, variant_ids), unsettle=name == unsettle)
        mark(tx, name, Entity.INVENTORY, _linked(tx, name, bundles))
    for name in catalogs:
        # Those that could not be listed for want of a stock number are looked at again.
        _mark_products_that_are(PublicationState.WAITING, tx, name, [*variant_ids, *bundles])


def _bundles_of(tx: Transaction, variant_ids: Iterable[str]) -> list[str]:
    part = tables.bundle_component
    rows = select_in(tx, sa.select(part.c.bundle_id).distinct(), part.c.component_id, variant_ids)
    return sorted({row.bundle_id for row in rows})


def _linked(tx: Transaction, integration: str, variant_ids: Iterable[str]) -> list[str]:
    statement = sa.select(LISTING.c.variant_id).where(LISTING.c.integration == integration)
    return [row.variant_id for row in select_in(tx, statement, LISTING.c.variant_id, variant_ids)]


def _mark_products_that_are(
    was: PublicationState, tx: Transaction, integration: str, variant_ids: Sequence[str], **becomes: Any
) -> None:
    """Of the products of these variants, those whose publication was in this state."""
    variant = tables.variant
    products = sa.select(variant.c.product_id).where(among(tx, variant.c.id, variant_ids))
    tx.execute(
        sa.update(PUBLICATION)
        .where(
            PUBLICATION.c.integration == integration,
            PUBLICATION.c.entity == Entity.PRODUCTS,
            PUBLICATION.c.state == was,
            PUBLICATION.c.record_id.in_(products),
        )
        .values(is_dirty=True, marks=PUBLICATION.c.marks + 1, **becomes)
    )


def mark_all(tx: Transaction, integration: str, entity: Entity) -> None:
    """Look at everything again: a setting changed, or a person forced a resync. Refusals are tried anew.

    What a product should look like depends on settings as well, so the channel is asked about each of them.
    """
    if entity is Entity.PRODUCTS:
        ids = tx.scalars(sa.select(tables.product.c.id).where(tables.product.c.source != integration)).all()
    else:
        ids = tx.scalars(
            sa.select(LISTING.c.variant_id).where(
                LISTING.c.integration == integration, LISTING.c.variant_id.is_not(None)
            )
        ).all()
    mark(tx, integration, entity, [str(i) for i in ids])
    mark_kept_back(tx, integration, entity)
    if entity is Entity.PRODUCTS:
        unsettle(tx, integration, entity, [str(i) for i in ids])


def mark_kept_back(
    tx: Transaction, integration: str, entity: Entity, ids: Sequence[str] | None = None
) -> None:
    """What was refused, of these or of all, is tried anew: what was in the way may be gone."""
    chosen = (PUBLICATION.c.record_id.in_(ids),) if ids is not None else ()
    tx.execute(
        sa.update(PUBLICATION)
        .where(
            PUBLICATION.c.integration == integration,
            PUBLICATION.c.entity == entity,
            PUBLICATION.c.state.in_(KEPT_BACK),
            *chosen,
        )
        .values(
            state=PublicationState.NEW,
            fingerprint="",
            attempts=0,
            is_dirty=True,
            marks=PUBLICATION.c.marks + 1,
        )
    )


def mark_told(tx: Transaction, integration: str, entity: Entity) -> None:
    """Look again at all that the channel was told, or is to be, where records come one by one, as fulfillments do.

    What the channel has taken back is done with.
    """
    voided = sa.select(tables.fulfillment.c.id).where(tables.fulfillment.c.state == FulfillmentState.VOIDED)
    is_over = sa.and_(PUBLICATION.c.state == PublicationState.SETTLED, PUBLICATION.c.record_id.in_(voided))
    told = sa.select(PUBLICATION.c.record_id).where(
        PUBLICATION.c.integration == integration,
        PUBLICATION.c.entity == entity,
        PUBLICATION.c.state != PublicationState.EXCLUDED,
        ~is_over,
    )
    mark(tx, integration, entity, [str(i) for i in tx.scalars(told)], unsettle=True)
    mark_kept_back(tx, integration, entity)


def mark(
    tx: Transaction, integration: str, entity: Entity, ids: Sequence[str], *, unsettle: bool = False
) -> None:
    """These records have to be looked at; with `unsettle` the channel's own state of them moved by itself."""
    common = {"integration": integration, "entity": entity, "state": PublicationState.NEW}
    rows = [common | {"record_id": record_id} for record_id in sorted(set(ids))]
    marking(tx.dialect, unsettle=unsettle).execute(tx, rows)


def dirty(tx: Transaction, integration: str, entity: Entity, *, limit: int, after: str = "") -> list[Any]:
    """Publications to look at, by record id; `after` is the last one seen."""
    statement = (
        sa.select(PUBLICATION)
        .where(
            PUBLICATION.c.integration == integration,
            PUBLICATION.c.entity == entity,
            PUBLICATION.c.is_dirty,
            PUBLICATION.c.record_id > after,
        )
        .order_by(PUBLICATION.c.record_id)
        .limit(limit)
    )
    return list(tx.execute(statement))


def are_any_due(tx: Transaction, integration: str, entity: Entity, now: datetime) -> bool:
    """Whether there is anything that `mark_due` would mark."""
    return (
        tx.execute(sa.select(PUBLICATION.c.record_id).where(*_due(integration, entity, now))).first()
        is not None
    )


def mark_due(tx: Transaction, integration: str, entity: Entity, now: datetime) -> None:
    """What was to be looked at again by now is: queued records have their turn, refusals that may have passed too."""
    kept_back = PUBLICATION.c.state.in_(KEPT_BACK)
    tx.execute(
        sa.update(PUBLICATION)
        .where(*_due(integration, entity, now))
        .values(
            state=sa.case((kept_back, PublicationState.NEW.value), else_=PUBLICATION.c.state),
            fingerprint=sa.case((kept_back, ""), else_=PUBLICATION.c.fingerprint),
            is_dirty=True,
            marks=PUBLICATION.c.marks + 1,
            again_at=None,
        )
    )


def _due(integration: str, entity: Entity, now: datetime) -> list[sa.ColumnElement[bool]]:
    return [
        PUBLICATION.c.integration == integration,
        PUBLICATION.c.entity == entity,
        PUBLICATION.c.again_at <= now,
    ]


def queued_before(tx: Transaction, integration: str, entity: Entity, record_id: str) -> int:
    """How many have their turn before this one."""
    statement = sa.select(sa.func.count()).where(
        PUBLICATION.c.integration == integration,
        PUBLICATION.c.entity == entity,
        PUBLICATION.c.state == PublicationState.QUEUED,
        PUBLICATION.c.record_id < record_id,
    )
    return int(tx.scalar(statement) or 0)


def reopen_drafts(tx: Transaction, integration: str, variant_ids: Iterable[str]) -> None:
    """The listings of these variants are no drafts any more: somebody completed them on the channel."""
    if reopened := list(variant_ids):
        unsettled = PublicationState.UNSETTLED
        _mark_products_that_are(PublicationState.DRAFT, tx, integration, reopened, state=unsettled)


def write(tx: Transaction, integration: str, entity: Entity, record_id: str, **values: Any) -> None:
    """Set columns of one publication that exists."""
    tx.execute(
        sa.update(PUBLICATION)
        .where(
            PUBLICATION.c.integration == integration,
            PUBLICATION.c.entity == entity,
            PUBLICATION.c.record_id == record_id,
        )
        .values(**values)
    )


def unsettle(tx: Transaction, integration: str, entity: Entity, record_ids: Iterable[str]) -> None:
    """These are about to be written: until an answer is kept, the channel may show the old or the new."""
    tx.execute(
        sa.update(PUBLICATION)
        .where(
            PUBLICATION.c.integration == integration,
            PUBLICATION.c.entity == entity,
            among(tx, PUBLICATION.c.record_id, record_ids),
            PUBLICATION.c.state == PublicationState.SETTLED,
        )
        .values(state=PublicationState.UNSETTLED)
    )


def forget_attempts(tx: Transaction, integration: str, entity: Entity, record_ids: Iterable[str]) -> None:
    """What these were sent was overtaken by other changes, so the channel has not declined it."""
    for some in slices(record_ids):
        tx.execute(
            sa.update(PUBLICATION)
            .where(
                PUBLICATION.c.integration == integration,
                PUBLICATION.c.entity == entity,
                PUBLICATION.c.record_id.in_(some),
            )
            .values(attempts=0)
        )


def doubt_all(tx: Transaction, integration: str, entity: Entity) -> None:
    """Whatever the channel answered for before, it is to be looked at again: somebody may have changed it there.

    The push of stock looks at what is linked no more as well, and finds that nothing is under way to it.
    """
    doubted: dict[str, Any] = {"state": PublicationState.UNSETTLED}
    if entity is Entity.INVENTORY:
        doubted |= {"is_dirty": True, "marks": PUBLICATION.c.marks + 1}
    tx.execute(
        sa.update(PUBLICATION)
        .where(
            PUBLICATION.c.integration == integration,
            PUBLICATION.c.entity == entity,
            PUBLICATION.c.state == PublicationState.SETTLED,
        )
        .values(doubted)
    )


def marks(tx: Transaction, integration: str, entity: Entity, record_ids: Iterable[str]) -> dict[str, int]:
    """How often each of these was marked: what was computed under another number is out of date."""
    statement = sa.select(PUBLICATION.c.record_id, PUBLICATION.c.marks).where(
        PUBLICATION.c.integration == integration, PUBLICATION.c.entity == entity
    )
    return {row.record_id: row.marks for row in select_in(tx, statement, PUBLICATION.c.record_id, record_ids)}


@dataclass(frozen=True, slots=True)
class State:
    """What was sent of one record, and the mark under which it was computed."""

    record_id: str
    fingerprint: str
    body: str
    marks: int


def settle(tx: Transaction, task: Task, entity: Entity, state: State) -> None:
    """The channel has answered for exactly this state. A record marked meanwhile stays to be looked at."""
    settle_all(tx, task, entity, [state])


def settle_all(tx: Transaction, task: Task, entity: Entity, states: Sequence[State]) -> None:
    """The same for many, in one statement."""
    rows = [
        {"record_id": one.record_id, "fingerprint": one.fingerprint, "body": one.body, "marks": one.marks}
        for one in sorted(states, key=lambda one: one.record_id)
    ]
    common = {
        "integration": task.integration,
        "entity": entity,
        "run_id": task.run_id,
        "settled_at": task.now,
    }
    settling(tx.dialect).execute(tx, [common | row for row in rows])


def count_attempts(tx: Transaction, integration: str, entity: Entity, record_ids: Sequence[str]) -> None:
    """These were accepted, which counts as an attempt until the channel is seen to show it."""
    if record_ids:
        tx.execute(
            sa.update(PUBLICATION)
            .where(
                PUBLICATION.c.integration == integration,
                PUBLICATION.c.entity == entity,
                among(tx, PUBLICATION.c.record_id, record_ids),
            )
            .values(state=PublicationState.UNSETTLED, attempts=PUBLICATION.c.attempts + 1)
        )


def set_aside(
    tx: Transaction, task: Task, entity: Entity, sent: State, became: PublicationState, **texts: Any
) -> None:
    """Not sent, or refused: kept with its reason (`message`, `fix`) until the record or a setting changes.

    With `again_at` it is looked at again by then in any case.
    """
    write(
        tx,
        task.integration,
        entity,
        sent.record_id,
        state=became,
        is_dirty=sa.case((PUBLICATION.c.marks == sent.marks, sa.false()), else_=sa.true()),
        fingerprint=sent.fingerprint,
        run_id=task.run_id,
        **{"again_at": None, **texts},
    )


def dirty_flows(tx: Transaction) -> list[tuple[str, str]]:
    """(integration, entity) of every push that has records to look at."""
    is_marked = sa.exists().where(
        PUBLICATION.c.integration == FLOW.c.integration,
        PUBLICATION.c.entity == FLOW.c.entity,
        PUBLICATION.c.is_dirty,
    )
    pushes = sa.select(FLOW.c.integration, FLOW.c.entity).where(FLOW.c.direction == Direction.PUSH)
    return [(row.integration, row.entity) for row in tx.execute(pushes.where(is_marked))]
