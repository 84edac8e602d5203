"""Links listings to variants by SKU, whichever of the two came first, and keeps the cases about it true."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from crossdock.domain import matching
from crossdock.domain.matching import Duplicate, Known, NearMiss, Offered
from crossdock.domain.sync import Direction, Entity
from crossdock.operations import publishing
from crossdock.operations.catalog import skus
from crossdock.operations.events import Event, Subject, record
from crossdock.operations.exceptions import Case, close_cases, open_cases, open_keys
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.database import Transaction
from crossdock.store.query import select_in

LISTING = tables.listing
VARIANT = tables.variant
PUBLICATION = tables.publication
PRODUCT = tables.product


def match_skus(tx: Transaction, task: Task, integration: str, folded_skus: Iterable[str]) -> int:
    """Bring links and cases of one channel up to date for all SKUs with these folded forms; answers how many linked.

    Links that the hub knows by identity (the channel is where the catalog is read) are not touched here.
    """
    keys = [key for key in dict.fromkeys(folded_skus) if key]
    if not keys:
        return 0
    listings = _listings(tx, task, integration, keys)
    given = skus.channel_skus(tx, integration)
    variants = _candidates(tx, keys, given) if listings else []
    found = matching.match(
        (Offered(row.channel_id, row.product_channel_id, row.channel_sku, row.title) for row in listings),
        (Known(row.id, row.sku, given.get(row.id, "")) for row in variants),
    )
    changed = _apply_links(tx, integration, listings, dict(found.links))
    _keep_cases(tx, task, integration, {row.folded_sku for row in listings} | set(keys), found)
    record(
        tx,
        task,
        [
            Event(Subject.VARIANT, variant, f"Linked to listing {channel} of {integration}")
            for channel, variant in changed
        ],
    )
    publishing.mark_variants(tx, [variant for _, variant in changed])
    return len(changed)


def _listings(tx: Transaction, task: Task, integration: str, keys: list[str]) -> list[Any]:
    """The listings with these folded SKUs, less those that are a hub product's own record on its source."""
    statement = sa.select(LISTING).where(LISTING.c.integration == integration, LISTING.c.state != "removed")
    if task.truth.catalog == integration and reads_catalog(tx, integration):
        own = sa.and_(
            PRODUCT.c.id == VARIANT.c.product_id,
            PRODUCT.c.source == integration,
            PRODUCT.c.channel_id == LISTING.c.product_channel_id,
            ~PRODUCT.c.is_removed,
        )
        statement = (
            statement.outerjoin(VARIANT, VARIANT.c.id == LISTING.c.variant_id)
            .outerjoin(PRODUCT, own)
            .where(PRODUCT.c.id.is_(None))
        )
    return select_in(tx, statement, LISTING.c.folded_sku, keys)


def reads_catalog(tx: Transaction, integration: str) -> bool:
    """Whether products of this integration become hub products, so that they are known by more than their SKUs."""
    flow = tables.flow
    is_on = tx.scalar(
        sa.select(flow.c.is_on).where(
            flow.c.integration == integration,
            flow.c.direction == Direction.PULL,
            flow.c.entity == Entity.PRODUCTS,
        )
    )
    return is_on is None or bool(is_on)


def _candidates(tx: Transaction, keys: list[str], given: dict[str, str]) -> list[Any]:
    """The variants that one of these SKUs may mean, by master SKU or by the channel SKU that was given."""
    statement = sa.select(VARIANT.c.id, VARIANT.c.sku)
    by_master = select_in(tx, statement, VARIANT.c.folded_sku, keys)
    renamed = [variant for variant, sku in given.items() if matching.folded(sku) in set(keys)]
    by_channel_sku = select_in(tx, statement, VARIANT.c.id, renamed)
    return list({row.id: row for row in (*by_master, *by_channel_sku)}.values())


def _apply_links(
    tx: Transaction, integration: str, listings: Sequence[Any], links: dict[str, str]
) -> list[tuple[str, str]]:
    """Write the links that are new, drop those that no longer hold; a variant keeps one listing per channel."""
    current = {row.channel_id: row.variant_id for row in listings}
    stale = [channel for channel, variant in current.items() if variant and links.get(channel) != variant]
    adrift = [row for row in listings if row.channel_id in stale and row.channel_id not in links]
    kept = _awaited(tx, integration, {row.variant_id: row.folded_sku for row in adrift})
    for channel in (channel for channel in stale if current[channel] not in kept):
        tx.execute(_where(integration, channel).values(variant_id=None))
    fresh = [(channel, variant) for channel, variant in links.items() if current.get(channel) != variant]
    taken = {
        row.variant_id
        for row in select_in(
            tx,
            sa.select(LISTING.c.variant_id).where(LISTING.c.integration == integration),
            LISTING.c.variant_id,
            [variant for _, variant in fresh],
        )
    }
    written = [(channel, variant) for channel, variant in fresh if variant not in taken]
    for channel, variant in written:
        tx.execute(_where(integration, channel).values(variant_id=variant))
    return written


def _awaited(tx: Transaction, integration: str, listed_as: Mapping[str, str]) -> set[str]:
    """Variants that have another SKU now, or were removed, while the push that tells the channel is still to come.

    Without its link that push could not find the listing, which would stay on sale as it was.
    `listed_as` is the folded SKU of each variant's listing.
    """
    if not listed_as:
        return set()
    pushed = [
        entity
        for entity in (Entity.PRODUCTS, Entity.INVENTORY)
        if integration in publishing.pushing_integrations(tx, entity)
    ]
    of_product = sa.and_(
        PUBLICATION.c.entity == Entity.PRODUCTS, PUBLICATION.c.record_id == VARIANT.c.product_id
    )
    of_stock = sa.and_(
        PUBLICATION.c.entity == Entity.INVENTORY,
        PUBLICATION.c.record_id == VARIANT.c.id,
        VARIANT.c.is_removed,
    )
    statement = (
        sa.select(VARIANT.c.id, VARIANT.c.folded_sku)
        .join(PUBLICATION, sa.or_(of_product, of_stock))
        .where(
            PUBLICATION.c.integration == integration,
            PUBLICATION.c.entity.in_(pushed),
            PUBLICATION.c.is_dirty,
        )
    )
    rows = select_in(tx, statement, VARIANT.c.id, sorted(listed_as))
    return {str(row.id) for row in rows if row.folded_sku != listed_as[row.id]}


def _where(integration: str, channel_id: str) -> sa.Update:
    return sa.update(LISTING).where(LISTING.c.integration == integration, LISTING.c.channel_id == channel_id)


def _keep_cases(
    tx: Transaction, task: Task, integration: str, keys: set[str], found: matching.Matching
) -> None:
    cases = [_near_miss_case(integration, miss) for miss in found.near_misses]
    cases += [_duplicate_case(integration, duplicate) for duplicate in found.duplicates]
    open_cases(tx, task, cases)
    still = {case.key for case in cases}
    prefixes = {f"{kind}:{integration}:" for kind in ("sku-near-miss", "sku-duplicate")}
    was_open = {key for prefix in prefixes for key in open_keys(tx, prefix)}
    gone = [key for key in was_open - still if matching.folded(key.split(":", 2)[2]) in keys]
    close_cases(tx, task.now, gone)


def close_vanished(tx: Transaction, task: Task) -> None:
    """Close the near misses whose SKU is gone: the variant was removed, or is known by another SKU now."""
    near = {key: matching.folded(key.split(":", 2)[2]) for key in open_keys(tx, "sku-near-miss:")}
    rows = select_in(tx, sa.select(VARIANT.c.folded_sku), VARIANT.c.folded_sku, near.values())
    masters = {row.folded_sku for row in rows}
    channels = {key.split(":", 2)[1] for key in near}
    given = {
        (name, matching.folded(sku)) for name in channels for sku in skus.channel_skus(tx, name).values()
    }
    gone = [
        key for key, sku in near.items() if sku not in masters and (key.split(":", 2)[1], sku) not in given
    ]
    close_cases(tx, task.now, gone)


def _near_miss_case(integration: str, miss: NearMiss) -> Case:
    shown = matching.differences(miss.channel_sku, miss.master_sku)
    return Case(
        key=f"sku-near-miss:{integration}:{miss.channel_sku}",
        kind="sku_near_miss",
        subject=Subject.VARIANT,
        subject_id=miss.variant_id,
        cause=f"Listing {miss.channel_id} of {integration} is not linked, as its SKU is almost a master SKU: {shown}",
        fix="Make the two SKUs equal on one of the two platforms, to the letter",
        evidence={"channel_sku": miss.channel_sku, "master_sku": miss.master_sku, "listing": miss.channel_id},
    )


def _duplicate_case(integration: str, duplicate: Duplicate) -> Case:
    places = ", ".join(
        f"{o.title!r} (product {o.product_channel_id}, listing {o.channel_id})" for o in duplicate.listings
    )
    return Case(
        key=f"sku-duplicate:{integration}:{duplicate.sku}",
        kind="sku_duplicate",
        subject=Subject.LISTING,
        subject_id=duplicate.listings[0].channel_id,
        cause=f"SKU “{duplicate.sku}” is on several listings of {integration}, so none was linked: {places}",
        fix=f"Give each of these listings a SKU of its own in {integration}",
        evidence={"sku": duplicate.sku, "listings": [o.channel_id for o in duplicate.listings]},
    )
