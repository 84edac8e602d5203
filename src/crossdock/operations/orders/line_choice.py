"""Which units of an order's lines are meant by SKUs or line ids that somebody names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from crossdock.connectors.errors import SettingsError


def choose(
    order: Any,
    lines: Sequence[Any],
    asked: Mapping[str, int],
    left: Mapping[str, int],
    cannot: Callable[[int], str],
) -> dict[str, int]:
    """Units by line id, of those that are `left`: of the lines named by SKU or line id, or all where nothing is named.

    A SKU on several lines takes from the first of them first. Raises SettingsError naming the mistake; `cannot` says
    what cannot be done with more units than there are.
    """
    if not asked:
        return {key: units for key, units in left.items() if units > 0}
    free = {key: max(0, units) for key, units in left.items()}
    chosen: dict[str, int] = {}
    for name, quantity in asked.items():
        named = [line.id for line in lines if name in (line.channel_sku, line.channel_id, line.id)]
        if not named:
            there = ", ".join(sorted({line.channel_sku for line in lines}))
            raise SettingsError("lines", f"order {order.number} has no line {name!r}; it has: {there}")
        most = sum(free[key] for key in named)
        if not 0 < quantity <= most:
            raise SettingsError("lines", f"{quantity} of {name!r} cannot {cannot(most)}")
        for key in named:
            if taken := min(quantity, free[key]):
                chosen[key] = chosen.get(key, 0) + taken
                free[key] -= taken
                quantity -= taken
    return chosen
