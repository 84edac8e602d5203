"""Units of SKUs as people type them: SKU=QUANTITY."""

from __future__ import annotations

from collections.abc import Iterable

from crossdock.cli.failures import CommandError


def units_by_sku(option: str, texts: Iterable[str]) -> dict[str, int]:
    """What was given to this option, by SKU; a SKU may hold an equals sign itself. Raises CommandError."""
    units: dict[str, int] = {}
    for text in texts:
        sku, sign, quantity = text.rpartition("=")
        if not (sign and sku and quantity.isdecimal()):
            raise CommandError(f"{option}: {text!r} is not SKU=QUANTITY, as in TEA-1=2")
        units[sku] = units.get(sku, 0) + int(quantity)
    return units
