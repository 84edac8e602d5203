"""Routing cards as they are shown: with the names of their locations, and why one of these can ship nothing."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from crossdock.domain.filters import Filters
from crossdock.domain.routing import Region
from crossdock.operations.routing import cards, warehouses
from crossdock.operations.routing.cards import Kept
from crossdock.operations.routing.deciding import place_of
from crossdock.store import tables
from crossdock.store.database import Transaction


@dataclass(frozen=True, slots=True)
class DestinationView:
    """One location of a card. `why_not` says why nothing can be shipped from there; empty where it can."""

    location: str
    location_id: str
    regions: list[Region]
    why_not: str


@dataclass(frozen=True, slots=True)
class CardView:
    """One routing card. `id` never changes; `position` says when it is tried, from 1 on."""

    id: int
    position: int
    name: str
    is_on: bool
    filters: Filters
    destinations: list[DestinationView]
    allows_split: bool
    ignores_stock: bool
    sends_future: bool


def every(tx: Transaction) -> list[CardView]:
    """All cards, in the order in which they are tried."""
    return [of(tx, each) for each in cards.every(tx)]


def of(tx: Transaction, kept: Kept) -> CardView:
    card = kept.card
    known, linked = tables.location, warehouses.names(tx)
    wanted = [each.location for each in card.destinations]
    rows = {row.id: row for row in tx.execute(sa.select(known).where(known.c.id.in_(wanted)))}
    places = {key: place_of(row, linked) for key, row in rows.items()}
    return CardView(
        kept.id,
        kept.position,
        card.name,
        kept.is_on,
        card.filters,
        [
            DestinationView(
                places[each.location].name, each.location, list(each.regions), places[each.location].closed
            )
            for each in card.destinations
            if each.location in places
        ],
        card.allows_split,
        card.ignores_stock,
        card.sends_future,
    )
