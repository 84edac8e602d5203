"""Products of the catalog source become hub products; every variant keeps one master SKU."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crossdock.domain.catalog import ProductKind, Sku, Variant
from crossdock.domain.channel import ChannelProduct, ChannelVariant, ListingState
from crossdock.domain.matching import folded
from crossdock.operations import matching, orders, publishing
from crossdock.operations.events import Event, Subject, record
from crossdock.operations.exceptions import Case, close_cases, open_cases
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.codec import fingerprint, hub_id, pack
from crossdock.store.database import Transaction
from crossdock.store.query import select_in, upsert

PRODUCT = tables.product
VARIANT = tables.variant
LISTING = tables.listing


@dataclass(frozen=True, slots=True)
class _Taken:
    """Who already owns a SKU in the hub."""

    variant_id: str
    title: str


def ingest(
    tx: Transaction, task: Task, products: Sequence[ChannelProduct], *, read_began_at: datetime
) -> list[str]:
    """Store a page of the source's products; answers the ids of those that changed.

    Variants without a SKU, or with one that another product has, are left out and said so in an exception case.
    """
    known = _known(tx, task.integration, [product.channel_id for product in products])
    changed = [
        p for p in products if known.get(p.channel_id) != fingerprint((p, sorted(task.rules.product_skus)))
    ]
    wanted = {str(product.channel_id): _wanted(task, product) for product in changed}
    taken = _taken_skus(tx, task, wanted)
    accepted = _accept(tx, task, changed, wanted, taken)
    _store(tx, task, changed, accepted, read_began_at)
    _touch(tx, task, products, read_began_at)
    _follow(tx, task, changed, accepted)
    return [product_id(task.integration, product.channel_id) for product in changed]


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


def _taken_skus(tx: Transaction, task: Task, wanted: dict[str, list[ChannelVariant]]) -> dict[str, _Taken]:
    """Who has these SKUs now, less those that give them up with this very page: SKUs may be swapped."""
    skus = {variant_id(task.integration, v): v.channel_sku for variants in wanted.values() for v in variants}
    coming = {product_id(task.integration, channel_id) for channel_id in wanted}
    statement = sa.select(VARIANT.c.id, VARIANT.c.sku, VARIANT.c.product_id, PRODUCT.c.title).join(
        PRODUCT, PRODUCT.c.id == VARIANT.c.product_id
    )
    return {
        row.sku: _Taken(row.id, row.title)
        for row in select_in(tx, statement, VARIANT.c.sku, skus.values())
        if row.product_id not in coming or skus.get(row.id) == row.sku
    }


def _accept(
    tx: Transaction,
    task: Task,
    products: Sequence[ChannelProduct],
    wanted: dict[str, list[ChannelVariant]],
    taken: dict[str, _Taken],
) -> dict[str, list[ChannelVariant]]:
    """Which variants get in. A SKU belongs to whoever had it first; later ones are cases, never merged."""
    owners = dict(taken)
    accepted: dict[str, list[ChannelVariant]] = {}
    cases: list[Case] = []
    resolved: list[str] = []
    for product in products:
        fits: list[ChannelVariant] = []
        clashes: list[tuple[ChannelVariant, _Taken]] = []
        for variant in wanted[product.channel_id]:
            mine = _Taken(variant_id(task.integration, variant), product.title)
            owner = owners.setdefault(variant.channel_sku, mine)
            if owner.variant_id == mine.variant_id:
                fits.append(variant)
            else:
                clashes.append((variant, owner))
        accepted[product.channel_id] = fits
        found = [*_clash_cases(task, product, clashes), *_missing_sku_cases(task, product)]
        cases += found
        keys = {_missing_key(task, product.channel_id), _clash_key(task, product.channel_id)}
        resolved += keys - {case.key for case in found}
    open_cases(tx, task, cases)
    close_cases(tx, task.now, resolved)
    return accepted


def variant_id(source: str, variant: ChannelVariant) -> str:
    """The hub's id of a variant that came from `source`."""
    return hub_id("var", source, variant.channel_id)


def product_id(source: str, channel_id: str) -> str:
    """The hub's id of a product that came from `source`."""
    return hub_id("prd", source, channel_id)


def _store(
    tx: Transaction,
    task: Task,
    products: Sequence[ChannelProduct],
    accepted: dict[str, list[ChannelVariant]],
    seen_at: datetime,
) -> None:
    upsert(
        tx,
        PRODUCT,
        [
            _product_row(task, p, seen_at, is_whole=len(accepted[p.channel_id]) == len(_wanted(task, p)))
            for p in products
        ],
        keep=("created_at",),
    )
    _retire_variants(tx, task, products, accepted)
    rows = [
        _variant_row(task, product, variant, position)
        for product in products
        for position, variant in enumerate(accepted[product.channel_id])
    ]
    _free_moved_skus(tx, rows)
    upsert(tx, VARIANT, rows)
    upsert(
        tx, LISTING, [_source_listing(task, p, v, seen_at) for p in products for v in accepted[p.channel_id]]
    )


def _free_moved_skus(tx: Transaction, rows: list[dict[str, Any]]) -> None:
    """Two variants may swap their SKUs in one page: set aside those that change, so that none stands in the way."""
    current = {
        row.id: row.sku
        for row in select_in(
            tx, sa.select(VARIANT.c.id, VARIANT.c.sku), VARIANT.c.id, [r["id"] for r in rows]
        )
    }
    for row in rows:
        if row["id"] in current and current[row["id"]] != row["sku"]:
            tx.execute(sa.update(VARIANT).where(VARIANT.c.id == row["id"]).values(sku=f"moving:{row['id']}"))


def _product_row(task: Task, product: ChannelProduct, seen_at: datetime, *, is_whole: bool) -> dict[str, Any]:
    """The row of a product; one that lacks variants for now is looked at again whenever it is read."""
    body = {
        "description": product.description,
        "brand": product.brand,
        "categories": product.categories,
        "images": product.images,
        "is_visible": product.is_visible,
        "required_modifiers": product.required_modifiers,
    }
    has_options = any(variant.options for variant in product.variants)
    return {
        "id": product_id(task.integration, product.channel_id),
        "kind": ProductKind.PARENT if has_options else ProductKind.SIMPLE,
        "title": product.title,
        "body": pack(body),
        "source": task.integration,
        "channel_id": product.channel_id,
        "fingerprint": fingerprint((product, sorted(task.rules.product_skus))) if is_whole else "",
        "is_removed": False,
        "seen_at": seen_at,
        "version": 1,
        "created_at": task.now,
        "updated_at": task.now,
    }


def _variant_row(
    task: Task, product: ChannelProduct, variant: ChannelVariant, position: int
) -> dict[str, Any]:
    key = variant_id(task.integration, variant)
    kept = Variant(
        id=key,
        sku=Sku(variant.channel_sku),
        options=variant.options,
        prices=variant.prices,
        gtin=variant.gtin,
        mpn=variant.mpn,
        weight=variant.weight,
        dimensions=variant.dimensions,
        image_url=variant.image_url,
        is_stock_tracked=variant.is_stock_tracked,
        is_stock_shared=variant.is_stock_shared,
        is_purchasable=variant.is_purchasable,
    )
    return {
        "id": key,
        "product_id": product_id(task.integration, product.channel_id),
        "sku": variant.channel_sku,
        "folded_sku": folded(variant.channel_sku),
        "position": position,
        "body": pack(kept),
        "is_stock_tracked": variant.is_stock_tracked,
        "is_stock_shared": variant.is_stock_shared,
        "is_purchasable": variant.is_purchasable and product.is_visible,
        "is_removed": False,
    }


def _source_listing(
    task: Task, product: ChannelProduct, variant: ChannelVariant, seen_at: datetime
) -> dict[str, Any]:
    """On its own source a variant is linked by identity, whatever its SKU becomes."""
    return {
        "integration": task.integration,
        "channel_id": variant.channel_id,
        "product_channel_id": product.channel_id,
        "channel_sku": variant.channel_sku,
        "folded_sku": folded(variant.channel_sku),
        "title": product.title,
        "state": ListingState.LIVE,
        "body": pack(variant),
        "fingerprint": fingerprint(variant),
        "variant_id": variant_id(task.integration, variant),
        "seen_at": seen_at,
    }


def _retire_variants(
    tx: Transaction, task: Task, products: Sequence[ChannelProduct], accepted: dict[str, list[ChannelVariant]]
) -> None:
    """Variants that the source's product no longer has, or that are out of scope now, stop being offered."""
    keep = {variant_id(task.integration, variant) for variants in accepted.values() for variant in variants}
    ids = [product_id(task.integration, product.channel_id) for product in products]
    rows = select_in(
        tx,
        sa.select(VARIANT.c.id, VARIANT.c.product_id).where(~VARIANT.c.is_removed),
        VARIANT.c.product_id,
        ids,
    )
    _remove_variants(tx, task, [row.id for row in rows if row.id not in keep])


def _remove_variants(tx: Transaction, task: Task, variant_ids: list[str]) -> None:
    """Keep the row, whose history counts, but give its SKU back."""
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
    publishing.mark_variants(tx, variant_ids)


def _touch(tx: Transaction, task: Task, products: Sequence[ChannelProduct], seen_at: datetime) -> None:
    rows = [{"s": seen_at, "i": product_id(task.integration, product.channel_id)} for product in products]
    if rows:
        tx.execute(
            sa.update(PRODUCT).where(PRODUCT.c.id == sa.bindparam("i")).values(seen_at=sa.bindparam("s")),
            rows,
        )


def _follow(
    tx: Transaction, task: Task, products: Sequence[ChannelProduct], accepted: dict[str, list[ChannelVariant]]
) -> None:
    """What follows from changed products: links elsewhere, waiting order lines, and pushes."""
    skus = [variant.channel_sku for variants in accepted.values() for variant in variants]
    for name in _other_channels(tx, task.integration):
        matching.match_skus(tx, task, name, [folded(sku) for sku in skus])
    matching.close_vanished(tx, task)
    orders.resolve_lines(tx, task, skus)
    ids = [product_id(task.integration, product.channel_id) for product in products]
    publishing.mark_products(tx, ids, source=task.integration)
    publishing.mark_variants(tx, [variant_id(task.integration, v) for vs in accepted.values() for v in vs])
    record(
        tx,
        task,
        [Event(Subject.PRODUCT, key, f"Read from {task.integration}", direction="in") for key in ids],
    )


def _other_channels(tx: Transaction, source: str) -> list[str]:
    statement = sa.select(LISTING.c.integration).where(LISTING.c.integration != source).distinct()
    return sorted(tx.scalars(statement))


def sweep(tx: Transaction, task: Task, *, began_at: datetime) -> int:
    """After a full reading: products it did not see were deleted in the source. Answers how many."""
    rows = tx.execute(
        sa.select(PRODUCT.c.id, PRODUCT.c.channel_id).where(
            PRODUCT.c.source == task.integration, ~PRODUCT.c.is_removed, PRODUCT.c.seen_at < began_at
        )
    ).all()
    by_product: dict[str, list[str]] = defaultdict(list)
    for row in select_in(
        tx, sa.select(VARIANT.c.id, VARIANT.c.product_id), VARIANT.c.product_id, [row.id for row in rows]
    ):
        by_product[row.product_id].append(row.id)
    for row in rows:
        tx.execute(sa.update(PRODUCT).where(PRODUCT.c.id == row.id).values(is_removed=True, fingerprint=""))
        _remove_variants(tx, task, by_product[row.id])
    matching.close_vanished(tx, task)
    close_cases(
        tx, task.now, [key(task, row.channel_id) for row in rows for key in (_missing_key, _clash_key)]
    )
    record(
        tx,
        task,
        [Event(Subject.PRODUCT, row.id, f"Deleted in {task.integration}", direction="in") for row in rows],
    )
    publishing.mark_products(tx, [row.id for row in rows], source=task.integration)
    return len(rows)


# Cases


def _missing_key(task: Task, channel_id: str) -> str:
    return f"sku-missing:{task.integration}:{channel_id}"


def _missing_sku_cases(task: Task, product: ChannelProduct) -> list[Case]:
    without = [v for v in product.variants if not v.channel_sku]
    if not without:
        return []
    named = ", ".join("/".join(o.value for o in v.options) or f"variant {v.channel_id}" for v in without)
    return [
        Case(
            key=_missing_key(task, product.channel_id),
            kind="sku_missing",
            subject=Subject.PRODUCT,
            subject_id=product_id(task.integration, product.channel_id),
            cause=f"“{product.title}” (product {product.channel_id}) has no SKU on: {named}; these are skipped",
            fix=f"Give each of them a SKU in {task.integration}",
            evidence={"variants": [v.channel_id for v in without]},
        )
    ]


def _clash_key(task: Task, channel_id: str) -> str:
    return f"sku-taken:{task.integration}:{channel_id}"


def _clash_cases(
    task: Task, product: ChannelProduct, clashes: list[tuple[ChannelVariant, _Taken]]
) -> list[Case]:
    if not clashes:
        return []
    named = ", ".join(f"“{v.channel_sku}” (taken by “{owner.title}”)" for v, owner in clashes)
    return [
        Case(
            key=_clash_key(task, product.channel_id),
            kind="sku_duplicate",
            subject=Subject.PRODUCT,
            subject_id=product_id(task.integration, product.channel_id),
            cause=f"“{product.title}” (product {product.channel_id}) uses SKUs of another product: {named}; not merged",
            fix=f"Make each SKU unique in {task.integration}",
            evidence={"skus": [v.channel_sku for v, _ in clashes]},
        )
    ]
