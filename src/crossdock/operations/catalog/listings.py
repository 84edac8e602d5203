"""What a channel lists: stored as the channel says it, then matched by SKU."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crossdock.domain.channel import ChannelId, ChannelProduct, ChannelVariant, ListingState
from crossdock.domain.matching import folded
from crossdock.domain.sync import Confirmed
from crossdock.operations import publishing
from crossdock.operations.catalog import left_on_sale, matching, pairing
from crossdock.operations.events import Event, EventStatus, Subject, record
from crossdock.operations.exceptions import Case, close_cases, open_cases
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.codec import fingerprint, pack, raw, text_of
from crossdock.store.database import Transaction
from crossdock.store.query import select_in, store_rows, upsert

LISTING = tables.listing
KNOWN = (
    LISTING.c.channel_id,
    LISTING.c.product_channel_id,
    LISTING.c.fingerprint,
    LISTING.c.folded_sku,
    LISTING.c.state,
    LISTING.c.variant_id,
)


def ingest(
    tx: Transaction,
    task: Task,
    products: Sequence[ChannelProduct],
    *,
    read_began_at: datetime,
    pairs: bool = True,
) -> int:
    """Store listings as read; answers how many products changed. What is unchanged costs no write.

    Without `pairs` none of them becomes a product of the hub, whoever else lists its SKU.
    """
    _remove_deleted(tx, task, [p for p in products if p.state is ListingState.REMOVED])
    alive = [p for p in products if p.state is not ListingState.REMOVED]
    rows = [row for p in alive for row in _rows(task, p, p.variants, read_began_at)]
    known = _known(tx, task, rows)
    missing = _missing_variants(tx, task, alive)
    changed = _store(tx, rows, known)
    remove(tx, task, missing)
    _match(tx, task, changed, known, pairs=pairs)
    _follow_states(tx, task, changed, known)
    _follow_reviews(
        tx, task, [p for p in alive if any(r["product_channel_id"] == p.channel_id for r in changed)]
    )
    left_on_sale.close_settled(tx, task, task.integration)
    return len({row["product_channel_id"] for row in changed})


def keep_own(
    tx: Transaction, task: Task, products: Sequence[ChannelProduct], rows: Sequence[dict[str, Any]]
) -> None:
    """Store the listings by which the catalog source itself knows the hub's variants, linked as they come."""
    known = _known(tx, task, rows)
    links = {row["variant_id"]: row["channel_id"] for row in rows}
    linked = select_in(
        tx,
        sa.select(LISTING.c.channel_id, LISTING.c.variant_id).where(
            LISTING.c.integration == task.integration
        ),
        LISTING.c.variant_id,
        links,
    )
    for row in linked:
        if links[row.variant_id] != row.channel_id:
            tx.execute(_one(task, row.channel_id).values(variant_id=None))
    missing = _missing_variants(tx, task, products)
    store_rows(tx, LISTING, rows, known)
    remove(tx, task, missing)
    matching.match_skus(tx, task, task.integration, _touched(rows, known))
    _follow_states(tx, task, rows, known)
    was_told = {row.product_channel_id for row in known.values() if row.state != ListingState.LIVE}
    _follow_reviews(
        tx, task, [p for p in products if p.state is not ListingState.LIVE or p.channel_id in was_told]
    )


def keep_others(
    tx: Transaction,
    task: Task,
    parts: Sequence[tuple[ChannelProduct, Sequence[ChannelVariant]]],
    seen_at: datetime,
) -> None:
    """Store some variants of products as mere listings, matched by SKU: another product owns their SKUs."""
    rows = [row for product, variants in parts for row in _rows(task, product, variants, seen_at)]
    if not rows:
        return
    known = _known(tx, task, rows)
    _match(tx, task, _store(tx, rows, known), known)


def _known(tx: Transaction, task: Task, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    statement = sa.select(*KNOWN).where(LISTING.c.integration == task.integration)
    found = select_in(tx, statement, LISTING.c.channel_id, [row["channel_id"] for row in rows])
    return {row.channel_id: row for row in found}


def _store(tx: Transaction, rows: Sequence[dict[str, Any]], known: dict[str, Any]) -> list[dict[str, Any]]:
    """Write those that are new or changed, and answer them."""
    changed = [
        row
        for row in rows
        if (old := known.get(row["channel_id"])) is None or old.fingerprint != row["fingerprint"]
    ]
    store_rows(tx, LISTING, changed, known, keep=("variant_id",))
    return changed


def _match(
    tx: Transaction,
    task: Task,
    changed: Sequence[dict[str, Any]],
    known: dict[str, Any],
    *,
    pairs: bool = True,
) -> None:
    touched = _touched(changed, known)
    if pairs:
        pairing.pair(tx, task, touched)
    matching.match_skus(tx, task, task.integration, touched)


def _touched(rows: Sequence[dict[str, Any]], known: dict[str, Any]) -> set[str]:
    """The folded SKUs that these listings have, and those that they had."""
    before = {known[row["channel_id"]].folded_sku for row in rows if row["channel_id"] in known}
    return {row["folded_sku"] for row in rows} | before


def _follow_states(
    tx: Transaction, task: Task, rows: Sequence[dict[str, Any]], known: dict[str, Any]
) -> None:
    """A listing that takes numbers again missed some meanwhile; a draft may have been completed on the channel."""
    thawed = [
        variant
        for state in (ListingState.FROZEN, ListingState.INACTIVE)
        for variant in _no_longer(state, rows, known)
    ]
    publishing.mark_variants(tx, thawed, unsettle=task.integration)
    publishing.reopen_drafts(tx, task.integration, _no_longer(ListingState.DRAFT, rows, known))


def _no_longer(state: ListingState, rows: Sequence[dict[str, Any]], known: dict[str, Any]) -> list[str]:
    """The variants of listings that were in this state and are in another one now."""
    if not known:
        return []
    before = ((known.get(row["channel_id"]), row["state"]) for row in rows)
    return [
        str(was.variant_id)
        for was, now in before
        if was is not None and was.variant_id is not None and was.state == state != now
    ]


def _rows(
    task: Task, product: ChannelProduct, variants: Sequence[ChannelVariant], seen_at: datetime
) -> list[dict[str, Any]]:
    return [
        {
            "integration": task.integration,
            "channel_id": variant.channel_id,
            "product_channel_id": product.channel_id,
            "channel_sku": variant.channel_sku,
            "folded_sku": folded(variant.channel_sku),
            "title": product.title,
            "state": product.state,
            "body": text_of(offer),
            "fingerprint": fingerprint((product.title, product.state, product.state_reasons, offer)),
            "seen_at": seen_at,
        }
        for variant, offer in [(variant, raw(variant)) for variant in variants]
    ]


def _missing_variants(tx: Transaction, task: Task, products: Sequence[ChannelProduct]) -> list[str]:
    """The listings kept of these products that none of them has any more: those variants were deleted there."""
    present = {variant.channel_id for product in products for variant in product.variants}
    rows = select_in(
        tx,
        sa.select(LISTING.c.channel_id).where(
            LISTING.c.integration == task.integration, LISTING.c.state != ListingState.REMOVED
        ),
        LISTING.c.product_channel_id,
        [product.channel_id for product in products],
    )
    return [row.channel_id for row in rows if row.channel_id not in present]


def _remove_deleted(tx: Transaction, task: Task, products: Sequence[ChannelProduct]) -> None:
    """Products that the channel still tells of, as deleted."""
    if not products:
        return
    statement = sa.select(LISTING.c.channel_id).where(
        LISTING.c.integration == task.integration, LISTING.c.state != ListingState.REMOVED
    )
    rows = select_in(tx, statement, LISTING.c.product_channel_id, [p.channel_id for p in products])
    remove(tx, task, [row.channel_id for row in rows])


def remove(tx: Transaction, task: Task, channel_ids: Sequence[str]) -> None:
    """These listings are gone from the channel: their links end, and their variants may be listed anew."""
    if not channel_ids:
        return
    rows = select_in(
        tx,
        sa.select(LISTING).where(LISTING.c.integration == task.integration),
        LISTING.c.channel_id,
        channel_ids,
    )
    # As long as they are linked: what was to be pushed there is no longer under way.
    publishing.mark_variants(tx, [row.variant_id for row in rows if row.variant_id])
    for row in rows:
        values = {"state": ListingState.REMOVED, "variant_id": None, "fingerprint": ""}
        tx.execute(_one(task, row.channel_id).values(**values))
    record(tx, task, [Event(Subject.LISTING, row.channel_id, "Gone from the channel") for row in rows])
    _close_reviews_of_gone(tx, task, {row.product_channel_id for row in rows})
    matching.match_skus(tx, task, task.integration, [row.folded_sku for row in rows])
    left_on_sale.close_settled(tx, task, task.integration)


def _one(task: Task, channel_id: str) -> sa.Update:
    return sa.update(LISTING).where(
        LISTING.c.integration == task.integration, LISTING.c.channel_id == channel_id
    )


def _close_reviews_of_gone(tx: Transaction, task: Task, product_channel_ids: set[str]) -> None:
    """What a review said of a product that the channel has no more is of no use to anybody."""
    statement = sa.select(LISTING.c.product_channel_id).where(
        LISTING.c.integration == task.integration, LISTING.c.state != ListingState.REMOVED
    )
    rows = select_in(tx, statement, LISTING.c.product_channel_id, product_channel_ids)
    gone = product_channel_ids - {row.product_channel_id for row in rows}
    close_cases(tx, task.now, [_review_key(task.integration, key) for key in gone])


def sweep(tx: Transaction, task: Task, *, began_at: datetime, met: Collection[ChannelId]) -> int:
    """After a full reading: what belongs to no product that it met, and was not written since, is gone. Answers how many."""
    here = LISTING.c.integration == task.integration
    listed = tx.scalars(sa.select(LISTING.c.product_channel_id).where(here).distinct())
    unmet = [product for product in listed if product not in met]
    statement = sa.select(LISTING.c.channel_id).where(
        here, LISTING.c.seen_at < began_at, LISTING.c.state != ListingState.REMOVED
    )
    gone = [row.channel_id for row in select_in(tx, statement, LISTING.c.product_channel_id, unmet)]
    remove(tx, task, gone)
    return len(gone)


def _follow_reviews(tx: Transaction, task: Task, products: Sequence[ChannelProduct]) -> None:
    """A refusal by the channel's review is a case with its own words; it closes once the listing is accepted."""
    refused = [p for p in products if p.state in (ListingState.REFUSED, ListingState.FROZEN)]
    cases = [_refusal_case(task, product) for product in refused]
    open_cases(tx, task, cases)
    accepted = [_review_key(task.integration, p.channel_id) for p in products if p.state is ListingState.LIVE]
    close_cases(tx, task.now, accepted)
    events = [
        Event(
            Subject.LISTING,
            product.channel_id,
            f"{product.title}: {product.state.replace('_', ' ')}"
            + "".join(f"; {r}" for r in product.state_reasons),
            EventStatus.FAILED if product in refused else EventStatus.ACKNOWLEDGED,
            direction="in",
        )
        for product in products
    ]
    record(tx, task, events)


def _review_key(integration: str, product_channel_id: str) -> str:
    return f"listing-refused:{integration}:{product_channel_id}"


def _refusal_case(task: Task, product: ChannelProduct) -> Case:
    integration = task.integration
    is_own = task.truth.catalog == integration
    said = "; ".join(product.state_reasons) or "the platform gave no reason"
    return Case(
        key=_review_key(integration, product.channel_id),
        kind="listing_refused",
        subject=Subject.LISTING,
        subject_id=product.channel_id,
        cause=f"{integration} refused “{product.title}” in its review: {said}",
        fix=f"Correct what the review names in {integration}; the product is read again by itself"
        if is_own
        else "Correct what the review names in the catalog source; the product is sent again by itself",
        evidence={"reasons": list(product.state_reasons), "state": product.state},
    )


def link_confirmed(
    tx: Transaction, task: Task, outcome: Confirmed, variants: dict[str, ChannelVariant], title: str
) -> None:
    """Keep what a push learned: which listing each variant has now. `variants` are as sent, by hub id."""
    channel_ids = [channel_id for _, channel_id in outcome.links]
    tx.execute(
        sa.update(LISTING)
        .where(
            LISTING.c.integration == task.integration, LISTING.c.variant_id.in_([v for v, _ in outcome.links])
        )
        .where(LISTING.c.channel_id.not_in(channel_ids))
        .values(variant_id=None)
    )
    rows = [
        {
            "integration": task.integration,
            "channel_id": channel_id,
            "product_channel_id": outcome.channel_id,
            "channel_sku": variants[variant_id].channel_sku,
            "folded_sku": folded(variants[variant_id].channel_sku),
            "title": title,
            "state": ListingState.DRAFT if outcome.lacks else ListingState.IN_REVIEW,
            "body": pack(variants[variant_id]),
            "fingerprint": "",
            "variant_id": variant_id,
            "seen_at": task.now,
        }
        for variant_id, channel_id in outcome.links
    ]
    known = select_in(
        tx,
        sa.select(LISTING.c.channel_id).where(
            LISTING.c.integration == task.integration, LISTING.c.state != "removed"
        ),
        LISTING.c.channel_id,
        channel_ids,
    )
    existing = {row.channel_id for row in known}
    upsert(tx, LISTING, [row for row in rows if row["channel_id"] not in existing])
    for variant_id, channel_id in outcome.links:
        if channel_id in existing:
            tx.execute(
                sa.update(LISTING)
                .where(LISTING.c.integration == task.integration, LISTING.c.channel_id == channel_id)
                .values(variant_id=variant_id)
            )
    publishing.mark_variants(tx, [variant_id for variant_id, _ in outcome.links], unsettle=task.integration)
