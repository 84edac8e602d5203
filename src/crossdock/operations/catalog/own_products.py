"""The hub's own products: given by people, programs and files, and taken in like those of any other source."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from crossdock.domain.catalog import Variant
from crossdock.domain.channel import (
    ChannelId,
    ChannelProduct,
    ChannelSku,
    ChannelVariant,
    ListingState,
)
from crossdock.domain.matching import differences, folded
from crossdock.domain.own_catalog import Fault, FaultyError, ProductEntry, applied
from crossdock.operations.catalog import products
from crossdock.operations.catalog.listables import Body
from crossdock.operations.task import HUB, Task
from crossdock.store import tables
from crossdock.store.codec import unpack
from crossdock.store.database import Transaction
from crossdock.store.query import select_in

PRODUCT = tables.product
VARIANT = tables.variant


class NotOursError(ValueError):
    """The product cannot be changed here, since another source owns it; the message names it."""


class Became(StrEnum):
    """What giving a product does, or would do."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Given:
    """What became of one product that was given, by its key. `notes` are no faults, but should be looked at."""

    key: str
    became: Became
    faults: tuple[Fault, ...] = ()
    notes: tuple[str, ...] = ()


def take(  # noqa: PLR0913  # how the products are given
    tx: Transaction,
    task: Task,
    entries: Sequence[ProductEntry],
    *,
    currency: str = "",
    is_preview: bool = False,
    earlier: dict[str, str] | None = None,
) -> list[Given]:
    """Create or change these products; what is faulty is refused and the rest taken. A preview writes nothing.

    The task acts for HUB. Variants that are not given stay, and so do fields. `earlier` are the SKUs of what was
    previewed before this, with the product of each; those of these products are added.
    """
    present = _present(tx, task, entries)
    judged = [_judge(present.get(entry.key), entry, currency) for entry in entries]
    owners = _owners(tx, [product for product, _ in judged if product is not None])
    results: list[Given] = []
    accepted: list[ChannelProduct] = []
    claimed = {} if earlier is None else earlier
    for entry, (product, faults) in zip(entries, judged, strict=True):
        was = present.get(entry.key)
        if product is not None:
            faults = _clashes(product, was, owners, claimed)
        if product is None or faults:
            results.append(Given(entry.key, Became.REFUSED, tuple(faults)))
            continue
        claimed |= {variant.channel_sku: entry.key for variant in product.variants}
        became = _became(product, was)
        results.append(Given(entry.key, became, notes=_near_misses(product, owners)))
        if became is not Became.UNCHANGED:
            accepted.append(product)
    if accepted and not is_preview:
        products.ingest(tx, task, accepted, read_began_at=task.now)
    return results


@dataclass(frozen=True, slots=True)
class _Present:
    """A product as the hub has it. `source` is not HUB where it would be taken over."""

    id: str
    source: str
    product: ChannelProduct


def _judge(
    was: _Present | None, entry: ProductEntry, currency: str
) -> tuple[ChannelProduct | None, Sequence[Fault]]:
    try:
        return applied(was.product if was else None, entry, currency=currency), ()
    except FaultyError as error:
        return None, error.faults


def _became(product: ChannelProduct, was: _Present | None) -> Became:
    if was is None:
        return Became.CREATED
    return Became.UNCHANGED if product == was.product and was.source == HUB else Became.CHANGED


def _present(tx: Transaction, task: Task, entries: Sequence[ProductEntry]) -> dict[str, _Present]:
    """By key: the hub's own products, and those of an earlier source that have the same SKUs.

    The latter only where the hub is the source of the catalog now, and takes them over.
    """
    mine = sa.select(PRODUCT).where(PRODUCT.c.source == HUB, ~PRODUCT.c.is_removed)
    rows = {
        row.channel_id: row for row in select_in(tx, mine, PRODUCT.c.channel_id, [e.key for e in entries])
    }
    if task.truth.catalog == HUB:
        rows = _taken_over(tx, [entry for entry in entries if entry.key not in rows]) | rows
    variants = _variants(tx, [row.id for row in rows.values()])
    return {
        key: _Present(row.id, row.source, as_given(row, variants[row.id], key=key))
        for key, row in rows.items()
    }


def _taken_over(tx: Transaction, entries: Sequence[ProductEntry]) -> dict[str, Any]:
    skus = {variant.sku: entry.key for entry in entries for variant in entry.variants}
    statement = (
        sa.select(PRODUCT, VARIANT.c.sku.label("sku"))
        .join(VARIANT, VARIANT.c.product_id == PRODUCT.c.id)
        .where(PRODUCT.c.source != HUB, ~PRODUCT.c.is_removed, ~VARIANT.c.is_removed)
    )
    found: dict[str, dict[str, Any]] = defaultdict(dict)
    for row in select_in(tx, statement, VARIANT.c.sku, skus):
        found[skus[row.sku]][row.id] = row
    # One whose SKUs belong to several products would merge them; it is refused for its SKUs further down.
    return {key: next(iter(rows.values())) for key, rows in found.items() if len(rows) == 1}


def _variants(tx: Transaction, product_ids: Iterable[str]) -> dict[str, list[Any]]:
    statement = sa.select(VARIANT).where(~VARIANT.c.is_removed).order_by(VARIANT.c.position, VARIANT.c.id)
    found: dict[str, list[Any]] = defaultdict(list)
    for row in select_in(tx, statement, VARIANT.c.product_id, product_ids):
        found[row.product_id].append(row)
    return found


def as_given(product: Any, variants: Sequence[Any], *, key: str = "") -> ChannelProduct:
    """A product row as it would have to be given to come out the same."""
    body: Body = unpack(Body, product.body)
    return ChannelProduct(
        channel_id=ChannelId(key or product.channel_id),
        title=product.title,
        variants=tuple(_as_given(unpack(Variant, row.body), row.sku) for row in variants),
        description=body.description,
        brand=body.brand,
        categories=body.categories,
        images=body.images,
        is_visible=body.is_visible,
        is_taxable=body.is_taxable,
    )


def _as_given(kept: Variant, sku: str) -> ChannelVariant:
    return ChannelVariant(
        channel_id=ChannelId(sku),
        channel_sku=ChannelSku(sku),
        options=kept.options,
        prices=kept.prices,
        gtin=kept.gtin,
        mpn=kept.mpn,
        weight=kept.weight,
        dimensions=kept.dimensions,
        image_url=kept.image_url,
        is_stock_tracked=kept.is_stock_tracked,
    )


@dataclass(frozen=True, slots=True)
class _Owner:
    product_id: str
    title: str
    source: str
    sku: str


def _owners(tx: Transaction, given: Sequence[ChannelProduct]) -> dict[str, list[_Owner]]:
    """Who has these SKUs, or almost these, by folded SKU."""
    wanted = {folded(variant.channel_sku) for product in given for variant in product.variants}
    statement = (
        sa.select(VARIANT.c.sku, VARIANT.c.folded_sku, PRODUCT.c.id, PRODUCT.c.title, PRODUCT.c.source)
        .join(PRODUCT, PRODUCT.c.id == VARIANT.c.product_id)
        .where(~VARIANT.c.is_removed)
    )
    found: dict[str, list[_Owner]] = defaultdict(list)
    for row in select_in(tx, statement, VARIANT.c.folded_sku, sorted(wanted)):
        found[row.folded_sku].append(_Owner(row.id, row.title, row.source, row.sku))
    return found


def _clashes(
    product: ChannelProduct,
    was: _Present | None,
    owners: dict[str, list[_Owner]],
    claimed: dict[str, str],
) -> list[Fault]:
    """A master SKU belongs to one product, of the hub and of what is given together with this one."""
    faults = []
    for variant in product.variants:
        sku = variant.channel_sku
        taken = [
            o for o in owners.get(folded(sku), ()) if o.sku == sku and (not was or o.product_id != was.id)
        ]
        if taken:
            whose = f"“{taken[0].title}” of {taken[0].source}"
            faults.append(Fault("sku", f"“{sku}” belongs to {whose}; give this one another SKU"))
        elif sku in claimed:
            faults.append(Fault("sku", f"“{sku}” is given for the product {claimed[sku]!r} as well"))
    return faults


def _near_misses(product: ChannelProduct, owners: dict[str, list[_Owner]]) -> tuple[str, ...]:
    return tuple(
        f"Almost the SKU of “{owner.title}”: {differences(variant.channel_sku, owner.sku)}"
        for variant in product.variants
        for owner in owners.get(folded(variant.channel_sku), ())
        if owner.sku != variant.channel_sku
    )


# One product


def key_of(tx: Transaction, name: str) -> str:
    """The key of the hub's own product of this key, id or SKU. Raises NotOursError, or LookupError when there is none."""
    by_sku = sa.select(VARIANT.c.product_id).where(VARIANT.c.sku == name, ~VARIANT.c.is_removed)
    is_named = sa.or_(PRODUCT.c.id == name, PRODUCT.c.channel_id == name, PRODUCT.c.id.in_(by_sku))
    rows = tx.execute(sa.select(PRODUCT).where(is_named, ~PRODUCT.c.is_removed)).all()
    if not rows:
        raise LookupError(name)
    own = next((row for row in rows if row.source == HUB), None)
    if own is None:
        raise NotOursError(
            f"“{rows[0].title}” comes from {rows[0].source} and is changed there; "
            "the hub changes only what was given to it"
        )
    return str(own.channel_id)


def remove(tx: Transaction, task: Task, key: str) -> None:
    """Take a product off: channels stop offering it, its history stays."""
    gone = ChannelProduct(ChannelId(key), "", (), state=ListingState.REMOVED)
    products.ingest(tx, task, [gone], read_began_at=task.now)


def remove_variant(tx: Transaction, task: Task, sku: str) -> None:
    """Take one variant off its product. Raises FaultyError where it is the only one."""
    key = key_of(tx, sku)
    row = tx.execute(sa.select(PRODUCT).where(PRODUCT.c.source == HUB, PRODUCT.c.channel_id == key)).one()
    whole = as_given(row, _variants(tx, [row.id])[row.id])
    left = tuple(variant for variant in whole.variants if variant.channel_sku != sku)
    if not left:
        raise FaultyError([Fault("sku", f"“{sku}” is the only variant; remove the product {key!r}")])
    products.ingest(tx, task, [replace(whole, variants=left)], read_began_at=task.now)


def every(
    tx: Transaction, source: str, *, after: str = "", limit: int = 200
) -> list[tuple[str, ChannelProduct]]:
    """Products of one source with their ids, by id; `after` is the last one seen."""
    rows = tx.execute(
        sa.select(PRODUCT)
        .where(PRODUCT.c.source == source, ~PRODUCT.c.is_removed, PRODUCT.c.id > after)
        .order_by(PRODUCT.c.id)
        .limit(limit)
    ).all()
    variants = _variants(tx, [row.id for row in rows])
    return [(row.id, as_given(row, variants[row.id])) for row in rows]
