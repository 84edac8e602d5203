"""Bundles: variants that are put together from others, and how many of them the stock of those allows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from crossdock.connectors.errors import SettingsError
from crossdock.domain.catalog import Variant
from crossdock.domain.inventory import Component, Level, bundle_levels
from crossdock.operations import publishing
from crossdock.operations.events import Event, Subject, record
from crossdock.operations.exceptions import Case, close_cases, open_cases
from crossdock.operations.stock import ledger
from crossdock.operations.task import HUB, Task
from crossdock.store import tables
from crossdock.store.asking import Question
from crossdock.store.codec import unpack
from crossdock.store.database import Transaction
from crossdock.store.query import select_in

PART = tables.bundle_component
VARIANT = tables.variant
LOCATION = tables.location

PARTS = Question(
    sa.select(PART, VARIANT.c.is_stock_tracked).join(VARIANT, VARIANT.c.id == PART.c.component_id),
    PART.c.bundle_id,
)
MOST_OF_ONE = 10_000


# What they are made of


def made_of(tx: Transaction, variant_ids: Iterable[str]) -> dict[str, dict[str, int]]:
    """The components whose stock is counted, with their quantities, of those of the variants that are bundles."""
    found: dict[str, dict[str, int]] = {}
    for row in PARTS.rows(tx, variant_ids):
        parts = found.setdefault(row.bundle_id, {})
        if row.is_stock_tracked:
            parts[row.component_id] = row.quantity
    return found


def places_that_keep_them(tx: Transaction) -> frozenset[str]:
    """The locations that stock bundles as such."""
    return frozenset(tx.scalars(sa.select(LOCATION.c.id).where(LOCATION.c.keeps_bundles)))


def levels(
    tx: Transaction, variant_ids: Sequence[str], *, owner: str, channel: str = ""
) -> dict[str, Sequence[Level]]:
    """As `ledger.levels`; where the hub itself owns stock, a bundle's are what its components allow.

    A platform that owns stock counts its bundles itself: they are products with numbers of their own there.
    A bundle is missing, as unknown, until every component has a number.
    """
    bundles = made_of(tx, variant_ids) if owner == HUB else {}
    parts = {part for composition in bundles.values() for part in composition}
    known = ledger.levels(tx, {*variant_ids, *parts}, owner=owner, channel=channel)
    known |= {key: [] for key in _removed(tx, parts)}
    found: dict[str, Sequence[Level]] = {key: known[key] for key in variant_ids if key in known}
    keeping = places_that_keep_them(tx) if bundles else frozenset()
    for bundle, composition in bundles.items():
        own = known.get(bundle, [])
        if composition.keys() <= known.keys():
            components = [Component(quantity, known[part]) for part, quantity in composition.items()]
            found[bundle] = bundle_levels(components, own, keeping)
        elif bundle in found:
            found[bundle] = [level for level in own if level.location_id in keeping]
    return found


def _removed(tx: Transaction, variant_ids: Iterable[str]) -> list[str]:
    """Those that are sold no more, and so in no bundle."""
    statement = sa.select(VARIANT.c.id).where(VARIANT.c.is_removed)
    return [row.id for row in select_in(tx, statement, VARIANT.c.id, variant_ids)]


# What a person decides and sees


@dataclass(frozen=True, slots=True)
class ComponentView:
    """One component of a bundle, by its master SKU: the one that it had, where it is sold no more."""

    sku: str
    title: str
    quantity: int
    is_stock_tracked: bool
    is_removed: bool = False


def components(tx: Transaction, sku: str) -> list[ComponentView]:
    """The components of the variant with this SKU, by SKU; none for what is no bundle. Raises SettingsError."""
    bundle = _variant(tx, "sku", sku)
    statement = (
        sa.select(
            VARIANT.c.body,
            tables.product.c.title,
            PART.c.quantity,
            VARIANT.c.is_stock_tracked,
            VARIANT.c.is_removed,
        )
        .join(VARIANT, VARIANT.c.id == PART.c.component_id)
        .join(tables.product, tables.product.c.id == VARIANT.c.product_id)
        .where(PART.c.bundle_id == bundle.id)
        .order_by(VARIANT.c.sku)
    )
    return [
        ComponentView(_sku(row), row.title, row.quantity, row.is_stock_tracked, row.is_removed)
        for row in tx.execute(statement)
    ]


def _sku(variant: Any) -> str:
    """The one that it has, or had before it was removed and gave it back."""
    return str(unpack(Variant, variant.body).sku)


def set_components(tx: Transaction, task: Task, sku: str, wanted: Mapping[str, int]) -> None:
    """Say what one unit of this variant is put together from; nothing makes it a plain product again.

    Orders that are there already keep what was taken for them. Raises SettingsError naming what is wrong.
    """
    bundle = _variant(tx, "sku", sku)
    if wanted and tx.execute(sa.select(PART).where(PART.c.component_id == bundle.id)).first() is not None:
        raise SettingsError(
            "components", f"“{sku}” is itself a component of a bundle; bundles hold no bundles"
        )
    rows = [_part(tx, bundle, part, quantity) for part, quantity in wanted.items()]
    tx.execute(sa.delete(PART).where(PART.c.bundle_id == bundle.id))
    if rows:
        tx.execute(sa.insert(PART), rows)
    told = ", ".join(f"{quantity} × “{part}”" for part, quantity in wanted.items())
    record(tx, task, [Event(Subject.VARIANT, bundle.id, f"Components: {told or 'none'}")])
    publishing.mark_variants(tx, [bundle.id])
    _check(tx, task, {bundle.id})


def check(tx: Transaction, task: Task, variant_ids: Sequence[str]) -> None:
    """Keep the cases of bundles among these, or made of them, that have a component which is sold no more."""
    if tx.execute(sa.select(PART.c.bundle_id).limit(1)).first() is None:
        return
    known = sa.select(PART.c.bundle_id).distinct()
    columns = (PART.c.bundle_id, PART.c.component_id)
    _check(tx, task, {row.bundle_id for one in columns for row in select_in(tx, known, one, variant_ids)})


def _check(tx: Transaction, task: Task, ids: set[str]) -> None:
    bundle = VARIANT.alias("bundle")
    statement = (
        sa.select(PART.c.bundle_id, VARIANT.c.body, bundle.c.sku.label("bundle_sku"))
        .join(VARIANT, VARIANT.c.id == PART.c.component_id)
        .join(bundle, bundle.c.id == PART.c.bundle_id)
        .where(VARIANT.c.is_removed, VARIANT.c.is_stock_tracked, ~bundle.c.is_removed)
    )
    gone = select_in(tx, statement, PART.c.bundle_id, ids) if task.truth.inventory == HUB else []
    open_cases(tx, task, [_case(row) for row in gone])
    close_cases(tx, task.now, [_key(key) for key in ids - {row.bundle_id for row in gone}])


def _key(bundle: str) -> str:
    return f"bundle-component-gone:{bundle}"


def _case(row: Any) -> Case:
    return Case(
        key=_key(row.bundle_id),
        kind="bundle_component_gone",
        subject=Subject.VARIANT,
        subject_id=row.bundle_id,
        cause=f"“{row.bundle_sku}” is put together from “{_sku(row)}”, which is no longer in the catalog: it is "
        "offered as sold out",
        fix=f"Change the components of “{row.bundle_sku}”, or bring “{_sku(row)}” back",
        evidence={"bundle": row.bundle_sku, "component": _sku(row)},
    )


def _part(tx: Transaction, bundle: Any, sku: str, quantity: int) -> dict[str, Any]:
    part = _variant(tx, "components", sku)
    if not 1 <= quantity <= MOST_OF_ONE:
        raise SettingsError("components", f"“{sku}” is needed 1 to {MOST_OF_ONE} times, not {quantity}")
    if part.id == bundle.id:
        raise SettingsError("components", f"“{sku}” cannot be a component of itself")
    if tx.execute(sa.select(PART).where(PART.c.bundle_id == part.id)).first() is not None:
        raise SettingsError("components", f"“{sku}” is a bundle itself; name its components instead")
    return {"bundle_id": bundle.id, "component_id": part.id, "quantity": quantity}


def _variant(tx: Transaction, field: str, sku: str) -> Any:
    row = tx.execute(sa.select(VARIANT).where(VARIANT.c.sku == sku, ~VARIANT.c.is_removed)).first()
    if row is None:
        raise SettingsError(field, f"no variant has the master SKU {sku!r}; SKUs are compared exactly")
    return row
