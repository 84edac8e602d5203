"""Weights and sizes in the units of the store, to the four decimals that it keeps."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from crossdock.domain.channel import LengthUnit, Weight, WeightUnit

GRAMS = {
    WeightUnit.GRAM: Decimal(1),
    WeightUnit.KILOGRAM: Decimal(1000),
    WeightUnit.TONNE: Decimal(1_000_000),
    WeightUnit.OUNCE: Decimal("28.349523125"),
    WeightUnit.POUND: Decimal("453.59237"),
}
CENTIMETERS = {LengthUnit.CENTIMETER: Decimal(1), LengthUnit.INCH: Decimal("2.54")}
_FINEST = Decimal("0.0001")


def from_weight(weight: Weight, unit: WeightUnit) -> Decimal:
    """Never 0 for something that weighs: shipping would be free."""
    if weight.unit is unit:
        return weight.value
    value = weight.value * GRAMS[weight.unit] / GRAMS[unit]
    return max(value.quantize(_FINEST, ROUND_HALF_UP), _FINEST)


def from_length(value: Decimal, unit: LengthUnit, wanted: LengthUnit) -> Decimal:
    if unit is wanted:
        return value
    return (value * CENTIMETERS[unit] / CENTIMETERS[wanted]).quantize(_FINEST, ROUND_HALF_UP)
