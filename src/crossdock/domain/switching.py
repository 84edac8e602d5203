"""What a catalog's way from one platform to another would link and create, before anybody sends anything."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from crossdock.domain.matching import folded

SAMPLES = 20


@dataclass(frozen=True, slots=True)
class Side:
    """One variant on one platform. `variant_id` is the hub's, empty where it is not linked."""

    product_id: str
    title: str
    sku: str
    variant_id: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """Products of the source by what becomes of them on the target.

    `held` are SKUs in doubt, by near misses or because one side has them twice: their products are neither
    linked nor created before that is settled. The samples name some products of each kind.
    """

    linked: int = 0
    created: int = 0
    held: tuple[str, ...] = ()
    without_sku: int = 0
    """Products of the source none of whose variants has a SKU; they are left out."""
    only_on_target: int = 0
    """Products of the target that the source does not have; they stay as they are."""
    linked_samples: tuple[str, ...] = ()
    created_samples: tuple[str, ...] = ()


def preview(source: Iterable[Side], target: Iterable[Side]) -> Preview:
    """A product is linked if one of its SKUs, or its link in the hub, is on the target; else it is created."""
    ours, theirs = _by_product(source), _by_product(target)
    lookup = _Lookup.of([side for sides in theirs.values() for side in sides])
    twice = _twice(side.sku for sides in ours.values() for side in sides)
    linked: list[str] = []
    created: list[str] = []
    held: set[str] = set()
    met: set[str] = set()
    without_sku = 0
    for sides in ours.values():
        named = [side for side in sides if side.sku]
        doubts = {side.sku for side in named if side.sku in twice} | lookup.doubts(named)
        places = lookup.places(named)
        met |= places
        if not named:
            without_sku += 1
        elif doubts or len(places) > 1:
            held |= doubts or {side.sku for side in named}
        else:
            (linked if places else created).append(sides[0].title)
    return Preview(
        linked=len(linked),
        created=len(created),
        held=tuple(sorted(held)),
        without_sku=without_sku,
        only_on_target=len(theirs.keys() - met),
        linked_samples=tuple(sorted(linked)[:SAMPLES]),
        created_samples=tuple(sorted(created)[:SAMPLES]),
    )


def _by_product(sides: Iterable[Side]) -> dict[str, list[Side]]:
    found: dict[str, list[Side]] = defaultdict(list)
    for side in sides:
        found[side.product_id].append(side)
    return found


def _twice(skus: Iterable[str]) -> set[str]:
    return {sku for sku, count in Counter(skus).items() if count > 1 and sku}


@dataclass(frozen=True, slots=True)
class _Lookup:
    """The target's products by the hub's variant, by SKU and by folded SKU."""

    by_variant: Mapping[str, str]
    by_sku: Mapping[str, str]
    near: Mapping[str, str]
    twice: frozenset[str]

    @classmethod
    def of(cls, sides: Sequence[Side]) -> _Lookup:
        return cls(
            {side.variant_id: side.product_id for side in sides if side.variant_id},
            {side.sku: side.product_id for side in sides if side.sku},
            {folded(side.sku): side.product_id for side in sides if side.sku},
            frozenset(_twice(side.sku for side in sides)),
        )

    def places(self, sides: Iterable[Side]) -> set[str]:
        """The products of the target that these variants, wherever that is beyond doubt, belong to."""
        found = (self.by_variant.get(side.variant_id) or self.by_sku.get(side.sku) for side in sides)
        return {place for place in found if place is not None}

    def doubts(self, sides: Iterable[Side]) -> set[str]:
        return {side.sku for side in sides if self._is_doubtful(side)}

    def _is_doubtful(self, side: Side) -> bool:
        if self.by_variant.get(side.variant_id):
            return False
        return side.sku in self.twice or (side.sku not in self.by_sku and folded(side.sku) in self.near)
