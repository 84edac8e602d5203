"""Weights and sizes as people write them."""

from __future__ import annotations

import re
from decimal import Decimal

from crossdock.domain.channel import Dimensions, LengthUnit, Weight, WeightUnit

_NUMBER = r"(\d+(?:\.\d+)?)"
_WEIGHT = re.compile(rf"{_NUMBER}\s*(g|kg|oz|lb|t)", re.IGNORECASE)
_SIZE = re.compile(rf"{_NUMBER}\s*[x×]\s*{_NUMBER}\s*[x×]\s*{_NUMBER}\s*(cm|in)", re.IGNORECASE)


def to_weight(text: str) -> Weight:
    """A weight from text such as "1.5 lb". Raises ValueError that says what one looks like."""
    match = _WEIGHT.fullmatch(text.strip())
    if not match or not Decimal(match[1]):
        raise ValueError(f"{text!r} is no weight; one looks like 1.5 lb, 24 oz, 0.7 kg or 700 g")
    return Weight(Decimal(match[1]), WeightUnit(match[2].lower()))


def to_dimensions(text: str) -> Dimensions:
    """Length, width and height from text such as "12x10x2 in". Raises ValueError that says what that looks like."""
    match = _SIZE.fullmatch(text.strip())
    if not match or not all(Decimal(match[n]) for n in (1, 2, 3)):
        raise ValueError(f"{text!r} is no package size; one looks like 12x10x2 in or 30x25x5 cm")
    return Dimensions(Decimal(match[1]), Decimal(match[2]), Decimal(match[3]), LengthUnit(match[4].lower()))


_GRAMS = {
    WeightUnit.GRAM: Decimal(1),
    WeightUnit.KILOGRAM: Decimal(1000),
    WeightUnit.OUNCE: Decimal("28.349523125"),
    WeightUnit.POUND: Decimal("453.59237"),
    WeightUnit.TONNE: Decimal(1_000_000),
}


def grams(weight: Weight) -> Decimal:
    """The same weight in grams, exactly."""
    return weight.value * _GRAMS[weight.unit]


def weight_text(weight: Weight | None) -> str:
    """What `to_weight` reads again; empty for none."""
    return f"{weight.value.normalize():f} {weight.unit}" if weight else ""


def dimensions_text(size: Dimensions | None) -> str:
    """What `to_dimensions` reads again; empty for none."""
    if size is None:
        return ""
    sides = "x".join(f"{side.normalize():f}" for side in (size.length, size.width, size.height))
    return f"{sides} {size.unit}"
