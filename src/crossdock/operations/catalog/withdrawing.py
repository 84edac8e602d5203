"""Which products of a channel go off sale because the catalog source has them no more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from crossdock.domain.channel import ChannelId, ListingState
from crossdock.store import tables
from crossdock.store.database import Transaction
from crossdock.store.query import select_in

LISTING = tables.listing
PRODUCT = tables.product
VARIANT = tables.variant

GONE = "No longer in the catalog source"
ON_SALE = frozenset({ListingState.LIVE, ListingState.IN_REVIEW})
"""What can be bought, or could be as soon as a review ends."""


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """The channel's products of one hub product that is gone.

    `places` go off sale. `shared` have other SKUs too and stay: there only the stock of ours goes to 0.
    """

    places: tuple[ChannelId, ...] = ()
    shared: tuple[ChannelId, ...] = ()

    def said(self, integration: str) -> str:
        if self.shared:
            named = ", ".join(self.shared)
            return f"on {integration} its stock goes to 0, as product {named} has other SKUs that stay"
        return f"deactivated on {integration}" if self.places else f"not on sale on {integration}"


def withdrawals(tx: Transaction, integration: str, product_ids: Iterable[str]) -> dict[str, Withdrawal]:
    """By hub product what becomes of its listings; products without any are left out."""
    gone = set(product_ids)
    statement = (
        sa.select(VARIANT.c.product_id, LISTING.c.product_channel_id)
        .join(LISTING, LISTING.c.variant_id == VARIANT.c.id)
        .where(LISTING.c.integration == integration, LISTING.c.state != ListingState.REMOVED)
    )
    places: dict[str, set[str]] = defaultdict(set)
    for row in select_in(tx, statement, VARIANT.c.product_id, sorted(gone)):
        places[row.product_id].add(row.product_channel_id)
    listed = _listed(tx, integration, {place for of_product in places.values() for place in of_product})
    return {
        key: _withdrawal(gone, {place: listed[place] for place in sorted(of_product)})
        for key, of_product in places.items()
    }


def _listed(tx: Transaction, integration: str, places: Iterable[str]) -> dict[str, list[Any]]:
    """Everything that these products of the channel offer, with the hub product that it belongs to."""
    statement = (
        sa.select(LISTING.c.product_channel_id, LISTING.c.state, PRODUCT.c.id, PRODUCT.c.is_removed)
        .join(VARIANT, VARIANT.c.id == LISTING.c.variant_id, isouter=True)
        .join(PRODUCT, PRODUCT.c.id == VARIANT.c.product_id, isouter=True)
        .where(LISTING.c.integration == integration, LISTING.c.state != ListingState.REMOVED)
    )
    found: dict[str, list[Any]] = defaultdict(list)
    for row in select_in(tx, statement, LISTING.c.product_channel_id, sorted(places)):
        found[row.product_channel_id].append(row)
    return found


def _withdrawal(gone: set[str], listed: dict[str, list[Any]]) -> Withdrawal:
    shared = [
        place
        for place, rows in listed.items()
        if any(row.id not in gone and not row.is_removed for row in rows)
    ]
    on_sale = [place for place, rows in listed.items() if any(row.state in ON_SALE for row in rows)]
    return Withdrawal(
        tuple(ChannelId(place) for place in on_sale if place not in shared),
        tuple(ChannelId(place) for place in shared),
    )


def took_off(tx: Transaction, integration: str, place: ChannelId) -> None:
    """The channel has confirmed it; the next reading of its listings says the same."""
    tx.execute(
        sa.update(LISTING)
        .where(
            LISTING.c.integration == integration,
            LISTING.c.product_channel_id == place,
            LISTING.c.state.in_(ON_SALE),
        )
        .values(state=ListingState.INACTIVE)
    )
