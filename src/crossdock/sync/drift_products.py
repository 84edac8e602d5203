"""Compares the products that a channel shows with what it last answered for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa

from crossdock.connectors.showing import ShowsProducts
from crossdock.domain.catalog import Listable
from crossdock.domain.channel import ChannelId, ChannelProduct, ListingState
from crossdock.domain.drift import (
    Difference,
    DriftCause,
    cause_of_product,
    gone,
    is_comparable,
)
from crossdock.domain.sync import Entity
from crossdock.operations import drift
from crossdock.operations.catalog import listables
from crossdock.operations.drift import Found
from crossdock.operations.publishing import PublicationState
from crossdock.store import tables
from crossdock.store.database import Transaction
from crossdock.store.query import select_in
from crossdock.sync.drift_listings import read_listings_anew
from crossdock.sync.drift_rounds import Rounds
from crossdock.sync.work import Work

PRODUCTS = Entity.PRODUCTS
PUBLICATION = tables.publication
PRODUCT = tables.product
LISTING = tables.listing
VARIANT = tables.variant
MOST_UNSEEN = 100


@dataclass(frozen=True, slots=True)
class Settled:
    """A product that the channel has answered for, as it should look there, and as it is shown."""

    publication: Any
    wanted: Listable
    shown: ChannelProduct


def look_at_products(work: Work, rounds: Rounds) -> tuple[Rounds, bool]:
    """One page of the channel's products, and whether the round is over with it."""
    connector, at, now = cast(ShowsProducts, work.connector), rounds.products, work.desk.clock()
    page = next(iter(connector.shown_products(at.cursor)))
    shown = {one.channel_id: one for one in page.records}
    there = [*shown, *(one.channel_id for one in page.unreadable)]
    with work.database.reading() as tx:
        ours = _ours(tx, work, there)
        settled = _settled(tx, work, ours, shown, before=page.read_began_at)
    found, right = _judged(connector, settled)
    work.tally.read += len(page.records)
    _keep(work, list(ours), found, right)
    if page.completes_sweep:
        if not connector.keeps_deleted:
            _look_for_unseen(work, at.began_at)
        return rounds.ended(PRODUCTS, now=now), True
    return rounds.moved(PRODUCTS, str(page.cursor)), False


def _ours(tx: Transaction, work: Work, there: Sequence[ChannelId]) -> dict[str, str]:
    """Hub products with a listing in one of these, and which one of the channel's products that is."""
    statement = (
        sa.select(VARIANT.c.product_id, LISTING.c.product_channel_id)
        .join(VARIANT, VARIANT.c.id == LISTING.c.variant_id)
        .where(LISTING.c.integration == work.integration)
    )
    rows = select_in(tx, statement, LISTING.c.product_channel_id, there)
    return {row.product_id: row.product_channel_id for row in rows}


def _settled(
    tx: Transaction,
    work: Work,
    ours: Mapping[str, str],
    shown: Mapping[ChannelId, ChannelProduct],
    *,
    before: datetime,
) -> list[Settled]:
    """Of these, what nothing is to be sent of: it was settled before the page was asked for, and has not changed since."""
    rows = select_in(tx, _publications(work, before=before), PUBLICATION.c.record_id, ours)
    changes = {draft.record_id: draft.change for draft in listables.drafts(tx, work.task(), rows)}
    found = []
    for row in rows:
        change, product = changes.get(row.record_id), shown.get(ChannelId(ours[row.record_id]))
        if change and product and change.fingerprint == row.fingerprint and is_comparable(product):
            found.append(Settled(row, change.desired, product))
    return found


def _publications(work: Work, *, before: datetime) -> sa.Select[Any]:
    return sa.select(PUBLICATION).where(
        PUBLICATION.c.integration == work.integration,
        PUBLICATION.c.entity == PRODUCTS,
        PUBLICATION.c.state == PublicationState.SETTLED,
        ~PUBLICATION.c.is_dirty,
        PUBLICATION.c.settled_at < before,
    )


def _judged(connector: ShowsProducts, settled: Sequence[Settled]) -> tuple[list[Found], list[str]]:
    """What drifts, by cause, and the ids of what does not."""
    found: list[Found] = []
    right = []
    for one in settled:
        by_cause: dict[DriftCause, list[Difference]] = {}
        for each in connector.differences(one.wanted, one.shown):
            by_cause.setdefault(_cause(one, each), []).append(each)
        found += [_found(one, cause, differences) for cause, differences in by_cause.items()]
        if not by_cause:
            right.append(one.publication.record_id)
    return found, right


def _cause(one: Settled, each: Difference) -> DriftCause:
    return cause_of_product(
        each,
        settled_at=one.publication.settled_at,
        seen_right_at=one.publication.looked_at,
        changed_at=one.shown.modified_at,
    )


def _found(one: Settled, cause: DriftCause, differences: Sequence[Difference]) -> Found:
    row, changed_at = one.publication, one.shown.modified_at
    evidence = f"The platform answered for it at {row.settled_at:%Y-%m-%d %H:%M:%S} UTC"
    if cause is DriftCause.CHANGED_THERE and row.looked_at is not None and row.looked_at >= row.settled_at:
        evidence += f", and it was seen so at {row.looked_at:%Y-%m-%d %H:%M:%S}"
    if changed_at is not None:
        evidence += f"; it says that it was changed at {changed_at:%Y-%m-%d %H:%M:%S}"
    return Found(row.record_id, one.wanted.product.title, tuple(differences), cause, evidence)


def _keep(work: Work, looked: Sequence[str], found: Sequence[Found], right: Sequence[str]) -> None:
    with work.transaction() as tx:
        task = work.task()
        still = _still_settled(tx, work, [one.record_id for one in found])
        kept = [one for one in found if one.record_id in still]
        work.tally.unchanged += len(right)
        work.tally.written += len({one.record_id for one in kept})
        drift.note_look(tx, task, PRODUCTS, looked)
        drift.close_seen_right(tx, task, PRODUCTS, right)
        if drift.keep(tx, task, PRODUCTS, kept):
            read_listings_anew(tx, work)


def _still_settled(tx: Transaction, work: Work, ids: Sequence[str]) -> set[str]:
    """What changed while it was compared is sent anyway."""
    rows = select_in(tx, _publications(work, before=work.desk.clock()), PUBLICATION.c.record_id, ids)
    return {row.record_id for row in rows}


def _look_for_unseen(work: Work, began: datetime) -> None:
    """What was on no page of a whole round is gone."""
    linked = (
        sa.select(LISTING.c.variant_id)
        .join(VARIANT, VARIANT.c.id == LISTING.c.variant_id)
        .where(
            LISTING.c.integration == work.integration,
            VARIANT.c.product_id == PUBLICATION.c.record_id,
            LISTING.c.state != ListingState.REMOVED,
        )
        .exists()
    )
    unseen = sa.or_(PUBLICATION.c.looked_at.is_(None), PUBLICATION.c.looked_at < began)
    statement = (
        _publications(work, before=began)
        .add_columns(PRODUCT.c.title)
        .join(PRODUCT, PRODUCT.c.id == PUBLICATION.c.record_id)
        .where(unseen, linked)
        .order_by(PUBLICATION.c.record_id)
        .limit(MOST_UNSEEN)
    )
    with work.database.reading() as tx:
        rows = tx.execute(statement).all()
    evidence = "It was on no page of a whole reading of the platform's products"
    found = [Found(r.record_id, r.title, (gone(r.title),), DriftCause.GONE, evidence) for r in rows]
    _keep(work, [], found, [])
