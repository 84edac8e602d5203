"""Drift: what a channel shows otherwise than it last answered for, and what that says of its cause."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from crossdock.domain.catalog import ListableVariant
from crossdock.domain.channel import ChannelId, ChannelProduct, ChannelVariant, ListingState
from crossdock.domain.money import Money

Quantities = tuple[tuple[ChannelId, int], ...]
"""Units per location of the channel."""

CLOCKS_APART = timedelta(minutes=2)
"""A platform's time and ours are compared no closer than this."""
FULL_EVERY = timedelta(hours=20)
FULL_AT_LATEST = timedelta(hours=36)
NIGHT = range(1, 5)
"""The hours, by the clock of the account, in which a full reading begins."""


class DriftCause(StrEnum):
    """Why a channel shows something else, as far as it is known."""

    CHANGED_THERE = "changed there"
    """It was seen as the hub sent it, and somebody changed it since: by hand, or another system did."""
    NOT_KEPT = "not kept"
    """The channel confirmed the write, and shows what it did before, or never showed what was written."""
    SOLD_MEANWHILE = "sold meanwhile"
    """It was being sold while the hub looked; the orders that were read explain a part of it only."""
    GONE = "gone"
    """The channel has no such record any more."""


EXPLAINED = {
    DriftCause.CHANGED_THERE: "changed there by hand or by another system",
    DriftCause.NOT_KEPT: "confirmed by the platform, and not kept",
    DriftCause.SOLD_MEANWHILE: "sold while the hub looked",
    DriftCause.GONE: "gone from the platform",
}


@dataclass(frozen=True, slots=True)
class ShownStock:
    """What a channel would sell of one variant now."""

    variant_id: ChannelId
    quantities: Quantities


@dataclass(frozen=True, slots=True)
class Difference:
    """One field with both values, as texts that people can read.

    `sku` is the master SKU where the field belongs to one variant, `location` the channel's id of the place where it
    belongs to one. `left_because` says why the hub does not set it right; empty where it does.
    """

    field: str
    expected: str
    shown: str
    sku: str = ""
    location: str = ""
    left_because: str = ""


STOCK, TITLE, PRICE, SALE_PRICE, MSRP = "stock", "title", "price", "sale price", "msrp"
SKU, FOR_SALE, LISTED = "sku", "for sale", "listed"
LISTED_THERE, NOT_LISTED = "listed", "not listed"


def is_same_stock(shown: Quantities | None, wanted: Quantities) -> bool:
    """Equal at every location that we set; the platform's own warehouses are its own affair."""
    return shown is not None and all(dict(shown).get(place, 0) == units for place, units in wanted)


def stock_differences(
    sku: str, wanted: Quantities, shown: Quantities | None, *, left_because: str = ""
) -> tuple[Difference, ...]:
    """One for each location of ours that shows another number; one for all where the record is gone."""
    if shown is None:
        total = sum(units for _, units in wanted)
        return (Difference(STOCK, str(total), "", sku=sku, left_because=left_because),)
    there = dict(shown)
    return tuple(
        Difference(STOCK, str(units), str(there.get(place, 0)), sku, place, left_because)
        for place, units in wanted
        if there.get(place, 0) != units
    )


def cause_of_stock(
    wanted: Quantities, shown: Quantities | None, former: Quantities | None, *, was_sold: bool
) -> DriftCause:
    """`former` is what the channel had confirmed before the last number, `was_sold` whether orders came in meanwhile."""
    if shown is None:
        return DriftCause.GONE
    if was_sold:
        return DriftCause.SOLD_MEANWHILE
    if former and not is_same_stock(former, wanted) and is_same_stock(shown, former):
        return DriftCause.NOT_KEPT
    return DriftCause.CHANGED_THERE


def cause_of_product(
    difference: Difference,
    *,
    settled_at: datetime,
    seen_right_at: datetime | None,
    changed_at: datetime | None,
) -> DriftCause:
    """A product is not read back when it is written, so that it was ever right is known only where a look has shown it.

    `changed_at` is when the platform says that it was changed last.
    """
    if not difference.shown:
        return DriftCause.GONE
    was_right = seen_right_at is not None and seen_right_at >= settled_at
    was_changed = changed_at is not None and changed_at > settled_at + CLOCKS_APART
    return DriftCause.CHANGED_THERE if was_right or was_changed else DriftCause.NOT_KEPT


def is_full_due(last: datetime, now: datetime, local_hour: int) -> bool:
    """Whether everything is to be looked at: once a night, and at any hour where the nights were missed."""
    return now - last > FULL_AT_LATEST or (now - last > FULL_EVERY and local_hour in NIGHT)


# What every connector compares alike


def is_comparable(shown: ChannelProduct) -> bool:
    """A product under review shows what it was before, and one that was refused has a case of its own."""
    return shown.state in (ListingState.LIVE, ListingState.INACTIVE, ListingState.REMOVED)


def gone(title: str) -> Difference:
    return Difference(LISTED, title, "")


def by_variant(
    parts: tuple[ListableVariant, ...], shown: ChannelProduct
) -> Iterator[tuple[ListableVariant, ChannelVariant | None]]:
    """Each variant that has a listing, with that listing as it is shown; None where it is gone."""
    there = {variant.channel_id: variant for variant in shown.variants}
    for part in parts:
        if part.channel_id is not None:
            yield part, there.get(part.channel_id)


def sku_differences(part: ListableVariant, shown: ChannelVariant) -> Iterator[Difference]:
    """SKUs are compared to the letter."""
    if shown.channel_sku != part.channel_sku:
        yield Difference(SKU, part.channel_sku, shown.channel_sku or "none", part.variant.sku)


def price_differences(
    part: ListableVariant, wanted: Mapping[str, Money | None], shown: Mapping[str, Money | None]
) -> Iterator[Difference]:
    """Of the prices that the hub sets: amount and currency, exactly. None is a price that is not set."""
    for name, price in wanted.items():
        if (there := shown.get(name)) != price:
            yield Difference(name, said(price), said(there), part.variant.sku)


def said(price: Money | None) -> str:
    if price is None:
        return "none"
    exact = price.amount.normalize()
    return str(price) if exact == round(exact, 2) else f"{exact:f} {price.currency}"
