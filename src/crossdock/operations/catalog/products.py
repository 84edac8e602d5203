"""Products of the catalog source become hub products; every variant keeps one master SKU.

A change of the source deactivates nothing: products of the new source are found again by listing or SKU
and taken over with all that hangs on them, and those that it does not have stay as they are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crossdock.domain.automations import Trigger
from crossdock.domain.channel import ChannelId, ChannelProduct, ChannelVariant, ListingState
from crossdock.domain.matching import folded
from crossdock.operations import publishing
from crossdock.operations.automations import agenda
from crossdock.operations.catalog import bundles, identity, left_on_sale, listings, matching, product_cases
from crossdock.operations.catalog.identity import Arrival, Coming, Undecided
from crossdock.operations.catalog.identity import product_id as product_id
from crossdock.operations.catalog.identity import variant_id as variant_id
from crossdock.operations.catalog.product_cases import Owner
from crossdock.operations.catalog.product_rows import (
    Incoming,
    content_fingerprint,
    offers_of,
    product_row,
    source_listing,
    variant_row,
)
from crossdock.operations.events import Event, Subject, record
from crossdock.operations.exceptions import Case, close_cases, open_cases
from crossdock.operations.orders import orders
from crossdock.operations.task import HUB, Task
from crossdock.store import tables
from crossdock.store.database import Transaction
from crossdock.store.query import select_in, store_rows

PRODUCT = tables.product
VARIANT = tables.variant
LISTING = tables.listing

NO_DIGESTS: Mapping[ChannelId, str] = {}
SELLABLE = (ListingState.LIVE, ListingState.INACTIVE)
"""What its platform has accepted. Drafts, and what is under or failed a first review, are no products yet."""


def ingest(
    tx: Transaction,
    task: Task,
    products: Sequence[ChannelProduct],
    *,
    read_began_at: datetime,
    digests: Mapping[ChannelId, str] = NO_DIGESTS,
) -> list[str]:
    """Store a page of the source's products; answers the ids of those that changed. What is unchanged costs no write.

    Variants without a SKU, or with one that another product has, are left out and said so in an exception case.
    """
    known = _known(tx, task.integration, [product.channel_id for product in products])
    gone = [p for p in products if p.state is ListingState.REMOVED]
    alive = [p for p in products if p.state is not ListingState.REMOVED]
    offers = offers_of(alive)
    prints = {p.channel_id: content_fingerprint(task, p, offers) for p in alive}
    changed = [p for p in alive if known.get(p.channel_id) != prints[p.channel_id]]
    _keep_digests(tx, task, digests, [p for p in alive if known.get(p.channel_id) == prints[p.channel_id]])
    if not (changed or gone):
        return []
    unfinished = [p for p in changed if not _is_product(p, known)]
    coming = [(p, _wanted(task, p)) for p in changed if _is_product(p, known)]
    found = identity.identify(tx, task, coming)
    undecided = [one for one in found if isinstance(one, Undecided)]
    arrivals = [one for one in found if isinstance(one, Arrival)]
    judged = _judge(tx, task, arrivals)
    accepted = judged.accepted
    incoming = Incoming(read_began_at, prints, digests, offers)
    _store(tx, task, judged, incoming)
    _leave_as_listings(tx, task, undecided, unfinished, read_began_at)
    _keep_listings(tx, task, judged, incoming)
    _follow(tx, task, accepted)
    _forget_refusals(tx, task, accepted)
    removed = _remove(tx, task, _rows_of(tx, task, [p.channel_id for p in gone])) if gone else []
    updated = [arrival.id for arrival in accepted if arrival.product.channel_id in known]
    agenda.note(tx, task, Trigger.PRODUCT_UPDATED, updated + removed)
    return [arrival.id for arrival in accepted] + removed


def known_digests(tx: Transaction, source: str, channel_ids: Collection[ChannelId]) -> dict[ChannelId, str]:
    """Of those products that were taken in whole; what has to be looked at again has none."""
    statement = sa.select(PRODUCT.c.channel_id, PRODUCT.c.digest).where(
        PRODUCT.c.source == source, ~PRODUCT.c.is_removed, PRODUCT.c.fingerprint != ""
    )
    rows = select_in(tx, statement, PRODUCT.c.channel_id, channel_ids)
    return {ChannelId(row.channel_id): row.digest for row in rows}


def _keep_digests(
    tx: Transaction, task: Task, digests: Mapping[ChannelId, str], unchanged: Sequence[ChannelProduct]
) -> None:
    """Their records differ where nothing is mapped from; know them the next time by what they are like now."""
    rows = [
        {"i": task.integration, "c": product.channel_id, "d": digests[product.channel_id]}
        for product in unchanged
        if product.channel_id in digests
    ]
    if rows:
        statement = sa.update(PRODUCT).where(
            PRODUCT.c.source == sa.bindparam("i"), PRODUCT.c.channel_id == sa.bindparam("c")
        )
        tx.execute(statement.values(digest=sa.bindparam("d")), rows)


@dataclass(frozen=True, slots=True)
class Judged:
    """The products of a page, with the variants that get in, and variants that they have no more."""

    arrivals: Sequence[Arrival]
    accepted: Sequence[Arrival]
    dropped: Sequence[str]


def _is_product(product: ChannelProduct, known: Mapping[str, str]) -> bool:
    """Whether it is for sale, or was; once it was taken in it stays, sold or not."""
    return product.state in SELLABLE or product.channel_id in known


def _known(tx: Transaction, source: str, channel_ids: Iterable[str]) -> dict[str, str]:
    statement = sa.select(PRODUCT.c.channel_id, PRODUCT.c.fingerprint).where(
        PRODUCT.c.source == source, ~PRODUCT.c.is_removed
    )
    return {
        row.channel_id: row.fingerprint for row in select_in(tx, statement, PRODUCT.c.channel_id, channel_ids)
    }


def _wanted(task: Task, product: ChannelProduct) -> list[ChannelVariant]:
    """The variants in scope; an empty SKU list means all."""
    scope = task.rules.product_skus
    return [v for v in product.variants if v.channel_sku and (not scope or v.channel_sku in scope)]


def _judge(tx: Transaction, task: Task, arrivals: Sequence[Arrival]) -> Judged:
    """Which variants get in. A SKU belongs to whoever had it first; later ones are cases, never merged."""
    dropped = _no_longer_there(tx, task, arrivals)
    owners = _owners(tx, arrivals, dropped)
    accepted: list[Arrival] = []
    cases: list[Case] = []
    resolved: list[str] = []
    for arrival in arrivals:
        clashes: list[tuple[Coming, Owner]] = []
        for one in arrival.variants:
            owner = owners.get(one.sku)
            if owner is None:
                owners[one.sku] = Owner(one.id, arrival.product.title)
            elif owner.variant_id != one.id:
                clashes.append((one, owner))
        accepted.append(identity.without(arrival, [one.id for one, _ in clashes]) if clashes else arrival)
        found = product_cases.clashes(task, arrival, clashes) + product_cases.missing_skus(task, arrival)
        cases += found
        resolved += product_cases.keys_of(task, arrival.product.channel_id) - {case.key for case in found}
    open_cases(tx, task, cases)
    close_cases(tx, task.now, resolved)
    return Judged(arrivals, accepted, dropped)


def _owners(tx: Transaction, arrivals: Sequence[Arrival], dropped: Sequence[str]) -> dict[str, Owner]:
    """Who has these SKUs now, less those that give them up with this very page: SKUs may be swapped."""
    coming = {one.id: one.sku for arrival in arrivals for one in arrival.variants}
    leaving = {*coming, *dropped}
    statement = sa.select(VARIANT.c.id, VARIANT.c.sku, PRODUCT.c.title).join(
        PRODUCT, PRODUCT.c.id == VARIANT.c.product_id
    )
    return {
        row.sku: Owner(row.id, row.title)
        for row in select_in(tx, statement, VARIANT.c.sku, coming.values())
        if row.id not in leaving or coming.get(row.id) == row.sku
    }


def _no_longer_there(tx: Transaction, task: Task, arrivals: Sequence[Arrival]) -> list[str]:
    """Variants that the source's product had and has no more, or that are out of scope now.

    Those that only an earlier source had are none of them.
    """
    keep = {one.id for arrival in arrivals for one in arrival.variants}
    products = {arrival.id: arrival.product.channel_id for arrival in arrivals}
    on_source = sa.and_(LISTING.c.variant_id == VARIANT.c.id, LISTING.c.integration == task.integration)
    statement = (
        sa.select(VARIANT.c.id, VARIANT.c.product_id, LISTING.c.product_channel_id)
        .outerjoin(LISTING, on_source)
        .where(~VARIANT.c.is_removed)
    )
    return [
        row.id
        for row in select_in(tx, statement, VARIANT.c.product_id, products)
        if row.id not in keep
        and (task.integration == HUB or row.product_channel_id == products[row.product_id])
    ]


def _store(tx: Transaction, task: Task, judged: Judged, incoming: Incoming) -> None:
    whole = {arrival.id: len(arrival.variants) for arrival in judged.arrivals}
    rows = [product_row(task, a, incoming, is_whole=len(a.variants) == whole[a.id]) for a in judged.accepted]
    ids = sa.select(PRODUCT.c.id)
    there = {row.id for row in select_in(tx, ids, PRODUCT.c.id, [row["id"] for row in rows])}
    store_rows(tx, PRODUCT, rows, there, keep=("created_at",))
    _remove_variants(tx, task, [*judged.dropped, *_refused(tx, judged.arrivals, judged.accepted)])
    variants = [
        variant_row(
            arrival, one, position, incoming.offers[arrival.product.channel_id][one.variant.channel_id]
        )
        for arrival in judged.accepted
        for position, one in enumerate(arrival.variants)
    ]
    store_rows(tx, VARIANT, variants, _free_moved_skus(tx, variants))


def _refused(tx: Transaction, arrivals: Sequence[Arrival], accepted: Sequence[Arrival]) -> list[str]:
    """Variants that the hub has, and that come with a SKU which is another's now."""
    let_in = {one.id for arrival in accepted for one in arrival.variants}
    out = [one.id for arrival in arrivals for one in arrival.variants if one.id not in let_in]
    statement = sa.select(VARIANT.c.id).where(~VARIANT.c.is_removed)
    return [row.id for row in select_in(tx, statement, VARIANT.c.id, out)]


def _free_moved_skus(tx: Transaction, rows: list[dict[str, Any]]) -> dict[str, str]:
    """Two variants may swap their SKUs in one page: set aside those that change, so that none stands in the way.

    Answers the SKUs that those of them which the hub has had until now, by id.
    """
    current = {
        row.id: row.sku
        for row in select_in(
            tx, sa.select(VARIANT.c.id, VARIANT.c.sku), VARIANT.c.id, [r["id"] for r in rows]
        )
    }
    for row in rows:
        if row["id"] in current and current[row["id"]] != row["sku"]:
            tx.execute(sa.update(VARIANT).where(VARIANT.c.id == row["id"]).values(sku=f"moving:{row['id']}"))
    return current


def _keep_listings(tx: Transaction, task: Task, judged: Judged, incoming: Incoming) -> None:
    """On the source the variants are its listings; those that were not let in are matched by SKU, as elsewhere."""
    if task.integration == HUB:
        return
    accepted = judged.accepted
    rows = [source_listing(task, arrival, one, incoming) for arrival in accepted for one in arrival.variants]
    listings.keep_own(tx, task, [arrival.product for arrival in accepted], rows)
    refused = [
        (arrival.product, [one.variant for one in arrival.variants if one not in let_in.variants])
        for arrival, let_in in zip(judged.arrivals, accepted, strict=True)
        if arrival is not let_in
    ]
    listings.keep_others(tx, task, refused, incoming.seen_at)


def _leave_as_listings(
    tx: Transaction,
    task: Task,
    undecided: Sequence[Undecided],
    unfinished: Sequence[ChannelProduct],
    seen_at: datetime,
) -> None:
    """What cannot be a product of the hub now is kept as the channel lists it, and matched by SKU."""
    cases = [case for one in undecided for case in product_cases.spread(task, one)]
    open_cases(tx, task, cases)
    concerned = [one.product for one in undecided] + list(unfinished)
    if not concerned:
        return
    keys = {key for product in concerned for key in product_cases.keys_of(task, product.channel_id)}
    close_cases(tx, task.now, keys - {case.key for case in cases})
    listings.ingest(tx, task, concerned, read_began_at=seen_at)


def _remove_variants(tx: Transaction, task: Task, variant_ids: list[str]) -> None:
    """Keep the row, whose history counts, but give its SKU back."""
    if not variant_ids:
        return
    left_on_sale.tell(tx, task, variant_ids)
    # As long as they are linked: what was to be pushed to a listing that is gone is no longer under way.
    publishing.mark_variants(tx, variant_ids)
    for key in variant_ids:
        tx.execute(
            sa.update(VARIANT)
            .where(VARIANT.c.id == key)
            .values(is_removed=True, sku=f"removed:{key}", folded_sku="")
        )
        tx.execute(
            sa.update(LISTING)
            .where(LISTING.c.integration == task.integration, LISTING.c.variant_id == key)
            .values(variant_id=None, state=ListingState.REMOVED)
        )
    record(
        tx,
        task,
        [Event(Subject.VARIANT, key, f"No longer sold in {task.integration}") for key in variant_ids],
    )
    bundles.check(tx, task, variant_ids)


def _follow(tx: Transaction, task: Task, accepted: Sequence[Arrival]) -> None:
    """What follows from changed products: links elsewhere, waiting order lines, and pushes."""
    coming = [one for arrival in accepted for one in arrival.variants]
    for name in _other_channels(tx, task.integration):
        matching.match_skus(tx, task, name, [folded(one.sku) for one in coming])
        left_on_sale.close_settled(tx, task, name)
    matching.close_vanished(tx, task)
    orders.resolve_lines(tx, task, [one.sku for one in coming])
    publishing.mark_products(tx, [arrival.id for arrival in accepted], source=task.integration)
    publishing.mark_variants(tx, [one.id for one in coming])
    bundles.check(tx, task, [one.id for one in coming])
    record(tx, task, [_event(task, arrival) for arrival in accepted])


def _forget_refusals(tx: Transaction, task: Task, accepted: Sequence[Arrival]) -> None:
    """What a platform refused to take is of no matter once it is the source of it."""
    taken = [arrival.id for arrival in accepted if arrival.taken_from]
    close_cases(tx, task.now, [f"push-refused:{task.integration}:products:{key}" for key in taken])


def _event(task: Task, arrival: Arrival) -> Event:
    what = f"Read from {task.integration}"
    if arrival.taken_from:
        what = f"Taken over from {arrival.taken_from}: from now on it is what {task.integration} says of it"
    return Event(Subject.PRODUCT, arrival.id, what, direction="in")


def _other_channels(tx: Transaction, source: str) -> list[str]:
    """By steps from one to the next: asked for all different ones, the database would go through every listing."""
    names = [""]
    while (after := tx.scalar(_next_channel(names[-1]))) is not None:
        names.append(after)
    return [name for name in names[1:] if name != source]


def _next_channel(name: str) -> sa.Select[Any]:
    return sa.select(sa.func.min(LISTING.c.integration)).where(LISTING.c.integration > name)


def sweep(tx: Transaction, task: Task, *, began_at: datetime, met: Collection[ChannelId]) -> int:
    """After a full reading: products that it neither met nor wrote were deleted in the source. Answers how many."""
    statement = sa.select(PRODUCT.c.id, PRODUCT.c.channel_id).where(
        PRODUCT.c.source == task.integration, ~PRODUCT.c.is_removed, PRODUCT.c.seen_at < began_at
    )
    removed = _remove(tx, task, [row for row in tx.execute(statement) if row.channel_id not in met])
    listings.sweep(tx, task, began_at=began_at, met=met)
    return len(removed)


def _rows_of(tx: Transaction, task: Task, channel_ids: Sequence[str]) -> Sequence[Any]:
    statement = sa.select(PRODUCT.c.id, PRODUCT.c.channel_id).where(
        PRODUCT.c.source == task.integration, ~PRODUCT.c.is_removed
    )
    return select_in(tx, statement, PRODUCT.c.channel_id, channel_ids)


def _remove(tx: Transaction, task: Task, rows: Sequence[Any]) -> list[str]:
    """These products, by id and channel id, are gone from the source. Answers their ids."""
    by_product: dict[str, list[str]] = defaultdict(list)
    alive = sa.select(VARIANT.c.id, VARIANT.c.product_id).where(~VARIANT.c.is_removed)
    for row in select_in(tx, alive, VARIANT.c.product_id, [row.id for row in rows]):
        by_product[row.product_id].append(row.id)
    for row in rows:
        tx.execute(sa.update(PRODUCT).where(PRODUCT.c.id == row.id).values(is_removed=True, fingerprint=""))
        _remove_variants(tx, task, by_product[row.id])
    if rows:
        matching.close_vanished(tx, task)
    close_cases(tx, task.now, [key for row in rows for key in product_cases.keys_of(task, row.channel_id)])
    record(
        tx,
        task,
        [Event(Subject.PRODUCT, row.id, f"Deleted in {task.integration}", direction="in") for row in rows],
    )
    ids = [str(row.id) for row in rows]
    publishing.mark_products(tx, ids, source=task.integration)
    return ids
