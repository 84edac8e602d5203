"""Weights and sizes, written in the units that a market's products must carry."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal

from crossdock.domain.channel import Dimensions, LengthUnit, Weight, WeightUnit

GRAMS = {
    WeightUnit.GRAM: Decimal(1),
    WeightUnit.KILOGRAM: Decimal(1000),
    WeightUnit.TONNE: Decimal(1_000_000),
    WeightUnit.OUNCE: Decimal("28.349523125"),
    WeightUnit.POUND: Decimal("453.59237"),
}
CENTIMETERS_PER_INCH = Decimal("2.54")


def in_grams(weight: Weight) -> Decimal:
    return weight.value * GRAMS[weight.unit]


def from_weight(weight: Weight, *, is_imperial: bool) -> dict[str, str]:
    """Pounds with two decimals or kilograms with three, rounded up so that nothing becomes weightless."""
    unit, name, places = (
        (WeightUnit.POUND, "POUND", Decimal("0.01"))
        if is_imperial
        else (WeightUnit.KILOGRAM, "KILOGRAM", Decimal("0.001"))
    )
    value = weight.value if weight.unit is unit else in_grams(weight) / GRAMS[unit]
    return {"value": str(value.quantize(places, ROUND_CEILING)), "unit": name}


def from_dimensions(size: Dimensions, *, is_imperial: bool) -> dict[str, str]:
    """Whole inches or centimeters, rounded up: TikTok Shop takes positive integers only."""
    target = LengthUnit.INCH if is_imperial else LengthUnit.CENTIMETER
    sides = {"length": size.length, "width": size.width, "height": size.height}
    whole = {name: str(_converted(side, size.unit, target)) for name, side in sides.items()}
    return {**whole, "unit": "INCH" if is_imperial else "CENTIMETER"}


def _converted(side: Decimal, unit: LengthUnit, target: LengthUnit) -> int:
    if unit is not target:
        side = side / CENTIMETERS_PER_INCH if target is LengthUnit.INCH else side * CENTIMETERS_PER_INCH
    return max(1, int(side.to_integral_value(ROUND_CEILING)))
