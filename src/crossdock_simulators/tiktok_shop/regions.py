"""What differs from market to market: currency, units, limits and rights."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Region:
    """One market's rules; `category_version` None accepts both trees.

    `marks_packages`: a seller's package comes to be when it is marked as shipped; elsewhere it is there from the start.
    """

    code: str
    country: str
    currency: str
    category_version: str | None = None
    weight_units: tuple[str, ...] = ("KILOGRAM",)
    dimension_units: tuple[str, ...] = ("CENTIMETER",)
    strict_seller_sku: bool = False
    partial_cancellation: bool = False
    ships_during_cancellation: bool = False
    cancels_while_awaiting_collection: bool = False
    marks_packages: bool = True
    prices_include_tax: bool = True
    sku_limit: int = 300
    title_limit: int = 255


def _eu(code: str, country: str, *, strict_seller_sku: bool = True) -> Region:
    return Region(code, country, "EUR", strict_seller_sku=strict_seller_sku)


REGIONS: dict[str, Region] = {
    region.code: region
    for region in (
        Region(
            "US",
            "United States",
            "USD",
            category_version="v2",
            weight_units=("POUND", "KILOGRAM"),
            dimension_units=("INCH", "CENTIMETER"),
            partial_cancellation=True,
            ships_during_cancellation=True,
            cancels_while_awaiting_collection=True,
            prices_include_tax=False,
        ),
        Region("GB", "United Kingdom", "GBP", partial_cancellation=True),
        Region("JP", "Japan", "JPY", weight_units=("KILOGRAM", "GRAM")),
        Region(
            "MX",
            "Mexico",
            "MXN",
            weight_units=("KILOGRAM", "GRAM"),
            title_limit=300,
            marks_packages=False,
        ),
        _eu("DE", "Germany"),
        _eu("ES", "Spain"),
        _eu("FR", "France"),
        _eu("IE", "Ireland", strict_seller_sku=False),
        _eu("IT", "Italy"),
    )
}
