"""What can be seen of stock: levels per SKU, the ledger behind them, and why a channel is offered its number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crossdock.connectors.contract import Rules
from crossdock.domain.inventory import ReportState
from crossdock.domain.sync import Entity
from crossdock.operations import publishing
from crossdock.operations.catalog import bundles
from crossdock.operations.setup import integrations as accounts
from crossdock.operations.stock import first_counts
from crossdock.operations.stock import offering as stock
from crossdock.operations.task import HUB
from crossdock.operations.views.view_levels import LevelView, levels_of
from crossdock.operations.views.view_offers import ChannelNumber, channel_number
from crossdock.operations.views.view_page import Slice, bounded, marked, sliced
from crossdock.store import tables
from crossdock.store.database import Transaction

VARIANT = tables.variant
PRODUCT = tables.product
LEVEL = tables.level
LOCATION = tables.location
MOVEMENT = tables.movement
LISTING = tables.listing
PUBLICATION = tables.publication
REPORT = tables.sale_report
ORDER = tables.order

OVER = (ReportState.SEEN, ReportState.VOID)


@dataclass(frozen=True, slots=True)
class StockView:
    """One SKU: its totals over the locations that count, and its level at each location.

    Without a count (`is_counted`), what orders have taken is all that is known of it.
    """

    variant_id: str
    sku: str
    title: str
    on_hand: int
    committed: int
    unavailable: int
    available: int
    is_counted: bool
    levels: list[LevelView]


def inventory(tx: Transaction, *, search: str = "", after: str = "", limit: int = 50) -> Slice[StockView]:
    """Stock per SKU, by SKU; `search` looks into SKUs and titles. Raises MarkError."""
    statement = _variants().where(~VARIANT.c.is_removed).order_by(VARIANT.c.sku)
    if search:
        fits = [column.icontains(search, autoescape=True) for column in (VARIANT.c.sku, PRODUCT.c.title)]
        statement = statement.where(sa.or_(*fits))
    if after:
        statement = statement.where(VARIANT.c.sku > marked(after, 1)[0])
    rows = tx.execute(statement.limit(bounded(limit) + 1)).all()
    ids = [row.id for row in rows]
    levels, uncounted = levels_of(tx, ids), _uncounted(tx, rows)
    return sliced(
        rows,
        limit,
        to_item=lambda row: _stock(row, levels.get(row.id, []), is_counted=row.id not in uncounted),
        key=lambda row: (row.sku,),
    )


def _uncounted(tx: Transaction, rows: Sequence[Any]) -> set[str]:
    """Those that wait for a person's first count; a platform that owns stock counts by itself, and bundles are sums."""
    if accounts.truth(tx).inventory != HUB:
        return set()
    tracked = [row.id for row in rows if row.is_stock_tracked]
    return first_counts.never_counted(tx, tracked) - bundles.made_of(tx, tracked).keys()


def _variants() -> sa.Select[Any]:
    return sa.select(VARIANT, PRODUCT.c.title).join(PRODUCT, PRODUCT.c.id == VARIANT.c.product_id)


def _stock(row: Any, levels: list[LevelView], *, is_counted: bool) -> StockView:
    counted = [level for level in levels if level.counts]
    return StockView(
        variant_id=row.id,
        sku=row.sku,
        title=row.title,
        on_hand=sum(level.on_hand for level in counted),
        committed=sum(level.committed for level in counted),
        unavailable=sum(level.unavailable for level in counted),
        available=sum(level.available for level in counted),
        is_counted=is_counted,
        levels=levels,
    )


@dataclass(frozen=True, slots=True)
class MovementView:
    """One line of the stock ledger."""

    id: int
    at: datetime
    location: str
    kind: str
    on_hand: int
    committed: int
    noted: int
    order_id: str
    run_id: str
    reason: str


def ledger(tx: Transaction, sku: str, limit: int = 50) -> list[MovementView]:
    """The ledger of one SKU, the latest line first."""
    statement = (
        sa.select(MOVEMENT, LOCATION.c.name)
        .join(VARIANT, VARIANT.c.id == MOVEMENT.c.variant_id)
        .outerjoin(LOCATION, LOCATION.c.id == MOVEMENT.c.location_id)
        .where(VARIANT.c.sku == sku)
        .order_by(MOVEMENT.c.id.desc())
        .limit(bounded(limit))
    )
    return [
        MovementView(
            id=row.id,
            at=row.at,
            location=row.name or row.location_id,
            kind=row.kind,
            on_hand=row.on_hand,
            committed=row.committed,
            noted=row.noted,
            order_id=row.order_id,
            run_id=row.run_id,
            reason=row.reason,
        )
        for row in tx.execute(statement)
    ]


# Why this number


@dataclass(frozen=True, slots=True)
class CommitmentView:
    """Units of one order that are promised and still there."""

    order_id: str
    number: str
    integration: str
    location: str
    units: int


@dataclass(frozen=True, slots=True)
class ReportView:
    """The report of a sale (negative) or of its reversal (positive) to the platform that owns stock."""

    owner: str
    order_id: str
    sku: str
    location: str
    quantity: int
    state: str
    created_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class StockExplanation:
    """Everything that the number of one SKU is made of."""

    sku: str
    variant_id: str
    title: str
    owner: str
    is_stock_tracked: bool
    is_purchasable: bool
    on_hand: int
    committed: int
    unavailable: int
    available: int
    is_counted: bool
    levels: list[LevelView]
    commitments: list[CommitmentView]
    reports: list[ReportView]
    channels: list[ChannelNumber]


def explain_sku(tx: Transaction, sku: str, rules_of: Callable[[str], Rules]) -> StockExplanation | None:
    """Why each channel is offered its number of this SKU; None when no variant has it."""
    row = tx.execute(_variants().where(VARIANT.c.sku == sku)).first()
    if row is None:
        return None
    owner = accounts.truth(tx).inventory
    levels = levels_of(tx, [row.id]).get(row.id, [])
    whole = _stock(row, levels, is_counted=row.id not in _uncounted(tx, [row]))
    names = publishing.pushing_integrations(tx, Entity.INVENTORY)
    return StockExplanation(
        sku=row.sku,
        variant_id=row.id,
        title=row.title,
        owner=owner,
        is_stock_tracked=row.is_stock_tracked,
        is_purchasable=row.is_purchasable,
        on_hand=whole.on_hand,
        committed=whole.committed,
        unavailable=whole.unavailable,
        available=whole.available,
        is_counted=whole.is_counted,
        levels=whole.levels,
        commitments=_commitments(tx, row.id),
        reports=[report for report in reports(tx, variant_id=row.id) if report.state not in OVER],
        channels=[
            channel_number(tx, whole.levels, row, stock.channel(tx, name, rules_of(name)))
            for name in names
            if name != owner
        ],
    )


def _commitments(tx: Transaction, variant_id: str) -> list[CommitmentView]:
    units = sa.func.sum(MOVEMENT.c.committed)
    statement = (
        sa.select(
            MOVEMENT.c.order_id, LOCATION.c.name, ORDER.c.number, ORDER.c.integration, units.label("units")
        )
        .outerjoin(ORDER, ORDER.c.id == MOVEMENT.c.order_id)
        .outerjoin(LOCATION, LOCATION.c.id == MOVEMENT.c.location_id)
        .where(MOVEMENT.c.variant_id == variant_id)
        .group_by(MOVEMENT.c.order_id, LOCATION.c.name, ORDER.c.number, ORDER.c.integration)
        .having(units != 0)
        .order_by(MOVEMENT.c.order_id, LOCATION.c.name)
    )
    return [
        CommitmentView(row.order_id, row.number or "", row.integration or "", row.name or "", int(row.units))
        for row in tx.execute(statement)
    ]


def reports(tx: Transaction, *, variant_id: str = "", order_id: str = "") -> list[ReportView]:
    """Reports to the owner of stock, of one variant or of one order, oldest first."""
    statement = (
        sa.select(REPORT, VARIANT.c.sku, LOCATION.c.name)
        .join(VARIANT, VARIANT.c.id == REPORT.c.variant_id)
        .outerjoin(LOCATION, LOCATION.c.id == REPORT.c.location_id)
        .order_by(REPORT.c.id)
    )
    if variant_id:
        statement = statement.where(REPORT.c.variant_id == variant_id)
    if order_id:
        statement = statement.where(REPORT.c.order_id == order_id)
    return [
        ReportView(
            owner=row.owner,
            order_id=row.order_id,
            sku=row.sku,
            location=row.name or row.location_id,
            quantity=row.quantity,
            state=row.state,
            created_at=row.created_at,
            ended_at=row.ended_at,
        )
        for row in tx.execute(statement)
    ]
