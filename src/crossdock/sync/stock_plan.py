"""What is to be sent of those stock numbers that are marked: computed in bulk, in the order that the channel has them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from crossdock.domain.channel import ChannelId, ChannelSku, ListingState, StockTarget
from crossdock.domain.sync import Change, Entity
from crossdock.operations import publishing
from crossdock.operations.exceptions import close_cases
from crossdock.operations.publishing import PublicationState, State
from crossdock.operations.stock import marked, offering
from crossdock.operations.stock.offering import Offer
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.codec import packed, unpack
from crossdock.store.database import Transaction
from crossdock.store.query import select_in, slices
from crossdock.sync import stock_cases
from crossdock.sync.stock_cases import Target
from crossdock.sync.work import Work

BATCH = 2000
"""So many are planned in one transaction: on SQLite no order and no webhook is kept while it lasts."""
WRITES_A_BATCH = 5
WINDOW = 100_000
"""So many marked records are put in order at a time, which bounds what is kept of them."""
UNWRITABLE = frozenset({ListingState.FROZEN, ListingState.REMOVED})


def batches(work: Work) -> Iterator[list[str]]:
    """The marked records, a few writes' worth at a time, in the order that the channel is likely to list them in."""
    size, after = max(BATCH, WRITES_A_BATCH * work.connector.stock_written_at_once), ""
    while True:
        with work.database.reading() as tx:
            rows = marked.listed(tx, work.integration, limit=WINDOW, after=after)
        if not rows:
            return
        after = rows[-1].record_id
        yield from slices([row.record_id for row in sorted(rows, key=_place)], size)


def _place(row: sa.Row[Any]) -> tuple[int, str]:
    """Numbers as numbers, though they are texts."""
    return len(row.channel_id or ""), row.channel_id or ""


def plan(work: Work, ids: Sequence[str]) -> list[Target]:
    """The targets of those that are still marked; what needs nothing is unmarked at once.

    What changes between its transactions is marked anew, as is what changes after them, and found before it is sent.
    """
    targets: list[Target] = []
    for some in slices(ids, BATCH):
        with work.transaction() as tx:
            targets += _plan(tx, work, some)
    return targets


def _plan(tx: Transaction, work: Work, ids: Sequence[str]) -> list[Target]:
    rows = marked.among(tx, work.integration, ids)
    task = work.task()
    ids = [row.record_id for row in rows]
    on = offering.channel(tx, work.integration, work.rules)
    offers = offering.offers(tx, on, work.truth.inventory, ids)
    linked = _listings(tx, work.integration, ids)
    targets: list[Target] = []
    right: list[State] = []
    for row in rows:
        match _target(tx, task, row, offers.get(row.record_id), linked.get(row.record_id)):
            case Target() as target:
                targets.append(target)
            case State() as state:
                right.append(state)
    publishing.settle_all(tx, task, Entity.INVENTORY, right)
    return targets


def _listings(tx: Transaction, integration: str, ids: Sequence[str]) -> dict[str, sa.Row[tuple[object, ...]]]:
    listing = tables.listing
    needed = (
        listing.c.variant_id,
        listing.c.channel_id,
        listing.c.product_channel_id,
        listing.c.channel_sku,
        listing.c.state,
    )
    statement = sa.select(*needed).where(listing.c.integration == integration)
    rows = select_in(tx, statement, listing.c.variant_id, ids)
    return {row.variant_id: row for row in rows}


def _target(
    tx: Transaction,
    task: Task,
    row: sa.Row[tuple[object, ...]],
    offer: Offer | None,
    listing: sa.Row[tuple[object, ...]] | None,
) -> Target | State | None:
    """What is to be sent for one variant; its state when that is settled already, None when it is set aside."""
    if offer is None or listing is None or listing.state in UNWRITABLE:
        why = "Not linked to a listing" if listing is None else f"The listing is {listing.state}"
        _set_aside(tx, task, row, PublicationState.EXCLUDED, why)
        return None
    if offer.why_not:
        became = PublicationState.WAITING if offer.waiting_for else PublicationState.EXCLUDED
        _set_aside(tx, task, row, became, offer.why_not)
        return None
    body, print_of_it = _packed(offer.quantities)
    state = State(row.record_id, print_of_it, body, row.marks)
    if row.fingerprint == state.fingerprint and row.state == PublicationState.SETTLED:
        return state
    if row.fingerprint == state.fingerprint and row.state == PublicationState.REJECTED:
        publishing.set_aside(
            tx, task, Entity.INVENTORY, state, PublicationState.REJECTED, again_at=row.again_at
        )
        return None
    desired = StockTarget(
        ChannelId(listing.product_channel_id),
        ChannelId(listing.channel_id),
        ChannelSku(listing.channel_sku),
        tuple((ChannelId(place), units) for place, units in offer.quantities),
        comes_back=_comes_back(row, offer, listing),
    )
    change = Change(row.record_id, desired, ChannelId(listing.channel_id), state.fingerprint)
    return Target(
        change,
        state,
        must_look=row.state != PublicationState.SETTLED,
        attempts=row.attempts,
        is_off_sale=listing.state == ListingState.INACTIVE,
        before=unpack(tuple[tuple[ChannelId, int], ...] | None, row.body),
    )


@lru_cache(maxsize=4096)
def _packed(quantities: tuple[tuple[str, int], ...]) -> tuple[str, str]:
    """Many SKUs are offered in the same numbers."""
    return packed(quantities)


def _comes_back(row: sa.Row[tuple[object, ...]], offer: Offer, listing: sa.Row[tuple[object, ...]]) -> bool:
    before = unpack(tuple[tuple[str, int], ...] | None, row.body)
    was_sold_out = before is not None and not any(units for _, units in before)
    return listing.state == ListingState.INACTIVE and was_sold_out and any(n for _, n in offer.quantities)


def _set_aside(tx: Transaction, task: Task, row: sa.Row[Any], state: PublicationState, message: str) -> None:
    kept = State(row.record_id, "", "null", row.marks)
    publishing.set_aside(tx, task, Entity.INVENTORY, kept, state, message=message, fix="")
    keys = [
        key(task, row.record_id)
        for key in (stock_cases.refused_key, stock_cases.silent_key, stock_cases.off_sale_key)
    ]
    close_cases(tx, task.now, keys)
