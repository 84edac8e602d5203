"""Which hub records the products of a page are, where the hub has them already, and under which ids the others come in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa

from crossdock.domain import identity
from crossdock.domain.channel import ChannelProduct, ChannelVariant
from crossdock.domain.identity import Identity, Kept
from crossdock.domain.matching import folded
from crossdock.operations.catalog import skus
from crossdock.operations.task import Task
from crossdock.store import tables
from crossdock.store.codec import hub_id
from crossdock.store.database import Transaction
from crossdock.store.query import select_in

PRODUCT = tables.product
VARIANT = tables.variant
LISTING = tables.listing


@dataclass(frozen=True, slots=True)
class Coming:
    """An incoming variant under its hub id. `sku` is its master SKU."""

    id: str
    sku: str
    variant: ChannelVariant


@dataclass(frozen=True, slots=True)
class Arrival:
    """An incoming product under its hub id, with the variants in scope under theirs."""

    product: ChannelProduct
    id: str
    variants: tuple[Coming, ...]
    taken_from: str = ""
    """The source that it is taken over from."""


@dataclass(frozen=True, slots=True)
class Undecided:
    """An incoming product that may be one of several, or may not: it stays a listing until that is settled."""

    product: ChannelProduct
    identity: Identity


def product_id(source: str, channel_id: str) -> str:
    """The id of a product that `source` brings in first."""
    return hub_id("prd", source, channel_id)


def variant_id(source: str, variant: ChannelVariant) -> str:
    """The id of a variant that `source` brings in first."""
    return hub_id("var", source, variant.channel_id)


def identify(
    tx: Transaction, task: Task, wanted: Sequence[tuple[ChannelProduct, Sequence[ChannelVariant]]]
) -> list[Arrival | Undecided]:
    """Say of each product, given with its variants in scope, which one of the hub it is."""
    mine = _mine(tx, task.integration, [product.channel_id for product, _ in wanted])
    kept, taken_ids = _kept(tx, task.integration, mine, wanted)
    adopts = task.integration == task.truth.catalog
    taken: set[str] = set()
    found: list[tuple[ChannelProduct, Sequence[ChannelVariant], Identity]] = []
    for product, variants in wanted:
        own = mine.get(product.channel_id)
        may_be = [one for one in _meant(kept, variants) if one.product_id not in taken] if kept else []
        who = identity.identify(variants, may_be, source=task.integration, mine=own, adopts=adopts)
        if who.taken_from and who.is_settled and who.product_id:
            # One product takes over another whole: the next of the page cannot have a part of it.
            taken.add(who.product_id)
        found.append((product, variants, who))
    return _named(tx, task, found, taken_ids)


def _mine(tx: Transaction, source: str, channel_ids: Iterable[str]) -> dict[str, str]:
    statement = sa.select(PRODUCT.c.channel_id, PRODUCT.c.id).where(PRODUCT.c.source == source)
    return {row.channel_id: row.id for row in select_in(tx, statement, PRODUCT.c.channel_id, channel_ids)}


def _kept(
    tx: Transaction,
    source: str,
    mine: Mapping[str, str],
    wanted: Sequence[tuple[ChannelProduct, Sequence[ChannelVariant]]],
) -> tuple[dict[str, list[Kept]], set[str]]:
    """The hub's variants that one of these may be, by the listing or the folded SKU that says so, and the ids of all."""
    variants = [v for _, some in wanted for v in some]
    listed = sa.select(LISTING.c.variant_id, LISTING.c.channel_id).where(LISTING.c.integration == source)
    by_listing = {
        row.variant_id: row.channel_id
        for row in select_in(tx, listed, LISTING.c.channel_id, [v.channel_id for v in variants])
        if row.variant_id is not None
    }
    first_ids = {variant_id(source, v): v.channel_id for v in variants}
    statement = sa.select(VARIANT, PRODUCT.c.title, PRODUCT.c.source).join(
        PRODUCT, PRODUCT.c.id == VARIANT.c.product_id
    )
    alive = statement.where(~VARIANT.c.is_removed)
    rows = [
        *select_in(tx, alive, VARIANT.c.folded_sku, [folded(v.channel_sku) for v in variants]),
        *select_in(tx, statement, VARIANT.c.id, [*by_listing, *first_ids]),
    ]
    if not rows:
        return {}, set()
    own_products, known_listings = set(mine.values()), set(by_listing.values())
    places = _places(tx, source, [row.id for row in rows], [product for product, _ in wanted])
    kept: dict[str, list[Kept]] = defaultdict(list)
    for row in {row.id: row for row in rows}.values():
        came_as = first_ids.get(row.id, "") if row.product_id in own_products else ""
        if came_as in known_listings:
            came_as = ""
        listed_as = by_listing.get(row.id) or came_as or places[row.id].get(source, "")
        elsewhere = places[row.id].keys() - {source}
        one = Kept(
            row.id,
            row.product_id,
            row.title,
            row.source,
            row.sku,
            listed_as,
            is_listed_elsewhere=bool(elsewhere),
            is_removed=row.is_removed,
        )
        for key in {listed_as, row.folded_sku} - {""}:
            kept[key].append(one)
    return kept, {row.id for row in rows}


def _places(
    tx: Transaction, source: str, variant_ids: Iterable[str], coming: Sequence[ChannelProduct]
) -> dict[str, dict[str, str]]:
    """Where these variants are listed: integration → listing, by variant; less what is gone with this very page."""
    present = {product.channel_id: {v.channel_id for v in product.variants} for product in coming}
    places: dict[str, dict[str, str]] = defaultdict(dict)
    for row in select_in(tx, sa.select(LISTING), LISTING.c.variant_id, variant_ids):
        still = present.get(row.product_channel_id) if row.integration == source else None
        if still is None or row.channel_id in still:
            places[row.variant_id][row.integration] = row.channel_id
    return places


def _meant(kept: Mapping[str, list[Kept]], variants: Sequence[ChannelVariant]) -> list[Kept]:
    keys = [key for v in variants for key in (str(v.channel_id), folded(v.channel_sku))]
    return list({one.variant_id: one for key in keys for one in kept.get(key, ())}.values())


def _named(
    tx: Transaction,
    task: Task,
    found: Sequence[tuple[ChannelProduct, Sequence[ChannelVariant], Identity]],
    taken_ids: set[str],
) -> list[Arrival | Undecided]:
    ids = _Ids(tx, task, [product for product, _, _ in found], taken_ids)
    return [
        Arrival(product, *ids.of(product, variants, who), taken_from=who.taken_from)
        if who.is_settled
        else Undecided(product, who)
        for product, variants, who in found
    ]


class _Ids:
    """The ids under which new records come in: the same whenever they are derived, unless another has them by now.

    That is so where a record that this source brought in once was taken over by another source since.
    """

    def __init__(
        self, tx: Transaction, task: Task, coming: Sequence[ChannelProduct], variants: set[str]
    ) -> None:
        """`variants` are those that the hub has, among the ids that can be derived of these products' variants."""
        self._source, self._salt = task.integration, task.now.isoformat()
        products = [product_id(self._source, product.channel_id) for product in coming]
        self._products = {row.id for row in select_in(tx, sa.select(PRODUCT.c.id), PRODUCT.c.id, products)}
        self._variants = variants

        given = skus.channel_skus(tx, self._source)
        masters = select_in(tx, sa.select(VARIANT.c.id, VARIANT.c.sku), VARIANT.c.id, given)
        # A variant keeps its master SKU where its source only has another name for it.
        self._masters = {(row.id, given[row.id]): row.sku for row in masters}

    def of(
        self, product: ChannelProduct, variants: Sequence[ChannelVariant], who: Identity
    ) -> tuple[str, tuple[Coming, ...]]:
        key = who.product_id or self._free("prd", product.channel_id, self._products)
        coming = []
        for v in variants:
            own = who.variants.get(v.channel_id) or self._free("var", v.channel_id, self._variants)
            coming.append(Coming(own, self._masters.get((own, v.channel_sku), v.channel_sku), v))
        return key, tuple(coming)

    def _free(self, prefix: str, channel_id: str, taken: Iterable[str]) -> str:
        key = hub_id(prefix, self._source, channel_id)
        return hub_id(prefix, self._source, channel_id, self._salt) if key in taken else key


def without(arrival: Arrival, left_out: Iterable[str]) -> Arrival:
    """The same product without the variants of these hub ids."""
    out = set(left_out)
    return replace(arrival, variants=tuple(one for one in arrival.variants if one.id not in out))
