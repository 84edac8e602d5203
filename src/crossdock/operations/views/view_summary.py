"""Counts over the whole hub, for overviews, metrics and the demo's table."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from crossdock.domain.channel import ListingState
from crossdock.operations.views import view_standing
from crossdock.operations.views.view_standing import Standing
from crossdock.store import tables
from crossdock.store.database import Transaction

MOST_REASONS = 100

PRODUCT = tables.product
VARIANT = tables.variant
LISTING = tables.listing
ORDER = tables.order
CASE = tables.exception_case


@dataclass(frozen=True, slots=True)
class RefusalView:
    """A product that a channel refused, or that the hub cannot send to it, with the reason."""

    integration: str
    product_id: str
    title: str
    state: str
    reason: str
    fix: str


@dataclass(frozen=True, slots=True)
class ChannelCounts:
    """Products by where they stand on one channel, and listings by their links."""

    integration: str
    listings: int
    linked: int
    synced: int
    in_review: int
    refused: int
    blocked: int
    waiting: int
    draft: int
    excluded: int
    not_listed: int


@dataclass(frozen=True, slots=True)
class Summary:
    """The hub in numbers."""

    products: int
    variants: int
    channels: list[ChannelCounts]
    refusals: list[RefusalView]
    orders: dict[str, dict[str, int]]
    """By integration, then by status."""
    reservations: int
    open_cases: dict[str, int]
    """By kind."""


def summary(tx: Transaction) -> Summary:
    """Counts of everything; up to a hundred refusals are named with their reasons."""
    channels = view_standing.channels(tx)
    return Summary(
        products=_count(tx, PRODUCT.c.id, ~PRODUCT.c.is_removed),
        variants=_count(tx, VARIANT.c.id, ~VARIANT.c.is_removed),
        channels=[_channel_counts(tx, channel) for channel in channels],
        refusals=[refusal for channel in channels for refusal in _refusals(tx, channel)][:MOST_REASONS],
        orders=_orders(tx),
        reservations=_count(tx, ORDER.c.id, ORDER.c.is_reservation),
        open_cases=open_cases(tx),
    )


def _count(tx: Transaction, column: sa.Column[Any], *where: sa.ColumnElement[bool]) -> int:
    return int(tx.scalar(sa.select(sa.func.count(column)).where(*where)) or 0)


def _channel_counts(tx: Transaction, channel: view_standing.Channel) -> ChannelCounts:
    standing = view_standing.statement(channel).subquery()
    rows = tx.execute(
        sa.select(standing.c.state, sa.func.count().label("products")).group_by(standing.c.state)
    )
    by_state: dict[str, int] = {row.state: int(row.products) for row in rows}
    here = (LISTING.c.integration == channel.integration, LISTING.c.state != ListingState.REMOVED)
    return ChannelCounts(
        integration=channel.integration,
        listings=_count(tx, LISTING.c.channel_id, *here),
        linked=_count(tx, LISTING.c.variant_id, *here),
        **{state.replace(" ", "_"): by_state.get(state, 0) for state in Standing},
    )


def _refusals(tx: Transaction, channel: view_standing.Channel) -> list[RefusalView]:
    standing = view_standing.statement(channel).subquery()
    bad = [Standing.REFUSED, Standing.BLOCKED, Standing.DRAFT]
    rows = tx.execute(
        sa.select(standing.c.id, standing.c.title)
        .where(standing.c.state.in_(bad))
        .order_by(standing.c.title, standing.c.id)
        .limit(MOST_REASONS)
    ).all()
    found = view_standing.standings(tx, [row.id for row in rows])
    return [
        RefusalView(channel.integration, row.id, row.title, said.state, said.message, said.fix)
        for row in rows
        for said in found[row.id]
        if said.integration == channel.integration
    ]


def _orders(tx: Transaction) -> dict[str, dict[str, int]]:
    """Without reservations, and without the copies that the hub itself created."""
    rows = tx.execute(
        sa.select(ORDER.c.integration, ORDER.c.status, sa.func.count().label("orders"))
        .where(~ORDER.c.is_reservation, ORDER.c.copy_of.is_(None))
        .group_by(ORDER.c.integration, ORDER.c.status)
        .order_by(ORDER.c.integration, ORDER.c.status)
    )
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for row in rows:
        found[row.integration][row.status] = int(row.orders)
    return dict(found)


def open_cases(tx: Transaction) -> dict[str, int]:
    rows = tx.execute(
        sa.select(CASE.c.kind, sa.func.count().label("cases"))
        .where(CASE.c.state == "open")
        .group_by(CASE.c.kind)
        .order_by(CASE.c.kind)
    )
    return {row.kind: int(row.cases) for row in rows}
