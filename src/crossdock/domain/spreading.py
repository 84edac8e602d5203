"""Where the units of an order line are taken from, once locations have been asked for them or have shipped them."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Share:
    """What one location has of a line: units sold from there, and how many of them have left."""

    sold: int = 0
    shipped: int = 0


def spread(
    whole: Share, *, asked: Mapping[str, int], left: Mapping[str, int], gone: Mapping[str, int], usual: str
) -> dict[str, Share]:
    """The shares of a line by location; they always make the whole.

    What has left is taken from where fulfillments say that it did (`left`), then from where the ledger took it already
    (`gone`), then from where it was asked for. What is open stays where it was `asked` for; the rest is at `usual`.
    A location that the ledger knows is there even where nothing is left for it.
    """
    shipped: dict[str, int] = {}
    rest = _fill(shipped, left, whole.shipped)
    rest = _fill(shipped, gone, rest)
    rest = _fill(shipped, asked, rest)
    shipped[usual] = shipped.get(usual, 0) + rest
    still = {place: units - shipped.get(place, 0) for place, units in asked.items()}
    waiting: dict[str, int] = {}
    rest = _fill(waiting, still, whole.sold - whole.shipped)
    waiting[usual] = waiting.get(usual, 0) + rest
    places = _in_order([asked, left, gone, [usual]])
    return {
        place: Share(waiting.get(place, 0) + shipped.get(place, 0), shipped.get(place, 0)) for place in places
    }


def moved_to(lots: Mapping[Key, tuple[str, int]], wanted: Mapping[str, int]) -> dict[Key, dict[str, int]]:
    """Lots of units, each at a place, as they are once places have what is `wanted` of them, as far as there is that.

    As few units as can be are moved: those of a lot that are wanted where it lies, or nowhere, stay there.
    """
    missing = {place: max(0, units) for place, units in wanted.items()}
    found: dict[Key, dict[str, int]] = {key: {} for key in lots}
    rest: dict[Key, int] = {}
    for key, (place, units) in lots.items():
        stays = min(units, missing.get(place, 0))
        if stays:
            missing[place] -= stays
            found[key][place] = stays
        rest[key] = units - stays
    for key, (place, _) in lots.items():
        moved: dict[str, int] = {}
        left = _fill(moved, missing, rest[key])
        for to, units in [*moved.items(), (place, left)]:
            missing[to] = missing.get(to, 0) - units
            found[key][to] = found[key].get(to, 0) + units
        found[key] = {to: units for to, units in found[key].items() if units}
    return found


def _fill(into: dict[str, int], most: Mapping[str, int], units: int) -> int:
    """Fill places up to what each can have; answers what found none."""
    for place in sorted(most):
        taken = max(0, min(units, most[place] - into.get(place, 0)))
        if taken:
            into[place] = into.get(place, 0) + taken
            units -= taken
    return units


def _in_order(sources: Iterable[Iterable[str]]) -> list[str]:
    return sorted({place for source in sources for place in source})
