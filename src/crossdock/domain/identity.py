"""Who an incoming product is: one that the hub has of this source, one taken over from another, or a new one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from crossdock.domain.channel import ChannelVariant
from crossdock.domain.matching import folded


@dataclass(frozen=True, slots=True)
class Kept:
    """A variant that the hub has. `listed_as` is its listing on the incoming source, empty where it has none."""

    variant_id: str
    product_id: str
    title: str
    source: str
    sku: str
    listed_as: str = ""
    is_listed_elsewhere: bool = False
    is_removed: bool = False


@dataclass(frozen=True, slots=True)
class Identity:
    """The hub's ids of an incoming product and its variants, as far as it has any."""

    product_id: str | None = None
    variants: Mapping[str, str] = field(default_factory=dict)
    """The variant's id on the channel → that in the hub."""
    taken_from: str = ""
    """The source that the product had until now, where that was another."""
    spread: tuple[Kept, ...] = ()
    """Where its variants belong to several products: taking it in would merge those."""
    doubtful: tuple[Kept, ...] = ()
    """Variants of another source that differ from its own by case or white space only: they may be the same."""

    @property
    def is_settled(self) -> bool:
        return not self.spread and not self.doubtful


def identify(
    variants: Sequence[ChannelVariant],
    kept: Sequence[Kept],
    *,
    source: str,
    mine: str | None,
    adopts: bool,
) -> Identity:
    """Each variant is the one that its listing is linked to, else the unlisted one whose SKU is exactly equal.

    `mine` is the hub product that came from this very product before. Where the source `adopts`, as the one
    source of the catalog does, a product that another source brought is taken over with all that hangs on it.
    """
    if not kept:
        return Identity(mine)
    own = [one for one in kept if one.product_id == mine]
    others = [one for one in kept if one.product_id != mine and adopts and one.source != source]
    if mine is not None:
        claims = _claims(variants, own)
        return Identity(mine, {key: one.variant_id for key, one in claims.items()})
    claims = _claims(variants, others)
    if len({one.product_id for one in claims.values()}) > 1:
        return Identity(spread=tuple(claims.values()))
    doubtful = _doubtful([v for v in variants if v.channel_id not in claims], others)
    ids = {key: one.variant_id for key, one in claims.items()}
    for one in claims.values():
        return Identity(one.product_id, ids, taken_from=one.source, doubtful=doubtful)
    return Identity(doubtful=doubtful)


def _claims(variants: Sequence[ChannelVariant], kept: Sequence[Kept]) -> dict[str, Kept]:
    """A hub variant is claimed once: by its listing before all others, else by whoever comes first.

    One that was removed comes back only where nobody else is sold under the SKU by now.
    """
    sold = {one.listed_as: one for one in kept if one.listed_as and not one.is_removed}
    removed = {one.listed_as: one for one in kept if one.listed_as and one.is_removed}
    free = {one.sku: one for one in kept if not one.listed_as and not one.is_removed}
    claims = {str(v.channel_id): sold[v.channel_id] for v in variants if v.channel_id in sold}
    for variant in variants:
        key = variant.channel_id
        if key not in claims and (one := free.pop(variant.channel_sku, None) or removed.get(key)) is not None:
            claims[key] = one
    return claims


def _doubtful(variants: Sequence[ChannelVariant], others: Sequence[Kept]) -> tuple[Kept, ...]:
    near = {folded(one.sku): one for one in others if one.is_listed_elsewhere and not one.listed_as}
    found = ((near.get(folded(variant.channel_sku)), variant) for variant in variants)
    return tuple(one for one, variant in found if one is not None and one.sku != variant.channel_sku)
