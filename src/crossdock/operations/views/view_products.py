"""What can be seen of products: a list with their standing on each channel, and one product in full."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from crossdock.connectors.contract import Rules
from crossdock.domain.catalog import Variant
from crossdock.operations.catalog.listables import Body
from crossdock.operations.events import Subject
from crossdock.operations.views import view_standing
from crossdock.operations.views.view_hub import EventView, events
from crossdock.operations.views.view_levels import LevelView, levels_of
from crossdock.operations.views.view_page import Slice, amount_text, beyond, bounded, marked, sliced
from crossdock.operations.views.view_standing import ChannelStanding
from crossdock.store import tables
from crossdock.store.codec import unpack
from crossdock.store.database import Transaction
from crossdock.store.query import select_in

PRODUCT = tables.product
VARIANT = tables.variant
LISTING = tables.listing


@dataclass(frozen=True, slots=True)
class ProductView:
    """One product of the list. `channels` says where it stands on each channel other than its source."""

    id: str
    kind: str
    title: str
    source: str
    variants: int
    skus: list[str]
    channels: list[ChannelStanding]


def products(
    tx: Transaction, *, search: str = "", state: str = "", after: str = "", limit: int = 50
) -> Slice[ProductView]:
    """Products by title; `search` looks into titles and SKUs, `state` at any channel. Raises MarkError."""
    statement = sa.select(PRODUCT).where(~PRODUCT.c.is_removed).order_by(PRODUCT.c.title, PRODUCT.c.id)
    if search:
        statement = statement.where(_is_found(search))
    if state:
        statement = statement.where(_stands(tx, state))
    if after:
        title, key = marked(after, 2)
        statement = statement.where(beyond(PRODUCT.c.title, PRODUCT.c.id, (title, key), newest=False))
    rows = tx.execute(statement.limit(bounded(limit) + 1)).all()
    ids = [row.id for row in rows]
    skus, standings = _skus(tx, ids), view_standing.standings(tx, ids)

    def to_item(row: Any) -> ProductView:
        return _product(row, skus[row.id], standings[row.id])

    return sliced(rows, limit, to_item=to_item, key=lambda row: (row.title, row.id))


def _is_found(search: str) -> sa.ColumnElement[bool]:
    by_sku = sa.select(VARIANT.c.product_id).where(
        VARIANT.c.sku.icontains(search, autoescape=True), ~VARIANT.c.is_removed
    )
    return sa.or_(PRODUCT.c.title.icontains(search, autoescape=True), PRODUCT.c.id.in_(by_sku))


def _stands(tx: Transaction, state: str) -> sa.ColumnElement[bool]:
    fits: sa.ColumnElement[bool] = sa.false()
    for channel in view_standing.channels(tx):
        standing = view_standing.statement(channel).subquery()
        fits = sa.or_(fits, PRODUCT.c.id.in_(sa.select(standing.c.id).where(standing.c.state == state)))
    return fits


def _skus(tx: Transaction, product_ids: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    statement = (
        sa.select(VARIANT.c.product_id, VARIANT.c.sku)
        .where(~VARIANT.c.is_removed)
        .order_by(VARIANT.c.position, VARIANT.c.id)
    )
    for row in select_in(tx, statement, VARIANT.c.product_id, product_ids):
        found[row.product_id].append(row.sku)
    return found


def _product(row: Any, skus: list[str], channels: list[ChannelStanding]) -> ProductView:
    return ProductView(row.id, row.kind, row.title, row.source, len(skus), skus, channels)


@dataclass(frozen=True, slots=True)
class ListingView:
    """A variant as one channel offers it. Without `channel_sku` where the channel has none of its own."""

    integration: str
    connector: str
    channel_id: str
    product_channel_id: str
    state: str
    channel_sku: str | None = None


@dataclass(frozen=True, slots=True)
class VariantView:
    """One variant with its listings and its stock."""

    id: str
    sku: str
    options: dict[str, str]
    price: str
    currency: str
    gtin: str
    is_stock_tracked: bool
    is_purchasable: bool
    listings: list[ListingView]
    stock: list[LevelView]


@dataclass(frozen=True, slots=True)
class ProductDetail:
    """One product in full."""

    id: str
    kind: str
    title: str
    source: str
    channel_id: str
    is_removed: bool
    description: str
    brand: str
    categories: list[str]
    images: list[str]
    is_visible: bool
    channels: list[ChannelStanding]
    variants: list[VariantView]
    events: list[EventView]


def product(tx: Transaction, id_or_sku: str, rules_of: Callable[[str], Rules]) -> ProductDetail | None:
    """One product by its id or by the SKU of one of its variants; None when there is none."""
    by_sku = sa.select(VARIANT.c.product_id).where(VARIANT.c.sku == id_or_sku)
    row = tx.execute(
        sa.select(PRODUCT).where(sa.or_(PRODUCT.c.id == id_or_sku, PRODUCT.c.id.in_(by_sku)))
    ).first()
    if row is None:
        return None
    body: Body = unpack(Body, row.body)
    return ProductDetail(
        id=row.id,
        kind=row.kind,
        title=row.title,
        source=row.source,
        channel_id=row.channel_id,
        is_removed=row.is_removed,
        description=body.description,
        brand=body.brand,
        categories=list(body.categories),
        images=[image.url for image in body.images],
        is_visible=body.is_visible,
        channels=view_standing.standings(tx, [row.id])[row.id],
        variants=_variants(tx, row.id, rules_of),
        events=events(tx, Subject.PRODUCT, row.id),
    )


def _variants(tx: Transaction, product_id: str, rules_of: Callable[[str], Rules]) -> list[VariantView]:
    rows = tx.execute(
        sa.select(VARIANT)
        .where(VARIANT.c.product_id == product_id, ~VARIANT.c.is_removed)
        .order_by(VARIANT.c.position, VARIANT.c.id)
    ).all()
    ids = [row.id for row in rows]
    listings, levels = _listings(tx, ids, rules_of), levels_of(tx, ids)
    return [_variant(row, listings[row.id], levels.get(row.id, [])) for row in rows]


def _variant(row: Any, listings: list[ListingView], levels: list[LevelView]) -> VariantView:
    kept: Variant = unpack(Variant, row.body)
    price = kept.prices.current if kept.prices else None
    return VariantView(
        id=row.id,
        sku=row.sku,
        options={option.name: option.value for option in kept.options},
        price=amount_text(price.amount) if price else "",
        currency=price.currency if price else "",
        gtin=kept.gtin,
        is_stock_tracked=row.is_stock_tracked,
        is_purchasable=row.is_purchasable,
        listings=listings,
        stock=levels,
    )


def _listings(
    tx: Transaction, variant_ids: Sequence[str], rules_of: Callable[[str], Rules]
) -> dict[str, list[ListingView]]:
    connectors = {
        row.name: row.connector
        for row in tx.execute(sa.select(tables.integration.c.name, tables.integration.c.connector))
    }
    has_skus = {name: not rules_of(name).channel_sku_refusal for name in connectors}
    found: dict[str, list[ListingView]] = defaultdict(list)
    statement = sa.select(LISTING).order_by(LISTING.c.integration)
    for row in select_in(tx, statement, LISTING.c.variant_id, variant_ids):
        found[row.variant_id].append(
            ListingView(
                row.integration,
                connectors.get(row.integration, ""),
                row.channel_id,
                row.product_channel_id,
                row.state,
                row.channel_sku if has_skus.get(row.integration, True) else None,
            )
        )
    return found
