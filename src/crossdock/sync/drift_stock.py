"""Compares the numbers that a channel shows with those it last answered for."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa

from crossdock.connectors.contract import PullsOrders, PushesInventory
from crossdock.connectors.showing import ShowsStock
from crossdock.domain.channel import ChannelId, ChannelSku, ListingState, StockTarget
from crossdock.domain.drift import (
    DriftCause,
    Quantities,
    cause_of_stock,
    is_same_stock,
    stock_differences,
)
from crossdock.domain.sync import Entity
from crossdock.operations import drift
from crossdock.operations.drift import Found
from crossdock.operations.publishing import PublicationState
from crossdock.operations.stock import offering
from crossdock.operations.stock.offering import Offer
from crossdock.store import tables
from crossdock.store.codec import unpack
from crossdock.store.database import Transaction
from crossdock.store.query import select_in, slices
from crossdock.sync.drift_listings import read_listings_anew
from crossdock.sync.drift_rounds import Rounds
from crossdock.sync.pulls import pull_orders
from crossdock.sync.work import Work, run_inline

STOCK = Entity.INVENTORY
PUBLICATION = tables.publication
LISTING = tables.listing
VARIANT = tables.variant
MOST_UNSEEN = 300
LOOKS_AGAIN = 2
"""A sale can fall between a reading of orders and a look at the number; hardly twice in a row."""
UNWRITABLE = frozenset({ListingState.FROZEN, ListingState.REMOVED})

Shown = Mapping[ChannelId, Quantities]


@dataclass(frozen=True, slots=True)
class Settled:
    """One variant whose number the channel has answered for, and when; `former` is the number before."""

    record_id: str
    sku: str
    listing: str
    target: StockTarget
    former: Quantities | None
    settled_at: datetime
    marks: int

    @property
    def wanted(self) -> Quantities:
        return self.target.quantities


def look_at_stock(work: Work, rounds: Rounds) -> tuple[Rounds, bool]:
    """One call's worth of what is settled, and whether the round is over with it."""
    at, now = rounds.stock, work.desk.clock()
    if isinstance(work.connector, ShowsStock):
        page = next(iter(work.connector.shown_stock(at.cursor)))
        shown = {one.variant_id: one.quantities for one in page.records}
        with work.database.reading() as tx:
            records = _shown_records(tx, work, shown, before=page.read_began_at)
        _compare(work, records, shown)
        if page.completes_sweep:
            _look_for_unseen(work, at.began_at)
        after, is_over = str(page.cursor), page.completes_sweep
    else:
        most = work.connector.offers_read_at_once
        with work.database.reading() as tx:
            records = _next_records(tx, work, at.after, most, before=now)
        _compare(work, records, _offered(work, records))
        after, is_over = records[-1].record_id if records else "", len(records) < most
    return (rounds.ended(STOCK, now=now) if is_over else rounds.moved(STOCK, after)), is_over


def _look_for_unseen(work: Work, began: datetime) -> None:
    """What was on no page of a whole round is asked for by its id: it may be gone, or have moved between pages."""
    unseen = sa.or_(PUBLICATION.c.looked_at.is_(None), PUBLICATION.c.looked_at < began)
    with work.database.reading() as tx:
        rows = tx.execute(_records(work, before=began).where(unseen).limit(MOST_UNSEEN))
        records = [_settled(row) for row in rows]
    _compare(work, records, _offered(work, records))


def _offered(work: Work, records: Sequence[Settled]) -> Shown:
    if not records:
        return {}
    connector = cast(PushesInventory, work.connector)
    return dict(connector.read_offered([record.target for record in records]))


# Which records


def _records(work: Work, *, before: datetime) -> sa.Select[Any]:
    """Those that nothing is to be sent of, and that were settled before the channel was asked."""
    return (
        sa.select(
            PUBLICATION.c.record_id,
            PUBLICATION.c.body,
            PUBLICATION.c.former,
            PUBLICATION.c.settled_at,
            PUBLICATION.c.marks,
            LISTING.c.channel_id,
            LISTING.c.product_channel_id,
            LISTING.c.channel_sku,
            LISTING.c.state,
            VARIANT.c.sku,
        )
        .join(
            LISTING,
            sa.and_(
                LISTING.c.integration == PUBLICATION.c.integration,
                LISTING.c.variant_id == PUBLICATION.c.record_id,
            ),
        )
        .join(VARIANT, VARIANT.c.id == PUBLICATION.c.record_id)
        .where(
            PUBLICATION.c.integration == work.integration,
            PUBLICATION.c.entity == STOCK,
            PUBLICATION.c.state == PublicationState.SETTLED,
            ~PUBLICATION.c.is_dirty,
            PUBLICATION.c.settled_at < before,
        )
        .order_by(PUBLICATION.c.record_id)
    )


def _shown_records(
    tx: Transaction, work: Work, shown: Collection[ChannelId], *, before: datetime
) -> list[Settled]:
    rows = select_in(tx, _records(work, before=before), LISTING.c.channel_id, shown)
    return [_settled(row) for row in rows]


def _next_records(tx: Transaction, work: Work, after: str, most: int, *, before: datetime) -> list[Settled]:
    rows = tx.execute(_records(work, before=before).where(PUBLICATION.c.record_id > after).limit(most))
    return [_settled(row) for row in rows]


def _settled(row: Any) -> Settled:
    target = StockTarget(
        ChannelId(row.product_channel_id),
        ChannelId(row.channel_id),
        ChannelSku(row.channel_sku),
        _quantities(row.body) or (),
    )
    return Settled(
        row.record_id, row.sku, row.state, target, _quantities(row.former), row.settled_at, row.marks
    )


def _quantities(body: str) -> Quantities | None:
    found = unpack(tuple[tuple[str, int], ...] | None, body)
    return tuple((ChannelId(place), units) for place, units in found) if found is not None else None


# What differs


def _compare(work: Work, records: Sequence[Settled], shown: Shown) -> None:
    """Take note of the look, of what drifts, and of what drifts no more."""
    differing = [one for one in records if not is_same_stock(shown.get(one.target.variant_id), one.wanted)]
    found, left = _judge(work, differing) if differing else ([], set[str]())
    drifting = {one.record_id for one in found}
    right = [one.record_id for one in records if one.record_id not in drifting | left]
    work.tally.read += len(records)
    work.tally.unchanged += len(right)
    work.tally.written += len(drifting)
    with work.transaction() as tx:
        task = work.task()
        drift.note_look(tx, task, STOCK, [one.record_id for one in records])
        drift.close_seen_right(tx, task, STOCK, right)
        if drift.keep(tx, task, STOCK, found):
            read_listings_anew(tx, work)


def _judge(work: Work, differing: Sequence[Settled]) -> tuple[list[Found], set[str]]:
    """Those that no order explains, and the ids of those that one does, or that are being sent just now."""
    left: set[str] = set()
    for _ in range(LOOKS_AGAIN):
        if isinstance(work.connector, PullsOrders):
            run_inline(work, Entity.ORDERS, pull_orders)
        shown = {key: each for some in slices(differing) for key, each in _offered(work, some).items()}
        with work.database.reading() as tx:
            now = _standing(tx, work, differing)
        left |= {one.record_id for one in differing if _is_explained(one, shown, now)}
        differing = [
            one
            for one in differing
            if one.record_id not in left and not is_same_stock(shown.get(one.target.variant_id), one.wanted)
        ]
        if not any(now[one.record_id].was_moved for one in differing):
            break
    return [_found(one, shown.get(one.target.variant_id), now[one.record_id]) for one in differing], left


@dataclass(frozen=True, slots=True)
class _Standing:
    """What the hub knows of a record after the channel's orders were read."""

    offer: Offer
    was_moved: bool
    """Whether an order moved the channel's number, as far as the hub knows."""
    was_sent: bool
    """Whether a push has settled it anew meanwhile."""


def _standing(tx: Transaction, work: Work, records: Sequence[Settled]) -> dict[str, _Standing]:
    ids = [one.record_id for one in records]
    on = offering.channel(tx, work.integration, work.rules)
    offers = offering.offers(tx, on, work.truth.inventory, ids)
    statement = sa.select(PUBLICATION).where(
        PUBLICATION.c.integration == work.integration, PUBLICATION.c.entity == STOCK
    )
    rows = {row.record_id: row for row in select_in(tx, statement, PUBLICATION.c.record_id, ids)}
    return {
        one.record_id: _Standing(
            offers.get(one.record_id, Offer(waiting_for="its product")),
            was_moved=rows[one.record_id].state != PublicationState.SETTLED,
            was_sent=rows[one.record_id].settled_at != one.settled_at,
        )
        for one in records
    }


def _is_explained(one: Settled, shown: Shown, now: Mapping[str, _Standing]) -> bool:
    """The channel shows what the hub would offer by now, or was sent something meanwhile."""
    known = now[one.record_id]
    if known.was_sent:
        return True
    quantities = tuple((ChannelId(place), units) for place, units in known.offer.quantities)
    there = shown.get(one.target.variant_id)
    return known.was_moved and bool(quantities) and is_same_stock(there, quantities)


def _found(one: Settled, shown: Quantities | None, known: _Standing) -> Found:
    cause = cause_of_stock(one.wanted, shown, one.former, was_sold=known.was_moved)
    left_because = known.offer.why_not or (
        f"The listing is {one.listing}" if one.listing in UNWRITABLE else ""
    )
    differences = stock_differences(one.sku, one.wanted, shown, left_because=left_because)
    return Found(one.record_id, one.sku, differences, cause, _evidence(one, cause, known))


def _evidence(one: Settled, cause: DriftCause, known: _Standing) -> str:
    confirmed = f"It was read there as {_units(one.wanted)} at {one.settled_at:%Y-%m-%d %H:%M:%S} UTC"
    if cause is DriftCause.SOLD_MEANWHILE:
        return (
            f"{confirmed}; with the orders that were read since it is to be {_units(known.offer.quantities)}"
        )
    if cause is DriftCause.NOT_KEPT and one.former is not None:
        return f"{confirmed}, and shows again the {_units(one.former)} from before that"
    return f"{confirmed}; orders of the platform, read just before, do not explain the difference"


def _units(quantities: Sequence[tuple[str, int]]) -> int:
    return sum(units for _, units in quantities)
