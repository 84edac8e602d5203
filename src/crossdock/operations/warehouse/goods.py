"""What a line of a shipping request holds, in the words of a shelf: SKUs, names and options."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from crossdock.domain.catalog import Variant
from crossdock.store import tables
from crossdock.store.codec import unpack
from crossdock.store.database import Transaction
from crossdock.store.query import select_in

LINE = tables.order_line
LOCATION = tables.location
VARIANT = tables.variant
PRODUCT = tables.product


@dataclass(frozen=True, slots=True)
class Goods:
    """One thing on a shelf, and how many of it one unit of the line takes."""

    sku: str
    name: str
    options: tuple[str, ...] = ()
    gtin: str = ""
    each: int = 1


def of_lines(tx: Transaction, line_ids: Iterable[str]) -> dict[str, tuple[Any, Goods]]:
    """The rows of order lines with what was sold by each: the hub's product, or what the channel calls it."""
    rows = select_in(tx, sa.select(LINE), LINE.c.id, line_ids)
    known = _variants(tx, [row.variant_id for row in rows if row.variant_id])
    return {row.id: (row, _sold(row, known)) for row in rows}


def on_shelf(tx: Transaction, sold: Iterable[tuple[Any, Goods]], *, at: str) -> dict[str, tuple[Goods, ...]]:
    """What is taken from the shelf of a location for each line: of a bundle, its components where it keeps none."""
    by_line = {row.id: (row, goods) for row, goods in sold}
    if tx.scalar(sa.select(LOCATION.c.keeps_bundles).where(LOCATION.c.id == at)):
        return {key: (goods,) for key, (_, goods) in by_line.items()}
    taken = {key: unpack(dict[str, int] | None, row.taken_as) or {} for key, (row, _) in by_line.items()}
    known = _variants(tx, [variant for parts in taken.values() for variant in parts])
    return {key: _parts(goods, row.variant_id, taken[key], known) for key, (row, goods) in by_line.items()}


def _parts(
    goods: Goods, variant_id: str | None, taken: Mapping[str, int], known: Mapping[str, Goods]
) -> tuple[Goods, ...]:
    parts = {variant: each for variant, each in taken.items() if variant in known}
    if not parts or set(parts) == {variant_id}:
        return (goods,)
    return tuple(
        Goods(one.sku, one.name, one.options, one.gtin, each)
        for variant, each in parts.items()
        for one in [known[variant]]
    )


def _sold(row: Any, known: Mapping[str, Goods]) -> Goods:
    one = known.get(row.variant_id or "")
    return Goods(one.sku, row.name, one.options, one.gtin) if one else Goods(row.channel_sku, row.name)


def _variants(tx: Transaction, ids: Iterable[str]) -> dict[str, Goods]:
    statement = sa.select(VARIANT, PRODUCT.c.title).join(PRODUCT, PRODUCT.c.id == VARIANT.c.product_id)
    found = {}
    for row in select_in(tx, statement, VARIANT.c.id, ids):
        kept: Variant = unpack(Variant, row.body)
        options = tuple(f"{option.name}: {option.value}" for option in kept.options)
        found[row.id] = Goods(row.sku, row.title, options, kept.gtin)
    return found
