"""Which listing belongs to which variant: by exactly equal SKU, and never two products as one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache


@lru_cache(maxsize=8192)
def folded(sku: str) -> str:
    """A SKU without case and white space. Equal folded forms of unequal SKUs are a near miss, never a match."""
    return "".join(sku.split()).casefold()


@dataclass(frozen=True, slots=True)
class Offered:
    """A listing that may be matched: one variant on one channel."""

    channel_id: str
    product_channel_id: str
    sku: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """A variant of the hub. `override` is its own SKU on the channel, where one was typed in Channel Options."""

    variant_id: str
    sku: str
    override: str = ""

    @property
    def wanted(self) -> str:
        return self.override or self.sku


@dataclass(frozen=True, slots=True)
class NearMiss:
    """The two SKUs differ only by case or white space, which prevents a link."""

    channel_id: str
    channel_sku: str
    variant_id: str
    master_sku: str


@dataclass(frozen=True, slots=True)
class Duplicate:
    """One SKU on several listings of a channel: linking either would be a guess."""

    sku: str
    listings: tuple[Offered, ...]


@dataclass(frozen=True, slots=True)
class Matching:
    links: Mapping[str, str]
    """Channel id → variant id."""
    near_misses: tuple[NearMiss, ...]
    duplicates: tuple[Duplicate, ...]


def match(listings: Iterable[Offered], variants: Iterable[Known]) -> Matching:
    """Link each listing whose SKU is exactly that of one variant and of no other listing of the channel."""
    by_sku: dict[str, list[Offered]] = defaultdict(list)
    for listing in listings:
        if listing.sku:
            by_sku[listing.sku].append(listing)
    # Sorted, so that the answer does not hang on the order; a SKU typed in for the channel beats a master SKU.
    ordered = sorted(variants, key=lambda variant: (bool(variant.override), variant.variant_id))
    wanted = {variant.wanted: variant for variant in ordered}
    near = {folded(variant.wanted): variant for variant in ordered}
    links: dict[str, str] = {}
    misses: list[NearMiss] = []
    duplicates: list[Duplicate] = []
    for sku, offers in sorted(by_sku.items()):
        if len(offers) > 1:
            duplicates.append(Duplicate(sku, tuple(sorted(offers, key=lambda offer: offer.channel_id))))
        elif sku in wanted:
            links[offers[0].channel_id] = wanted[sku].variant_id
        elif (close := near.get(folded(sku))) is not None:
            misses.append(NearMiss(offers[0].channel_id, sku, close.variant_id, close.wanted))
    return Matching(links, tuple(misses), tuple(duplicates))


def differences(left: str, right: str) -> str:
    """Two SKUs side by side with what the eye misses made visible: white space as ␣, and why they differ."""
    reasons = []
    if "".join(left.split()) != left or "".join(right.split()) != right:
        reasons.append("white space")
    if "".join(left.split()) != "".join(right.split()):
        reasons.append("case")
    shown = " | ".join(f"“{''.join('␣' if c.isspace() else c for c in sku)}”" for sku in (left, right))
    return f"{shown} (differ by {' and '.join(reasons)})" if reasons else shown
