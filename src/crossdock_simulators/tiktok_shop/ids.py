"""Ids as the platform gives them: 64-bit decimal strings, always above 2^53."""

from __future__ import annotations

from random import Random

STARTS = {
    "product": 1729592969712300000,
    "sku": 1729592969812300000,
    "value": 1729592969912300000,
    "order": 576461413038800000,
    "line": 577086512123800000,
    "package": 1152321127278800000,
    "cancellation": 4035311787434300000,
    "return": 4035318020133000000,
    "statement": 7411862019283000000,
    "buyer": 7021436810468300000,
    "file": 7380066284010100000,
    "notification": 7380066284010900000,
}


class Ids:
    """Every kind counts up from its own start in irregular steps."""

    def __init__(self, seed: int = 0) -> None:
        self._last = dict(STARTS)
        self._random = Random(seed)

    def new(self, kind: str) -> str:
        self._last[kind] += self._random.randint(1, 9)
        return str(self._last[kind])
