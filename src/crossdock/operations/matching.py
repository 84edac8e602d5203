"""Links listings to variants by SKU, whichever of the two came first, and keeps the cases about it true."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from crossdock.domain import matching
from crossdock.domain.matching import Duplicate, Known, NearMiss, Offered
from crossdock.operations import publishing, skus
from crossdock.operations.events import Event, Subject, record
from crossdock.operations.exceptions import Case, close_cases, open_cases, open_keys
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.database import Transaction
from crossdock.store.query import select_in

LISTING = tables.listing
VARIANT = tables.variant


def match_skus(tx: Transaction, task: Task, integration: str, folded_skus: Iterable[str]) -> int:
    """Bring links and cases of one channel up to date for all SKUs with these folded forms; answers how many linked.

    Links that the hub knows by identity (the channel is the product's own source) are not touched here.
    """
    keys = [key for key in dict.fromkeys(folded_skus) if key]
    if not keys:
        return 0
    listings = select_in(
        tx,
        sa.select(LISTING).where(LISTING.c.integration == integration, LISTING.c.state != "removed"),
        LISTING.c.folded_sku,
        keys,
    )
    given = skus.channel_skus(tx, integration)
    variants = _candidates(tx, integration, keys, given)
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


def _candidates(tx: Transaction, integration: str, keys: list[str], given: dict[str, str]) -> list[Any]:
    """The variants that one of these SKUs may mean, by master SKU or by the channel SKU that was given."""
    statement = (
        sa.select(VARIANT.c.id, VARIANT.c.sku, VARIANT.c.folded_sku, tables.product.c.source)
        .join(tables.product, tables.product.c.id == VARIANT.c.product_id)
        .where(tables.product.c.source != integration)
    )
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
    for channel in stale:
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
    """Close the near misses whose master SKU is gone: the variant was removed, or has another SKU now."""
    near = {key: matching.folded(key.split(":", 2)[2]) for key in open_keys(tx, "sku-near-miss:")}
    rows = select_in(tx, sa.select(VARIANT.c.folded_sku), VARIANT.c.folded_sku, near.values())
    there = {row.folded_sku for row in rows}
    close_cases(tx, task.now, [key for key, sku in near.items() if sku not in there])


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
