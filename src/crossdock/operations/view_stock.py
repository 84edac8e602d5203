"""What can be seen of stock: levels per SKU, the ledger behind them, and why a channel is offered its number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crossdock.connectors.contract import Rules
from crossdock.domain.inventory import ReportState
from crossdock.domain.sync import Entity
from crossdock.operations import integrations as accounts
from crossdock.operations import inventory as stock
from crossdock.operations import publishing
from crossdock.operations.inventory import Offer
from crossdock.operations.view_hub import why_not_counted
from crossdock.operations.view_page import Slice, bounded, marked, sliced
from crossdock.store import tables
from crossdock.store.codec import unpack
from crossdock.store.database import Transaction
from crossdock.store.query import select_in

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
class LevelView:
    """One SKU at one location, in units. `reason` says why it does not count, where it does not."""

    location_id: str
    location: str
    integration: str
    on_hand: int
    committed: int
    unavailable: int
    available: int
    counts: bool
    reason: str


@dataclass(frozen=True, slots=True)
class StockView:
    """One SKU: its totals over the locations that count, and its level at each location."""

    variant_id: str
    sku: str
    title: str
    on_hand: int
    committed: int
    unavailable: int
    available: int
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
    levels = levels_of(tx, [row.id for row in rows])
    return sliced(
        rows, limit, to_item=lambda row: _stock(row, levels.get(row.id, [])), key=lambda row: (row.sku,)
    )


def _variants() -> sa.Select[Any]:
    return sa.select(VARIANT, PRODUCT.c.title).join(PRODUCT, PRODUCT.c.id == VARIANT.c.product_id)


def _stock(row: Any, levels: list[LevelView]) -> StockView:
    counted = [level for level in levels if level.counts]
    return StockView(
        variant_id=row.id,
        sku=row.sku,
        title=row.title,
        on_hand=sum(level.on_hand for level in counted),
        committed=sum(level.committed for level in counted),
        unavailable=sum(level.unavailable for level in counted),
        available=sum(level.available for level in counted),
        levels=levels,
    )


def levels_of(tx: Transaction, variant_ids: Iterable[str]) -> dict[str, list[LevelView]]:
    """The level of each variant at each location, with whether it counts."""
    owner = accounts.truth(tx).inventory
    statement = (
        sa.select(
            LEVEL, LOCATION.c.name, LOCATION.c.integration, LOCATION.c.is_active, LOCATION.c.is_excluded
        )
        .join(LOCATION, LOCATION.c.id == LEVEL.c.location_id)
        .order_by(LOCATION.c.integration, LOCATION.c.name, LOCATION.c.id)
    )
    found: dict[str, list[LevelView]] = defaultdict(list)
    for row in select_in(tx, statement, LEVEL.c.variant_id, variant_ids):
        found[row.variant_id].append(_level(row, why_not_counted(row, owner)))
    return found


def _level(row: Any, reason: str) -> LevelView:
    return LevelView(
        location_id=row.location_id,
        location=row.name,
        integration=row.integration,
        on_hand=row.on_hand,
        committed=row.committed,
        unavailable=row.unavailable,
        available=row.on_hand - row.committed - row.unavailable,
        counts=not reason,
        reason=reason,
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
class ChannelNumber:
    """What one channel is to offer, what it last confirmed, and how the number comes about."""

    integration: str
    offered: int | None
    """None where nothing is to be pushed; `reason` says why."""
    quantities: dict[str, int]
    buffer: int
    steps: list[str]
    confirmed: int | None
    confirmed_quantities: dict[str, int]
    confirmed_at: datetime | None
    state: str
    reason: str
    fix: str


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
    whole = _stock(row, levels_of(tx, [row.id]).get(row.id, []))
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
        levels=whole.levels,
        commitments=_commitments(tx, row.id),
        reports=[report for report in reports(tx, variant_id=row.id) if report.state not in OVER],
        channels=[_channel(tx, whole, row, name, rules_of(name)) for name in names if name != owner],
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


def _channel(tx: Transaction, whole: StockView, variant: Any, name: str, rules: Rules) -> ChannelNumber:
    owner = accounts.truth(tx).inventory
    on = stock.channel(tx, name, rules)
    offer = stock.offers(tx, on, owner, [variant.id]).get(variant.id, Offer(waiting_for="its stock"))
    listing = tx.execute(
        sa.select(LISTING.c.state).where(LISTING.c.integration == name, LISTING.c.variant_id == variant.id)
    ).first()
    sent = tx.execute(
        sa.select(PUBLICATION).where(
            PUBLICATION.c.integration == name,
            PUBLICATION.c.entity == Entity.INVENTORY,
            PUBLICATION.c.record_id == variant.id,
        )
    ).first()
    reason = _why_not_offered(offer, listing) or (sent.message if sent is not None else "")
    quantities = dict(offer.quantities)
    confirmed = _confirmed(sent)
    is_offered = not offer.waiting_for and not offer.excluded_by and listing is not None
    return ChannelNumber(
        integration=name,
        offered=sum(quantities.values()) if is_offered else None,
        quantities=quantities if is_offered else {},
        buffer=rules.inventory_buffer,
        steps=_steps(whole, variant, rules, offer) if is_offered else [],
        confirmed=sum(confirmed.values()) if confirmed is not None else None,
        confirmed_quantities=confirmed or {},
        confirmed_at=sent.settled_at if sent is not None else None,
        state=sent.state if sent is not None else "not listed" if listing is None else "new",
        reason=reason,
        fix=sent.fix if sent is not None else "",
    )


def _why_not_offered(offer: Offer, listing: Any) -> str:
    if listing is None:
        return "No listing of this channel is linked to this SKU"
    if offer.waiting_for:
        return f"Waits for {offer.waiting_for}"
    return f"Left out by the setting “{offer.excluded_by}”" if offer.excluded_by else ""


def _confirmed(sent: Any) -> dict[str, int] | None:
    """What the channel last answered for; a record that was set aside since keeps it."""
    if sent is None or sent.settled_at is None:
        return None
    return dict(unpack(list[tuple[str, int]] | None, sent.body) or [])


def _steps(whole: StockView, variant: Any, rules: Rules, offer: Offer) -> list[str]:
    """The sum, line by line, so that anybody can check it."""
    total = sum(units for _, units in offer.quantities)
    if not variant.is_purchasable:
        return [f"It is not for sale in its source, so {total} are offered"]
    if not variant.is_stock_tracked:
        return [f"Nobody counts its stock; the setting for such products offers {total}"]
    left_out: Sequence[LevelView] = [level for level in whole.levels if not level.counts]
    lines = [
        f"{level.location}: {level.available} available, not counted: {level.reason}" for level in left_out
    ]
    lines.append(
        f"{whole.on_hand} on hand − {whole.committed} committed − {whole.unavailable} unavailable"
        f" = {whole.available} available"
    )
    rest = whole.available - rules.inventory_buffer
    if rules.inventory_buffer:
        lines.append(f"− {rules.inventory_buffer} buffer = {rest}")
    if total != max(0, rest):
        lines.append("Not every location feeds a warehouse of this channel, and none gives more than it has")
    lines.append(f"{total} offered" + (", as a number is never below 0" if rest < 0 else ""))
    return lines
